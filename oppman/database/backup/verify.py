"""Proving a backup again: after a year on a disk, or after it came from another one."""

import asyncio
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from oppman.contract import Contract
from oppman.database import address
from oppman.database.backup.archive import Archive
from oppman.database.backup.make import prove_postgres, prove_sqlite
from oppman.database.backup.manifest import NATIVE, SQLITE
from oppman.database.backup.trouble import told
from oppman.database.backup.workspace import workspace
from oppman.errors import BackupFailed, DamagedBackup, MigrationFailed
from oppman.project import Project

_ROOM = "Make room and try again. To be verified, a database is restored beside its backup, or on the server."


@dataclass(frozen=True)
class Result:
    """How one backup did."""

    file: Path
    good: bool
    restored: bool
    """To a scratch database; else only its checksums are known to be right."""
    text: str


def verify_each(project: Project, url: str, paths: Iterable[Path]) -> Iterator[tuple[Path, Result]]:
    """`verify` each of the backups, and go on after one that is not good."""
    for path in paths:
        try:
            why_not = verify(project, url, path)
        except (DamagedBackup, BackupFailed, MigrationFailed) as problem:
            yield path, Result(path, False, False, problem.message)
        else:
            text = (
                f"its checksums are right; it was not restored: {why_not}" if why_not else "good, restored and compared"
            )
            yield path, Result(path, True, not why_not, text)


def verify(project: Project, url: str, path: Path) -> str:
    """Compare all checksums of a backup and restore it to a scratch database, which is thrown away.

    Returns why it could not be restored, if that is so for no fault of the backup's; "" if it was. Must not be called
    from a running event loop. Raises DamagedBackup and BackupFailed.
    """
    with told(url, _ROOM):
        archive = Archive(path)
        archive.check()
        for name in archive.manifest.members:
            for _ in archive.read(name):
                pass
        if archive.manifest.kind == SQLITE:
            with workspace(path.parent, f".{path.stem}") as work:
                prove_sqlite(archive, work)
            return ""
        if address.is_sqlite(url):
            return "DATABASE_URL names no PostgreSQL server to restore it on"
        return asyncio.run(_on_server(project, url, archive))


async def _on_server(project: Project, url: str, archive: Archive) -> str:
    from oppman.database.backup import postgres
    from oppman.database.backup.programs import Programs

    connection = await postgres.opened(address.postgres_dsn(url))
    try:
        if not await postgres.may_create(connection):
            return "the user of DATABASE_URL may not create databases"
        if archive.manifest.form == NATIVE and Programs.find(postgres.major(connection)) is None:
            return postgres.NO_PROGRAMS.format(server=postgres.major(connection)).rstrip(".")
        await prove_postgres(Contract(project), connection, url, archive)
        return ""
    finally:
        await connection.close()
