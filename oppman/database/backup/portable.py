"""The portable form of a PostgreSQL database: the text of each table, which needs no program of PostgreSQL's.

It holds rows and the values of sequences. The tables themselves are made by the project's migrations, up to the
revision that the rows come from.
"""

from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import closing
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from oppman.console import Progress
from oppman.contract import Contract
from oppman.database.backup.archive import Archive, Writer
from oppman.database.backup.manifest import Manifest
from oppman.database.tables import foreign_keys, postgres
from oppman.database.tables.copy_in import copy_in
from oppman.database.tables.quote import quoted
from oppman.database.tables.table import Table
from oppman.errors import BackupFailed

if TYPE_CHECKING:
    from sqlalchemy import Connection

_SEQUENCES = """
    SELECT sequencename::text AS name, last_value FROM pg_sequences WHERE schemaname = current_schema()
    ORDER BY sequencename
"""

_SCHEMAS = """
    SELECT DISTINCT nspname::text FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
    WHERE relkind IN ('r', 'p') AND nspname NOT LIKE 'pg\\_%'
    AND nspname NOT IN ('information_schema', current_schema())
    AND NOT EXISTS (SELECT 1 FROM pg_depend WHERE classid = 'pg_class'::regclass AND objid = c.oid AND deptype = 'e')
    ORDER BY nspname
"""
_VIEWS = """
    SELECT oid::regclass::text FROM pg_class
    WHERE relkind = 'm' AND relnamespace = current_schema()::regnamespace ORDER BY oid
"""


def part_name(table: str) -> str:
    """The name of the part with the rows of a table."""
    return f"tables/{quote(table, safe=' ')}.copy"


async def beyond(connection: Any) -> str:
    """What the database has that this form does not hold; "" if there is no such thing."""
    schemas = [f"the schema {row[0]}" for row in await connection.fetch(_SCHEMAS)]
    large = await connection.fetchval("SELECT count(*) FROM pg_largeobject_metadata")
    return ", ".join(schemas + ([f"{large} large objects"] if large else []))


async def write(connection: Any, tables: Iterable[Table], rows: Mapping[str, int], writer: Writer) -> dict[str, Any]:
    """Write the rows of all tables, as the transaction of the connection sees them; what the manifest adds."""
    columns = {}
    for table in tables:
        columns[table.name] = tuple(column.name for column in table.written)
        with writer.part(part_name(table.name)) as part, closing(Progress(table.name, rows[table.name])) as progress:

            async def take(data: bytes, write: Any = part.write, advance: Any = progress.advance) -> None:
                write(data)
                advance(data.count(b"\n"))  # one in a value is written as two other characters

            if named := ", ".join(map(quoted, columns[table.name])):  # a query, since a partitioned table has no text
                await connection.copy_from_query(f"SELECT {named} FROM {quoted(table.name)}", output=take)  # noqa: S608
    sequences = {row["name"]: row["last_value"] for row in await connection.fetch(_SEQUENCES)}
    return {"columns": columns, "sequences": sequences}


async def load(connection: Any, archive: Archive) -> None:
    """Replace the rows of all tables by those of the backup; use it in a transaction."""
    keys = await foreign_keys.take_away(connection)
    there = {table.name for table in await postgres.read(connection)}
    if there:  # migrations write rows too
        await connection.execute(f"TRUNCATE {', '.join(map(quoted, sorted(there)))}")
    for name, columns in archive.manifest.columns.items():
        if columns:
            if name not in there:
                raise BackupFailed(
                    f"The project's migrations make no table {name}, so its rows have no place.",
                    "Back up with PostgreSQL's client programs, whose form holds the tables as well.",
                )
            await connection.execute(f"ALTER TABLE {quoted(name)} DISABLE TRIGGER USER")
            await copy_in(connection, name, columns, _chunks(archive, part_name(name)))
            await connection.execute(f"ALTER TABLE {quoted(name)} ENABLE TRIGGER USER")
    for statement in keys:
        await connection.execute(statement)
    for name, value in archive.manifest.sequences.items():
        if value is None:
            await connection.execute(f"ALTER SEQUENCE {quoted(name)} RESTART")
        else:
            await connection.execute("SELECT setval(quote_ident($1)::regclass, $2)", name, value)
    for (view,) in await connection.fetch(_VIEWS):
        await connection.execute(f"REFRESH MATERIALIZED VIEW {view}")


async def make_tables(contract: Contract, dsn: str, said: Manifest) -> None:
    """Bring the empty database at `dsn` to the revision of the backup, with the project's migrations.

    Raises MigrationFailed, and the errors of the contract.
    """
    from sqlalchemy.ext.asyncio import create_async_engine
    from sqlalchemy.pool import NullPool

    from oppman.database.migrations import config, failure, run_environment
    from oppman.database.status import connect

    contract.load("metadata")
    made = config(contract.project)
    running = [""]

    def steps(script: Any, current: Any) -> Any:
        for step in script._upgrade_revs(said.revision, current):
            running.append(step.revision.revision)
            yield step

    def work(connection: "Connection") -> None:
        made.attributes["connection"] = connection
        run_environment(made, steps)
        connection.commit()

    engine = create_async_engine("postgresql+asyncpg://", poolclass=NullPool, async_creator=lambda: connect(dsn))
    try:
        async with engine.connect() as connection:
            await connection.run_sync(work)
    except Exception as problem:
        raise failure(contract.project, dsn, problem, running[-1]) from None
    finally:
        await engine.dispose()


async def _chunks(archive: Archive, name: str) -> AsyncIterator[bytes]:
    for chunk in archive.read(name):
        yield chunk
