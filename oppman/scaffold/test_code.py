"""What the tests of a resource say: the rows that it belongs to, what it needs, which lists have it."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from pprint import pformat
from typing import Any, NamedTuple
from uuid import UUID

from oppman.scaffold import schema_code
from oppman.scaffold.changed_example import Changed, other
from oppman.scaffold.examples import bounds, example, is_known, python_example
from oppman.scaffold.fields import Field
from oppman.scaffold.form_examples import typed
from oppman.scaffold.kinds import Kind
from oppman.scaffold.model_code import INTEGER, default, quoted
from oppman.scaffold.model_fields import fields_of, unknown_columns
from oppman.scaffold.models import Attribute, Model
from oppman.scaffold.naming import module_of
from oppman.scaffold.page_parents import is_own
from oppman.scaffold.resource import Resource


def words(r: Resource, changed: Changed | None) -> dict[str, Any]:
    """What the stubs of the tests can say. They change the row to what is `changed`."""
    required = [f.key for f in r.sent if not default(f, r.enum(f)) and f.type not in {Kind.JSON, Kind.MANY}]
    uniques = _uniques(r)
    unique = uniques[0].words if uniques else ""
    return {
        "missing": _MISSING, "missing_key": UUID(int=7) if r.options.uuid else 7, "parent_rows": ParentRows(r),
        "unmatched": [field.name for field in r.fields if not is_known(field)],
        "hidden": [field.key for field in r.fields if field.hidden or field.type is Kind.SECRET],
        "wrong_fields": quoted(field.key for field in r.sent), "required": quoted(required),
        "tested_sorts": quoted(["id", *r.sort_names]), "tested_filters": list(_filters(r)),
        "admin_values": list(_admin_values(r)), "has_unique": bool(unique), "tested_uniques": uniques,
        "unique_name": unique, "change": _change(changed, r), "impossible_keys": quoted(_impossible_keys(r)),
        "refers_to_itself": next((p.field.column for p in r.parents if is_own(r, p) and p.field.optional), ""),
        "unknown_keys": quoted([str(UUID(int=7))] if r.options.uuid else ["7", str(10**20)]),
    }  # fmt: skip


def _change(changed: Changed | None, r: Resource) -> dict[str, str]:
    """What is sent as an element of a dictionary, by layer, and the row then has; all of it "" if nothing changes."""
    if changed is None:
        return dict.fromkeys(("json", "form", "admin", "column", "is_stored", "enum"), "")
    field, value = changed
    sent = {"json": value, "form": pformat(typed(field, value)), "admin": _admin_value(field, value)}
    stored = python_example(field, r.enum(field), value)
    is_stored = f"is {stored}" if field.type is Kind.BOOL else f"== {stored}"
    return {layer: f'"{field.key}": {source}' for layer, source in sent.items()} | {
        "column": f"{r.names.class_name}.{field.column}",
        "is_stored": is_stored,
        "enum": r.enum(field) if field.type is Kind.ENUM else "",
    }


def _impossible_keys(r: Resource) -> tuple[str, ...]:
    return ("7", "abc", "%00") if r.options.uuid else ("0", "-1", str(INTEGER[1] + 1), "1.5", "abc", "%00")


class Unique(NamedTuple):
    """What two examples cannot both have."""

    words: str
    keys: tuple[str, ...]
    """Its fields, as they are sent."""
    apart: str = ""
    """What sets two examples apart in everything else that is unique, as the elements of a dictionary."""
    refused: str = ""
    """The field that is told to be taken."""


def _uniques(r: Resource) -> list[Unique]:
    given = {field.column: field for field in r.sent if not (field.type is Kind.REF and field.optional)}
    found = [Unique(field.name, (field.key,)) for field in r.uniques if field.column in given]
    for columns in r.options.uniques:
        if all(column in given for column in columns):
            fields = [given[column] for column in columns]
            found.append(Unique("_and_".join(field.name for field in fields), tuple(field.key for field in fields)))
    values = {field.key: value for field in given.values() if (value := other(field))}
    return [_alone(unique, found, values) for unique in found]


def _alone(unique: Unique, uniques: list[Unique], values: Mapping[str, str]) -> Unique:
    """The same, with what sets two examples apart in all the others; if nothing does, the first of them is told."""
    apart: dict[str, str] = {}
    for one in uniques:
        if one is not unique and apart.keys().isdisjoint(one.keys):
            key = next((key for key in one.keys if key not in unique.keys and key in values), None)
            if key is None:
                return unique._replace(refused=uniques[0].keys[0])
            apart[key] = values[key]
    elements = ", ".join(f'"{key}": {value}' for key, value in apart.items())
    return unique._replace(apart=elements, refused=unique.keys[0])


_MISSING = {"int": "2_000_000_000", "UUID": f'"{UUID(int=7)}"'}
"""A key that no row has, as Python source, by its type."""


def _admin_values(r: Resource) -> Iterator[tuple[str, str]]:
    """What the admin's form sends for the example, as Python source."""
    for field in r.sent:
        if field.type is not Kind.REF or not field.optional:
            yield field.name, _admin_value(field, example(field))


