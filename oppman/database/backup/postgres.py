"""A PostgreSQL database written to a backup, and a new database made of one."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from oppman.contract import Contract
from oppman.database import address
from oppman.database.backup import portable
from oppman.database.backup.archive import Archive, Writer
from oppman.database.backup.facts import Facts, prove
from oppman.database.backup.manifest import NATIVE, PORTABLE
from oppman.database.backup.programs import Programs
from oppman.database.status import connect
from oppman.database.tables import postgres
from oppman.database.tables.quote import quoted
from oppman.database.tables.table import VERSION_TABLE, Table
from oppman.errors import Refused

DUMP = "database.dump"
NO_PROGRAMS = "pg_dump and pg_restore are not on the PATH, or older than the server, which is PostgreSQL {server}."
# No limit of the server's on statements or on waiting is meant for a backup. Values are written in one form whatever
# the database is set to, and a policy that hides rows makes an error of them and no gap.
_SESSION = """
    SELECT set_config(name, '0', false) FROM pg_settings WHERE name IN ('statement_timeout', 'lock_timeout',
        'idle_in_transaction_session_timeout', 'idle_session_timeout', 'transaction_timeout');
    SET datestyle = 'ISO, YMD'; SET intervalstyle = postgres; SET extra_float_digits = 3; SET row_security = off
"""


@asynccontextmanager
async def snapshot(url: str) -> AsyncIterator[Any]:
    """A connection that sees the database as it is now, however long it takes."""
    connection = await opened(address.postgres_dsn(url))
    try:
        await connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        yield connection
    finally:
        await connection.close()


async def opened(dsn: str) -> Any:
    """A connection that is patient, and that sees all rows or fails."""
    connection = await connect(dsn)
    try:
        await connection.execute(_SESSION)
    except BaseException:
        connection.terminate()
        raise
    return connection


async def facts(connection: Any, tables: list[Table] | None = None) -> Facts:
    """What a database says of itself, in the connection's transaction."""
    names = [table.name for table in (await postgres.read(connection) if tables is None else tables)]
    counts = " UNION ALL ".join(
        f"SELECT {place} AS place, count(*) AS rows FROM {quoted(name)}"  # noqa: S608
        for place, name in enumerate(names)
    )
    rows = {names[row["place"]]: row["rows"] for row in await connection.fetch(counts)} if names else {}
    versioned = await connection.fetchval(f"SELECT to_regclass('{VERSION_TABLE}')")
    revision = await connection.fetch(f"SELECT version_num FROM {VERSION_TABLE}") if versioned else ()  # noqa: S608
    return Facts(rows, tuple(row["version_num"] for row in revision))


async def write(
    connection: Any, url: str, tables: list[Table], found: Facts, writer: Writer, programs: Programs | None
) -> Any:
    """Write what `connection` sees: with PostgreSQL's programs, else in the portable form. What the manifest adds."""
    if programs is None:
        return await portable.write(connection, tables, found.rows, writer)
    name = await connection.fetchval("SELECT pg_export_snapshot()")
    with writer.part(DUMP, stored=True) as part:
        programs.dump(address.postgres_dsn(url), name, part)
    return {}


async def may_create(connection: Any) -> bool:
    """Whether the user of the connection may make a database."""
    return bool(await connection.fetchval("SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user"))


def major(connection: Any) -> int:
    """The version of the server that counts."""
    return int(connection.get_server_version().major)


def programs_for(archive: Archive, connection: Any) -> Programs | None:
    """The programs that this backup needs to be read; None if it needs none. Raises Refused if they are not there."""
    if archive.manifest.form == PORTABLE:
        return None
    found = Programs.find(major(connection))
    if found is None:
        raise Refused(
            f"This backup was written by pg_dump, but {NO_PROGRAMS.format(server=major(connection))}",
            "Install PostgreSQL's client programs.",
        )
    return found


async def fill(contract: Contract, archive: Archive, dsn: str, programs: Programs | None) -> None:
    """Restore a backup to the empty database at `dsn` and prove it. Raises BackupFailed, DamagedBackup."""
    if archive.manifest.form == NATIVE and programs:
        programs.restore(dsn, archive.read(DUMP))
    else:
        await portable.make_tables(contract, dsn, archive.manifest)
    connection = await opened(dsn)
    try:
        if archive.manifest.form == PORTABLE:
            async with connection.transaction():
                await portable.load(connection, archive)
        prove(await facts(connection), archive.manifest)
    finally:
        await connection.close()


async def has_tables(url: str) -> bool:
    """Whether there is anything to lose in the database at `url`."""
    connection = await connect(address.postgres_dsn(url))
    try:
        return bool(await postgres.read(connection))
    finally:
        await connection.close()
