"""The PostgreSQL database of a copy."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any

from oppman.database.status import connect
from oppman.database.tables import foreign_keys
from oppman.database.tables import postgres as catalog
from oppman.database.tables.copy_in import copy_in
from oppman.database.tables.quote import literal, quoted
from oppman.database.tables.table import Table
from oppman.database.transfer import postgres_rules as rules
from oppman.database.transfer.checksum import Checksum
from oppman.database.transfer.forms import on_postgres, stored
from oppman.database.transfer.pair import TablePair
from oppman.database.transfer.side import BATCH_BYTES, BATCH_ROWS, Batch, Reported, silent
from oppman.database.transfer.trouble import Troubles
from oppman.errors import Refused

_LOCK = 7_215_308_462
"""Any number: what two copies into one database at once have in common."""
_FETCHED = 500
_FETCHED_FIRST = 50
"""How many rows are read before it is known how large they are."""
_CHUNK = 256 * 1024
_SETTINGS = """
    SET TIME ZONE 'UTC'; SET datestyle TO 'ISO, YMD'; SET intervalstyle TO 'postgres'; SET extra_float_digits TO 1;
    SET bytea_output TO 'hex'; SET statement_timeout TO 0; SET idle_in_transaction_session_timeout TO 0;
    SET lock_timeout TO '10s'; SET synchronous_commit TO off;
"""
_INDEXES = """
    SELECT c.oid::regclass::text AS name, pg_get_indexdef(c.oid) AS definition
    FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_class t ON t.oid = i.indrelid
    WHERE t.relnamespace = current_schema()::regnamespace AND t.relkind = 'r' AND NOT t.relispartition AND c.relkind = 'i'
    AND NOT i.indisunique AND i.indisvalid
    AND NOT EXISTS (SELECT 1 FROM pg_constraint k WHERE k.conindid = c.oid) ORDER BY 1
