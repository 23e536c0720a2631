"""The figures of the dashboard: how many rows each model has, and how many of them are new.

They cost the same however many rows there are: nothing is counted beyond `MOST_COUNTED`, and all of it is one
statement.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    DateTime,
    Integer,
    Select,
    Table,
    TypeDecorator,
    bindparam,
    func,
    literal_column,
    select,
    true,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import SQLModel

from webapp.db import now
from webapp.models import User
from webapp.permissions import can, guarded_models, model_name
from webapp.services.rules import reachable

MOST_COUNTED = 1_000
RECENT = timedelta(days=7)

Models = Sequence[type[SQLModel]]


@dataclass(frozen=True, slots=True)
class Count:
    """A number of rows; `more` if there are more than were counted."""

    number: int
    more: bool = False


@dataclass(frozen=True, slots=True)
class Figures:
    """What there is of a model. `recent` is None where no row says when it was written."""

    model: type[SQLModel]
    rows: Count
    recent: Count | None
    own: bool
    """Everybody has rows of their own: these are the viewer's."""


async def overview(session: AsyncSession, viewer: User) -> list[Figures]:
    """The figures of each model whose rows the viewer may view. The viewer's roles must be loaded."""
    models = [model for model in guarded_models() if can(viewer, f"{model_name(model)}.view")]
    return await count_rows(session, models, owner_id=viewer.id or 0)


async def count_rows(session: AsyncSession, models: Models, *, owner_id: int) -> list[Figures]:
    """The figures of these models, in their order: without deleted rows, and the owner's where each has their own."""
    if not models:
        return []
    tables = tuple(map(_table, models))
    since = now() - RECENT
    stamps = {table: created for table in tables if (created := _created_at(table)) is not None}
    given = {_since(table): _as_stored(created, since) for table, created in stamps.items()}
    row = (await session.execute(_statement(tables), {**given, "owner_id": owner_id})).one()
    found = []
    for place, (model, table) in enumerate(zip(models, tables, strict=True)):
        rows, recent = row[2 * place : 2 * place + 2]
        found.append(
            Figures(model, _count(rows), None if recent is None else _count(recent), own="owner_id" in table.c)
        )
    return found


@lru_cache
def _statement(tables: tuple[Table, ...]) -> Select[Any]:
    """Two columns for each table: its rows, and those that are new."""
    columns = []
    for table in tables:
        rows = _rows(table, *_within_reach(table)).order_by(*_in_passing(table))
        columns += [_counted(rows), _recent(table)]
    return select(*columns)


def _recent(table: Table) -> Any:
    created = _created_at(table)
    if created is None:
        return literal_column("NULL")
    conditions = _within_reach(table)
    since = bindparam(_since(table), type_=created.type)
    if _is_indexed(created) or not isinstance(_key(table).type, Integer):
        if "owner_id" not in table.c:
            # Otherwise SQLite takes the index of deleted_at, and looks through all rows that are not deleted.
            conditions = [condition == true() for condition in conditions]
        # The order is that of the index, so that PostgreSQL does not take it for quicker to look through all rows.
        return _counted(_rows(table, *conditions, created >= since).order_by(created.desc()))
    # Keys rise: what is new is among the last rows.
    last = _limited(select(created).where(*conditions).order_by(_key(table).desc())).subquery()
    return select(func.count()).select_from(last).where(last.c.created_at >= since).scalar_subquery()


def _rows(table: Table, *conditions: ColumnElement[bool]) -> Select[Any]:
    return select(literal_column("1").label("one")).select_from(table).where(*conditions)


def _within_reach(table: Table) -> list[ColumnElement[bool]]:
    return reachable(table, {"owner_id": bindparam("owner_id")})


def _in_passing(table: Table) -> Sequence[Column[Any]]:
    """The order of an index that has the rows together which are within reach.

    PostgreSQL would rather begin to read the table itself, and that of a big table it does not keep in memory.
    """
    narrowed = next((name for name in ("owner_id", "deleted_at") if name in table.c), "")
    if not narrowed:
        return list(table.primary_key.columns)
    indexes = (list(index.columns) for index in sorted(table.indexes, key=lambda index: str(index.name)))
    return next((columns for columns in indexes if columns[0].name == narrowed), [])


def _counted(rows: Select[Any]) -> Any:
    return select(func.count()).select_from(_limited(rows).subquery()).scalar_subquery()


def _limited(rows: Select[Any]) -> Select[Any]:
    return rows.limit(literal_column(str(MOST_COUNTED + 1)))


def _count(number: int) -> Count:
    return Count(min(number, MOST_COUNTED), more=number > MOST_COUNTED)


def _is_indexed(created: Column[Any]) -> bool:
    """Whether the rows since a day are found without looking through the others."""
    table: Any = created.table
    wanted = [created.name] if "owner_id" not in table.c else ["owner_id", created.name]
    indexes = [[column.name for column in index.columns] for index in table.indexes]
    return any(names[:1] == [created.name] or names[: len(wanted)] == wanted for names in indexes)


def _created_at(table: Table) -> Column[Any] | None:
    created = table.c.get("created_at")
    return created if created is not None and isinstance(_plain(created), DateTime) else None


def _as_stored(created: Column[Any], moment: datetime) -> datetime:
    """The moment in UTC, without saying so for a column that has no zones."""
    is_naive = isinstance(created.type, DateTime) and not created.type.timezone
    return moment.astimezone(UTC).replace(tzinfo=None) if is_naive else moment


def _plain(column: Column[Any]) -> Any:
    return column.type.impl if isinstance(column.type, TypeDecorator) else column.type


def _since(table: Table) -> str:
    return f"{table.name}_since"


def _key(table: Table) -> Column[Any]:
    return next(iter(table.primary_key.columns))


def _table(model: type[SQLModel]) -> Table:
    table: Table = model.__table__  # type: ignore[attr-defined]
    return table
