"""Making a backup, and proving it before it counts as one."""

import asyncio
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from oppman import __version__
from oppman.contract import Contract
from oppman.database import address
from oppman.database.backup import folder, uploads
from oppman.database.backup.archive import CHUNK, Archive, Writer
from oppman.database.backup.manifest import DATABASE_FILE, NATIVE, PORTABLE, SQLITE, Manifest
from oppman.database.backup.trouble import told
from oppman.database.backup.watch import Watch
from oppman.errors import BackupFailed, DatabaseError, DatabaseUnreachable, Refused
from oppman.project import Project

SQLITE_PART = "database.sqlite"
CHEAP = 1024**3
"""Bytes of a database above which a backup that nobody asked for is not restored to prove it."""

_ROOM = "Make room and try again; `oppman db backup --to FOLDER` writes to another place."


@dataclass(frozen=True)
class Wanted:
    """What a backup should be like."""

    why: str = "manual"
    note: str = ""
    uploads: bool = True
    verify: bool = True
    cheap: bool = False
    """Do without a proof where that takes long."""
    form: str = ""
    """NATIVE or PORTABLE, of a PostgreSQL database; empty for the best that can be had."""


@dataclass(frozen=True)
class Made:
    """A backup that is there. `unproved` says why it was not restored to a scratch database, if it was not."""

    path: Path
    bytes: int
    manifest: Manifest
    seconds: float
    unproved: str = ""


def make(project: Project, url: str, wanted: Wanted, to: Path | None = None) -> Made:
    """Write a backup of the database at `url` into the folder `to` (the project's `backups/`), and prove it.

    The application may go on to write: the backup holds one moment. The file has its name only once it is complete
    and proved. Must not be called from a running event loop. Raises BackupFailed, Refused and DatabaseUnreachable.
    """
    started = time.monotonic()
    source = uploads.upload_folder(project) if wanted.uploads else None
    kind, name = folder.identity(project, url)
    with told(url, _ROOM), folder.new_backup(to or project.root / folder.FOLDER, name) as (work, target):
        facts = Manifest(
            made_at=datetime.now(UTC), why=wanted.why, note=wanted.note, oppman=__version__,
            database=name, kind=kind, form="", server="", revision=(), rows={},
        )  # fmt: skip
        before = uploads.names(source) if source else frozenset()
        new = _New(project, url, wanted, source, before, work, facts)
        whole, unproved = new.of_sqlite() if kind == SQLITE else asyncio.run(new.of_postgres())
        size = new.archive.stat().st_size
        folder.keep(new.archive, target)
    return Made(target, size, whole, time.monotonic() - started, unproved)


