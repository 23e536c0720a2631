"""The databases of a PostgreSQL server: new ones beside that of the project, and one that takes its place."""

import json
import secrets
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, TypeVar
from urllib.parse import quote, unquote, urlsplit

from oppman import console
from oppman.database import address
from oppman.database.create import MISSING, connect_to_server
from oppman.database.status import connect
from oppman.database.tables.quote import literal, quoted
from oppman.errors import BackupFailed

T = TypeVar("T")
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
        dsn = address.postgres_dsn(url, quote(name, safe=""))
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


def _cut(name: str) -> str:
    """So much of a database's name that what we add to it fits: PostgreSQL takes 63 bytes."""
    return name.encode()[:40].decode(errors="ignore")


async def _like_this(server: Any) -> str:
    """The options of CREATE DATABASE that give a new one the encoding and the collation of this one."""
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
    given = " ".join(f"{name} = {literal(str(value))}" for name, value in options.items())
    return f"TEMPLATE template0 {given}"
