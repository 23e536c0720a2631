"""Create the project's database if it is missing."""

import asyncio
from typing import Any
from urllib.parse import unquote, urlsplit

from oppman.database import address
from oppman.database.faults import explain
from oppman.database.status import connect
from oppman.database.tables.quote import quoted
from oppman.errors import DatabaseError
from oppman.project import Project

# Where to ask for a new database: every server has these, and one of them is usually open to us.
MAINTENANCE = ("postgres", "template1")
MISSING = "InvalidCatalogNameError"


def create_if_missing(project: Project, url: str = "") -> bool:
    """Create the database at `url`, by default the one that DATABASE_URL names, and say whether that was needed.

    On SQLite it is an empty file, and its folder; on PostgreSQL an empty database on the server. Must not be called
    from a running event loop. Raises BadDatabaseUrl, DatabaseUnreachable, and DatabaseError if the server refuses.
    """
    url = url or address.database_url(project)
    try:
        if not address.is_sqlite(url):
            return asyncio.run(_create_on_server(url))
        file = address.sqlite_file(project, url)
        if file.exists():
            return False
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
        return True
    except Exception as problem:
        if explained := explain(problem, url):
            raise explained from None
        raise


async def _create_on_server(url: str) -> bool:
    # Looking costs no more rights than the app has itself; the list of databases may be closed to it.
    try:
        await (await connect(address.postgres_dsn(url))).close()
    except Exception as problem:
        if type(problem).__name__ != MISSING:
            raise
    else:
        return False
    name = unquote(urlsplit(url).path.removeprefix("/"))
    server = await connect_to_server(url)
    try:
        await server.execute(f"CREATE DATABASE {quoted(name)}")
    except Exception as problem:
        if type(problem).__name__ in {"DuplicateDatabaseError", "UniqueViolationError"}:
            return False  # another process was quicker
        raise DatabaseError(
            f"The server does not let us create the database {name!r}: {problem}.",
            f"Let somebody create it who may: `createdb --owner=USER {name}`, then run this again.",
        ) from None
    finally:
        await server.close()
    return True


async def connect_to_server(url: str) -> Any:
    """An asyncpg connection to the server of `url`, in a database that is there whatever becomes of its own."""
    *others, last = MAINTENANCE
    for database in others:
        try:
            return await connect(address.postgres_dsn(url, database))
        except Exception as problem:
            if type(problem).__name__ not in {MISSING, "InsufficientPrivilegeError"}:
                raise
    return await connect(address.postgres_dsn(url, last))
