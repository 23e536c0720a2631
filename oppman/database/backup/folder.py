"""The folder of a project's backups."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from oppman.database import address
from oppman.database.backup.archive import Archive
from oppman.database.backup.manifest import POSTGRESQL, SQLITE, Manifest
from oppman.database.backup.workspace import workspace
from oppman.errors import DamagedBackup, UsageError
from oppman.project import Project

FOLDER, ENDING = "backups", ".backup"
LATEST = "latest"
BEFORE_RESTORE = "before a restore"


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


def find(project: Project, name: str, url: str) -> Path:
    """The file that a person means: a path, a name in the project's `backups/`, or `latest`. Raises UsageError.

    `latest` is the newest of the database at `url` that was not made by a restore: giving it twice leads to the same
    place. One of a database that is called otherwise has to be named.
    """
    folder = project.root / FOLDER
    if name != LATEST:
        for path in (Path(name), folder / name, folder / f"{name}{ENDING}"):
            if path.is_file():
                return path.resolve()
        raise UsageError(f"There is no backup {name!r}.", "`oppman db backups list` shows those that are there.")
    wanted = identity(project, url)
    for item in backups(folder):
        said = item.manifest
        if said and (said.kind, said.database) == wanted and said.why != BEFORE_RESTORE:
            return item.path
    raise UsageError(
        f"There is no backup of the {wanted[0]} database {wanted[1]} in {folder}.",
        "`oppman db backup` makes one; one of another database has to be named: oppman db backups list",
    )


def identity(project: Project, url: str) -> tuple[str, str]:
    """The kind and the name of the database at `url`, as a manifest has them. Raises BadDatabaseUrl."""
    if address.is_sqlite(url):
        return SQLITE, address.sqlite_file(project, url).stem
    return POSTGRESQL, unquote(urlsplit(address.postgres_dsn(url)).path.removeprefix("/"))


@contextmanager
def new_backup(folder: Path, database: str) -> Iterator[tuple[Path, Path]]:
    """A folder to work in, closed to others and removed at the end, and the path that the finished backup takes."""
    stem = re.sub(r"[^\w.-]", "_", database)
    with workspace(folder, stem, lambda name: not (folder / f"{name}{ENDING}").exists()) as work:
        yield work, work.with_suffix(ENDING)


def keep(finished: Path, target: Path) -> None:
    """Give a finished backup its name, for good."""
    finished.replace(target)
    if os.name == "posix":
        descriptor = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _look(path: Path) -> Backup:
    size = 0
    try:
        size = path.stat().st_size
        return Backup(path, size, Archive(path).manifest)
    except (DamagedBackup, OSError) as problem:
        return Backup(path, size, None, getattr(problem, "message", str(problem)))
