"""Copy all rows of one database into another of the other kind."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from oppman import console
from oppman.contract import Contract
from oppman.database import address
from oppman.database.create import create_if_missing
from oppman.database.faults import explain, masked
from oppman.database.status import MigrationStatus, current_revisions, migration_status
from oppman.database.tables.quote import quoted
from oppman.database.tables.table import Table
from oppman.database.transfer import fill, schema
from oppman.database.transfer.fill import ANEW, Report, own, timed
from oppman.database.transfer.postgres_side import PostgresSide
from oppman.database.transfer.record import Begun, Record
from oppman.database.transfer.side import Side
from oppman.database.transfer.sqlite_side import SqliteSide
from oppman.errors import DatabaseError, DatabaseUnreachable, OppmanError, PendingMigrations, Refused
from oppman.project import Project

GO_ON = "Run the same command again: it goes on where it stopped."


def check(contract: Contract, source: str, target: str, kept: int) -> Report:
    """Look for what the target would refuse or change, `kept` rows of each kind. Nothing is written anywhere.

    Must not be called from a running event loop. Raises PendingMigrations for a source that is not at the newest
    revision, and Refused for what cannot be copied at all.
    """
    _refuse_the_same_kind(source, target)
    _refuse_pending(contract.project, source)
    to_be = _tables_to_be(contract, target)
    report = Report()

    async def look() -> None:
        async with _open(contract.project, source) as side, side.snapshot():
            await fill.check(side, to_be, report, kept, to_postgres=not address.is_sqlite(target))

    _run(look(), source)
    return report


def copy(contract: Contract, source: str, target: str, kept: int, *, restart: bool = False) -> Report:
    """Copy the database at `source` into the one at `target`, which is made if it is missing, and compare them.

    A copy that was interrupted goes on; with `restart` it begins anew. If the report has troubles, nothing was copied.
    Must not be called from a running event loop. Raises Refused for a target with rows of another origin.
    """
    project = contract.project
    _refuse_the_same_kind(source, target)
    _refuse_pending(project, source)
    create_if_missing(project, target)
    status = migration_status(project, target)
    status.refuse_unknown()
    report = Report()
    _run(_begin(project, source, target, status, restart), target)
    if status.pending:
        with timed(report, "schema"):
            schema.migrate(contract, target)
        _refuse_elsewhere(project, target)

    async def carry_out() -> None:
        async with _open(project, source) as one, _open(project, target) as other:
            await fill.fill(one, other, report, kept)

    _run(carry_out(), target, GO_ON)
    return report


def _tables_to_be(contract: Contract, target: str) -> list[Table]:
    """Those of the target if it has the newest revision, else those of a scratch database."""
    project = contract.project
    try:
        ready = migration_status(project, target).up_to_date
    except DatabaseUnreachable:  # it may not be there yet; if it is the server, the next step says so
        ready = False
    if not ready:
        return schema.tables_to_be(contract, target)

    async def look() -> list[Table]:
        async with _open(project, target) as side:
            return own(await side.tables())

    found: list[Table] = _run(look(), target)
    return found


async def _begin(project: Project, source: str, target: str, status: MigrationStatus, restart: bool) -> None:
    """See to it that the target has a record of this copy."""
    async with _open(project, target) as side:
        await side.claim()
        record = Record(side)
        begun = await record.read()
        if begun is None:
            await _begin_empty(side, record, masked(source), masked(target), restart)
        elif restart:
            await _begin_anew(side, record, begun, masked(source))
        elif begun.source != masked(source):
            raise Refused(f"{masked(target)} has an unfinished copy of another database: {begun.source}.", ANEW)
        elif begun.writing and status.pending:
            raise Refused(f"The project has new migrations since the copy to {masked(target)} began.", ANEW)


async def _begin_empty(side: Side, record: Record, source: str, target: str, restart: bool) -> None:
    if restart:
        raise Refused(f"There is no unfinished copy in {target} to begin anew.", "Leave --restart out.")
    for table in await side.tables():
        if await side.fetch(f"SELECT 1 FROM {quoted(table.name)} LIMIT 1"):  # noqa: S608
            raise Refused(
                f"{target} is not empty: {table.name} has rows. Nothing was changed.",
                "Give --to an empty database, or one that does not exist yet. Nothing is ever written over.",
            )
    async with side.transaction():
        await record.begin(Begun(source))


async def _begin_anew(side: Side, record: Record, begun: Begun, source: str) -> None:
    async with side.transaction():
        await side.clear(own(await side.tables()))
        for statement in begun.statements:
            await side.execute(statement)
        await record.forget()
        await record.change(Begun(source))


def _refuse_the_same_kind(source: str, target: str) -> None:
    if address.is_sqlite(source) == address.is_sqlite(target):
        kind = "SQLite" if address.is_sqlite(source) else "PostgreSQL"
        raise Refused(
            f"Both databases are {kind}; this copies from one kind to the other.",
            "Copy a SQLite file with `sqlite3 app.db '.backup copy.db'`, PostgreSQL with pg_dump and pg_restore.",
        )


def _refuse_pending(project: Project, source: str) -> None:
    status = migration_status(project, source)
    status.refuse_unknown()
    if status.pending:
        raise PendingMigrations(
            f"The source {masked(source)} lacks {len(status.pending)} of the project's migrations.",
            "Apply them first: `oppman db migrate`.",
        )


def _refuse_elsewhere(project: Project, target: str) -> None:
    """A `migrations/env.py` that does not take our connection has migrated the project's own database."""
    if not current_revisions(project, target):
        raise Refused(
            f"The migrations did not run on {masked(target)}: migrations/env.py opens a connection of its own.",
            'Let it use config.attributes["connection"] where that is given.',
        )


@asynccontextmanager
async def _open(project: Project, url: str) -> AsyncIterator[Side]:
    if address.is_sqlite(url):
        sqlite = SqliteSide(address.sqlite_file(project, url))
        try:
            yield sqlite
        finally:
            sqlite.close()
    else:
        postgres = await PostgresSide.open(address.postgres_dsn(url))
        try:
            yield postgres
        finally:
            await postgres.close()


def _run(work: Any, url: str, hint: str = "") -> Any:
    """Run a coroutine; what a driver raises becomes an error that says what to do."""
    try:
        return asyncio.run(work)
    except OppmanError:
        raise
    except KeyboardInterrupt:
        if hint:
            console.warn(f"The copy was stopped. {hint}")
        raise
    except Exception as problem:
        explained = explain(problem, url)
        if explained and not hint:
            raise explained from None
        if explained or isinstance(problem, sqlite3.Error) or type(problem).__module__.startswith("asyncpg"):
            lost = "connection is closed" in str(problem)  # said by what came after the loss, such as a rollback
            said = f"The connection to {masked(url)} was lost." if lost else f"The database said: {problem}"
            said = explained.message if explained else said
            detail = str(getattr(problem, "detail", "") or "")
            raise DatabaseError(f"The copy stopped. {said}", hint, detail) from None
        raise
