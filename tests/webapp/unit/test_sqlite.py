"""SQLite through aiosqlite, as SQLAlchemy uses it."""

from typing import Any

from webapp import sqlite


async def test_a_cursor_is_there_at_once_and_can_be_waited_for() -> None:
    connection = await sqlite.connect(":memory:")
    try:
        made: Any = connection.cursor
        for cursor in (made(), await made()):  # as SQLAlchemy 2.1 does, and 2.0
            await cursor.execute("SELECT 1 UNION SELECT 2")
            assert await cursor.fetchall() == [(1,), (2,)]
    finally:
        await connection.close()
