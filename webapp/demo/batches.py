"""How much is written at once."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

BATCH = 5_000
"""Rows of one statement: enough for speed, few enough for flat memory."""

BATCHES = 10
"""Batches of one transaction. Rows go to random places of the indexes, so a page that several batches change is
written once; with more of them, other writers would wait too long for their turn."""


async def begin(session: AsyncSession) -> None:
    """Begin a transaction of several batches: loaders take turns, SQLite keeps more than 2 MB of indexes at hand."""
    await take_turns(session)
    if session.get_bind().dialect.name == "sqlite":
        await session.execute(text("PRAGMA cache_size = -49152"))


async def take_turns(session: AsyncSession) -> None:
    """Wait for the transactions of other loaders, and let others wait for this one. SQLite's writers do so anyway."""
    if session.get_bind().dialect.name == "postgresql":
        await session.execute(text("LOCK TABLE demo_batches IN SHARE ROW EXCLUSIVE MODE"))
