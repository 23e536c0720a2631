"""The rows that others belong to, by their names: in the cells of a list, among its filters, as the choices of a form.

Each function takes the columns that refer to them: `{"author_id": Named(Author, "name")}`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, String, Uuid, cast, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import SQLModel

from webapp.db import MAX_KEY
from webapp.labels import label
from webapp.search import ESCAPE, pattern
from webapp.services.rules import reachable

Key = int | UUID

FEW = 100
"""So many rows are offered all at once; of more, one is looked for by its name."""


@dataclass(frozen=True)
class Named:
    """A table whose rows a person knows by a column; without one, by their keys."""

    model: type[SQLModel]
    column: str = "id"
    private: bool = False
    """Not everybody who sees a list may see all the names that there are."""

    async def find(self, session: AsyncSession, *conditions: ColumnElement[bool], limit: int) -> dict[Key, str]:
        """The names by key, in the order of the names."""
        table = self._table
        found = await session.execute(select(table.c.id, table.c[self.column]).where(*conditions).limit(limit))
        names = {key: self.name(key, value) for key, value in found}
        return dict(sorted(names.items(), key=lambda row: (row[1].lower(), row[0])))

    async def names(self, session: AsyncSession, keys: set[Key]) -> dict[Key, str]:
        """The name of each of these keys, whether its row is still there or not."""
        found = await self.find(session, self._table.c.id.in_(keys), limit=len(keys)) if keys else {}
        return {key: found.get(key) or self.name(key) for key in keys}

    async def like(self, session: AsyncSession, words: str, *conditions: ColumnElement[bool]) -> dict[Key, str]:
        """The first rows whose name has these words somewhere."""
        name = cast(self._table.c[self.column], String)
        return await self.find(session, name.ilike(pattern(words), escape=ESCAPE), *conditions, limit=FEW)

    def reachable(self, within: Mapping[str, Any]) -> list[ColumnElement[bool]]:
        """The conditions for a row that may be chosen."""
        return reachable(self._table, within)

    def key(self, text: str) -> Key | None:
        """The key that a form sent; None for what is none."""
        if isinstance(self._table.c.id.type, Uuid):
            try:
                return UUID(text)
            except ValueError:
                return None
        return int(text) if text.isdecimal() and len(text) < 11 and 0 < int(text) <= MAX_KEY else None

    def name(self, key: Key, value: object = None) -> str:
        """The value, or "Book review 7" where that is empty."""
        if value and self.column != "id":
            return str(value)
        return f"{label(self.model)} {key}"

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
) -> dict[str, dict[Key, str]]:
    """The names of what these rows belong to, by column and key: one query for a column."""
    found = {}
    rows = list(rows)
    for column, named in belongs_to.items():
        values = [value for row in rows if (value := getattr(row, column, None)) is not None]
        keys = {key for value in values for key in (value if isinstance(value, list) else [value])}
        found[column] = await named.names(session, keys)
    return found


async def filters(
    session: AsyncSession, belongs_to: Mapping[str, Named], chosen: Mapping[str, Key | str], **within: Any
) -> dict[str, Choices]:
    """What a list can be filtered by, beside what is `chosen`: "" or a key. `within` limits it: `owner_id=3`."""
    return {
        column: await _offered(session, named, str(chosen[column]), within, few=not named.private)
        for column, named in belongs_to.items() if column in chosen
    }  # fmt: skip


async def choices(
    session: AsyncSession, belongs_to: Mapping[str, Named], values: Mapping[str, str], **within: Any
) -> dict[str, Choices]:
    """What a form offers. `values` say what is chosen, and the words to look for (`author_id-words`).

    `within` limits it in a table that has such a column: `owner_id=3`.
    """
    return {
        column: await _offered(session, named, values.get(column, ""), within, values.get(f"{column}-words", ""))
        for column, named in belongs_to.items()
    }


async def _offered(
    session: AsyncSession, named: Named, chosen: str, within: Mapping[str, Any], words: str = "", *, few: bool = True
) -> Choices:
    conditions = named.reachable(within)
    found = await named.find(session, *conditions, limit=FEW + 1) if few else {}
    if few and len(found) <= FEW:
        return Choices(_options(found))
    words = words.strip().replace("\x00", "")
    found = await named.like(session, words, *conditions) if words else {}
    keys = {key for text in chosen.split(",") if (key := named.key(text)) is not None}
    shown = await named.names(session, keys)
    return Choices(_options(shown | found), many=True, chosen=", ".join(shown.values()), words=words)


def _options(found: Mapping[Key, str]) -> list[tuple[str, str]]:
    return [(str(key), name) for key, name in found.items()]
