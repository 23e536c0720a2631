"""Loading: a batch of rows and the note of their keys in one transaction, until there are enough."""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time
from itertools import chain

from sqlalchemy.ext.asyncio import AsyncSession

from webapp.db import now, reading, transaction
from webapp.demo.batches import BATCH, BATCHES, begin
from webapp.demo.draw import Draw
from webapp.demo.keys import (
    Keys,
    Range,
    count_rows,
    key_column,
    key_of,
    read_existing_keys,
    read_keys,
    take_serials,
)
from webapp.demo.logins import hash_for_logins, open_logins
from webapp.demo.report import Loaded, Progress
from webapp.demo.resources import Resource, resources
from webapp.demo.writing import Row, insert_rows
from webapp.models import DemoBatch

ROWS = 200
"""Rows of the leading resource when nobody says how many."""


async def load(
    *,
    password: str = "",
    rows: int = ROWS,
    seed: int = 1,
    day: date | None = None,
    batch: int = BATCH,
    progress: Progress | None = None,
) -> Loaded:
    """Add what is missing to `rows` rows of each resource (or what its module makes of that number).

    Rows that are there already stay, as do those that somebody changed or deleted. An interrupted call leaves whole
    batches; the next one goes on from there. Demo users without a password get `password`; with none given, or in a
    batch that somebody else loaded, nobody can log in as them. `day` is what dates are relative to, today by default.
    Raises `Invalid` for an unacceptable password, before anything is written.
    """
    hashes = await hash_for_logins(password) if password else {}
    start = datetime.combine(day or now().date(), time(), UTC)
    keys: dict[str, Keys] = {}
    added, present = {}, {}
    for resource in resources():
        draw = Draw(seed, resource.name, start, keys)
        wanted = resource.count(rows)
        async with reading() as session:
            done = before = len(await read_keys(session, resource.table))
        added[resource.name], present[resource.name] = 0, before
        while done < wanted:
            async with transaction() as session:
                await begin(session)
                enough = min(wanted, done + batch * BATCHES)
                while done < enough:
                    done, new = await _load_batch(session, resource, draw, keys, min(wanted, done + batch))
                    added[resource.name] += new
                    if progress:
                        progress(resource.name, done, wanted)
        async with reading() as session:
            keys[resource.name] = await read_existing_keys(session, resource.table)
    return Loaded(added, present, await open_logins(hashes))


async def _load_batch(
    session: AsyncSession, resource: Resource, draw: Draw, keys: dict[str, Keys], until: int
) -> tuple[int, int]:
    """Write the rows up to number `until` that are missing; returns the next number and how many rows were added."""
    known = await read_keys(session, resource.table)
    first = len(known)
    if first >= until:
        return first, 0
    taken = await take_serials(session, resource.table, until - first)
    known.extend(taken)
    keys[resource.name] = known
    rows = list(_draw_rows(resource, draw, range(first, until), taken))
    await insert_rows(session, resource, rows)
    session.add_all(DemoBatch(table_name=resource.name, first_id=one, last_id=last) for one, last in taken)
    return until, sum([await count_rows(session, resource.table, within) for within in taken])


def _draw_rows(resource: Resource, draw: Draw, numbers: Iterable[int], taken: Iterable[Range]) -> Iterator[Row]:
    """The rows with their keys, without those that lack a row to refer to."""
    table, needs = resource.table, resource.needs
    key = key_column(table).name
    serials = chain.from_iterable(range(first, last + 1) for first, last in taken)
    for number, serial in zip(numbers, serials, strict=True):
        row = resource.row(draw.begin(number))
        if all(row[name] is not None for name in needs):
            row[key] = key_of(table, serial)
            yield row
