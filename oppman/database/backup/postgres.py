"""A PostgreSQL database written to a backup, and a new database made of one."""

import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from typing import Any, TypeVar
from urllib.parse import quote, unquote, urlsplit

from oppman import console
from oppman.contract import Contract
from oppman.database import address
from oppman.database.backup import portable
from oppman.database.backup.archive import Archive, Writer
from oppman.database.backup.facts import Facts, prove
from oppman.database.backup.manifest import NATIVE, PORTABLE
from oppman.database.backup.programs import Programs
from oppman.database.create import MISSING, connect_to_server
from oppman.database.status import connect
from oppman.database.tables import postgres
from oppman.database.tables.table import VERSION_TABLE, Table
from oppman.errors import BackupFailed, Refused

T = TypeVar("T")
DUMP = "database.dump"
NO_PROGRAMS = "pg_dump and pg_restore are not on the PATH, or older than the server, which is PostgreSQL {server}."
# No limit of the server's on statements or on waiting is meant for a backup. Values are written in one form whatever
# the database is set to, and a policy that hides rows makes an error of them and no gap.
_SESSION = """
    SELECT set_config(name, '0', false) FROM pg_settings WHERE name IN ('statement_timeout', 'lock_timeout',
        'idle_in_transaction_session_timeout', 'idle_session_timeout', 'transaction_timeout');
    SET datestyle = 'ISO, YMD'; SET intervalstyle = postgres; SET extra_float_digits = 3; SET row_security = off
"""
_REPLACED = "Replaced by `oppman db restore`; the next backup or restore removes it."
_LISTS = "('search_path', 'temp_tablespaces', 'session_preload_libraries', 'local_preload_libraries')"
_SETTINGS = f"""
    SELECT format('ALTER DATABASE %I SET %I TO %s', $1::text, name,
        CASE WHEN name IN {_LISTS} THEN value ELSE quote_literal(value) END)
    FROM pg_db_role_setting, unnest(setconfig) AS setting,
        LATERAL (SELECT split_part(setting, '=', 1) AS name, substr(setting, strpos(setting, '=') + 1) AS value) parts
    WHERE setrole = 0 AND setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database())
"""  # noqa: S608
# What killed processes left: the new database that was not finished, and the old one that was replaced.
_LEFT = """
    SELECT datname FROM pg_database d
    WHERE (starts_with(datname, $1) AND substr(datname, length($1) + 1) ~ '^[0-9a-f]{12}$'
        OR starts_with(datname, $2) AND shobj_description(oid, 'pg_database') = $3)
    AND NOT EXISTS (SELECT 1 FROM pg_stat_activity a WHERE a.datname = d.datname)
"""
_END = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = ANY($1) AND pid <> pg_backend_pid()"
_ATTEMPTS = 5
_BEFORE = "_before_"


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
    await connection.execute(_SESSION)
    return connection


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


async def in_new_database(
    server: Any, url: str, purpose: str, work: Callable[[str, str], Awaitable[T]], *, keep: bool = False
) -> T:
    """Await `work(name, dsn)` with a new, empty database like the one that `server` is connected to.

    It is dropped at the end, unless it is to be kept after the work went well; so are those that a killed process
    left behind.
    """
    live = await server.fetchval("SELECT current_database()")
    prefix = f"{_cut(live)}_{purpose}_"
    if await server.fetchval("SELECT pg_try_advisory_lock(hashtext($1))", prefix):
        for row in await server.fetch(_LEFT, prefix, f"{_cut(live)}{_BEFORE}", _REPLACED):
            with suppress(Exception):  # it is not ours to drop
                await server.execute(f"DROP DATABASE IF EXISTS {quoted(row['datname'])}")
    # From here on nobody takes ours for what a killed process left. The connection's end lets go of it.
    await server.execute("SELECT pg_advisory_lock_shared(hashtext($1)), pg_advisory_unlock(hashtext($1))", prefix)
    name = f"{prefix}{secrets.token_hex(6)}"
    await server.execute(f"CREATE DATABASE {quoted(name)} {await _like_this(server)}")
    kept = False
    try:
        await _copy_settings(server, name)
        dsn = address.postgres_dsn(url, quote(name))
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


async def _copy_settings(live: Any, name: str) -> None:
    """Give the database `name` what `ALTER DATABASE ... SET` gave the one that `live` is connected to."""
    from asyncpg import InsufficientPrivilegeError

    for (statement,) in await live.fetch(_SETTINGS, name):
        try:
            await live.execute(statement)
        except InsufficientPrivilegeError:
            console.warn(f"A superuser has to do this again: {statement.replace(quoted(name), name)}")


async def swap(url: str, new: str) -> str:
    """Give the database `new` the name of the one at `url`, in one transaction; what the old one is called then.

    All connections to them are ended first. Raises BackupFailed, with both as they were, if that cannot be done.
    """
    from asyncpg import InsufficientPrivilegeError, ObjectInUseError

    live = database_name(url)
    old = f"{_cut(live)}{_BEFORE}{datetime.now(UTC):%Y%m%d_%H%M%S}"
    server = await connect_to_server(url)
    try:
        for _ in range(_ATTEMPTS):
            await server.fetch(_END, [live, new])
            with suppress(ObjectInUseError):  # somebody was quicker to connect than we were to rename
                async with server.transaction():
                    await server.execute(f"ALTER DATABASE {quoted(live)} RENAME TO {quoted(old)}")
                    await server.execute(f"ALTER DATABASE {quoted(new)} RENAME TO {quoted(live)}")
                    await server.execute(f"COMMENT ON DATABASE {quoted(old)} IS '{_REPLACED}'")
                return old
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


async def exists(url: str) -> bool:
    """Whether the server has the database that `url` names."""
    try:
        await (await connect(address.postgres_dsn(url))).close()
    except Exception as problem:
        if type(problem).__name__ != MISSING:
            raise
        return False
    return True


async def has_tables(url: str) -> bool:
    """Whether there is anything to lose in the database at `url`."""
    connection = await connect(address.postgres_dsn(url))
    try:
        return bool(await postgres.read(connection))
    finally:
        await connection.close()


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


def _cut(name: str) -> str:
    """So much of a database's name that what we add to it fits: PostgreSQL takes 63 bytes."""
    return name.encode()[:40].decode(errors="ignore")


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
