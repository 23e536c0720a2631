"""The folder of a project's backups."""

import os
import re
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from oppman.database.backup.archive import Archive
from oppman.database.backup.manifest import Manifest
from oppman.errors import DamagedBackup, UsageError
from oppman.project import Project

FOLDER, ENDING, PARTIAL = "backups", ".backup", ".partial"
LATEST = "latest"
BEFORE_RESTORE = "before a restore"
_STALE_SECONDS = 24 * 3600


@dataclass(frozen=True)
class Backup:
    """One file that is called like a backup. `manifest` is None, and `problem` says why, if it is none."""

    path: Path
    bytes: int
    manifest: Manifest | None
    problem: str = ""


def backups(folder: Path) -> list[Backup]:
    """All of a folder, the newest first and what cannot be read last. Their checksums are not looked at."""
    found = [_look(path) for path in sorted(folder.glob(f"*{ENDING}")) if path.is_file()]
    return sorted(found, key=lambda item: item.manifest.made_at.timestamp() if item.manifest else 0, reverse=True)


def find(project: Project, name: str, kind: str) -> Path:
    """The file that a person means: a path, a name in the project's `backups/`, or `latest`. Raises UsageError.

    `latest` is the newest of a database of this kind that was not made by a restore: giving it twice leads to the
    same place.
    """
    folder = project.root / FOLDER
    if name != LATEST:
        for path in (Path(name), folder / name, folder / f"{name}{ENDING}"):
            if path.is_file():
                return path.resolve()
        raise UsageError(f"There is no backup {name!r}.", "`oppman db backups list` shows those that are there.")
    for item in backups(folder):
        if item.manifest and item.manifest.kind == kind and item.manifest.why != BEFORE_RESTORE:
            return item.path
    raise UsageError(f"There is no backup of a {kind} database in {folder}.", "`oppman db backup` makes one.")


@contextmanager
def new_backup(folder: Path, database: str) -> Iterator[tuple[Path, Path]]:
    """A folder to work in, closed to others and removed at the end, and the path that the finished backup takes."""
    database = re.sub(r"[^\w.-]", "_", database)
    folder.mkdir(parents=True, exist_ok=True)
    _sweep(folder, f"{database}-*{PARTIAL}")
    stem = f"{database}-{datetime.now(UTC):%Y%m%d-%H%M%S}"
    name, count = stem, 1
    while True:
        work, target = folder / f"{name}{PARTIAL}", folder / f"{name}{ENDING}"
        try:
            if not target.exists():
                work.mkdir(mode=0o700)
                break
        except FileExistsError:
            pass
        count += 1
        name = f"{stem}-{count}"
    try:
        yield work, target
    finally:
        shutil.rmtree(work, ignore_errors=True)


def keep(finished: Path, target: Path) -> None:
    """Give a finished backup its name, for good."""
    finished.replace(target)
    if os.name == "posix":
        descriptor = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _sweep(folder: Path, pattern: str) -> None:
    """Remove what killed processes left a day ago or earlier."""
    for left in folder.glob(pattern):
        if time.time() - left.stat().st_mtime > _STALE_SECONDS:
            shutil.rmtree(left, ignore_errors=True)


def _look(path: Path) -> Backup:
    size = path.stat().st_size
    try:
        return Backup(path, size, Archive(path).manifest)
    except (DamagedBackup, OSError) as problem:
        return Backup(path, size, None, getattr(problem, "message", str(problem)))
