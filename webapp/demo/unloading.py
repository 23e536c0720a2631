"""Unloading: exactly the rows that the loader wrote, and none of the owner's."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Column, Table, delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from webapp.db import reading, transaction
from webapp.demo.batches import BATCH, BATCHES, begin
from webapp.demo.keys import Keys, Range, in_range, key_column, read_keys
from webapp.demo.report import Progress, Unloaded
from webapp.demo.resources import resources
from webapp.embedded import DERIVED
from webapp.models import DemoBatch, metadata

_HARMLESS = {"SET NULL", "SET DEFAULT"}


async def unload(*, batch: int = BATCH, progress: Progress | None = None) -> Unloaded:
    """Remove the demo's rows, changed ones too.

    A row that a row of the owner's cannot do without (a webinar that somebody registered for) is kept and is the
    owner's from then on; where the reference may be empty (the host of a webinar) it becomes empty. An interrupted
    call has removed whole batches; the next one goes on from there.
    """
    removed, kept = {}, {}
    for resource in reversed(resources()):
        table = resource.table
        async with reading() as session:
            keys = await read_keys(session, table)
        removed[table.name] = kept[table.name] = done = 0
        pieces = list(_pieces(keys, batch))
        for start in range(0, len(pieces), BATCHES):
            async with transaction() as session:
                await begin(session)
                for within in pieces[start : start + BATCHES]:
                    needed = await _needed(session, table, within)
                    removed[table.name] += await _delete(session, table, within, needed)
                    kept[table.name] += len(needed)
                    await _forget(session, table, within)
                    done += within[1] - within[0] + 1
                    if progress:
                        progress(table.name, done, len(keys))
    return Unloaded(removed, kept)


def _pieces(keys: Keys, size: int) -> Iterator[Range]:
    """The keys in ranges of at most `size`, from the end: earlier rows may be parents of later ones."""
    for first, last in reversed(keys.ranges):
        for end in range(last, first - 1, -size):
            yield max(first, end - size + 1), end


async def _needed(session: AsyncSession, table: Table, within: Range) -> set[Any]:
    """The keys of the range that a row refers to which is not the demo's (of later tables none is left by now)."""
    references = _references(table)
    if references:  # from here on nobody can refer to one of these rows anew
        key = key_column(table)
        await session.execute(select(key).where(in_range(table, key, within)).with_for_update())
    needed: set[Any] = set()
    for column in references:
        used = select(column).distinct().where(in_range(table, column, within))
        if column.table is not table:
            needed |= set(await session.scalars(used))
            continue
        child = key_column(table)
        while (
            new := set(await session.scalars(used.where(~in_range(table, child, within) | child.in_(needed)))) - needed
        ):
            needed |= new
    return needed


def _references(table: Table) -> list[Column[Any]]:
    """The columns whose rows would be deleted with a row of `table`, or forbid it.

    Not those of a table of links, or of rows that are only made from others.
    """
    return sorted(
        (
            key.parent
            for other in metadata.tables.values()
            if DERIVED not in other.info
            for key in other.foreign_keys
            if key.column.table is table
            and (key.ondelete or "").upper() not in _HARMLESS
            and len(other.primary_key.columns) == 1
        ),
        key=lambda column: column.table is table,  # its own last: they need what is known of the others
    )


async def _delete(session: AsyncSession, table: Table, within: Range, needed: set[Any]) -> int:
    key = key_column(table)
    doomed = delete(table).where(in_range(table, key, within))
    if needed:
        doomed = doomed.where(key.not_in(needed))
    result = await session.execute(doomed)
    return int(result.rowcount)  # type: ignore[attr-defined]


async def _forget(session: AsyncSession, table: Table, within: Range) -> None:
    """Take the range off the notes: whole notes, and the end of the one that it cuts."""
    first, last = within
    ours = col(DemoBatch.table_name) == table.name
    start, end = col(DemoBatch.first_id), col(DemoBatch.last_id)
    await session.execute(delete(DemoBatch).where(ours, start >= first, end <= last))
    await session.execute(
        update(DemoBatch).where(ours, start < first, end.between(first, last)).values(last_id=first - 1)
    )
