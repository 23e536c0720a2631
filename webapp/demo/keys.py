"""Which keys the demo's rows have: the ranges that stand in `demo_batches`."""

from bisect import bisect_right
from collections.abc import Iterable
from itertools import groupby
from typing import Any
from uuid import UUID
from zlib import crc32

from sqlalchemy import Column, ColumnElement, Table, Uuid, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from webapp.models import DemoBatch

Key = int | UUID
Range = tuple[int, int]
"""The first and the last serial number, both included."""

_CHUNK = 10_000


class Keys:
    """The keys of one table's demo rows by their number; rows that are gone have none."""

    def __init__(self, table: Table, ranges: Iterable[Range], missing: Iterable[int] = ()) -> None:
        self.table = table
        self.ranges: list[Range] = []
        self._ends: list[int] = []  # how many rows there are up to the end of each range
        self._missing = frozenset(missing)
        self.extend(ranges)

    def __len__(self) -> int:
        return self._ends[-1] if self._ends else 0

    def extend(self, ranges: Iterable[Range]) -> None:
        """Append ranges; one that continues the last one becomes part of it."""
        for first, last in ranges:
            if self.ranges and self.ranges[-1][1] + 1 == first:
                self.ranges[-1] = (self.ranges[-1][0], last)
                self._ends[-1] += last - first + 1
            else:
                self.ranges.append((first, last))
                self._ends.append(len(self) + last - first + 1)

    def key(self, number: int) -> Key | None:
        """The key of row `number`, or None."""
        if number >= len(self):
            return None
        index = bisect_right(self._ends, number)
        serial = self.ranges[index][1] - (self._ends[index] - number - 1)
        return None if serial in self._missing else key_of(self.table, serial)


async def read_keys(session: AsyncSession, table: Table) -> Keys:
    """The keys that the loader gave out, whether their rows are there or not."""
    return Keys(table, await read_ranges(session, table))


async def read_ranges(session: AsyncSession, table: Table) -> list[Range]:
    """The table's ranges in the order in which they were written."""
    columns = select(col(DemoBatch.first_id), col(DemoBatch.last_id))
    batches = await session.execute(columns.where(col(DemoBatch.table_name) == table.name).order_by(col(DemoBatch.id)))
    return [(first, last) for first, last in batches]


async def read_existing_keys(session: AsyncSession, table: Table) -> Keys:
    """The keys for other tables to refer to: without those of rows that somebody deleted."""
    ranges = Keys(table, await read_ranges(session, table)).ranges
    key, missing = key_column(table), list[int]()
    for first, last in ranges:
        if await count_rows(session, table, (first, last)) == last - first + 1:
            continue
        for start in range(first, last + 1, _CHUNK):
            end = min(start + _CHUNK - 1, last)
            there = set(await session.scalars(select(key).where(in_range(table, key, (start, end)))))
            missing += [serial for serial in range(start, end + 1) if key_of(table, serial) not in there]
    return Keys(table, ranges, missing)


async def count_rows(session: AsyncSession, table: Table, within: Range) -> int:
    """How many rows of the range are there."""
    there = in_range(table, key_column(table), within)
    return await session.scalar(select(func.count()).select_from(table).where(there)) or 0


async def take_serials(session: AsyncSession, table: Table, count: int) -> list[Range]:
    """Take `count` keys that no row has had or will get, as ranges. Needs a transaction that writes."""
    if _has_uuid(table):  # the demo's own numbering: see key_of
        taken = len(await read_keys(session, table))
        return [(taken + 1, taken + count)]
    if session.get_bind().dialect.name == "sqlite":  # nobody else writes until this transaction ends
        return [await _advance_sqlite_sequence(session, table, count)]
    sequence = "SELECT nextval(pg_get_serial_sequence(:table, :column)) FROM generate_series(1, :count)"
    names = {"table": f'"{table.name}"', "column": key_column(table).name, "count": count}
    return _as_ranges(await session.scalars(text(sequence), names))


def key_of(table: Table, serial: int) -> Key:
    """The key with that serial number: the number itself, or the demo's UUID made of it.

    Such a UUID has version 8, the table's name in its front and the serial number at its end: it sorts by the serial
    number and no other way of making UUIDs comes up with it.
    """
    if not _has_uuid(table):
        return serial
    name = crc32(table.name.encode())
    return UUID(int=name << 96 | 0xDE30 << 80 | 8 << 76 | 0b10 << 62 | serial)


def in_range(table: Table, column: ColumnElement[Any], within: Range) -> ColumnElement[bool]:
    """The condition that `column` holds a key of `table` in that range."""
    first, last = within
    return column.between(key_of(table, first), key_of(table, last))


def key_column(table: Table) -> Column[Any]:
    """The one column of the table's primary key."""
    (key,) = table.primary_key.columns
    return key


async def _advance_sqlite_sequence(session: AsyncSession, table: Table, count: int) -> Range:
    names = {"table": table.name}
    last = await session.scalar(text("SELECT seq FROM sqlite_sequence WHERE name = :table"), names)
    if last is None:
        await session.execute(text("INSERT INTO sqlite_sequence (name, seq) VALUES (:table, 0)"), names)
    values = {"table": table.name, "seq": (last or 0) + count}
    await session.execute(text("UPDATE sqlite_sequence SET seq = :seq WHERE name = :table"), values)
    return (last or 0) + 1, (last or 0) + count


def _as_ranges(serials: Iterable[int]) -> list[Range]:
    runs = groupby(enumerate(serials), lambda pair: pair[1] - pair[0])
    found = [[serial for _, serial in run] for _, run in runs]
    return [(run[0], run[-1]) for run in found]


def _has_uuid(table: Table) -> bool:
    return isinstance(key_column(table).type, Uuid)
