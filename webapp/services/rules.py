"""Rules that hold between rows: told by the name of the field before the database refuses with a name of its own."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Column, select
from sqlalchemy.ext.asyncio import AsyncSession

from webapp.errors import Conflict, Invalid


async def refuse_taken(session: AsyncSession, column: Column[Any], values: Mapping[str, Any], key: int | None) -> None:
    """`Conflict` if another row than `key` has the value of this unique column. Several may have none."""
    value = values.get(column.name)
    if value is None:
        return
    table = column.table
    owner = await session.scalar(select(table.c.id).where(column == value, table.c.id != (key or 0)).limit(1))
    if owner is not None:
        words = column.name.replace("_", " ")
        raise Conflict(f"This {words} is taken.", "", {column.name: f"Another one has this {words}."})


async def refuse_missing(session: AsyncSession, column: Column[Any], values: Mapping[str, Any]) -> None:
    """`Invalid` if the row that this foreign key refers to is not there."""
    value = values.get(column.name)
    if value is None:
        return
    target = next(iter(column.foreign_keys)).column
    if await session.scalar(select(target).where(target == value)) is None:
        words = column.name.removesuffix("_id").replace("_", " ")
        raise Invalid(f"There is no such {words}.", "", {column.name: f"There is no {words} {value}."})
