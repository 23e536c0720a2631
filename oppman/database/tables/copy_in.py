"""Rows sent to PostgreSQL by COPY, on a connection that may be lost meanwhile."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Any

LOOK_SECONDS = 0.5


async def copy_in(connection: Any, table: str, columns: Sequence[str], source: AsyncIterator[bytes]) -> None:
    """Send rows in COPY's text form to a table on an asyncpg `connection`. Raises ConnectionError if that is lost.

    asyncpg itself waits for ever to send the rest if the connection is lost while the server is slow to take it.
    """
    sending = asyncio.create_task(connection.copy_to_table(table, columns=columns, source=source, format="text"))
    try:
        while not (await asyncio.wait([sending], timeout=LOOK_SECONDS))[0]:
            if connection.is_closed():
                raise ConnectionError("connection is closed")
        sending.result()
    finally:
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)
