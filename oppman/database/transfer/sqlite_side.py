"""The SQLite database of a copy."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

from oppman.database.tables import sqlite as catalog
from oppman.database.tables.quote import quoted
from oppman.database.tables.table import Table
from oppman.database.transfer import sqlite_rules as rules
from oppman.database.transfer.checksum import Checksum
from oppman.database.transfer.copy_text import copy_text, joined
from oppman.database.transfer.forms import is_one_to_one, on_sqlite, sent, taken
from oppman.database.transfer.functions import add_functions
from oppman.database.transfer.pair import TablePair
from oppman.database.transfer.side import BATCH_BYTES, BATCH_ROWS, Batch, Reported, silent
from oppman.database.transfer.trouble import Troubles, shown
from oppman.errors import Refused

T = TypeVar("T")
LOCK_SECONDS = 30
_FETCHED = 500
_INDEXES = """
    SELECT i.name, m.sql FROM sqlite_master AS t JOIN pragma_index_list(t.name) AS i JOIN sqlite_master AS m
    ON m.type = 'index' AND m.name = i.name WHERE t.type = 'table' AND NOT i."unique" AND m.sql IS NOT NULL
    ORDER BY i.name
"""


class SqliteSide:
    """A SQLite file. What takes long runs in a thread, so that the other database works meanwhile."""

    def __init__(self, file: Path) -> None:
        # Read and write also where nothing is written: a read-only connection would leave the files of its WAL behind.
        self._database = sqlite3.connect(
            f"{file.absolute().as_uri()}?mode=rw", uri=True, timeout=LOCK_SECONDS, isolation_level=None,
            check_same_thread=False,
        )  # fmt: skip
        if self._value("PRAGMA encoding") != "UTF-8":
            raise Refused(
                f"{file} keeps its texts in UTF-16.", "Dump it into a new file with `PRAGMA encoding='UTF-8'`."
            )
        add_functions(self._database)
        self._thread = ThreadPoolExecutor(1)

    def close(self) -> None:
        """End the connection, and what it may still be doing."""
        self._database.interrupt()
        self._thread.shutdown()
        self._database.close()

    async def claim(self) -> None:
        """SQLite has one writer at a time, and the record tells whether there is another."""

    async def tables(self) -> list[Table]:
        return catalog.read(self._database)

    async def fetch(self, sql: str, *values: object) -> Sequence[Sequence[Any]]:
        return self._database.execute(sql.replace("$", "?"), values).fetchall()

    async def execute(self, sql: str, *values: object) -> int:
        return self._database.execute(sql.replace("$", "?") if values else sql, values).rowcount

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[None]:
        self._database.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._database.execute("COMMIT")
        finally:
            if self._database.in_transaction:
                self._database.execute("ROLLBACK")

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[None]:
        self._database.execute("BEGIN")
        self._value("SELECT count(*) FROM sqlite_master")  # the first reading is what it holds on to
        try:
            yield
        finally:
            self._database.execute("ROLLBACK")

    async def check(self, pair: TablePair, troubles: Troubles) -> None:
        await self._in_thread(self._check, pair, troubles)

    async def read(self, pair: TablePair, after: str) -> Batch:
        return await self._in_thread(self._read, pair, after)

    async def write(self, pair: TablePair, payload: Any) -> None:
        names, places = zip(*((quoted(column.name), taken(column)) for column in pair.columns), strict=True)
        sql = f"INSERT INTO {quoted(pair.name)} ({', '.join(names)}) VALUES ({', '.join(places)})"  # noqa: S608
        await self._in_thread(self._database.executemany, sql, payload)

    async def checksum(self, pair: TablePair, report: Reported = silent) -> Checksum:
        return await self._in_thread(self._checksum, pair, report)

    async def clear(self, tables: list[Table]) -> None:
        for table in tables:
            self._database.execute(f"DELETE FROM {quoted(table.name)}")  # noqa: S608

    async def take_away(self) -> list[str]:
        found = self._database.execute(_INDEXES).fetchall()
        for name, _ in found:
            self._database.execute(f"DROP INDEX {quoted(name)}")
        return [sql for _, sql in found]

    async def counter(self, pair: TablePair) -> int:
        if not self._value("SELECT 1 FROM sqlite_master WHERE name = 'sqlite_sequence'"):
            return 0
        return int(self._value("SELECT seq FROM sqlite_sequence WHERE name = ?", pair.name) or 0)

    async def count_on(self, pair: TablePair, counter: int) -> None:
        sql = str(self._value("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = ?", pair.name))
        if counter > await self.counter(pair) and "AUTOINCREMENT" in sql.upper():
            self._database.execute("DELETE FROM sqlite_sequence WHERE name = ?", (pair.name,))
            self._database.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", (pair.name, counter))

    async def settle(self) -> None:
        if orphan := self._database.execute("PRAGMA foreign_key_check").fetchone():
            raise Refused(
                f"{orphan[0]} has rows that refer to rows of {orphan[2]} which are not there.",
                "Did the source change while it was copied? Begin anew: --restart.",
            )
        self._database.execute("ANALYZE")

    async def _in_thread(self, work: Callable[..., T], *arguments: object) -> T:
        """What `work` returns. Stopped in the middle, it has ended before a transaction around it is rolled back."""
        running = asyncio.get_running_loop().run_in_executor(self._thread, work, *arguments)
        try:
            return await asyncio.shield(running)
        except asyncio.CancelledError:
            self._database.interrupt()
            await asyncio.gather(running, return_exceptions=True)
            raise

    def _value(self, sql: str, *values: object) -> Any:
        return (self._database.execute(sql, values).fetchone() or (None,))[0]

    def _read(self, pair: TablePair, after: str) -> Batch:
        keys = self._keys(pair)
        where = f"WHERE ({', '.join(keys)}) > ({after})" if after else ""
        ordered = f"FROM {quoted(pair.name)} {where} ORDER BY {', '.join(keys)}"
        line = joined(map(sent, pair.columns))
        cursor = self._database.execute(f"SELECT {line} {ordered} LIMIT {BATCH_ROWS}")
        rows = _rows(cursor, BATCH_ROWS, BATCH_BYTES)
        cursor.close()
        if not rows:
            return Batch(0, b"", after)
        key = " || ', ' || ".join(f"quote({key})" for key in keys)
        last = self._value(f"SELECT {key} {ordered} LIMIT 1 OFFSET {len(rows) - 1}")
        text = copy_text(rows)
        if line != joined(map(on_sqlite, pair.columns)):
            return Batch(len(rows), text, last)
        checksum = Checksum()
        checksum.add(_lines(text))
        return Batch(len(rows), text, last, checksum)

    def _checksum(self, pair: TablePair, report: Reported) -> Checksum:
        found = Checksum()
        cursor = self._database.execute(
            f"SELECT {joined(map(on_sqlite, pair.columns))} FROM {quoted(pair.name)}"  # noqa: S608
        )
        while rows := _rows(cursor, _FETCHED, BATCH_BYTES):
            found.add(_lines(copy_text(rows)))
            report(len(rows))
        return found

    def _check(self, pair: TablePair, troubles: Troubles) -> None:
        self._check_values(pair, troubles)
        self._check_uniques(pair, troubles)  # which leaves out columns with values that cannot be compared
        self._check_references(pair, troubles)

    def _check_values(self, pair: TablePair, troubles: Troubles) -> None:
        reasons = {column.name: rules.reason(column) for column in pair.columns}
        texts = [column for column in pair.columns if rules.is_text(column)]
        broken = {f"breaks the rule {rule}": f"coalesce(NOT ({rule}), 0)" for rule in self._checks(pair)}
        suspicions = [f"{reason} IS NOT NULL" for reason in reasons.values()] + list(broken.values())
        if texts:
            suspicions.append(rules.may_be_spoiled(texts))
            reasons |= {column.name: f"coalesce({reasons[column.name]}, {rules.spoiling(column)})" for column in texts}
        shown_columns = [
            f"{reason}, typeof({quoted(name)}), CAST({quoted(name)} AS BLOB)" for name, reason in reasons.items()
        ]
        selected = ", ".join([self._shown_key(pair), *shown_columns, *broken.values()])
        for row in self._database.execute(
            f"SELECT {selected} FROM {quoted(pair.name)} WHERE {' OR '.join(suspicions)}"  # noqa: S608
        ):
            key, values, breaks = _text(row[0]), row[1 : 1 + 3 * len(reasons)], row[1 + 3 * len(reasons) :]
            for place, name in enumerate(reasons):
                reason, kind, value = values[3 * place : 3 * place + 3]
                if reason:
                    troubles.add(pair.name, name, reason, key, shown(kind, value))
            for reason, breaks_it in zip(broken, breaks, strict=True):
                if breaks_it:
                    troubles.add(pair.name, "", reason, key, "")

    def _check_references(self, pair: TablePair, troubles: Troubles) -> None:
        for reference in pair.postgres.foreign_keys:
            columns = [f"child.{quoted(name)}" for name in reference.columns]
            same = " AND ".join(
                f"parent.{quoted(name)} = {column}"
                for name, column in zip(reference.referred_columns, columns, strict=True)
            )
            values = " || ', ' || ".join(columns)
            for key, value in self._database.execute(
                f"SELECT {self._shown_key(pair)}, CAST({values} AS BLOB) FROM {quoted(pair.name)} AS child"  # noqa: S608
                f" WHERE {' AND '.join(f'{column} IS NOT NULL' for column in columns)}"
                f" AND NOT EXISTS (SELECT 1 FROM {quoted(reference.referred)} AS parent WHERE {same})"
            ):
                reason = f"refers to a row of {reference.referred} that is not there"
                troubles.add(pair.name, ", ".join(reference.columns), reason, _text(key), _text(value))

    def _check_uniques(self, pair: TablePair, troubles: Troubles) -> None:
        """Values that differ here and are one to PostgreSQL, and rules that only PostgreSQL has."""
        enforced = {pair.sqlite.key, *pair.sqlite.uniques}
        for names in {pair.postgres.key, *pair.postgres.uniques} - {()}:
            if not set(names) <= pair.by_name.keys() or troubles.in_columns(pair.name, names):
                continue
            columns = [pair.by_name[name] for name in names]
            if names in enforced and all(map(is_one_to_one, columns)):
                continue
            texts = [f"lower({on_sqlite(column)})" if column.postgres.type == "citext" else on_sqlite(column)
                     for column in columns]  # fmt: skip
            value = " || ', ' || ".join(texts)
            for key, text in self._database.execute(
                f"SELECT key, CAST(value AS BLOB) FROM (SELECT key, value, count(*) OVER (PARTITION BY value) AS same"  # noqa: S608
                f" FROM (SELECT {self._shown_key(pair)} AS key, {value} AS value FROM {quoted(pair.name)})"
                " WHERE value IS NOT NULL) WHERE same > 1"
            ):
                troubles.add(pair.name, ", ".join(names), "is there more than once", _text(key), _text(text))

    def _checks(self, pair: TablePair) -> list[str]:
        """The CHECK constraints of the table, but for those that a connection of ours cannot compute."""
        sql = str(self._value("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = ?", pair.name))
        found = []
        for rule in rules.checks(sql):
            try:
                self._database.execute(f"EXPLAIN SELECT {rule} FROM {quoted(pair.name)}")  # noqa: S608
            except sqlite3.OperationalError:
                continue
            found.append(rule)
        return found

    def _keys(self, pair: TablePair) -> list[str]:
        """What orders the rows; without a primary key SQLite numbers them."""
        names = ("rowid", "_rowid_", "oid")
        columns = {name.lower() for name in pair.sqlite.by_name}
        return [*map(quoted, pair.sqlite.key)] or [next(name for name in names if name not in columns)]

    def _shown_key(self, pair: TablePair) -> str:
        parts = " || ', ' || ".join(f"coalesce({key}, 'NULL')" for key in self._keys(pair))
        return f"CAST({parts} AS BLOB)"


def _rows(cursor: sqlite3.Cursor, count: int, size: int) -> list[bytes]:
    """The next rows of one value each: so many, or until they are so many bytes."""
    rows: list[bytes] = []
    for (row,) in cursor:
        rows.append(row)
        size -= len(row)
        if size <= 0 or len(rows) == count:
            break
    return rows


def _lines(text: bytes) -> list[bytes]:
    return text[:-1].split(b"\n")


def _text(value: bytes) -> str:
    return value.decode(errors="backslashreplace")
