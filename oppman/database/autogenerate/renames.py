"""Which of the columns and tables that went away may be one of those that came, under another name.

Plain data in, plain data out: no database and no Alembic. What is a rename and what is a loss only a person knows;
here the likely ones are found and put in order.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from oppman.errors import UsageError

_ALIKE = 0.6
"""The part of two tables' columns that has to be the same for them to be taken for one table."""

_FAMILIES = {
    "text": ("VARCHAR", "CHAR", "TEXT", "CHARACTER", "CITEXT", "STRING"),
    "number": ("INTEGER", "BIGINT", "SMALLINT", "INT", "NUMERIC", "DECIMAL", "FLOAT", "REAL", "DOUBLE"),
    "time": ("DATE", "DATETIME", "TIMESTAMP"),
    "json": ("JSON", "JSONB"),
}
_WORDS = {word: family for family, words in _FAMILIES.items() for word in words}


@dataclass(frozen=True)
class Column:
    """A column as a database declares it: `type` is its DDL (`VARCHAR(100)`), `position` counts from 0."""

    table: str
    name: str
    type: str
    nullable: bool = False
    position: int = 0

    @property
    def path(self) -> str:
        """How a person names it: `products.name`."""
        return f"{self.table}.{self.name}"

    @property
    def family(self) -> str:
        """The kind of its values; one of a kind can be turned into another."""
        word = self.type.upper().replace("(", " ").split(" ")[0]
        return _WORDS.get(word, word)


@dataclass(frozen=True)
class Table:
    """A table by its columns."""

    name: str
    columns: tuple[Column, ...]

    @property
    def path(self) -> str:
        """How a person names it."""
        return self.name


@dataclass(frozen=True)
class Rename:
    """A column of `table` (its name in the models), or with `table` empty a table itself, called `new` from now on."""

    table: str
    old: str
    new: str

    @classmethod
    def parse(cls, text: str) -> "Rename":
        """The rename that `products.name:title` or `products:goods` means. Raises UsageError."""
        path, colon, new = text.partition(":")
        table, _, old = path.rpartition(".")
        new = new.removeprefix(f"{table}.") if table else new
        if not colon or not old or not new or "." in new or "." in table:
            raise UsageError(
                f"--rename {text!r} cannot be understood.", "Write it as TABLE.COLUMN:NEW, or as TABLE:NEW for a table."
            )
        return cls(table, old, new)

    def __str__(self) -> str:
        return f"{self.before}:{self.new}"

    @property
    def before(self) -> str:
        """What is renamed: `products.name`, or `products`."""
        return f"{self.table}.{self.old}" if self.table else self.old

    @property
    def after(self) -> str:
        """What it is called then: `products.title`, or `goods`."""
        return f"{self.table}.{self.new}" if self.table else self.new


def column_renames(dropped: Iterable[Column], added: Iterable[Column]) -> list[Rename]:
    """What may be a rename: two columns of one table with values of the same kind. The likeliest come first."""
    pairs = [
        (_column_score(old, new), Rename(old.table, old.name, new.name))
        for old in dropped
        for new in added
        if old.table == new.table and old.family == new.family
    ]
    return _best_first(pairs)


def table_renames(dropped: Sequence[Table], added: Sequence[Table]) -> list[Rename]:
    """What may be a rename: two tables whose columns are nearly the same. The likeliest come first."""
    pairs = []
    for old in dropped:
        for new in added:
            alike = _alike(old, new)
            if alike >= _ALIKE:
                pairs.append((alike + _similarity(old.name, new.name) / 2, Rename("", old.name, new.name)))
    return _best_first(pairs)


def _best_first(pairs: Iterable[tuple[float, Rename]]) -> list[Rename]:
    return [rename for _, rename in sorted(pairs, key=lambda pair: -pair[0])]


def _column_score(old: Column, new: Column) -> float:
    score = _similarity(old.name, new.name)
    score += 1.0 if old.type == new.type else 0.0
    score += 0.5 if old.nullable == new.nullable else 0.0
    return score + 0.5 / (1 + abs(old.position - new.position))


def _similarity(old: str, new: str) -> float:
    return SequenceMatcher(None, old, new).ratio()


def _alike(old: Table, new: Table) -> float:
    before = {(column.name, column.family) for column in old.columns}
    after = {(column.name, column.family) for column in new.columns}
    return len(before & after) / len(before | after) if before | after else 0.0
