"""A connection on which SQL runs as it is written, each statement by itself."""

import asyncio
import re
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

from oppman import console
from oppman.database import address
from oppman.database.faults import explain
from oppman.database.sql.values import left_as_text
from oppman.database.status import connect
from oppman.errors import DatabaseError, DatabaseUnreachable
from oppman.project import Project

_INTERRUPTIBLE = 100_000
"""After so many steps SQLite gives Ctrl-C a chance."""

_THROUGH_PSQL = re.compile(r"\s*copy\b.*\b(?:from\s+stdin|to\s+stdout)\b", re.IGNORECASE | re.DOTALL)


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

    @property
    def in_transaction(self) -> bool:
        """Whether there was a BEGIN, and no COMMIT or ROLLBACK yet."""

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
        self._connection.execute("PRAGMA schema_version")  # reads the file, and fails if it is none of SQLite's
        self._connection.execute("PRAGMA foreign_keys = ON")
        self._connection.execute(f"PRAGMA query_only = {int(read_only)}")
        self._connection.set_progress_handler(lambda: 0, _INTERRUPTIBLE)

    @property
    def in_transaction(self) -> bool:
        return self._connection.in_transaction

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
        self._dsn, self._read_only = address.postgres_dsn(url), read_only
        self._runner = asyncio.Runner()
        try:
            self._runner.run(self._connect())
        except BaseException:
            self._runner.close()
            raise

    @property
    def in_transaction(self) -> bool:
        return bool(self._connection.is_in_transaction()) and not self._connection.is_closed()

    def run(self, statement: str, *values: Any) -> Answer:
        return self._runner.run(self._run(statement, values))

    async def _connect(self) -> None:
        self._connection = await connect(self._dsn)
        self._as_text: set[int] = set()
        self._connection.add_log_listener(lambda _, message: console.note(f"{message.severity}: {message.message}"))
        if self._read_only:
            await self._connection.execute("SET default_transaction_read_only = on")

    async def _run(self, statement: str, values: tuple[Any, ...]) -> Answer:
        import asyncpg

        if _THROUGH_PSQL.match(statement):
            raise SqlError(
                "COPY from STDIN and to STDOUT is for psql.",
                "Write a SELECT; `oppman db dump` and `load` have CSV too.",
            )
        if self._connection.is_closed():
            await self._connect_again()
        try:
            prepared = await self._connection.prepare(statement)
            if left_as_text(self._connection, prepared.get_attributes(), self._as_text):
                prepared = await self._connection.prepare(statement)
            rows = await prepared.fetch(*values)
        except (asyncpg.PostgresError, asyncpg.InterfaceError) as problem:
            raise _refused(problem, statement) from None
        except OSError as lost:
            raise SqlError("The connection was lost.", str(lost)) from None
        columns = [attribute.name for attribute in prepared.get_attributes()]
        return Answer(columns, [tuple(row) for row in rows], prepared.get_statusmsg().lower())

    async def _connect_again(self) -> None:
        """After the server was started anew. What was set in the session is gone, and a transaction with it."""
        try:
            await self._connect()
        except Exception as problem:
            raise SqlError("The connection was lost, and there is no new one.", str(problem)) from None
        console.warn("The connection was lost; this is a new one.")

    def close(self) -> None:
        self._runner.run(self._connection.close())
        self._runner.close()


def _refused(problem: Any, statement: str) -> SqlError:
    """What PostgreSQL says against a statement, and where in it."""
    said = [str(problem.args[0]), problem.detail or ""]
    if place := getattr(problem, "position", None):
        start = statement.rfind("\n", 0, int(place) - 1) + 1
        said += [statement[start:].partition("\n")[0], f"{' ' * (int(place) - 1 - start)}^"]
    return SqlError("\n".join(filter(None, said)), problem.hint or "")
