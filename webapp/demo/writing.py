"""Rows into tables, many at once."""

from collections.abc import Iterable, Sequence
from typing import Any, cast

from sqlalchemy import Insert, Table, UniqueConstraint, insert, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import RelationshipProperty

from webapp.demo.keys import Key, key_column
from webapp.demo.resources import Resource

Row = dict[str, Any]


async def insert_rows(session: AsyncSession, resource: Resource, rows: Sequence[Row]) -> None:
    """Insert the rows and their links. One whose unique value is taken (a user whom the owner has already) is left out.

    All rows have the same columns.
    """
    if not rows:
        return
    links = {name: [row.pop(name, ()) for row in rows] for name in resource.many}
    await session.execute(_insert(session, resource.table), rows)
    for name, lists in links.items():
        await _insert_links(session, resource, resource.many[name], rows, lists)


async def _insert_links(
    session: AsyncSession,
    resource: Resource,
    relation: "RelationshipProperty[Any]",
    rows: Sequence[Row],
    lists: Sequence[Iterable[Key]],
) -> None:
    key = key_column(resource.table)
    keys = [row[key.name] for row in rows]
    there = set(await session.scalars(select(key).where(key.between(min(keys), max(keys)))))
    ((_, ours),), ((_, theirs),) = relation.synchronize_pairs, relation.secondary_synchronize_pairs or ()
    links = [
        {ours.name: row_key, theirs.name: other}
        for row_key, others in zip(keys, lists, strict=True)
        if row_key in there
        for other in others
    ]
    if links:
        await session.execute(insert(cast("Table", relation.secondary)), links)


def _insert(session: AsyncSession, table: Table) -> Insert:
    if not any(isinstance(constraint, UniqueConstraint) for constraint in table.constraints) and not any(
        index.unique for index in table.indexes
    ):
        return insert(table)
    if session.get_bind().dialect.name == "postgresql":
        return postgresql.insert(table).on_conflict_do_nothing()
    return sqlite.insert(table).on_conflict_do_nothing()
