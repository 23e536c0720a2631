"""Relationships that have to name their key, now that a second one joins the two tables."""

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

from oppman.scaffold.format import formatted
from oppman.scaffold.insert import Regenerate
from oppman.scaffold.insert.outline import binds, outline
from oppman.scaffold.insert.python import Python
from oppman.scaffold.models import Model
from oppman.scaffold.plan import Change, Text, read

_EXPLICIT = ("foreign_keys", "primaryjoin")
_OPTIONS = "sa_relationship_kwargs"


def naming_their_keys(root: Path, model: Model, other: Model, known: Mapping[str, object]) -> Iterator[Change]:
    """The changes of both models, one of which gets another key to the other's table.

    Nothing changes if there was no key between them so far, or if there were several: then each names its own already.
    `known` are the relationships of `model` that are written anew anyway.
    """
    keys = [
        f"{one.name}.{key.name}"
        for one, its in ((model, other), (other, model)) for key in one.attributes if key.refers_to == its.table
    ]  # fmt: skip
    if len(keys) != 1 or model.name == other.name:
        return
    for one, its, skipped in ((other, model, set[str]()), (model, other, set(known))):
        path = one.path.relative_to(root).as_posix()
        source = Text.of(read(root, path) or b"").source
        named = _named(source, one.name, its.name, keys[0], skipped)
        if named != source:
            if formatted(root, {path: source})[path] == source:
                named = formatted(root, {path: named})[path]
            old, new = (outline(text).source(one.name) for text in (source, named))
            yield Change(path, (Regenerate(old, new, one.name),))


def _named(source: str, name: str, other: str, key: str, skipped: set[str]) -> str:
    """The source in which the relationships of the class `name` with `other` name the key."""
    python = Python(source, f"in {name}", key)
    body = getattr(python.find(name), "body", [])
    for node in reversed(body):  # what stands above a change stays where it is
        match node:
            case ast.AnnAssign(
                annotation=kind, value=ast.Call(func=ast.Name(id="Relationship"), keywords=given) as call
            ):
                names = {one.arg for one in given}
                is_plain = not any(word in ast.unparse(call) for word in _EXPLICIT) and "link_model" not in names
                if other in _words(kind) and is_plain and binds(node) not in skipped:
                    source = _with_key(source, python, call, key)
            case _:
                pass
    return source


def _with_key(source: str, python: Python, call: ast.Call, key: str) -> str:
    added = f'{{"foreign_keys": "{key}"}}'
    for keyword in call.keywords:
        if keyword.arg == _OPTIONS:
            end = python.end(keyword.value)
            return f"{source[:end]} | {added}{source[end:]}"
    end = python.end(call) - 1
    inside = source[python.end(call.func) + 1 : end].rstrip()
    comma = "" if not inside or inside.endswith(",") else ", "
    return f"{source[:end].rstrip()}{comma}{_OPTIONS}={added}{source[end:]}"


def _words(annotation: ast.expr) -> set[str]:
    """The names in an annotation, quoted ones too."""
    found = {node.id for node in ast.walk(annotation) if isinstance(node, ast.Name)}
    return found | {node.value for node in ast.walk(annotation)
                    if isinstance(node, ast.Constant) and isinstance(node.value, str)}  # fmt: skip
