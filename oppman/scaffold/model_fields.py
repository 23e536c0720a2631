"""The fields of a model that is there already, as the grammar would say them: the reverse of `model_code`."""

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from oppman.scaffold.fields import Field
from oppman.scaffold.kinds import SLICE, Kind
from oppman.scaffold.model_code import INTEGER, NUMBERS, ON_DELETE, TEXTS
from oppman.scaffold.models import Attribute, Model, classes_of
from oppman.scaffold.naming import module_of

_KINDS = {
    "str": Kind.STR, "int": Kind.INT, "float": Kind.FLOAT, "Decimal": Kind.DECIMAL, "bool": Kind.BOOL,
    "date": Kind.DATE, "datetime": Kind.DATETIME, "AwareDatetime": Kind.DATETIME, "time": Kind.TIME, "UUID": Kind.UUID,
    "dict[str, Any]": Kind.JSON,
}  # fmt: skip
_CHECKED = {"Email": Kind.EMAIL, "WebAddress": Kind.URL, "Slug": Kind.SLUG}
_MAKERS = {"Decimal": Decimal, "UUID": UUID, "date": date, "datetime": datetime, "time": time}


def fields_of(model: Model, models: Mapping[str, Model]) -> tuple[Field, ...]:
    """The fields that the grammar has a word for; a column of another type is left out, as are the generator's own."""
    tables = {other.table: other.name for other in models.values()}
    found = tuple(_fields(model, tables, _checked(model)))
    title = next((field for field in found if field.type is Kind.STR and not field.optional), None)
    # A list is sorted by its title anyway, which has an index for that.
    return tuple(replace(field, index=False) if field is title else field for field in found)


def unknown_columns(model: Model, models: Mapping[str, Model]) -> tuple[str, ...]:
    """The columns that have to be filled in and that `fields_of` has no field for."""
    known = {field.column for field in fields_of(model, models)} | SLICE
    return tuple(one.name for one in model.attributes if one.name not in known and not one.default and not one.optional)


def _checked(model: Model) -> dict[str, Kind]:
    """Which texts the schema that creates a row looks at more closely than the model does."""
    schema = model.root / "webapp/schemas" / f"{module_of(model.name)}.py"
    found: dict[str, Kind] = {}
    for node in classes_of(schema) if schema.is_file() else ():
        for statement in node.body if node.name == f"{model.name}Create" else ():
            match statement:
                case ast.AnnAssign(target=ast.Name(id=column), annotation=annotation):
                    named = {one.id for one in ast.walk(annotation) if isinstance(one, ast.Name)} & _CHECKED.keys()
                    for name in named:
                        found[column] = _CHECKED[name]
                case _:
                    pass
    return found


def _fields(model: Model, tables: Mapping[str, str], checked: Mapping[str, Kind]) -> Iterator[Field]:
    for attribute in model.attributes:
        if attribute.name in SLICE:
            continue
        if field := _field(attribute, model, tables):
            if field.type is Kind.STR:
                field = replace(field, type=checked.get(field.name, Kind.STR))
            yield replace(
                field, unique=attribute.name in model.uniques,
                index=attribute.name in model.indexes and field.type is not Kind.REF,
            )  # fmt: skip


def _field(attribute: Attribute, model: Model, tables: Mapping[str, str]) -> Field | None:
    arguments, name = attribute.arguments, attribute.name
    if table := attribute.refers_to:
        words = {sql: word for word, sql in ON_DELETE.items()}
        on_delete = words.get(arguments.get("ondelete", "").strip("'\""), "restrict")
        target = "self" if table == model.table else tables.get(table, "")
        known = bool(target) and name.endswith("_id")
        field = Field(name.removesuffix("_id"), Kind.REF, attribute.optional, target=target, on_delete=on_delete)
        return field if known else None
    if found := re.fullmatch(r"Vector\(([0-9_]+)\)", arguments.get("sa_type", "")):
        return Field(name, Kind.VECTOR, attribute.optional, dimensions=int(found[1]))
    choices = (model.choices or {}).get(attribute.annotation)
    kind = Kind.ENUM if choices else _KINDS.get(attribute.annotation)
    if kind is None:
        return None
    if kind is Kind.STR and arguments.get("sa_type") == "Text":
        kind = Kind.TEXT
    field = Field(name, kind, attribute.optional, choices=choices or ())
    return _with_rules(_with_default(field, attribute.default), arguments)


def _with_default(field: Field, default: str) -> Field:
    if not default or default == "None":
        return field
    if field.type is Kind.JSON or (field.type in TEXTS and default in {"''", '""'}):
        return replace(field, optional=True)
    if field.type is Kind.ENUM:
        chosen = default.rpartition(".")[2].lower()
        return replace(field, default=chosen if chosen in field.choices else field.choices[0])
    value = _value(default)
    return replace(field, optional=True) if value is None else replace(field, default=value)


def _with_rules(field: Field, arguments: Mapping[str, str]) -> Field:
    def number(name: str) -> Any:
        return _value(arguments[name]) if name in arguments else None

    if field.type in TEXTS:
        least = number("min_length")
        return replace(field, minimum=None if least == 1 else least, maximum=number("max_length"))
    if field.type not in NUMBERS:
        return field
    low, high = number("ge"), number("le")
    least, most = {Kind.INT: INTEGER, Kind.FLOAT: (-1e300, 1e300)}.get(field.type, (None, None))
    low, high = None if low == least else low, None if high == most else high  # what every such column has
    if field.type is Kind.DECIMAL:
        field = replace(field, digits=number("max_digits") or 10, places=number("decimal_places") or 0)
    return replace(field, minimum=low, maximum=high)


def _value(source: str) -> Any:
    """What a literal, or a call that makes a value, means; None for another expression."""
    try:
        node = ast.parse(source, mode="eval").body
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _MAKERS:
            return _MAKERS[node.func.id](*(ast.literal_eval(one) for one in node.args))
        return ast.literal_eval(node)
    except (ValueError, SyntaxError, TypeError, InvalidOperation):
        return None
