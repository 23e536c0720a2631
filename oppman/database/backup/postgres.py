"""A PostgreSQL database written to a backup, and a new database made of one."""

import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any, TypeVar
from urllib.parse import unquote, urlsplit

from oppman.contract import Contract
from oppman.database import address
from oppman.database.backup import portable
from oppman.database.backup.archive import Archive, Writer
from oppman.database.backup.facts import Facts, prove
from oppman.database.backup.manifest import NATIVE, PORTABLE
from oppman.database.backup.programs import Programs
from oppman.database.create import connect_to_server
from oppman.database.status import connect
from oppman.database.tables import postgres
from oppman.database.tables.table import VERSION_TABLE, Table
from oppman.errors import BackupFailed, Refused

T = TypeVar("T")
DUMP = "database.dump"
NO_PROGRAMS = "pg_dump and pg_restore are not on the PATH, or older than the server, which is PostgreSQL {server}."
# No limit of the server's on statements or on waiting is meant for a backup.
_PATIENT = "SET statement_timeout = 0; SET lock_timeout = 0; SET idle_in_transaction_session_timeout = 0"
_LISTS = "('search_path', 'temp_tablespaces', 'session_preload_libraries', 'local_preload_libraries')"
_SETTINGS = f"""
    SELECT format('ALTER DATABASE %I SET %I TO %s', $1::text, name,
        CASE WHEN name IN {_LISTS} THEN value ELSE quote_literal(value) END)
    FROM pg_db_role_setting, unnest(setconfig) AS setting,
        LATERAL (SELECT split_part(setting, '=', 1) AS name, substr(setting, strpos(setting, '=') + 1) AS value) parts
    WHERE setrole = 0 AND setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database())
"""  # noqa: S608
_IDLE = """
    SELECT datname FROM pg_database d WHERE datname ~ $1
    AND NOT EXISTS (SELECT 1 FROM pg_stat_activity a WHERE a.datname = d.datname)
"""
_END = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = ANY($1) AND pid <> pg_backend_pid()"
_ATTEMPTS = 5


@asynccontextmanager
async def snapshot(url: str) -> AsyncIterator[Any]:
    """A connection that sees the database as it is now, however long it takes."""
    connection = await connect(address.postgres_dsn(url))
    try:
        await connection.execute(_PATIENT)
        await connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        yield connection
    finally:
        await connection.close()


async def facts(connection: Any, tables: list[Table] | None = None) -> Facts:
    """What a database says of itself, in the connection's transaction."""
    names = [table.name for table in tables or await postgres.read(connection)]
    counts = " UNION ALL ".join(
        f"SELECT {place} AS place, count(*) AS rows FROM {quoted(name)}"  # noqa: S608
        for place, name in enumerate(names)
    )
    rows = {names[row["place"]]: row["rows"] for row in await connection.fetch(counts)} if names else {}
    versioned = await connection.fetchval(f"SELECT to_regclass('{VERSION_TABLE}')")
    revision = await connection.fetch(f"SELECT version_num FROM {VERSION_TABLE}") if versioned else ()  # noqa: S608
    return Facts(rows, tuple(row["version_num"] for row in revision))


async def write(connection: Any, url: str, tables: list[Table], writer: Writer, programs: Programs | None) -> Any:
    """Write what `connection` sees: with PostgreSQL's programs, else in the portable form. What the manifest adds."""
    if programs is None:
        return await portable.write(connection, tables, writer)
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
    connection = await connect(dsn)
    try:
        await connection.execute(_PATIENT)
        if archive.manifest.form == PORTABLE:
            async with connection.transaction():
                await portable.load(connection, archive)
        prove(await facts(connection), archive.manifest)
    finally:
        await connection.close()


