"""Fill one database with the rows of another: checked, written in batches, compared, finished."""

import asyncio
import time
from contextlib import closing
from dataclasses import dataclass, field, replace

from oppman import console
from oppman.database.meanwhile import meanwhile
from oppman.database.tables.quote import quoted
from oppman.database.tables.table import Table
from oppman.database.transfer.checksum import Checksum
from oppman.database.transfer.pair import TablePair, pairs
from oppman.database.transfer.postgres_side import PostgresSide
from oppman.database.transfer.record import TABLE, Begun, Record, Written
from oppman.database.transfer.side import Side
from oppman.database.transfer.trouble import Trouble, Troubles
from oppman.errors import Refused

ANEW = "Begin anew with --restart, which empties what was copied."


@dataclass(frozen=True)
class Copied:
    """One table: its rows, and the checksums of both sides."""

    table: str
    source: Checksum
    target: Checksum

    @property
    def equal(self) -> bool:
        """Whether both sides hold the same rows."""
        return self.source == self.target


@dataclass
class Report:
    """What was found and done. `seconds` are by step."""

    troubles: list[Trouble] = field(default_factory=list)
    checked: dict[str, int] = field(default_factory=dict)
    """The rows of each table of the source."""
    tables: list[Copied] = field(default_factory=list)
    resumed: bool = False
    seconds: dict[str, float] = field(default_factory=dict)


async def check(one: Side, target: list[Table], report: Report, kept: int, *, to_postgres: bool) -> list[TablePair]:
    """Look for what a database with the tables `target` would refuse or change; the pairs of tables are returned."""
    found = pairs(own(await one.tables()), target, to_postgres=to_postgres)
    troubles = Troubles(kept)
    with timed(report, "check"):
        for pair in found:
            report.checked[pair.name] = (await one.fetch(f"SELECT count(*) FROM {quoted(pair.name)}"))[0][0]  # noqa: S608
        progress = console.Progress("Checking", sum(report.checked.values()))
        with closing(progress):
            for pair in found:
                await meanwhile(one.check(pair, troubles), lambda: progress.advance(0))
                progress.advance(report.checked[pair.name])
    report.troubles = troubles.all
    return found


async def fill(one: Side, other: Side, report: Report, kept: int) -> None:
    """Bring the rows of `one` to `other`, which has a record of the copy, and say in `report` what was done.

    If the report has troubles, nothing was written. Raises Refused if both sides differ in the end.
    """
    async with one.snapshot():
        await other.claim()
        record = Record(other)
        begun = await record.read()
        if begun is None:
            raise Refused("Another copy into this database has just ended.", "Look at what it did before you go on.")
        report.resumed = begun.writing
        there = own(await other.tables())
        found = await check(one, there, report, kept, to_postgres=isinstance(other, PostgresSide))
        if report.troubles:
            if not begun.writing:
                await record.drop()
            return
        if not begun.writing:
            begun = await _take_over(other, record, begun, there)
        with timed(report, "copy"):
            summed = {pair.name: await _copy(one, other, record, pair, report.checked[pair.name]) for pair in found}
        with timed(report, "compare"):
            progress = console.Progress("Comparing", sum(report.checked.values()))
            with closing(progress):
                for pair in found:
                    report.tables.append(await _compare(one, other, pair, summed[pair.name], progress))
        if unequal := [copied.table for copied in report.tables if not copied.equal]:
            raise Refused(
                f"The source and the copy differ in: {', '.join(unequal)}.",
                f"Was the source written to between two runs? {ANEW}" if report.resumed else ANEW,
            )
        with timed(report, "finish"):
            await _finish(one, other, record, begun, found)


async def _take_over(side: Side, record: Record, begun: Begun, tables: list[Table]) -> Begun:
    """Empty the tables, which hold at most what the migrations themselves wrote, and make them quick to fill."""
    async with side.transaction():
        await side.clear(tables)
        begun = replace(begun, writing=True, statements=tuple(await side.take_away()))
        await record.change(begun)
    return begun


async def _copy(one: Side, other: Side, record: Record, pair: TablePair, rows: int) -> Checksum | None:
    """Write the rows that are not there yet. The checksum of the source is given if all went in the same form."""
    progress = console.Progress(pair.name, rows)
    written = await record.written(pair.name)
    progress.advance(written.rows)
    summed = Checksum() if written == Written() else None
    if written.done:
        return None
    ahead = asyncio.create_task(one.read(pair, written.last))
    try:
        while not written.done:
            batch = await ahead
            if batch.rows:  # the next batch is read while this one is written
                ahead = asyncio.create_task(one.read(pair, batch.last))
            now = Written(batch.last, written.rows + batch.rows, done=not batch.rows)
            async with other.transaction():
                if batch.rows:
                    await other.write(pair, batch.payload)
                await record.advance(pair.name, written, now)
            progress.advance(batch.rows)
            written = now
            if batch.rows:
                summed = summed + batch.checksum if summed is not None and batch.checksum is not None else None
    finally:
        progress.close()
        await asyncio.gather(ahead, return_exceptions=True)
    return summed


async def _compare(
    one: Side, other: Side, pair: TablePair, summed: Checksum | None, progress: console.Progress
) -> Copied:
    there = other.checksum(pair, progress.advance)
    if summed is not None:
        return Copied(pair.name, summed, await there)
    return Copied(pair.name, *await asyncio.gather(one.checksum(pair), there))


async def _finish(one: Side, other: Side, record: Record, begun: Begun, found: list[TablePair]) -> None:
    """Put back what was taken away, go on with the numbers of the source, and forget that there was a copy."""
    async with other.transaction():
        progress = console.Progress("Indexes and keys", len(begun.statements))
        with closing(progress):
            for statement in begun.statements:
                await meanwhile(other.execute(statement), lambda: progress.advance(0))
                progress.advance()
        for pair in found:
            await other.count_on(pair, await one.counter(pair))
        await other.settle()
        await record.drop()


class timed:  # noqa: N801 - reads as what it is used as, a block
    """Note how long the block took."""

    def __init__(self, report: Report, step: str) -> None:
        self._report, self._step = report, step

    def __enter__(self) -> None:
        self._began = time.monotonic()

    def __exit__(self, *_problem: object) -> None:
        self._report.seconds[self._step] = round(time.monotonic() - self._began, 3)


def own(tables: list[Table]) -> list[Table]:
    """The tables of the project: all but our record."""
    return [table for table in tables if table.name != TABLE]
