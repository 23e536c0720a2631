"""Names that a module imports, in the order in which `ruff` sorts them."""

import ast
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Self

from oppman.scaffold.insert.edit import Edit
from oppman.scaffold.insert.elements import Elements
from oppman.scaffold.insert.outline import Statement
from oppman.scaffold.insert.python import WIDTH, Python, own_comments
from oppman.scaffold.module_names import as_written

_Key = tuple[object, ...]


@dataclass(frozen=True)
class ImportNames(Edit):
    """`from module import name, …` at the top of a file. `package` is the project's own, which is sorted last.

    Taking it back leaves a name that the file uses. `exploded`: adding the names made several rows of one.
    """

    module: str
    names: tuple[str, ...]
    package: str = "webapp"
    exploded: bool = False

    def apply(self, source: str) -> str:
        python = self._read(source)
        missing = self._missing(python)
        if not missing:
            return source
        if (found := self._found(python)) is None:
            return self._new_statement(python, missing)
        for name in missing:
            key, codes = member_key(name), found.codes
            behind = (i for i, code in enumerate(codes) if member_key(code.partition(" ")[0]) > key)
            index = next(behind, len(codes))
            found = found.insert(index, self._code(name))
        return found.text

    def recorded(self, before: str, after: str) -> Self:
        python = self._read(before)
        exploded = self._has_one_row(before) and not self._has_one_row(after)
        return replace(self, names=self._missing(python), exploded=exploded)

    def _has_one_row(self, source: str) -> bool:
        elements = self._found(self._read(source))
        return elements is not None and elements.is_one_row

    def take_back(self, source: str) -> str:
        python = self._read(source)
        unused = set(self.names) - _used(python.tree)
        for one, node in reversed(list(self._statements(python))):  # a cut leaves what stands above it where it is
            gone = [alias.name for alias in node.names if self._is_own(alias) and alias.name in unused]
            if gone and len(gone) == len(node.names):
                source = self._without(python, one, node)
            elif gone:
                elements = self._elements(python, one, node)
                for name in gone:
                    elements = elements.remove(elements.codes.index(self._code(name)), join=self.exploded)
                source = elements.text
            python = self._read(source)
        return source

    def _read(self, source: str) -> Python:
        return Python(source, self._where, f"from {self.module} import {', '.join(map(self._code, self.names))}")

    def _code(self, name: str) -> str:
        """How the statement imports the name."""
        return name

    def _is_own(self, alias: ast.alias) -> bool:
        """Whether it is imported like that."""
        return alias.asname is None

    @property
    def _where(self) -> str:
        return "among the imports"

    def _missing(self, python: Python) -> tuple[str, ...]:
        there = {a.name for _, node in self._statements(python) for a in node.names if a.asname in {None, a.name}}
        return tuple(sorted(set(self.names) - there, key=member_key))

    def _statements(self, python: Python) -> Iterator[tuple[Statement, ast.ImportFrom]]:
        for one in python.statements:
            if one.kind == "import" and self.module in python.rows[one.first]:
                node = python.imported(one)
                if isinstance(node, ast.ImportFrom) and as_written(node) == self.module:
                    yield one, node

    def _found(self, python: Python) -> Elements | None:
        """The names of the import that takes new ones; a name under an alias has a statement of its own."""
        for one, node in self._statements(python):
            if any(alias.asname is None and alias.name != "*" for alias in node.names):
                return self._elements(python, one, node)
        return None

    def _elements(self, python: Python, statement: Statement, _: ast.ImportFrom) -> Elements:
        return elements_of(python, python.node(statement))

    def _new_statement(self, python: Python, names: tuple[str, ...]) -> str:
        codes = [self._code(name) for name in names]
        line = f"from {self.module} import {', '.join(codes)}"
        if len(line) > WIDTH:
            line = "\n".join([f"from {self.module} import (", *(f"    {code}," for code in codes), ")"])
        key = (self._section(self.module), True, *_natural(self.module.lstrip(".")), member_key(names[0]))
        keys = [(self._key(node), one) for one, node in import_block(python)]
        same = [(other, one) for other, one in keys if other[0] == key[0]]
        if smaller := [one for other, one in same if other < key]:
            return python.put(smaller[-1].last, line)
        if same:
            first = same[0][1].first
            above = python.with_comments(first)
            return python.put(above or first, line)  # what opens the file is not about its first import
        if lower := [one for other, one in keys if other < key]:
            return python.put(lower[-1].last, "", line)
        if keys:
            return python.put(keys[0][1].first, line, "")
        return self._first_import(python, line)

    def _first_import(self, python: Python, line: str) -> str:
        if not python.statements:
            return python.put(len(python.rows) - 1, line)
        opening = python.node(python.statements[0])
        if _is_docstring(opening):
            return python.put(python.statements[0].last, "", line)
        first = python.with_comments(python.statements[0].first)
        is_definition = isinstance(opening, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        return python.put(first, line, *[""] * (1 + is_definition))

    def _without(self, python: Python, statement: Statement, _: ast.ImportFrom) -> str:
        if not python.stands_alone(python.node(statement)):
            return python.text
        first, last = statement.first, statement.last
        kept = own_comments("\n".join(python.rows[first:last]))
        return python.replace(first, last, *kept) if kept else python.cut(first, last)

    def _key(self, node: ast.Import | ast.ImportFrom) -> _Key:
        if isinstance(node, ast.Import):
            return (self._section(node.names[0].name), False, *_natural(node.names[0].name))
        first = min(map(_alias_key, node.names))
        return (4 if node.level else self._section(node.module or ""), True, *_natural(node.module or ""), first)

    def _section(self, module: str) -> int:
        if module.startswith("."):
            return 4
        top = module.partition(".")[0]
        if top == "__future__":
            return 0
        return 1 if top in sys.stdlib_module_names else 3 if top == self.package else 2


def elements_of(python: Python, node: ast.stmt) -> Elements:
    """The names that a statement imports."""
    start, end = python.start(node), python.end(node)
    names = re.compile(r"from\b.*?\bimport\b[ \\\n]*", re.DOTALL).match(python.text, start)
    start = names.end() if names else start
    return Elements(python.text, start, end, naked=python.text[start] != "(")


def import_block(python: Python) -> Iterator[tuple[Statement, ast.Import | ast.ImportFrom]]:
    """The imports at the top of the file, up to the first statement of another kind."""
    for number, one in enumerate(python.statements):
        if one.kind == "import":
            yield one, python.imported(one)
        elif number or not _is_docstring(python.node(one)):
            return


def _is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def member_key(name: str) -> _Key:
    """By what `ruff` sorts names: constants before classes before functions and modules."""
    kind = 0 if len(name) > 1 and name.isupper() else 1 if name[:1].isupper() else 2
    return (name != "*", kind, *_natural(name))


def _alias_key(alias: ast.alias) -> _Key:
    return member_key(alias.name)


_NUMBER = re.compile(r"(\d+)")


@lru_cache(maxsize=4096)  # an edit compares its names with all those that are there
def _natural(name: str) -> tuple[tuple[object, ...], tuple[object, ...]]:
    """Letters without their case first, and numbers by their value."""

    def parts(text: str) -> tuple[object, ...]:
        return tuple((0, int(part), "") if part.isdigit() else (1, 0, part) for part in _NUMBER.split(text))

    return parts(name.lower()), parts(name)


def _used(tree: ast.Module) -> set[str]:
    """The names that code, annotations in quotes and `__all__` mention."""
    names: set[str] = set()
    for node in ast.walk(tree):
        quoted: ast.AST | None = None
        match node:
            case ast.Name(id=name):
                names.add(name)
            case ast.AnnAssign(annotation=note) | ast.arg(annotation=note):
                quoted = note
            case ast.FunctionDef(returns=note) | ast.AsyncFunctionDef(returns=note):
                quoted = note
            case ast.Assign(targets=[ast.Name(id="__all__")], value=value):
                quoted = value
        for text in ast.walk(quoted) if quoted else ():
            if isinstance(text, ast.Constant) and isinstance(text.value, str):
                names.update(re.findall(r"\w+", text.value))
    return names
