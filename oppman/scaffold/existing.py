"""A model that the project has already, as a resource: what else it consists of can be written from that."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from oppman.errors import OppmanError, Refused
from oppman.scaffold import journal
from oppman.scaffold.fields import Field, parse_fields
from oppman.scaffold.kinds import SLICE, Kind
from oppman.scaffold.model_code import TEXTS
from oppman.scaffold.model_fields import fields_of, unknown_columns
from oppman.scaffold.models import Attribute, Model
from oppman.scaffold.naming import Names, class_name_of, module_of, plural_of
from oppman.scaffold.record import State
from oppman.scaffold.resource import Options, Resource

_MOMENTS = {Kind.DATE, Kind.DATETIME, Kind.TIME}


def model_called(name: str, models: Mapping[str, Model]) -> Model | None:
    """The model for Book, book or book_review; None if there is none. Raises InvalidName for what is no name."""
    wanted = class_name_of(name)
    by_name = {module_of(known): model for known, model in models.items()}
    return models.get(wanted) or by_name.get(module_of(wanted))


def resource_of(root: Path, model: Model, models: Mapping[str, Model], about: str) -> Resource:
    """The resource that `model` is, told by its source and, if a run made it, by what was said then.

    `about` is what it is if its docstring is no sentence to quote. Raises Refused for a model whose rows could not be
    written by what the generator knows.
    """
    attributes = {attribute.name: attribute for attribute in model.attributes}
    if "id" not in attributes:
        raise Refused(
            f"{model.name} has no column id, and what is generated finds its rows by that.",
            "Write its service by hand.",
        )
    options = Options(
        owned=_is_owner(attributes.get("owner_id")),
        soft_delete="deleted_at" in attributes,
        uuid=model.key_type == "UUID",
    )
    said = _said(root, model)
    known = list(_known(fields_of(model, models), attributes, said))
    order = list(said)
    fields = tuple(sorted(known, key=lambda field: _place(field, order)))
    have = {field.column for field in fields}
    missing = [name for name in unknown_columns(model, models) if name not in have]
    missing += ["owner_id"] if _has_to_be_given(attributes.get("owner_id")) and not options.owned else []
    if missing:
        raise Refused(
            f"{model.name}.{missing[0]} has to be filled in, and the generator has no word for a column like it.",
            "Give it a default, let it be empty, or write it by hand. `oppman scaffold fields` has the types.",
        )
    if not fields:
        raise Refused(f"{model.name} has no column that could be written.", "Give it one first.")
    return _with_uniques(Resource(names_of(model), fields, about, models, options, model), model)


def _place(field: Field, order: Sequence[str]) -> int:
    """Where the field stood when it was said; the others follow as the model has them."""
    name = field.column or field.name
    return order.index(name) if name in order else len(order)


def quotable(model: Model) -> str:
    """The first line of the model's docstring, if it can stand in other files as it is; "" if not."""
    plain = model.about and len(model.about) <= 80 and not re.search(r"[\"\\{}<>]", model.about)
    return model.about if plain else ""


def names_of(model: Model) -> Names:
    """The names that the generator would have, with the model's table as the plural, if its owner gave it a name."""
    singular = module_of(model.name)
    is_named = model.table != model.name.lower() and re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", model.table)
    plural = model.table if is_named else plural_of(singular)
    return Names(model.name, singular, plural, *(name.replace("_", " ").capitalize() for name in (singular, plural)))


def _is_owner(attribute: Attribute | None) -> bool:
    return attribute is not None and "users.id" in attribute.arguments.get("foreign_key", "") and not attribute.optional


def _has_to_be_given(attribute: Attribute | None) -> bool:
    return attribute is not None and not attribute.optional and not attribute.default


def _said(root: Path, model: Model) -> dict[str, Field]:
    """The fields that the runs which made the model were told, by what the model calls them."""
    found: dict[str, Field] = {}
    for run in journal.history(root, model.name):
        if run.state is State.DONE and run.notes.get("class") == model.name:
            try:
                said = parse_fields([word for word in run.notes.get("said", ()) if not word.startswith("--")])
            except OppmanError:  # of another version of the grammar
                continue
            found |= {field.column or field.name: field for field in said}
    return found


def _known(fields: Sequence[Field], attributes: Mapping[str, Attribute], said: Mapping[str, Field]) -> Iterator[Field]:
    """The fields as the model has them, with what only the grammar can say."""
    for field in fields:
        other, attribute = said.get(field.column), attributes[field.column]
        if other is not None:
            yield _merged(field, other)
        elif field.type is Kind.STR and field.name.endswith("_hash") and attribute.arguments.get("repr") == "False":
            yield Field(field.name.removesuffix("_hash"), Kind.SECRET, attribute.optional)
        else:
            # An index that a list is sorted by makes no filter of a text.
            yield replace(field, index=field.index and field.name not in {"name", "title", "label"})
    yield from (field for field in said.values() if field.type is Kind.MANY)


def _merged(field: Field, said: Field) -> Field:
    if said.type in {Kind.SECRET, Kind.FILE, Kind.IMAGE}:  # to the model they are texts like others
        return said
    if said.type is not field.type and not {said.type, field.type} <= TEXTS:
        return field
    if said.type in _MOMENTS:  # their bounds stand in the schemas alone
        field = replace(field, minimum=said.minimum, maximum=said.maximum)
    return replace(
        field, type=said.type, index=said.index, hidden=said.hidden, searchable=said.searchable, pattern=said.pattern
    )  # fmt: skip


def _with_uniques(resource: Resource, model: Model) -> Resource:
    """The resource with what is unique among an owner's rows, and with what is unique together."""
    columns = {field.column: field for field in resource.fields if field.column and field.column not in SLICE}
    alone, together = set(), []
    for unique in model.uniques_together:
        own = unique[1:] if resource.options.owned and unique[0] == "owner_id" else unique
        if len(own) == 1:
            alone.add(own[0])
        elif all(column in columns for column in own):
            together.append(own)
    fields = tuple(replace(one, unique=one.unique or one.column in alone) for one in resource.fields)
    return replace(resource, fields=fields, options=replace(resource.options, uniques=tuple(together)))
