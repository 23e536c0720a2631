"""The rows that others belong to, by their names: in the cells of a list, among its filters, as the choices of a form.

Each function takes the columns that refer to them: `{"author_id": Named(Author, "name")}`.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, String, cast, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import SQLModel

from webapp.db import MAX_KEY
from webapp.search import ESCAPE, pattern

FEW = 100
"""So many rows are offered all at once; of more, one is looked for by its name."""


@dataclass(frozen=True)
class Named:
    """A table whose rows a person knows by a column; without one, by their keys."""

    model: type[SQLModel]
    column: str = "id"
    private: bool = False
    """Not everybody who sees a list may see all the names that there are."""

    async def find(self, session: AsyncSession, *conditions: ColumnElement[bool], limit: int) -> dict[Any, str]:
        """The names by key, in the order of the names."""
        table = self._table
        found = await session.execute(select(table.c.id, table.c[self.column]).where(*conditions).limit(limit))
        names = {key: self.name(key, value) for key, value in found}
        return dict(sorted(names.items(), key=lambda row: (row[1].lower(), row[0])))

    async def names(self, session: AsyncSession, keys: set[Any]) -> dict[Any, str]:
        """The name of each of these keys, whether its row is still there or not."""
        found = await self.find(session, self._table.c.id.in_(keys), limit=len(keys)) if keys else {}
        return {key: found.get(key) or self.name(key) for key in keys}

    async def like(self, session: AsyncSession, words: str) -> dict[Any, str]:
        """The first rows whose name has these words somewhere."""
        name = cast(self._table.c[self.column], String)
        return await self.find(session, name.ilike(pattern(words), escape=ESCAPE), limit=FEW)

    def keys(self, text: str) -> set[Any]:
        """The key that this text is, if it can be one."""
        try:
            key = self._table.c.id.type.python_type(text)
        except ValueError:
            return set()
        return {key} if isinstance(key, UUID) or 0 < key <= MAX_KEY else set()

    def name(self, key: Any, value: object = None) -> str:
        """The value, or "Book review 7" where that is empty."""
        if value and self.column != "id":
            return str(value)
        return f"{re.sub('(?<=[a-z0-9])(?=[A-Z])', ' ', self.model.__name__).capitalize()} {key}"

    @property
    def _table(self) -> Any:
        return self.model.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True)
class Choices:
    """What there is to choose from: `options` are pairs (key, name).

    With `many` there are more rows than that: `options` are those that were looked for, with the chosen one.
    """

    options: list[tuple[str, str]] = field(default_factory=list)
    many: bool = False
    chosen: str = ""
    """The name of the chosen one."""
    words: str = ""
    """What was looked for."""


async def names(
    session: AsyncSession, belongs_to: Mapping[str, Named], rows: Iterable[object]
) -> dict[str, dict[Any, str]]:
    """The names of what these rows belong to, by column and key: one query for a column."""
    found = {}
    rows = list(rows)
    for column, named in belongs_to.items():
        keys = {key for row in rows if (key := getattr(row, column, None)) is not None}
        found[column] = await named.names(session, keys)
    return found


async def filters(
    session: AsyncSession, belongs_to: Mapping[str, Named], chosen: Mapping[str, object]
) -> dict[str, Choices]:
    """What a list can be filtered by, beside what is `chosen`: "" or a key."""
    return {
        column: await _offered(session, named, str(chosen[column]), few=not named.private)
        for column, named in belongs_to.items() if column in chosen
    }  # fmt: skip


async def choices(
    session: AsyncSession, belongs_to: Mapping[str, Named], values: Mapping[str, str]
) -> dict[str, Choices]:
    """What a form offers. `values` say what is chosen, and the words to look for (`author_id-words`)."""
    return {
        column: await _offered(session, named, values.get(column, ""), values.get(f"{column}-words", ""))
        for column, named in belongs_to.items()
    }


async def _offered(session: AsyncSession, named: Named, chosen: str, words: str = "", *, few: bool = True) -> Choices:
    found = await named.find(session, limit=FEW + 1) if few else {}
    if few and len(found) <= FEW:
        return Choices(_options(found))
    words = words.strip().replace("\x00", "")
    found = await named.like(session, words) if words else {}
    shown = await named.names(session, named.keys(chosen))
    return Choices(_options(shown | found), many=True, chosen="".join(shown.values()), words=words)


def _options(found: Mapping[Any, str]) -> list[tuple[str, str]]:
    return [(str(key), name) for key, name in found.items()]
