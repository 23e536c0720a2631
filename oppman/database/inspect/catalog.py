"""What a database says of itself."""

from dataclasses import dataclass, field, replace
from typing import Any


@dataclass(frozen=True)
class Column:
    """`type` and `default` as the database writes them."""

    name: str
    type: str
    nullable: bool
    default: str | None
    key: bool = False


@dataclass(frozen=True)
class Index:
    """`keys` tell two columns of indexes apart that differ in their order or collation; None for an expression."""

    name: str
    columns: tuple[str, ...]
    keys: tuple[object, ...]
    unique: bool = False
    primary: bool = False
    partial: bool = False
    """Whether it holds some rows only, or other columns besides its keys."""
    valid: bool = True
    size: int | None = None
    """In bytes; None if that is not known."""
    scans: int | None = None
    """How often it was used since the statistics began; None if nobody counts."""
    definition: str = ""


@dataclass(frozen=True)
class ForeignKey:
    """A key of `table` that refers to another."""

    name: str
    table: str
    columns: tuple[str, ...]
    refers_to: str
    their_columns: tuple[str, ...]
    on_delete: str


@dataclass(frozen=True)
class Table:
    """`rows` is an estimate unless `exact`, and None if there is none yet; sizes are in bytes."""

    name: str
    rows: int | None = None
    exact: bool = False
    size: int | None = None
    index_size: int | None = None
    dead_rows: int | None = None
    analyzed: str | None = None
    columns: tuple[Column, ...] = ()
    indexes: tuple[Index, ...] = ()
    keys: tuple[ForeignKey, ...] = ()
    constraints: tuple[tuple[str, str], ...] = ()
    """Names and definitions, without those that are keys or indexes on SQLite."""
    row_key: str = ""
    """On SQLite, the column that is the place of the row itself, and needs no index."""


@dataclass(frozen=True)
class Sequence:
    """The numbers that a column takes: the last one, and the greatest that fits."""

    name: str
    column: str
    last: int
    limit: int


@dataclass(frozen=True)
class Catalog:
    """`since` is when the counting of uses began."""

    tables: tuple[Table, ...]
    size: int
    sequences: tuple[Sequence, ...] = ()
    since: str | None = None
    notes: tuple[str, ...] = field(default=())

    def referring_to(self, table: str) -> list[ForeignKey]:
        """The foreign keys of all tables that refer to the table."""
        return [key for other in self.tables for key in other.keys if key.refers_to == table]


def grouped(rows: list[tuple[Any, ...]]) -> dict[str, list[tuple[Any, ...]]]:
    """Rows by their first value, without it."""
    found: dict[str, list[tuple[Any, ...]]] = {}
    for name, *rest in rows:
        found.setdefault(name, []).append(tuple(rest))
    return found


def counted(tables: list[Table], counts: dict[str, int]) -> tuple[Table, ...]:
    """The tables with the rows that were counted."""
    return tuple(
        replace(table, rows=counts[table.name], exact=True) if table.name in counts else table for table in tables
    )
