"""The insertions that make one rendering of a file out of another, for a file that its owner may have edited.

Each function gives them in another grain; the finer one holds where the owner has been near. None: not in this grain.
"""

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path
from textwrap import dedent

from oppman.errors import OppmanError
from oppman.scaffold.insert import (
    ChangedAttribute,
    ClassAttribute,
    Definition,
    Edit,
    ImportForTypes,
    ImportNames,
    Regenerate,
    TableArgument,
)
from oppman.scaffold.insert.import_for_types import type_checking
from oppman.scaffold.insert.outline import binds
from oppman.scaffold.insert.python import Python, find, is_same
from oppman.scaffold.module_names import as_written
from oppman.scaffold.plan import Change, Text, read

Edits = tuple[Edit, ...]


def change(root: Path, path: str, grains: Iterable[Edits | None]) -> Change:
    """The first of the `grains` that the project's file takes; where it takes none, the first of all."""
    source = Text.of(read(root, path) or b"").source
    found = [edits for edits in grains if edits]
    for edits in found:
        try:
            _applied(source, edits)
        except OppmanError:
            continue
        return Change(path, edits)
    return Change(path, found[0] if found else ())


def whole(old: str, new: str) -> Edits:
    """The rows that differ, wherever they are in the file."""
    return (Regenerate(old, new),) if old != new else ()


def by_definition(old: str, new: str) -> Edits | None:
    """Names to import, new definitions, and the rows that differ within each of the others."""
    before, after = _Module(old), _Module(new)
    try:
        return (*_imports(before, after), *_definitions(before, after), *_rewrites(before, after))
    except _TooCoarse:
        return None


def by_attribute(old: str, new: str, classes: Iterable[str]) -> Edits | None:
    """As `by_definition`, but attributes of classes, new and changed ones, and elements of `__table_args__`, not rows.

    What belongs into the base of a model that is none of the `classes` goes into the model itself.
    """
    before, after = _Module(old), _Module(new)
    try:
        added = tuple(_attributes(before, after, set(classes)))
        return (*_imports(before, after), *_definitions(before, after), *added)
    except _TooCoarse:
        return None


class _TooCoarse(Exception):
    """What differs is not what this grain is made of."""


class _Module:
    def __init__(self, source: str) -> None:
        self.python = Python(source, "in the file", source)
        self.body = self.python.tree.body
        self.names = [name for node in self.body if (name := binds(node))]

    def text(self, node: ast.stmt) -> str:
        """The rows of a statement, decorators included, without the indent of its first."""
        first, last = self.python.rows_of(node)
        return dedent("\n".join(self.python.rows[first:last]))

    def imported(self) -> Iterator[tuple[str, str, bool]]:
        """The module and the name of what is imported, and whether it comes under that name from that module."""
        for node in self.body:
            if isinstance(node, ast.ImportFrom):
                for alias in node.names:
                    name = f"{alias.name} as {alias.asname}" if alias.asname else alias.name
                    yield as_written(node), name, not (alias.asname or node.level)

    def imported_for_types(self) -> Iterator[tuple[str, str]]:
        guard = type_checking(self.python.tree)
        for node in guard.body if guard else ():
            if isinstance(node, ast.ImportFrom):
                yield from ((node.module or "", alias.name) for alias in node.names)

    def others(self) -> set[str]:
        """The statements that have no name to find them by, the module's docstring left out."""
        known = type_checking(self.python.tree)
        return {ast.dump(node) for node in self.body[1:]
                if not binds(node) and not isinstance(node, ast.ImportFrom) and node is not known}  # fmt: skip


def _imports(before: _Module, after: _Module) -> Iterator[Edit]:
    known, quoted = set(before.imported()), set(before.imported_for_types())
    for module, name, is_plain in after.imported():
        if (module, name, is_plain) in known:
            continue
        if not is_plain:
            raise _TooCoarse
        yield ImportNames(module, (name,))
    for module, name in after.imported_for_types():
        if (module, name) not in quoted:
            yield ImportForTypes(module, (name,))


def _definitions(before: _Module, after: _Module) -> Iterator[Edit]:
    if before.others() != after.others() or not set(before.names) <= set(after.names):
        raise _TooCoarse
    for index, name in enumerate(after.names):
        if name not in before.names:
            following = next((other for other in after.names[index:] if other in before.names), None)
            yield Definition(after.text(_found(after.body, name)), before=following)


def _rewrites(before: _Module, after: _Module) -> Iterator[Edit]:
    for name in before.names:
        old, new = before.text(_found(before.body, name)), after.text(_found(after.body, name))
        if old != new:
            yield Regenerate(old, new, name)


def _attributes(before: _Module, after: _Module, classes: set[str]) -> Iterator[Edit]:
    for name in before.names:
        old, new = _found(before.body, name), _found(after.body, name)
        if is_same(old, new):
            continue
        if not isinstance(old, ast.ClassDef) or not isinstance(new, ast.ClassDef):
            raise _TooCoarse
        target = name if name in classes else name.removesuffix("Base")
        for node in new.body:
            there = find(old.body, binds(node)) if binds(node) else None
            if there is None and binds(node):
                yield ClassAttribute(target, after.text(node))
            elif binds(node) == "__table_args__" and isinstance(there, ast.Assign):
                yield from _table_arguments(target, there, node)
            elif isinstance(there, ast.AnnAssign) and not is_same(there, node):
                # Such as a relationship that now has to name its key.
                yield ChangedAttribute(target, before.text(there), after.text(node))
            elif there is not None and not is_same(there, node) and not isinstance(node, ast.FunctionDef):
                raise _TooCoarse


def _table_arguments(class_name: str, old: ast.Assign, new: ast.stmt) -> Iterator[Edit]:
    if not isinstance(new, ast.Assign) or not isinstance(old.value, ast.Tuple) or not isinstance(new.value, ast.Tuple):
        raise _TooCoarse
    known = {ast.dump(element) for element in old.value.elts}
    for element in new.value.elts:
        if ast.dump(element) not in known:
            yield TableArgument.of(class_name, ast.unparse(element).replace("'", '"'))


def _found(body: list[ast.stmt], name: str) -> ast.stmt:
    return find(body, name) or ast.Pass()


def _applied(source: str, edits: Edits) -> str:
    for edit in edits:
        source = edit.apply(source)
    return source
