"""SQLite through aiosqlite with one trip to its thread for each statement.

aiosqlite keeps each connection in a thread of its own. By itself a query goes there four times: for a cursor, to run,
to fetch the rows and to close. Here it goes once, which takes about a tenth off the CPU time of a request.
"""

import sqlite3
from collections.abc import Sequence
from typing import Any

import aiosqlite

from webapp.vector import add_distances


async def connect(*args: Any, **options: Any) -> aiosqlite.Connection:
    """Open a database; the arguments are those of `sqlite3.connect`."""
    connection = _Connection(lambda: _open(*args, **options), iter_chunk_size=64)
    connection._thread.daemon = True  # one that was left open must not keep the process from ending
    return await connection


def _open(*args: Any, **options: Any) -> sqlite3.Connection:
    connection: sqlite3.Connection = sqlite3.connect(*args, **options)
    add_distances(connection)
    return connection


class _Connection(aiosqlite.Connection):
    def cursor(self) -> Any:
        return _Cursor(self)


class _Cursor:
    """What SQLAlchemy asks of a cursor. All rows of a query are fetched when it runs, also those of a stream."""

    arraysize = 1

    def __init__(self, connection: _Connection) -> None:
        self._connection = connection
        self._in_thread: Any = connection._execute
        self._rows: list[Any] = []
        self.description: Any = None
        self.rowcount = -1
        self.lastrowid: int | None = None

    async def __aenter__(self) -> "_Cursor":
        return self

    async def execute(self, statement: str, parameters: Any = ()) -> "_Cursor":
        await self._in_thread(self._run, sqlite3.Cursor.execute, statement, parameters)
        return self

    async def executemany(self, statement: str, parameters: Any) -> "_Cursor":
        await self._in_thread(self._run, sqlite3.Cursor.executemany, statement, parameters)
        return self

    async def fetchone(self) -> Any:
        return self._rows.pop(0) if self._rows else None

    async def fetchmany(self, size: int = arraysize) -> Sequence[Any]:
        rows, self._rows = self._rows[:size], self._rows[size:]
        return rows

    async def fetchall(self) -> Sequence[Any]:
        rows, self._rows = self._rows, []
        return rows

    async def close(self) -> None:
        self._rows = []

    def _run(self, run: Any, statement: str, parameters: Any) -> None:
        """All of it, in the connection's thread."""
        cursor = self._connection._conn.cursor()
        try:
            run(cursor, statement, parameters)
            self.description = cursor.description
            self._rows = cursor.fetchall() if cursor.description else []
            self.rowcount, self.lastrowid = cursor.rowcount, cursor.lastrowid
        finally:
            cursor.close()
