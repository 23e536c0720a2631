"""One change of a database, as both Alembic's operations and SQL can say it."""

from dataclasses import dataclass
from typing import Literal

Database = Literal["sqlite", "postgres"]

Kind = Literal[
    "create_table", "drop_table", "rename_table", "rename_schema",
    "add_column", "drop_column", "rename_column", "change_type", "set_not_null", "alter_column",
    "create_index", "drop_index",
    "add_foreign_key", "add_check", "add_unique", "add_exclude", "drop_constraint", "validate",
    "add_enum_value", "drop_cascade", "write_rows",
]  # fmt: skip

Default = Literal["", "stable", "volatile"]
"""Whether existing rows get a value from the database: none, the same for all, or one for each."""


@dataclass(frozen=True)
class Column:
    """A column as far as it could be read; a `type` that is not known is empty."""

    name: str
    type: str = ""
    nullable: bool = True
    default: Default = ""
    stored: bool = False
    """Whether it is generated and kept in the table."""


@dataclass(frozen=True)
class Change:
    """What happens to a table. A name that is computed in a way that cannot be followed is empty."""

    kind: Kind
    table: str = ""
    name: str = ""
    """Of the column, index or constraint."""
    new_name: str = ""
    columns: tuple[Column, ...] = ()
    type: str = ""
    old_type: str = ""
    refers_to: str = ""
    cascade: bool = False
    """A foreign key deletes its rows with those that it refers to; a drop takes along what depends on it."""
    concurrently: bool = False
    not_valid: bool = False
    using_index: bool = False
    condition: str = ""
    """Of a check, in SQL."""
    unnamed: bool = False
    """The constraint is given no name at all."""
