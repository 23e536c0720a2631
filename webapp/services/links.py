"""Many-to-many relations: a table with two keys, the first that of the row which has the others."""

from collections import defaultdict, namedtuple
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Table, delete, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from webapp.errors import Invalid
from webapp.services.rules import reachable


async def write_links(
    session: AsyncSession, table: Table, key: Any, name: str, others: Sequence[Any], **within: Any
) -> None:
    """Let the row have exactly these others. `Invalid`, about the field `name`, if one is not there.

    `within`, `owner_id=3`, says which rows may be referred to in a table that has such a column.
    """
    own, theirs = table.primary_key.columns
    target = next(iter(theirs.foreign_keys)).column
    wanted = list(dict.fromkeys(others))
    query = select(target).where(target.in_(wanted), *reachable(target.table, within))
    there = set(await session.scalars(query)) if wanted else set()
    if missing := [str(other) for other in wanted if other not in there]:
        words = theirs.name.removesuffix("_id").replace("_", " ")
        raise Invalid(f"There is no such {words}.", "", {name: f"There is no {words} {', '.join(missing)}."})
    await session.execute(delete(table).where(own == key))
    if wanted:
        await session.execute(insert(table), [{own.name: key, theirs.name: other} for other in wanted])


async def with_links(session: AsyncSession, rows: Sequence[Any], **tables: Table) -> list[Any]:
    """The plain rows with the keys of what each is linked to, sorted: one query for each of the `tables`, by name."""
    if not rows:
        return []
    found: dict[str, dict[Any, list[Any]]] = {}
    for name, table in tables.items():
        own, theirs = table.primary_key.columns
        found[name] = defaultdict(list)
        query = select(own, theirs).where(own.in_([row.id for row in rows])).order_by(own, theirs)
        for key, other in await session.execute(query):
            found[name][key].append(other)
    row_type = _row_type((*rows[0]._fields, *tables))
    return [row_type(*row, *(found[name].get(row.id, []) for name in tables)) for row in rows]


@lru_cache
def _row_type(names: tuple[str, ...]) -> Any:
    return namedtuple("Row", names)
