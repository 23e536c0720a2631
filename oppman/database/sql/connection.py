"""A connection on which SQL runs as it is written, each statement by itself."""

import asyncio
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

from oppman.database import address
from oppman.database.faults import explain
from oppman.database.status import connect
from oppman.errors import DatabaseError, DatabaseUnreachable
from oppman.project import Project

_INTERRUPTIBLE = 100_000
"""After so many steps SQLite gives Ctrl-C a chance."""


class SqlError(DatabaseError):
    """The database refused a statement; `message` is what it says."""


@dataclass(frozen=True)
class Answer:
    """What a statement gave: rows, or for one without columns what it did."""

    columns: Sequence[str]
    rows: list[tuple[Any, ...]]
    done: str = ""


class Connection(Protocol):
    """SQLite or PostgreSQL."""

    sqlite: bool

    def run(self, statement: str, *values: Any) -> Answer:
        """Run one statement and commit it, unless it stands between BEGIN and COMMIT. Raises SqlError."""


@contextmanager
def opened(project: Project, url: str, *, read_only: bool = False) -> Iterator[Connection]:
    """A connection to the database at `url`. Raises DatabaseUnreachable; a SQLite file that is missing is not made.

    SQLite has its foreign keys on. `read_only` refuses what writes. Must not be called from a running event loop.
    """
    try:
        made = _Sqlite(project, url, read_only) if address.is_sqlite(url) else _Postgres(url, read_only)
    except Exception as problem:
        if explained := explain(problem, url):
            raise explained from None
        raise
    try:
        yield made
    finally:
        made.close()


class _Sqlite:
    sqlite = True

    def __init__(self, project: Project, url: str, read_only: bool) -> None:
        path = address.sqlite_file(project, url)
        if not path.is_file():
            raise DatabaseUnreachable(f"There is no database yet: {path}.", "`oppman db migrate` makes it.")
        uri = f"{path.absolute().as_uri()}?mode=rw"
        self._connection = sqlite3.connect(uri, uri=True, timeout=10, isolation_level=None)
        self._connection.execute("PRAGMA foreign_keys = ON")
        self._connection.execute(f"PRAGMA query_only = {int(read_only)}")
        self._connection.set_progress_handler(lambda: 0, _INTERRUPTIBLE)

    def run(self, statement: str, *values: Any) -> Answer:
        try:
            cursor = self._connection.execute(statement, values)
            rows = cursor.fetchall()
        except (sqlite3.Error, sqlite3.Warning) as problem:
            raise SqlError(str(problem)) from None
        columns = [column[0] for column in cursor.description or ()]
        count = "1 row" if cursor.rowcount == 1 else f"{cursor.rowcount} rows"
        return Answer(columns, rows, f"{count} changed" if cursor.rowcount >= 0 else "")

    def close(self) -> None:
        self._connection.close()


class _Postgres:
    sqlite = False

    def __init__(self, url: str, read_only: bool) -> None:
        self._runner = asyncio.Runner()
        try:
            self._connection = self._runner.run(connect(address.postgres_dsn(url)))
            if read_only:
                self.run("SET default_transaction_read_only = on")
        except BaseException:
            self._runner.close()
            raise

    def run(self, statement: str, *values: Any) -> Answer:
        return self._runner.run(self._run(statement, values))

    async def _run(self, statement: str, values: tuple[Any, ...]) -> Answer:
        import asyncpg

        try:
            prepared = await self._connection.prepare(statement)
            rows = await prepared.fetch(*values)
        except (asyncpg.PostgresError, asyncpg.InterfaceError) as problem:
            raise SqlError(str(problem), getattr(problem, "hint", None) or "") from None
        columns = [attribute.name for attribute in prepared.get_attributes()]
        return Answer(columns, [tuple(row) for row in rows], prepared.get_statusmsg().lower())

    def close(self) -> None:
        self._runner.run(self._connection.close())
        self._runner.close()
