"""The database: one engine for the process, `transaction()` to write, `reading()` to read.

SQLite has one writer at a time. A transaction therefore begins with BEGIN IMMEDIATE, at its first statement: what it
has read cannot change before it writes. Inside a process, writers queue for the one writing connection; between
processes they wait for SQLite's lock. Readers have connections of their own and never wait.
"""

import secrets
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Dialect, Engine, event
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.util import greenlet_spawn
from sqlmodel import SQLModel
from sqlmodel.sql import sqltypes

from webapp import sqlite
from webapp.settings import get_settings

SQLModel.metadata.naming_convention = {  # a migration can only change a constraint that has a name
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

MAX_KEY = 2**31 - 1
"""The greatest integer key, PostgreSQL's `integer`."""

LOCK_TIMEOUT = 30.0
"""Seconds that a SQLite writer waits for the writers before it."""

MOST_NEAR = 100
"""So many of the nearest vectors are found at once."""

_SQLITE_READERS = 8
_PRAGMAS = (
    f"busy_timeout = {int(LOCK_TIMEOUT * 1000)}",  # first: switching to WAL already needs a lock
    "journal_mode = WAL",
    "synchronous = NORMAL",
    "foreign_keys = ON",
)
_HNSW = (
    f"hnsw.ef_search = {2 * MOST_NEAR}",  # by default it finds 40 rows and no more; more looks make fewer be missed
    "hnsw.iterative_scan = strict_order",  # goes on where a condition left too few of them
)


@asynccontextmanager
async def transaction() -> AsyncIterator[AsyncSession]:
    """A session in one transaction: committed at the end of the block, rolled back if the block raises.

    Nothing is locked before the first statement, so do slow work (hashing, images) before it.
    """
    async with AsyncSession(engine(), expire_on_commit=False) as session, session.begin():
        yield session


def reading() -> AsyncSession:
    """A session for reading alone, to be closed: `async with reading() as session`.

    It commits each statement by itself: no BEGIN, no ROLLBACK, no lock held.
    """
    return AsyncSession(reading_engine(), expire_on_commit=False, autoflush=False)


def reader() -> AsyncSession:
    """A session like that of `reading()` which holds nothing between two statements, so that nobody has to close it.

    It executes statements and gives their rows or objects; it does not `get`, add or stream.
    """
    return _Reader()


@lru_cache
def engine() -> AsyncEngine:
    """The engine behind `transaction()`. Made at first use, connects at the first statement."""
    settings = get_settings()
    if not settings.is_sqlite:
        made = create_async_engine(
            settings.database, pool_size=settings.database_pool_size, max_overflow=settings.database_pool_size,
            pool_recycle=1800, pool_use_lifo=True, skip_autocommit_rollback=True,
        )  # fmt: skip
        event.listen(made.sync_engine, "connect", _prepare_postgres)
        return made
    made = _sqlite_engine(pool_size=1, pool_timeout=LOCK_TIMEOUT)
    event.listen(made.sync_engine, "connect", _prepare_writer)
    event.listen(made.sync_engine, "begin", _begin_immediate)
    return made


@lru_cache
def reading_engine() -> AsyncEngine:
    """The engine behind `reading()`: the same pool on PostgreSQL, connections of its own on SQLite."""
    settings = get_settings()
    if not settings.is_sqlite:
        return engine().execution_options(isolation_level="AUTOCOMMIT")
    made = _sqlite_engine(
        pool_size=_SQLITE_READERS, pool_use_lifo=True, isolation_level="AUTOCOMMIT", skip_autocommit_rollback=True
    )
    event.listen(made.sync_engine, "connect", _set_pragmas)
    return made


def uuid7() -> UUID:
    """A new key that sorts by when it was made (RFC 9562): milliseconds, then chance."""
    stamp, chance = time.time_ns() // 1_000_000, secrets.randbits(74)
    return UUID(int=stamp << 80 | 7 << 76 | (chance >> 62) << 64 | 0b10 << 62 | chance & (1 << 62) - 1)


async def dispose() -> None:
    """Close all connections. An open one keeps a process from ending."""
    for cached in (reading_engine, engine):
        if cached.cache_info().currsize:
            await cached().dispose()
            cached.cache_clear()


class UTCDateTime(sqltypes.UTCDateTime):
    """SQLModel's own type for aware times, read from SQLite in a tenth of the time: a list reads many."""

    cache_ok = True

    def result_processor(self, dialect: Dialect, coltype: object) -> Any:
        return _aware if dialect.name == "sqlite" else super().result_processor(dialect, coltype)


class _Reader(AsyncSession):
    """Each statement has a connection for as long as it runs. A list of plain rows needs no bookkeeping for objects."""

    def __init__(self) -> None:  # that of the parent would make the session that keeps the objects
        pass

    async def execute(self, statement: Any, params: Any = None, **options: Any) -> Any:
        if options or statement._propagate_attrs:  # what marks a query of objects
            async with reading() as session:
                return (await session.execute(statement, params, **options)).freeze()()
        return await greenlet_spawn(_execute, reading_engine().sync_engine, statement, params)

    async def scalars(self, statement: Any, params: Any = None, **options: Any) -> Any:
        return (await self.execute(statement, params, **options)).scalars()

    async def scalar(self, statement: Any, params: Any = None, **options: Any) -> Any:
        return (await self.execute(statement, params, **options)).scalar()


def _execute(engine: Engine, statement: Any, params: Any) -> Any:
    """On a connection of its own, as the driver's part of an async engine runs; all rows are read by then."""
    with engine.connect() as connection:
        return connection.execute(statement, params)


def now() -> datetime:
    """The time, aware, in UTC."""
    return datetime.now(UTC)


def _aware(stored: str | None) -> datetime | None:
    return None if stored is None else datetime.fromisoformat(stored + "+00:00")


def _sqlite_engine(**options: Any) -> AsyncEngine:
    url = get_settings().database
    args, keywords = url.get_dialect()().create_connect_args(url)
    return create_async_engine(
        url, max_overflow=0, async_creator=lambda: sqlite.connect(*args, **keywords), **options
    )  # fmt: skip


def _prepare_postgres(connection: Any, _record: object) -> None:
    """How thoroughly an index of vectors is searched. Without the extension `vector` these are names without effect."""
    cursor = connection.cursor()
    for setting in _HNSW:
        cursor.execute(f"SET {setting}")
    cursor.close()
    connection.commit()


def _set_pragmas(connection: Any, _record: object) -> None:
    cursor = connection.cursor()
    for pragma in _PRAGMAS:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _prepare_writer(connection: Any, record: object) -> None:
    connection.isolation_level = None  # the driver would begin late and without IMMEDIATE: we do it ourselves
    _set_pragmas(connection, record)


def _begin_immediate(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")
