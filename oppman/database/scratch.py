"""A database that exists for one piece of work: empty at its start, gone at its end."""

import asyncio
import secrets
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, TypeVar

from oppman.database import address
from oppman.database.engine import on_postgres
from oppman.database.faults import explain, masked
from oppman.database.status import connect
from oppman.errors import DatabaseUnreachable

if TYPE_CHECKING:
    from sqlalchemy import Connection

T = TypeVar("T")


def on_scratch(url: str, work: "Callable[[Connection], T]") -> T:
    """Call `work` with a connection to an empty database of the kind that `url` names, and return what it returns.

    SQLite: in memory. PostgreSQL: a database of its own on the server of `url`, whose user has to be allowed to create
    one; dropped afterwards. Must not be called from a running event loop.
    """
    if address.is_sqlite(url):
        from sqlalchemy import create_engine

        engine = create_engine("sqlite://")
        try:
            with engine.connect() as connection:
                return work(connection)
        finally:
            engine.dispose()
    return asyncio.run(_on_postgres(url, work))


async def _on_postgres(url: str, work: "Callable[[Connection], T]") -> T:
    name = f"oppman_scratch_{secrets.token_hex(6)}"
    try:
        server = await connect(address.postgres_dsn(url))
    except Exception as problem:
        raise explain(problem, url) or problem from None
    try:
        await _create(server, name, url)
        try:
            return await on_postgres(address.postgres_dsn(url, name), work)
        finally:
            with suppress(Exception):  # the work's own error matters more than a database that stays behind
                await server.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    finally:
        await server.close()


async def _create(server: object, name: str, url: str) -> None:
    from asyncpg import InsufficientPrivilegeError

    try:
        await server.execute(f'CREATE DATABASE "{name}"')  # type: ignore[attr-defined]
    except InsufficientPrivilegeError:
        raise DatabaseUnreachable(
            f"The user of {masked(url)} may not create the database in which the migrations are compared.",
            "Allow it (ALTER ROLE ... CREATEDB), or compare on SQLite: DATABASE_URL=sqlite:///app.db oppman db check.",
        ) from None