def _admin_value(field: Field, value: str) -> str:
    sent = {
        Kind.REF: f"str(new['{field.column}'])",
        Kind.MANY: f"list(map(str, new['{field.key}']))",
        Kind.BOOL: '"True"' if value == "True" else '""',
        Kind.DATETIME: value.replace("T", " ").replace("Z", ""),
        Kind.JSON: f"'{value}'",
        Kind.VECTOR: f"str({value})",
    }
    return sent.get(field.type) or (value if value.startswith('"') else f'"{value}"')


def _filters(r: Resource) -> Iterator[tuple[str, str]]:
    """A query that finds the example and one that does not, as Python source, for each filter."""
    if r.searched:
        words = example(r.searched[0]).strip('"')
        if set(words) <= _PLAIN_LETTERS:
            yield f'"q={words[1:].replace(" ", "+")}"', '"q=no+such+words"'
    for field in r.filters:
        value = example(field).strip('"')
        match field.type:
            case Kind.ENUM if len(field.choices) > 1:
                other = next(choice for choice in field.choices if choice != value)
                yield f'"{field.name}={value}"', f'"{field.name}={other}"'
            case Kind.BOOL:
                yield f'"{field.name}={value.lower()}"', f'"{field.name}=false"'
            case Kind.REF if not field.optional:
                yield f"f\"{field.column}={{new['{field.column}']}}\"", f'"{field.column}={_missing(field)}"'
            case Kind.MANY if field.key in r.first_links:
                yield f"f\"{field.key[:-1]}={{new['{field.key}'][0]}}\"", f'"{field.key[:-1]}={_missing(field)}"'
            case Kind.STR if set(value) <= _PLAIN_LETTERS:
                yield f'"{field.name}={value.replace(" ", "+")}"', f'"{field.name}=-"'
            case kind if kind in schema_code.RANGED:
                yield from _range(field, Decimal(value))


def _missing(field: Field) -> str:
    """A key that no row has, as an address has it."""
    return _MISSING[field.target_key].strip('"').replace("_", "")


def _range(field: Field, value: Decimal) -> Iterator[tuple[str, str]]:
    low, high = bounds(field)
    found = f'"min_{field.name}={value}&max_{field.name}={value}"'
    if value + 1 <= high:
        yield found, f'"min_{field.name}={value + 1}"'
    elif value - 1 >= low:
        yield found, f'"max_{field.name}={value - 1}"'


_PLAIN_LETTERS = set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 ")


class ParentRows:
    """The statements that add what a resource has to belong to, a row of each model, and those rows' models."""

    def __init__(self, resource: Resource) -> None:
        self.models: dict[str, str] = {}
        """The variable of each model that there is a row of."""
        self.lines: list[str] = []
        self.unknown = ""
        """The model that has a column of a type that no example is known for; "" if there is none."""
        self.enums: list[str] = []
        """The enum classes that the statements mention."""
        self.needs_owner = False
        """Whether one of the rows belongs to a user."""
        self.keys: dict[str, str] = {}
        """The expression for each column of the resource that refers to a row."""
        for parent in resource.parents:
            if not parent.field.optional:
                self.keys[parent.field.column] = self._key(parent.model, resource.models)
        for link in resource.links:
            if link.field.key in resource.first_links:
                self.keys[link.field.key] = f"[{self._key(link.model, resource.models)}]"

    def _key(self, model: Model, models: Mapping[str, Model]) -> str:
        """The key of a row as JSON has it."""
        key = f"{self._row(model, models)}.id"
        return f"str({key})" if model.key_type == "UUID" else key

    def _row(self, model: Model, models: Mapping[str, Model]) -> str:
        if model.name in self.models:
            return self.models[model.name]
        variable = self.models[model.name] = module_of(model.name)
        if missing := unknown_columns(model, models):
            self.unknown = self.unknown or f"{model.name}.{missing[0]}"
        values = ", ".join(f"{name}={value}" for name, value in self._values(model, models))
        self.lines += [f"{variable} = {model.name}({values})", f"session.add({variable})", "await session.flush()"]
        return variable

    def _values(self, model: Model, models: Mapping[str, Model]) -> Iterator[tuple[str, str]]:
        attributes = {attribute.name: attribute for attribute in model.attributes}
        if "owner_id" in attributes:
            self.needs_owner = True
            yield "owner_id", "keeper.id or 0"
        for field in fields_of(model, models):
            attribute: Attribute = attributes[field.column]
            if attribute.default or attribute.optional:
                continue
            if field.type is Kind.REF:
                other = models[field.target]
                yield field.column, f"{self._row(other, models)}.id{'' if other.key_type == 'UUID' else ' or 0'}"
            else:
                if field.type is Kind.ENUM:
                    self.enums.append(attribute.annotation)
                yield field.column, python_example(field, attribute.annotation)
