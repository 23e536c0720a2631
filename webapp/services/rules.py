"""Rules that hold between rows: told by the name of the field before the database refuses with a name of its own."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Column, ColumnElement, FromClause, select
from sqlalchemy.ext.asyncio import AsyncSession

from webapp.errors import Conflict, Invalid


async def refuse_taken(
    session: AsyncSession,
    unique: Column[Any] | tuple[Column[Any], ...],
    values: Mapping[str, Any],
    key: Any = None,
    **within: Any,
) -> None:
    """`Conflict` if another row than `key` has the value of this unique column, or of these that are so together.

    Several rows may have none. What `values` leave out stays as the row `key` has it. `within` says among which rows it
    is unique: `owner_id=3`.
    """
    columns = unique if isinstance(unique, tuple) else (unique,)
    given = [values[column.name] for column in columns if column.name in values]
    if not given or any(value is None for value in given):
        return
    table = columns[0].table
    others = select(table.c.id).where(*(column == _value_of(column, values, key) for column in columns))
    others = others.where(*(table.c[name] == each for name, each in within.items()))
    if await session.scalar((others if key is None else others.where(table.c.id != key)).limit(1)) is not None:
        *before, last = (column.name.removesuffix("_id").replace("_", " ") for column in columns)
        words = f"{', '.join(before)} and {last}" if before else last
        told = f"Another one has this {words}."
        raise Conflict(f"This {words} {'are' if before else 'is'} taken.", "", {each.name: told for each in columns})


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


def _value_of(column: Column[Any], values: Mapping[str, Any], key: Any) -> Any:
    """What the row is to have in the column: the new value, or the one that it keeps."""
    if column.name in values:
        return values[column.name]
    own = column.table.alias()
    return select(own.c[column.name]).where(own.c.id == key).scalar_subquery()


def reachable(table: FromClause, within: Mapping[str, Any]) -> list[ColumnElement[bool]]:
    """The conditions for a row that may be referred to: it is within reach, and it is not deleted."""
    conditions = [table.c[name] == value for name, value in within.items() if name in table.c]
    return [*conditions, table.c.deleted_at.is_(None)] if "deleted_at" in table.c else conditions
