"""Names that a module offers to others as `Name as Name`, which strict type checkers ask for without an `__all__`."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from oppman.scaffold.insert.elements import Elements
from oppman.scaffold.insert.imports import ImportNames, elements_of
from oppman.scaffold.insert.python import Python


@dataclass(frozen=True)
class ImportAliases(ImportNames):
    """`from module import Name as Name`: a statement for each, as `ruff` does it, unless the file combines them."""

    def _apply(self, source: str) -> str:
        python = self._read(source)
        if any(len(node.names) > 1 for node in _aliased(python)):
            return super()._apply(source)
        for name in self._missing(python):
            python = self._read(self._new_statement(python, (name,)))
        return python.text

    def _found(self, python: Python) -> Elements | None:
        aliased = list(_aliased(python))
        combines = any(len(node.names) > 1 for node in aliased)
        return next((elements_of(python, one) for one in self._statements(python) if combines and one in aliased), None)

    def _code(self, name: str) -> str:
        return f"{name} as {name}"

    def _is_own(self, alias: ast.alias) -> bool:
        return alias.asname == alias.name


def _aliased(python: Python) -> Iterator[ast.ImportFrom]:
    """The statements that import every name as itself."""
    for node in python.tree.body:
        if isinstance(node, ast.ImportFrom) and all(alias.asname == alias.name for alias in node.names):
            yield node