"""  # noqa: E501


class PostgresSide:
    """A database on a server, by way of asyncpg."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self._limits: dict[str, int] = {}

    @classmethod
    async def open(cls, dsn: str) -> "PostgresSide":
        """Connect, with settings under which values have the texts that `forms` knows."""
        connection = await connect(dsn)
        await connection.execute(_SETTINGS)
        if (encoding := await connection.fetchval("SHOW server_encoding")) != "UTF8":
            await connection.close()
            raise Refused(f"The PostgreSQL database keeps its texts in {encoding}.", "Use one with the encoding UTF8.")
        return cls(connection)

    async def close(self) -> None:
        """End the connection, whatever state it is in."""
        self._connection.terminate()

    async def claim(self) -> None:
        from asyncpg import LockNotAvailableError

        try:
            await self._connection.execute(f"SELECT pg_advisory_lock({_LOCK})")
        except LockNotAvailableError:
            raise Refused("Another copy into this database is running.", "Wait for it to finish.") from None

    async def tables(self) -> list[Table]:
        return await catalog.read(self._connection)

    async def fetch(self, sql: str, *values: object) -> Sequence[Sequence[Any]]:
        rows: Sequence[Sequence[Any]] = await self._connection.fetch(sql, *values)
        return rows

    async def execute(self, sql: str, *values: object) -> int:
        count = (await self._connection.execute(sql, *values)).rpartition(" ")[2]
        return int(count) if count.isdigit() else 0

    def transaction(self) -> AbstractAsyncContextManager[Any]:
        found: AbstractAsyncContextManager[Any] = self._connection.transaction()
        return found

    def snapshot(self) -> AbstractAsyncContextManager[Any]:
        found: AbstractAsyncContextManager[Any] = self._connection.transaction(
            isolation="repeatable_read", readonly=True
        )
        return found

    async def check(self, pair: TablePair, troubles: Troubles) -> None:
        reasons = {column.name: rule for column in pair.columns if (rule := rules.reason(column))}
        if not reasons:
            return
        key = " || ', ' || ".join(f"{key}::text" for key in self._keys(pair))
        shown = ", ".join(f"{rule}, {quoted(name)}::text" for name, rule in reasons.items())
        query = (
            f"SELECT {key}, {shown} FROM {quoted(pair.name)}"  # noqa: S608
            f" WHERE {' OR '.join(f'{rule} IS NOT NULL' for rule in reasons.values())}"
        )
        async for row in self._connection.cursor(query, prefetch=_FETCHED):
            for place, name in enumerate(reasons):
                if reason := row[1 + 2 * place]:
                    troubles.add(pair.name, name, reason, row[0], row[2 + 2 * place])

    async def read(self, pair: TablePair, after: str) -> Batch:
        keys = self._keys(pair)
        types = [pair.postgres.by_name[name].type for name in pair.postgres.key] or ["tid"]
        values = [f"quote_literal({key}::text) || '::{name}'" for key, name in zip(keys, types, strict=True)]
        selected = ", ".join([*map(stored, pair.columns), " || ', ' || ".join(values)])
        rows: list[tuple[Any, ...]] = []
        size, last = 0, after
        while len(rows) < BATCH_ROWS and size < BATCH_BYTES:
            limit = self._limits.get(pair.name, _FETCHED_FIRST)
            where = f"WHERE ({', '.join(keys)}) > ({last})" if last else ""
            more = await self._connection.fetch(
                f"SELECT {selected} FROM {quoted(pair.name)} {where} ORDER BY {', '.join(keys)} LIMIT {limit}"  # noqa: S608
            )
            if not more:
                break
            last = more[-1][-1]
            rows += [row[:-1] for row in more]
            size += sum(len(value) for row in more for value in row if isinstance(value, (str, bytes)))
            self._limits[pair.name] = max(1, min(_FETCHED, BATCH_BYTES * len(rows) // max(size, 1)))
        return Batch(len(rows), rows, last)

    async def write(self, pair: TablePair, payload: Any) -> None:
        columns = [column.name for column in pair.columns]
        await copy_in(self._connection, pair.name, columns, _chunks(payload))

    async def checksum(self, pair: TablePair, report: Reported = silent) -> Checksum:
        found, rest = Checksum(), b""

        async def take(data: bytes) -> None:
            nonlocal rest
            *lines, rest = (rest + data).split(b"\n")
            found.add(lines)
            report(len(lines))

        selected = ", ".join(map(on_postgres, pair.columns))
        await self._connection.copy_from_query(
            f"SELECT {selected} FROM {quoted(pair.name)}",  # noqa: S608
            output=take,
            format="text",
        )
        return found

    async def clear(self, tables: list[Table]) -> None:
        if tables:
            await self._connection.execute(f"TRUNCATE {', '.join(quoted(table.name) for table in tables)}")

    async def take_away(self) -> list[str]:
        references = await foreign_keys.take_away(self._connection)
        indexes = await self._connection.fetch(_INDEXES)
        for index in indexes:
            await self._connection.execute(f"DROP INDEX {index['name']}")
        return [index["definition"] for index in indexes] + references

    async def counter(self, pair: TablePair) -> int:
        table = pair.postgres
        sequences = [column.sequence for column in table.columns if column.name in table.key and column.sequence]
        given = [
            await self._connection.fetchval(
                f"SELECT CASE WHEN is_called THEN last_value ELSE last_value - 1 END FROM {sequence}"  # noqa: S608
            )
            for sequence in sequences
        ]
        return max(given, default=0)

    async def count_on(self, pair: TablePair, counter: int) -> None:
        table = pair.postgres
        for column in table.columns:
            if column.sequence:
                least = counter if column.name in table.key else 0
                await self._connection.execute(
                    f"SELECT setval({literal(column.sequence)}, greatest(last, 1), last > 0)"  # noqa: S608
                    f" FROM (SELECT greatest(max({quoted(column.name)}), {least}) AS last FROM {quoted(table.name)})"
                )

    async def settle(self) -> None:
        await self._connection.execute("SET LOCAL synchronous_commit TO on; ANALYZE")

    def _keys(self, pair: TablePair) -> list[str]:
        """What orders the rows; without a primary key their place does."""
        return [*map(quoted, pair.postgres.key)] or ["ctid"]


async def _chunks(text: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(text), _CHUNK):
        yield text[start : start + _CHUNK]
