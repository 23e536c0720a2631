"""The resources that have demo data: every module of this package with a `model` and a `row`."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from sqlalchemy import ForeignKeyConstraint, Table, Uuid
from sqlalchemy.orm import RelationshipProperty, configure_mappers
from sqlalchemy.schema import sort_tables_and_constraints
from sqlmodel import SQLModel

import webapp.demo
from webapp.demo.draw import Draw
from webapp.models import metadata


@dataclass(frozen=True)
class Resource:
    """One resource: its table, how many rows it has for `--rows N`, and how a row is drawn."""

    model: type[SQLModel]
    row: Callable[[Draw], dict[str, Any]]
    count: Callable[[int], int]

    @property
    def table(self) -> Table:
        table: Table = self.model.__table__  # type: ignore[attr-defined]
        return table

    @property
    def name(self) -> str:
        """The table's name."""
        return self.table.name

    @property
    def many(self) -> dict[str, "RelationshipProperty[Any]"]:
        """The many-to-many relations, which a row gives as a list of keys."""
        configure_mappers()
        relations = self.model.__mapper__.relationships  # type: ignore[attr-defined]
        return {name: relation for name, relation in relations.items() if relation.secondary is not None}

    @property
    def needs(self) -> tuple[str, ...]:
        """The columns that a row cannot do without although the row that they refer to may be gone."""
        return tuple(column.name for column in self.table.columns if column.foreign_keys and not column.nullable)


@lru_cache
def resources() -> tuple[Resource, ...]:
    """All resources, each after those that its foreign keys refer to."""
    found = {}
    for info in iter_modules(webapp.demo.__path__, "webapp.demo."):
        module = import_module(info.name)
        if "model" in vars(module) and "row" in vars(module):
            resource = Resource(module.model, module.row, getattr(module, "count", _as_many))
            _check(resource, info.name)
            found[resource.table] = resource
    tables = sorted(metadata.tables.values(), key=lambda table: table.key)
    sort: Any = sort_tables_and_constraints  # it has no types
    in_order = sort(tables, filter_fn=lambda key: _closes_a_circle(key) or None)
    return tuple(found[table] for table, _ in in_order if table is not None and table in found)


def _closes_a_circle(key: ForeignKeyConstraint) -> bool:
    """Whether tables refer to each other, be it through others, and the rows of this one can do without the key."""
    seen: set[Table] = set()
    left = [key.referred_table] if all(column.nullable for column in key.columns) else []
    while left:
        table = left.pop()
        if table is key.table:
            return True
        if table not in seen:
            seen.add(table)
            left += [other.referred_table for other in table.foreign_key_constraints]
    return False


def _as_many(rows: int) -> int:
    return rows


def _check(resource: Resource, module: str) -> None:
    """What the loader relies on: one key, which is never given out a second time."""
    keys = resource.table.primary_key.columns
    lasting = resource.table.dialect_options["sqlite"]["autoincrement"]
    if len(keys) != 1 or not (lasting or isinstance(keys[0].type, Uuid)):
        raise TypeError(
            f"{module}: the table {resource.name} needs one key, a UUID or an integer with "
            '{"sqlite_autoincrement": True}, so that unloading cannot meet a row of yours where a deleted one was.'
        )
