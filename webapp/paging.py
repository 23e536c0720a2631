"""Paging by key: a page starts after the last row of the one before, however far into the table that is.

A statement is built once for each shape and run with different parameters:

    BY = Keyset(products.c.id, name=products.c.name)
    start = BY.start("-name", cursor)
    statement = BY.order(select(products), "-name", paged=start.after is not None)
    page = BY.page((await session.execute(statement, start.parameters(limit))).all(), "-name", limit)
"""

import base64
import binascii
import json
import operator
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from math import isfinite
from typing import Any, Generic, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, Select, TypeDecorator, bindparam, select, union_all

from webapp.db import MAX_KEY
from webapp.errors import Invalid

MAX_LIMIT = 100
_MAX_CURSOR = 2000
_JSON = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))

T = TypeVar("T")
Key = int | UUID


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some rows of a list, and the cursor of the page after it (`None` on the last one)."""

    items: Sequence[T]
    next: str | None = None


@dataclass(frozen=True, slots=True)
class Start:
    """Where a page starts: at the beginning (`after` is None) or after a row's (sort value, key)."""

    after: tuple[Any, Key] | None = None

    def parameters(self, limit: int) -> dict[str, Any]:
        """What the ordered statement needs. One row more than `limit` shows whether another page follows."""
        if self.after is None:
            return {"page_size": limit + 1}
        return {"page_size": limit + 1, "after_value": self.after[0], "after_key": self.after[1]}


class Keyset:
    """The columns by which a list can be sorted. None of them may be nullable; the key breaks ties."""

    def __init__(self, key: ColumnElement[Any], **columns: ColumnElement[Any]) -> None:
        self._key = key
        self._columns: dict[str, ColumnElement[Any]] = {"id": key, **columns}

    @property
    def sorts(self) -> list[str]:
        """Every value of `sort`, for messages and schemas."""
        return [sign + name for name in self._columns for sign in ("", "-")]

    def start(self, sort: str, after: str | None, limit: int = 1) -> Start:
        """Check what came from outside. Raises `Invalid` for a sort, a cursor or a limit that cannot be."""
        if sort.removeprefix("-") not in self._columns:
            hint = f"Sort by one of: {', '.join(self.sorts)}."
            raise Invalid(f"The list cannot be sorted by {sort[:50]!r}.", hint, {"sort": hint})
        if not 1 <= limit <= MAX_LIMIT:
            hint = f"Ask for 1 to {MAX_LIMIT} rows."
            raise Invalid("A page cannot have that size.", hint, {"limit": hint})
        return Start(None if after is None else self._decode(sort, after))

    def order(self, statement: Select[Any], sort: str, *, paged: bool) -> Select[Any]:
        """The statement sorted and limited; with `paged` it starts after a row. Run it with `Start.parameters`.

        The statement has to select the key and every column that can be sorted by.
        """
        column, descending = self._column(sort)
        key = self._key
        beyond: Any = operator.lt if descending else operator.gt
        after_key = bindparam("after_key", type_=key.type)
        if column is key:
            if paged:
                statement = statement.where(beyond(key, after_key))
            return _sorted(statement, descending, key)
        if not paged:
            return _sorted(statement, descending, column, key)
        # In two parts, the rest of the rows with the same value and those beyond: for the pair SQLite would walk
        # through every row with the same value, and a table has as many of them as it likes.
        value = bindparam("after_value", type_=column.type)
        parts = (
            _sorted(statement.where(column == value, beyond(key, after_key)), descending, key),
            _sorted(statement.where(beyond(column, value)), descending, column, key),
        )
        both = union_all(*(select(part.subquery()) for part in parts)).subquery()
        return _sorted(select(both), descending, both.c[str(column.key)], both.c[str(key.key)])

    def page(self, rows: Sequence[T], sort: str, limit: int) -> Page[T]:
        """The page made of the rows that the statement gave."""
        if len(rows) <= limit:
            return Page(rows)
        column, _ = self._column(sort)
        last: Any = rows[limit - 1]
        return Page(rows[:limit], self._encode(sort, getattr(last, str(column.key)), getattr(last, str(self._key.key))))

    def _column(self, sort: str) -> tuple[ColumnElement[Any], bool]:
        return self._columns[sort.removeprefix("-")], sort.startswith("-")

    def _encode(self, sort: str, value: Any, key: Key) -> str:
        content = _JSON.encode([sort, _plain(value), _plain(key)])
        return base64.urlsafe_b64encode(content.encode()).decode().rstrip("=")

    def _decode(self, sort: str, cursor: str) -> tuple[Any, Key]:
        try:
            if len(cursor) > _MAX_CURSOR:
                raise ValueError
            padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
            cursor_sort, value, key = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
            key = _value(key, _python_type(self._key))
            if cursor_sort != sort or (isinstance(key, int) and key < 0):
                raise ValueError
            return _value(value, _python_type(self._column(sort)[0])), key
        except (ValueError, TypeError, AttributeError, ArithmeticError, binascii.Error, RecursionError):
            hint = "Take `next` of the page before, with the same sort, or leave `after` out to start at the beginning."
            raise Invalid("The cursor `after` does not belong to this list.", hint, {"after": hint}) from None


def _sorted(statement: Select[Any], descending: bool, *columns: ColumnElement[Any]) -> Select[Any]:
    return statement.order_by(*(c.desc() if descending else c for c in columns)).limit(bindparam("page_size"))


def _python_type(column: ColumnElement[Any]) -> type:
    kind = column.type
    return (kind.impl_instance if isinstance(kind, TypeDecorator) else kind).python_type


def _plain(value: Any) -> Any:
    """The value as JSON has it."""
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal | UUID) else value


def _value(value: Any, wanted: type) -> Any:
    """The cursor's sort value as the column's type; whatever a database could choke on is a ValueError."""
    if wanted is datetime:
        moment = datetime.fromisoformat(value)
        if moment.utcoffset() is None or not 2 <= moment.year <= 9998:
            raise ValueError
        return moment
    if wanted is date:
        return date.fromisoformat(value)
    if wanted is UUID:
        return UUID(value)
    if wanted is float and not (isinstance(value, float) and isfinite(value)):
        raise ValueError
    if wanted is Decimal:
        number = Decimal(value)
        if not number.is_finite() or abs(number) > 10**20 or len(value) > 40:
            raise ValueError
        return number
    if type(value) is not wanted or (isinstance(value, int) and abs(value) > MAX_KEY):
        raise ValueError
    if isinstance(value, str) and b"\x00" in value.encode():  # a lone surrogate raises a ValueError here
        raise ValueError
    return value