async def in_new_database(
    server: Any, url: str, purpose: str, work: Callable[[str, str], Awaitable[T]], *, keep: bool = False
) -> T:
    """Await `work(name, dsn)` with a new, empty database like the one that `server` is connected to.

    It is dropped at the end, unless it is to be kept after the work went well; so are those that a killed process
    left behind.
    """
    prefix = f"{database_name(url)[:40]}_{purpose}_"
    for row in await server.fetch(_IDLE, f"^{prefix}[0-9a-f]{{12}}$"):
        await server.execute(f"DROP DATABASE IF EXISTS {quoted(row['datname'])}")
    name = f"{prefix}{secrets.token_hex(6)}"
    await server.execute(f"CREATE DATABASE {quoted(name)} {await _like_this(server)}")
    kept = False
    try:
        dsn = address.postgres_dsn(url, name)
        guard = await connect(dsn)  # by this others see that it is in use
        try:
            result = await work(name, dsn)
        finally:
            await guard.close()
        kept = keep
        return result
    finally:
        if not kept:
            with suppress(Exception):  # the work's own error matters more than a database that stays behind
                await server.execute(f"DROP DATABASE IF EXISTS {quoted(name)} WITH (FORCE)")


async def copy_settings(live: Any, name: str) -> None:
    """Give the database `name` what `ALTER DATABASE ... SET` gave the one that `live` is connected to."""
    for row in await live.fetch(_SETTINGS, name):
        await live.execute(row[0])


async def swap(url: str, new: str, old: str) -> None:
    """Give the database `new` the name of the one at `url`, which is called `old` from then on, in one transaction.

    All connections to them are ended first. Raises BackupFailed, with both as they were, if that cannot be done.
    """
    from asyncpg import InsufficientPrivilegeError, ObjectInUseError

    live = database_name(url)
    server = await connect_to_server(url)
    try:
        for _ in range(_ATTEMPTS):
            await server.fetch(_END, [live, new])
            with suppress(ObjectInUseError):  # somebody was quicker to connect than we were to rename
                async with server.transaction():
                    await server.execute(f"ALTER DATABASE {quoted(live)} RENAME TO {quoted(old)}")
                    await server.execute(f"ALTER DATABASE {quoted(new)} RENAME TO {quoted(live)}")
                return
        raise BackupFailed(
            f"Others keep connecting to {live}, so it cannot be replaced. Nothing was changed.",
            "Stop the application and try again.",
        )
    except InsufficientPrivilegeError as problem:
        raise BackupFailed(
            f"The server does not let us replace {live}: {problem}. Nothing was changed.",
            "Restore as the owner of the database.",
        ) from None
    finally:
        await server.close()


async def drop(url: str, name: str) -> None:
    """Drop a database of the server at `url`."""
    server = await connect_to_server(url)
    try:
        await server.execute(f"DROP DATABASE IF EXISTS {quoted(name)} WITH (FORCE)")
    finally:
        await server.close()


def database_name(url: str) -> str:
    """The name of the database at `url`."""
    return unquote(urlsplit(url).path.removeprefix("/"))


def quoted(name: str) -> str:
    """A name as a statement needs it."""
    return '"' + name.replace('"', '""') + '"'


async def _like_this(server: Any) -> str:
    """The options of CREATE DATABASE that give a new one the encoding and the collation of this one."""
    import json

    row = json.loads(
        await server.fetchval(
            "SELECT to_jsonb(d) || jsonb_build_object('encoding', pg_encoding_to_char(encoding)) FROM pg_database d "
            "WHERE datname = current_database()"
        )
    )
    options = {"ENCODING": row["encoding"], "LC_COLLATE": row["datcollate"], "LC_CTYPE": row["datctype"]}
    locale = row.get("datlocale") or row.get("daticulocale")
    if provider := {"i": "icu", "b": "builtin"}.get(row.get("datlocprovider", "c")):
        options |= {"LOCALE_PROVIDER": provider, f"{provider.upper()}_LOCALE": locale}
    given = " ".join(f"{name} = '{str(value).replace(chr(39), chr(39) * 2)}'" for name, value in options.items())
    return f"TEMPLATE template0 {given}"
