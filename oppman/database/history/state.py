"""What migrations have made of a schema so far, as they write it.

Types, defaults and conditions stay as the migrations write them. A database would give back its own form of them, which
another kind of database does not understand.
"""

import re
from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sqlalchemy import Column


@dataclass(frozen=True)
class ColumnState:
    """A column. `mark` stays the same through all its changes; `made` is the column as it was added."""

    mark: object
    made: "Column[Any]"
    now: "Column[Any]"


@dataclass(frozen=True)
class Part:
    """A constraint or an index: `make` is the operation that creates it, `mark` stays the same through renames."""

    mark: object
    make: Any


@dataclass(frozen=True)
class TableState:
    """A table. `mark` stays the same through all its changes."""

    mark: object
    name: str
    schema: str | None
    columns: Mapping[str, ColumnState]
    constraints: Mapping[str, Part] = field(default_factory=dict)
    indexes: Mapping[str, Part] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)
    comment: str | None = None


State = Mapping[str, TableState]
"""The tables by name, with the schema in front if there is one."""


def with_table(part: Part, old: str, new: str) -> Part:
    """A constraint or an index after a table was renamed."""
    made = copy(part.make)
    for name in ("table_name", "source_table", "referent_table"):
        if getattr(made, name, None) == old:
            setattr(made, name, new)
    return Part(part.mark, made)


def with_column(part: Part, table: str, old: str, new: str) -> Part:
    """A constraint or an index after a column of `table` was renamed."""
    made = copy(part.make)
    if getattr(made, "referent_table", None) == table:
        made.remote_cols = [new if name == old else name for name in made.remote_cols]
    if table not in {getattr(made, "table_name", None), getattr(made, "source_table", None)}:
        return Part(part.mark, made)
    for name in ("columns", "local_cols"):
        if listed := getattr(made, name, None):
            setattr(made, name, [_renamed(item, old, new) for item in listed])
    if hasattr(made, "condition"):
        made.condition = _renamed(made.condition, old, new)
    return Part(part.mark, made)


def _renamed(item: Any, old: str, new: str) -> Any:
    from sqlalchemy import text

    if str(getattr(item, "name", item)) == old:
        return new
    return item if not hasattr(item, "text") else text(re.sub(rf"\b{re.escape(old)}\b", new, item.text))
