"""Restoring a backup: the old database stays until the new one is proved."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from oppman import console
from oppman.contract import Contract
from oppman.database import address
from oppman.database.backup import folder
from oppman.database.backup.archive import Archive
from oppman.database.backup.make import prove_sqlite
from oppman.database.backup.manifest import NATIVE, POSTGRESQL, SQLITE
from oppman.database.backup.trouble import told
from oppman.database.backup.uploads import Arriving
from oppman.database.backup.workspace import workspace
from oppman.database.create import connect_to_server, create_if_missing
from oppman.database.revisions import History
from oppman.errors import BackupFailed, NewerDatabase, Refused
from oppman.project import Project

_ROOM = "Make room and try again. A restore writes the new database beside the old one; SQLite needs that twice."


@dataclass(frozen=True)
class Restored:
    """What a restore left."""

    pending: int
    """Number of migrations that the code has and the database lacks now."""
    aside: Path | None = None
    """Where the old SQLite file is, if it was no database any more."""
    leftover: str = ""
    """The old PostgreSQL database, if it could not be dropped."""


def chosen(project: Project, url: str, name: str) -> Archive:
    """The backup that a person named, with a right checksum, for a database of this kind and for this code.

    Raises UsageError, DamagedBackup, Refused and NewerDatabase.
    """
    kind = SQLITE if address.is_sqlite(url) else POSTGRESQL
    with told(url, _ROOM):
        archive = Archive(folder.find(project, name, url))
        archive.check()
    said = archive.manifest
    if said.kind != kind:
        raise Refused(
            f"{archive.path.name} is a backup of a {said.kind} database, and DATABASE_URL names a {kind} one.",
            "Restore it where it comes from, and move the rows from there: oppman db copy.",
        )
    known = History.read(project).revisions if said.revision else {}
    if unknown := [name for name in said.revision if name not in known]:
        raise NewerDatabase(
            f"The backup is at revision {', '.join(unknown)}, which this project does not have.",
            f"It was made with newer code, on {said.made_at:%Y-%m-%d}. Check out the code that has that revision.",
        )
    if kind == POSTGRESQL:
        with told(url, _ROOM):
            asyncio.run(_refuse_what_cannot_be(url, archive))
    return archive


def restore(
    project: Project, url: str, archive: Archive, uploads: Path | None, first: Callable[[], None] = lambda: None
) -> Restored:
    """Make the database at `url`, and the folder of uploads if one is given, what the backup holds.

    The backup is restored beside the database and proved there. Then `first` is called, to keep what is there, and
    only then does the new one take its place, in one transaction of the database's own. Must not be called from a
    running event loop. Raises BackupFailed and DamagedBackup: the database is then as it was.
    """
    with told(url, _ROOM):
        arriving = Arriving.stage(archive, uploads) if uploads and archive.manifest.uploads is not None else None
        add = arriving.add if arriving else lambda: None
        aside, leftover, stands = None, "", "The database is as it was."
        try:
            if archive.manifest.kind == SQLITE:
                aside = _sqlite(project, url, archive, first, add)
            else:
                leftover = _postgres(project, url, archive, first, add)
            stands = "The database is restored, but not all uploaded files are in their place: run it again."
            if arriving:
                _finish(arriving)
        except KeyboardInterrupt:
            console.warn(f"Interrupted. {stands}")
            raise
        finally:
            if arriving:
                arriving.close()
    revision = archive.manifest.revision
    history = History.read(project) if revision else None
    return Restored(len(history.missing(revision, history.heads)) if history else 0, aside, leftover)


def _finish(arriving: Arriving) -> None:
    try:
        arriving.finish()
    except OSError as problem:
        raise BackupFailed(
            f"The database is restored, but not all uploaded files are in their place: {problem}.",
            "Mend that and run it again.",
        ) from None


def _sqlite(project: Project, url: str, archive: Archive, *before: Callable[[], None]) -> Path | None:
    from oppman.database.backup import sqlite

    database = address.sqlite_file(project, url)
    database.parent.mkdir(parents=True, exist_ok=True)
    with workspace(database.parent, f".{database.stem}") as work:
        file = prove_sqlite(archive, work)
        for do in before:
            do()
        return sqlite.put(file, database)


def _postgres(project: Project, url: str, archive: Archive, *before: Callable[[], None]) -> str:
    from oppman.database.backup import databases

    create_if_missing(project, url)
    new = asyncio.run(_proved(Contract(project), url, archive))
    try:
        for do in before:
            do()
        if not new:
            asyncio.run(_in_place(url, archive))
            return ""
        old = asyncio.run(databases.swap(url, new))
    except BaseException:
        if new:
            with suppress(Exception):  # why it failed matters more
                asyncio.run(databases.drop(url, new))
        raise
    try:
        asyncio.run(databases.drop(url, old))
    except (Exception, KeyboardInterrupt):  # all is done but for this
        return old
    return ""


async def _proved(contract: Contract, url: str, archive: Archive) -> str:
    """The name of a new database with all of the backup; "" if the user may not create one."""
    from oppman.database.backup import databases, postgres, rights

    live = await postgres.opened(address.postgres_dsn(url))
    try:
        programs = postgres.programs_for(archive, live)
        if not await postgres.may_create(live):
            return ""

        async def work(name: str, dsn: str) -> str:
            await postgres.fill(contract, archive, dsn, programs)
            new = await postgres.opened(dsn)
            try:
                await rights.copy(live, new, name)
            finally:
                await new.close()
            return name

        return await databases.in_new_database(live, url, "restore", work, keep=True)
    finally:
        await live.close()


async def _refuse_what_cannot_be(url: str, archive: Archive) -> None:
    """Raise Refused if programs are missing, or rights without which the database cannot be replaced."""
    from oppman.database.backup import databases, postgres

    there = await databases.exists(url)
    live = await (postgres.opened(address.postgres_dsn(url)) if there else connect_to_server(url))
    try:
        postgres.programs_for(archive, live)
        if not there or await postgres.may_create(live):  # what is not there is created, or that fails by itself
            return
        revision = (await postgres.facts(live)).revision
    finally:
        await live.close()
    allow, said = "Allow it (ALTER ROLE ... CREATEDB)", archive.manifest
    if said.form == NATIVE:
        raise Refused(
            "A backup of pg_dump is restored to a new database, and your user may not create one.", f"{allow}."
        )
    if sorted(revision) != sorted(said.revision):
        raise Refused(
            "Your user may not create databases, so the rows have to fit the tables that are there: they are at "
            f"revision {', '.join(revision) or 'none'}, and the backup is at {', '.join(said.revision)}.",
            f"{allow}, or go there first: oppman db migrate {said.revision[0]}",
        )


async def _in_place(url: str, archive: Archive) -> None:
    """Replace the rows of the tables in one transaction, for a user who may not create a database to prove it in."""
    from oppman.database.backup import portable, postgres
    from oppman.database.backup.facts import prove

    live = await postgres.opened(address.postgres_dsn(url))
    try:
        async with live.transaction():
            await portable.load(live, archive)
            prove(await postgres.facts(live), archive.manifest)
    finally:
        await live.close()
