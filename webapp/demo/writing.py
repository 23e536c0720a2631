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
    if _can_copy(session, resource.table, rows[0]):
        await _copy(session, resource.table, rows)
    else:
        await session.execute(_insert(session, resource.table), rows)
    for name, lists in links.items():
        if any(lists):
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
    if not _has_unique(table):
        return insert(table)
    if session.get_bind().dialect.name == "postgresql":
        return postgresql.insert(table).on_conflict_do_nothing()
    return sqlite.insert(table).on_conflict_do_nothing()


def _can_copy(session: AsyncSession, table: Table, row: Row) -> bool:
    """PostgreSQL's COPY takes two thirds of the time of INSERT, but knows neither conflicts nor Python's defaults."""
    defaulted = any(column.default is not None and column.name not in row for column in table.columns)
    return session.get_bind().dialect.name == "postgresql" and not defaulted and not _has_unique(table)


async def _copy(session: AsyncSession, table: Table, rows: Sequence[Row]) -> None:
    names, dialect = list(rows[0]), session.get_bind().dialect
    to_driver = [table.columns[name].type.dialect_impl(dialect).bind_processor(dialect) for name in names]
    records = (
        [change(row[name]) if change else row[name] for name, change in zip(names, to_driver, strict=True)]
        for row in rows
    )
    connection: Any = (await (await session.connection()).get_raw_connection()).driver_connection
    await connection.copy_records_to_table(table.name, columns=names, records=records)


def _has_unique(table: Table) -> bool:
    return any(isinstance(constraint, UniqueConstraint) for constraint in table.constraints) or any(
        index.unique for index in table.indexes
    )
