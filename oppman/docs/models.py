"""The tables of a MetaData as data: columns, keys, rules and the relations between them."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sqlalchemy import Column as SAColumn
    from sqlalchemy import MetaData
    from sqlalchemy import Table as SATable


@dataclass(frozen=True)
class Reference:
    """A foreign key on one column: where it points, and what happens when the row there is deleted ("" if refused)."""

    table: str
    column: str
    on_delete: str


@dataclass(frozen=True)
class Column:
    """One column; `default` and `choices` are empty if there are none."""

    name: str
    type: str
    primary_key: bool
    required: bool
    unique: bool
    default: str
    choices: tuple[str, ...]
    reference: Reference | None
    comment: str


@dataclass(frozen=True)
class Table:
    """One table, its keys first, the model behind it ("" for a plain table) and that model's docstring."""

    name: str
    model: str
    description: str
    columns: tuple[Column, ...]
    rules: tuple[str, ...]
    indexes: tuple[str, ...]


def read(metadata: "MetaData", models: Mapping[str, type] | None = None) -> list[Table]:
    """Every table, sorted by name. `models` maps a table's name to its class (see `mapped`)."""
    return [_table(table, (models or {}).get(name)) for name, table in sorted(metadata.tables.items())]


def mapped(module: ModuleType) -> dict[str, type]:
    """The classes of the registry that the models in `module` belong to, by the name of their table."""
    from sqlalchemy import inspect

    mappers: list[Any] = [inspect(thing, raiseerr=False) for thing in vars(module).values() if isinstance(thing, type)]
    registries = {mapper.registry for mapper in mappers if hasattr(mapper, "registry")}
    return {
        str(mapper.local_table): mapper.class_
        for registry in registries
        for mapper in registry.mappers
        if mapper.local_table is not None and mapper.inherits is None
    }


def _table(table: "SATable", model: type | None) -> Table:
    from sqlalchemy import CheckConstraint, UniqueConstraint

    unique = {
        constraint.columns.keys()[0]
        for constraint in table.constraints
        if isinstance(constraint, UniqueConstraint) and len(constraint.columns) == 1
    }
    unique |= {index.columns.keys()[0] for index in table.indexes if index.unique and len(index.columns) == 1}
    rules = [
        f"{', '.join(constraint.columns.keys())} together are unique"
        for constraint in table.constraints
        if isinstance(constraint, UniqueConstraint) and len(constraint.columns) > 1
    ]
    rules += [f"`{c.sqltext}`" for c in table.constraints if isinstance(c, CheckConstraint)]
    docstring = (vars(model).get("__doc__") or "") if model else ""
    return Table(
        name=table.fullname,
        model=model.__name__ if model else "",
        description=docstring or table.comment or "",
        columns=tuple(_column(c, unique) for c in sorted(table.columns, key=lambda c: not c.primary_key)),
        rules=tuple(sorted(rules)),
        indexes=tuple(sorted(_index(index) for index in table.indexes)),
    )


def _column(column: "SAColumn[Any]", unique: set[str]) -> Column:
    return Column(
        name=column.name,
        type=_type(column),
        primary_key=column.primary_key,
        required=not column.nullable,
        unique=column.key in unique,
        default=_default(column),
        choices=tuple(getattr(column.type, "enums", None) or ()),
        reference=_reference(column),
        comment=column.comment or "",
    )


def _reference(column: "SAColumn[Any]") -> Reference | None:
    keys = sorted(column.foreign_keys, key=lambda key: key.target_fullname)
    if not keys:
        return None
    table, _, name = keys[0].target_fullname.rpartition(".")
    return Reference(table, name, (keys[0].ondelete or "").lower())


def _type(column: "SAColumn[Any]") -> str:
    from sqlalchemy.exc import SQLAlchemyError

    try:
        return str(column.type.compile()).lower()
    except SQLAlchemyError:  # a type of one database alone
        return type(column.type).__name__.lower()


def _default(column: "SAColumn[Any]") -> str:
    if column.server_default is not None:
        return f"in the database: {getattr(getattr(column.server_default, 'arg', None), 'text', None) or 'computed'}"
    value: Any = getattr(column.default, "arg", None)
    if value is None:
        return ""
    if callable(value):
        return f"{getattr(value, '__name__', 'computed')}()"
    return str(getattr(value, "value", value)) if value != "" else "empty"


def _index(index: Any) -> str:
    columns = ", ".join(str(getattr(part, "name", part)) for part in index.expressions)
    return f"{columns} (unique)" if index.unique else columns
