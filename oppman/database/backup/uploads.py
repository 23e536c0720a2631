"""Uploaded files in a backup, and put back from one while an application serves them."""

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from hashlib import file_digest
from pathlib import Path

from oppman.console import Progress
from oppman.contract import Contract
from oppman.database.backup.archive import CHUNK, SAMPLE, Archive, Writer, compresses
from oppman.dotenv import read
from oppman.errors import BackupFailed
from oppman.project import Project

VARIABLE = "UPLOAD_DIR"
_PREFIX = "uploads/"
_STAGED = ".restoring-"


def upload_folder(project: Project) -> Path:
    """Where uploads lie: UPLOAD_DIR of the environment or of `.env`, else what the settings say, else `uploads`."""
    said = os.environ.get(VARIABLE) or read(project.root / ".env").get(VARIABLE, "")
    if not said or "${" in said:
        contract = Contract(project)
        said = getattr(contract.settings(), "upload_dir", "") if contract.offers("settings") else ""
    return project.root / (said or "uploads")


def names(folder: Path) -> frozenset[str]:
    """The files that are there now."""
    return frozenset(_names(folder))


def write(folder: Path, before: frozenset[str], writer: Writer) -> tuple[int, tuple[str, ...]]:
    """Write all files of the folder: their number, and the names of those that were deleted meanwhile.

    `before` are those that were there before the database was read, whose rows may name them. Write the database
    first: an application stores a file before the row that names it, so that each row has its own.
    """
    count, vanished = 0, []
    wanted = sorted(before | names(folder))
    with closing(Progress("uploads", len(wanted))) as progress:
        for name in wanted:
            _refuse_unwritable(name)
            try:
                file = (folder / name).open("rb")
            except FileNotFoundError:
                vanished.append(name)
                continue
            with file:
                sample = file.read(SAMPLE)
                with writer.part(_PREFIX + name, stored=not compresses(sample)) as part:
                    part.write(sample)
                    while chunk := file.read(CHUNK):
                        part.write(chunk)
            count += 1
            progress.advance()
    return count, tuple(vanished)


@dataclass(frozen=True)
class Arriving:
    """The uploads of a backup on their way into the folder.

    At each moment the folder has what the old and the new database name: new files are added before the database
    changes, those that are in the way go after it. So a process that is killed leaves files too many, never too few.
    """

    folder: Path
    staged: Path
    going: tuple[str, ...]
    """Files that the backup has not."""

    @classmethod
    def stage(cls, archive: Archive, folder: Path) -> "Arriving":
        """Unpack what the folder lacks, or has otherwise. Raises DamagedBackup."""
        for left in folder.glob(f"{_STAGED}*"):
            shutil.rmtree(left)
        there, staged = names(folder), folder / f"{_STAGED}{secrets.token_hex(6)}"
        staged.mkdir(parents=True)
        coming = {name.removeprefix(_PREFIX) for name in archive.manifest.members if name.startswith(_PREFIX)}
        arriving = cls(folder, staged, tuple(sorted(there - coming)))
        try:
            with closing(Progress("uploads", len(coming))) as progress:
                for name in sorted(coming):
                    member = archive.manifest.members[_PREFIX + name]
                    if name not in there or not _same(folder / name, member.bytes, member.sha256):
                        (staged / name).parent.mkdir(parents=True, exist_ok=True)
                        archive.unpack(_PREFIX + name, staged / name)
                    progress.advance()
        except BaseException:
            arriving.close()
            raise
        return arriving

    def add(self) -> None:
        """Put those in place whose name is free. Before the database changes."""
        for name in list(_names(self.staged)):
            if not (self.folder / name).exists():
                self._place(name)

    def finish(self) -> None:
        """Replace what differs and remove what the backup has not. After the database has changed."""
        for name in list(_names(self.staged)):
            self._place(name)
        for name in self.going:
            (self.folder / name).unlink(missing_ok=True)

    def close(self) -> None:
        """Remove what was unpacked and is not in place."""
        shutil.rmtree(self.staged, ignore_errors=True)

    def _place(self, name: str) -> None:
        target = self.folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        (self.staged / name).replace(target)


def _names(folder: Path) -> Iterator[str]:
    """The files of a folder and of those in it, in a fixed order. Pipes and sockets hold nothing, and are left out."""
    for place, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith(_STAGED))
        for name in sorted(files):
            if (path := Path(place) / name).is_file():
                yield path.relative_to(folder).as_posix()


def _refuse_unwritable(name: str) -> None:
    try:
        name.encode()
    except UnicodeEncodeError:
        raise BackupFailed(
            f"The name of an uploaded file is no UTF-8: {os.fsencode(name)!r}.",
            "Rename it, or leave the files out: --no-uploads.",
        ) from None


def _same(path: Path, size: int, sha256: str) -> bool:
    try:
        with path.open("rb") as file:
            return path.stat().st_size == size and file_digest(file, "sha256").hexdigest() == sha256
    except FileNotFoundError:
        return False
