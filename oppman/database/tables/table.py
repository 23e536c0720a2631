"""What a table is made of, in the same words for SQLite and PostgreSQL."""

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

VERSION_TABLE = "alembic_version"
"""Alembic's own table. It is never among those that are read here: `status.py` knows what it says."""


class Kind(StrEnum):
    """What the values of a column are, whichever way its database stores them."""

    INTEGER = "integer"
    FLOAT = "float"
    DECIMAL = "decimal"
    BOOLEAN = "boolean"
    TEXT = "text"
    ENUM = "enum"
    """PostgreSQL's own enums; in `Column.members`, in their order. On SQLite such a column is TEXT."""
    DATE = "date"
    TIME = "time"
    DATETIME = "datetime"
    """SQLite stores it without an offset; it is UTC then. `Column.aware` says whether PostgreSQL keeps one."""
    INTERVAL = "interval"
    JSON = "json"
    UUID = "uuid"
    BINARY = "binary"
    VECTOR = "vector"
    """pgvector's. On SQLite such a column is BINARY: packed little-endian 32-bit numbers."""
    OTHER = "other"
    """Anything else, such as an array or a range: as its database writes it as text."""


@dataclass(frozen=True)
class Column:
    """One column. Numbers that say nothing for its kind are None."""

    name: str
    type: str
    """As the database declares it: `VARCHAR(100)`, `timestamp with time zone`."""
    kind: Kind
    nullable: bool
    length: int | None = None
    """Characters of a text; numbers of a vector."""
    precision: int | None = None
    scale: int | None = None
    bits: int | None = None
    """Size of an integer on PostgreSQL: 16, 32 or 64. None on SQLite, where it is 64 at most."""
    aware: bool = False
    members: tuple[str, ...] = ()
    has_default: bool = False
    generated: bool = False
    """Computed by the database from other columns: it cannot be written."""
    sequence: str | None = None
    """The sequence that gives its values on PostgreSQL, quoted and with its schema; None on SQLite."""


@dataclass(frozen=True)
class ForeignKey:
    """`columns` of a table refer to `referred_columns` of `referred`. `name` is None where SQLite keeps none."""

    name: str | None
    columns: tuple[str, ...]
    referred: str
    referred_columns: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """One table with its columns in their order."""

    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    """The columns of the primary key; empty without one."""
    uniques: tuple[tuple[str, ...], ...] = ()
    """Other columns that tell a row from all others: unique constraints, and unique indexes without a condition."""
    foreign_keys: tuple[ForeignKey, ...] = ()

    @cached_property
    def by_name(self) -> dict[str, Column]:
        """The columns by their names."""
        return {column.name: column for column in self.columns}

    @cached_property
    def written(self) -> tuple[Column, ...]:
        """The columns that a row can be written with: all but the generated ones."""
        return tuple(column for column in self.columns if not column.generated)