@dataclass(frozen=True)
class _New:
    """A backup while it is made, in a folder of its own."""

    project: Project
    url: str
    wanted: Wanted
    source: Path | None
    before: frozenset[str]
    work: Path
    facts: Manifest

    @property
    def archive(self) -> Path:
        return self.work / "archive"

    def of_sqlite(self) -> tuple[Manifest, str]:
        import sqlite3

        from oppman.database.backup import sqlite

        if self.wanted.form:
            raise Refused("A SQLite database has one form: its own, which is portable.", "Leave --format out.")
        database, copied = address.sqlite_file(self.project, self.url), self.work / SQLITE_PART
        if not database.is_file():
            raise DatabaseUnreachable(f"There is no database to back up: {database}.", "`oppman init` makes one.")
        found = sqlite.copy(database, copied)
        size = copied.stat().st_size
        unproved = self._unproved(size)
        with Writer(self.archive) as writer:
            with writer.part(SQLITE_PART) as part, copied.open("rb") as file, Watch("MB compressed", size) as watch:
                while chunk := file.read(CHUNK):
                    part.write(chunk)
                    watch.add(len(chunk))
            copied.unlink()
            whole = self._finish(
                writer,
                replace(
                    self.facts, form=DATABASE_FILE, server=sqlite3.sqlite_version, revision=found.revision,
                    rows=found.rows, orphans=found.orphans, verified=not unproved,
                ),
            )  # fmt: skip
        archive = self._read()
        if not unproved:
            prove_sqlite(archive, self.work)
        return whole, unproved

    async def of_postgres(self) -> tuple[Manifest, str]:
        from oppman.database.backup import portable, postgres
        from oppman.database.backup.programs import Programs
        from oppman.database.tables.postgres import read

        async with postgres.snapshot(self.url) as connection:
            may_create = await postgres.may_create(connection)
            size = await connection.fetchval("SELECT pg_database_size(current_database())")
            unproved = self._unproved(size) or ("" if may_create else "its user may not create databases")
            tables = await read(connection)
            found = await postgres.facts(connection, tables)
            server = postgres.major(connection)
            # Where no database can be made, one that was dumped could not be restored either.
            programs = Programs.find(server) if self.wanted.form != PORTABLE else None
            if self.wanted.form == NATIVE and programs is None:
                raise Refused(postgres.NO_PROGRAMS.format(server=server), "Install PostgreSQL's client programs.")
            if not may_create and self.wanted.form != NATIVE:
                programs = None
            if programs is None and tables and not found.revision:
                raise Refused(
                    "The portable form needs migrations that make the tables, and this database is at no revision.",
                    f"Install PostgreSQL's client programs: {postgres.NO_PROGRAMS.format(server=server)}",
                )
            if programs is None and (beyond := await portable.beyond(connection)):
                raise Refused(
                    f"The portable form holds one schema's tables, and this database has {beyond} as well.",
                    f"Install PostgreSQL's client programs: {postgres.NO_PROGRAMS.format(server=server)}",
                )
            with Writer(self.archive) as writer:
                more = await postgres.write(connection, self.url, tables, found, writer, programs)
                version = await connection.fetchval("SHOW server_version")
                whole = self._finish(
                    writer,
                    replace(
                        self.facts, form=NATIVE if programs else PORTABLE, server=version, revision=found.revision,
                        rows=found.rows, verified=not unproved, **more,
                    ),
                )  # fmt: skip
            await connection.execute("COMMIT")  # a snapshot that is not needed keeps the server from tidying
            archive = self._read()
            if not unproved:
                await prove_postgres(Contract(self.project), connection, self.url, archive)
        return whole, unproved

    def _unproved(self, size: int) -> str:
        if not self.wanted.verify:
            return "--no-verify"
        return "the database is larger than 1 GB" if self.wanted.cheap and size > CHEAP else ""

    def _finish(self, writer: Writer, facts: Manifest) -> Manifest:
        count, vanished = uploads.write(self.source, self.before, writer) if self.source else (None, ())
        return writer.finish(replace(facts, uploads=count, vanished=vanished))

    def _read(self) -> Archive:
        archive = Archive(self.archive)
        archive.check()
        return archive


def prove_sqlite(archive: Archive, work: Path) -> Path:
    """Unpack the database into the folder `work` and prove it; the path of the file."""
    from oppman.database.backup import sqlite

    file = work / f"restored-{SQLITE_PART}"
    archive.unpack(SQLITE_PART, file)
    sqlite.prove_file(file, archive.manifest)
    return file


async def prove_postgres(contract: Contract, connection: object, url: str, archive: Archive) -> None:
    """Restore to a scratch database on the server of the connection, and prove it."""
    from oppman.database.backup import databases, postgres

    programs = postgres.programs_for(archive, connection)

    async def work(_name: str, dsn: str) -> None:
        await postgres.fill(contract, archive, dsn, programs)

    await databases.in_new_database(connection, url, "scratch", work)


def back_up_first(project: Project, url: str, with_uploads: bool) -> Made | None:
    """Back up what a restore is about to replace; None if there is no table in it. Raises BackupFailed."""
    if not _holds_something(project, url):
        return None
    try:
        return make(project, url, Wanted(folder.BEFORE_RESTORE, uploads=with_uploads, cheap=True))
    except (DatabaseError, Refused) as problem:
        raise BackupFailed(
            f"What is there could not be backed up, so nothing was restored. {problem.message}",
            "Mend that, or give --no-backup to replace it without a copy.",
            problem.detail,
        ) from None


def _holds_something(project: Project, url: str) -> bool:
    if address.is_sqlite(url):
        file = address.sqlite_file(project, url)
        return file.is_file() and file.stat().st_size > 0
    from oppman.database.backup.postgres import has_tables

    with told(url, _ROOM):
        return asyncio.run(has_tables(url))
