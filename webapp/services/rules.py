"""Rules that hold between rows: told by the name of the field before the database refuses with a name of its own."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Column, ColumnElement, FromClause, select
from sqlalchemy.ext.asyncio import AsyncSession

from webapp.errors import Conflict, Invalid


async def refuse_taken(
    session: AsyncSession, column: Column[Any], values: Mapping[str, Any], key: Any = None, **within: Any
) -> None:
    """`Conflict` if another row than `key` has the value of this unique column. Several may have none.

    `within` says among which rows it is unique: `owner_id=3`.
    """
    value = values.get(column.name)
    if value is None:
        return
    table = column.table
    others = select(table.c.id).where(column == value, *(table.c[name] == each for name, each in within.items()))
    if await session.scalar((others if key is None else others.where(table.c.id != key)).limit(1)) is not None:
        words = column.name.replace("_", " ")
        raise Conflict(f"This {words} is taken.", "", {column.name: f"Another one has this {words}."})


async def refuse_missing(session: AsyncSession, column: Column[Any], values: Mapping[str, Any], **within: Any) -> None:
    """`Invalid` if the row that this foreign key refers to is not there.

    `within`, `owner_id=3`, says which rows may be referred to in a table that has such a column.
    """
    value = values.get(column.name)
    if value is None:
        return
    target = next(iter(column.foreign_keys)).column
    if await session.scalar(select(target).where(target == value, *reachable(target.table, within))) is None:
        words = column.name.removesuffix("_id").replace("_", " ")
        raise Invalid(f"There is no such {words}.", "", {column.name: f"There is no {words} {value}."})


def reachable(table: FromClause, within: Mapping[str, Any]) -> list[ColumnElement[bool]]:
    """The conditions for a row that may be referred to: it is within reach, and it is not deleted."""
    conditions = [table.c[name] == value for name, value in within.items() if name in table.c]
    return [*conditions, table.c.deleted_at.is_(None)] if "deleted_at" in table.c else conditions
