"""Insertions into the Python and HTML that an owner has edited, and taking them back: the reverse of `forget`.

A source is never rewritten. An insertion finds its place in the syntax tree and adds its own text there, laid out as
`ruff format` and its import sorting would have it; every other byte stays. It has three outcomes: inserted, already
there, could not (`CannotInsert` with the lines to paste).
"""

from typing import Any

from oppman.errors import OppmanError
from oppman.scaffold.insert.changed_attribute import ChangedAttribute
from oppman.scaffold.insert.class_attribute import ClassAttribute
from oppman.scaffold.insert.definition import Definition
from oppman.scaffold.insert.edit import CannotInsert, Edit
from oppman.scaffold.insert.exported import Exported
from oppman.scaffold.insert.html import HtmlAfter
from oppman.scaffold.insert.import_aliases import ImportAliases
from oppman.scaffold.insert.import_for_types import ImportForTypes
from oppman.scaffold.insert.imports import ImportNames
from oppman.scaffold.insert.list_item import ListItem, TableArgument
from oppman.scaffold.insert.regenerate import Regenerate
from oppman.scaffold.insert.rewrite import Rewrite

__all__ = [
    "CannotInsert",
    "ChangedAttribute",
    "ClassAttribute",
    "Definition",
    "Edit",
    "Exported",
    "HtmlAfter",
    "ImportAliases",
    "ImportForTypes",
    "ImportNames",
    "ListItem",
    "Regenerate",
    "Rewrite",
    "TableArgument",
    "from_json",
]

_IMPORTS = (Exported, ImportAliases, ImportForTypes, ImportNames)
_PYTHON = (ChangedAttribute, ClassAttribute, Definition, ListItem, TableArgument)
_KINDS: dict[str, type[Edit]] = {kind.__name__: kind for kind in (*_IMPORTS, *_PYTHON, HtmlAfter, Regenerate, Rewrite)}


def from_json(value: dict[str, Any]) -> Edit:
    """The edit that `Edit.to_json` described."""
    kind = _KINDS.get(value.get("edit", ""))
    fields = {name: tuple(field) if isinstance(field, list) else field for name, field in value.items()}
    fields.pop("edit", None)
    try:
        if kind is not None:
            return kind(**fields)
    except TypeError:
        pass
    raise OppmanError(f"This is no edit that oppman knows: {value}.", "Was it recorded by a newer oppman?")
