"""A SQLAlchemy connection to a PostgreSQL database, for work that is written for one that waits."""

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from oppman.database.status import connect

if TYPE_CHECKING:
    from sqlalchemy import Connection

T = TypeVar("T")


async def on_postgres(dsn: str, work: "Callable[[Connection], T]") -> T:
    """Call `work` with a connection to the database at `dsn`, and return what it returns."""
    from sqlalchemy.ext.asyncio import create_async_engine
    from sqlalchemy.pool import NullPool

    engine = create_async_engine("postgresql+asyncpg://", poolclass=NullPool, async_creator=lambda: connect(dsn))
    try:
        async with engine.connect() as connection:
            return await connection.run_sync(work)
    finally:
        await engine.dispose()
