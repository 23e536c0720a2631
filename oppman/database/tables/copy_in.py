"""Rows sent to PostgreSQL by COPY, on a connection that may be lost meanwhile."""

from collections.abc import AsyncIterator, Sequence
from typing import Any

from oppman.database.meanwhile import meanwhile


async def copy_in(connection: Any, table: str, columns: Sequence[str], source: AsyncIterator[bytes]) -> None:
    """Send rows in COPY's text form to a table on an asyncpg `connection`. Raises ConnectionError if that is lost.

    asyncpg itself waits for ever to send the rest if the connection is lost while the server is slow to take it.
    """

    def look() -> None:
        if connection.is_closed():
            raise ConnectionError("connection is closed")

    await meanwhile(connection.copy_to_table(table, columns=columns, source=source, format="text"), look)
