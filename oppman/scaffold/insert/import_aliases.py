"""Names that a module offers to others as `Name as Name`, which strict type checkers ask for without an `__all__`."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from oppman.scaffold.insert.elements import Elements
from oppman.scaffold.insert.imports import ImportNames
from oppman.scaffold.insert.python import Python


@dataclass(frozen=True)
class ImportAliases(ImportNames):
    """`from module import Name as Name`: a statement for each, as `ruff` does it, unless the file combines them."""

    def apply(self, source: str) -> str:
        python = self._read(source)
        if _combines(python):
            return super().apply(source)
        for name in self._missing(python):
            python = self._read(self._new_statement(python, (name,)))
        return python.text

    def _found(self, python: Python) -> Elements | None:
        for one, node in self._statements(python):
            if _are_aliases(node) and _combines(python):
                return self._elements(python, one, node)
        return None

    def _code(self, name: str) -> str:
        return f"{name} as {name}"

    def _is_own(self, alias: ast.alias) -> bool:
        return alias.asname == alias.name


def _combines(python: Python) -> bool:
    """Whether one of the statements imports several names as themselves."""
    return any(len(node.names) > 1 and _are_aliases(node) for node in _imports(python))


def _imports(python: Python) -> Iterator[ast.Import | ast.ImportFrom]:
    return (python.imported(one) for one in python.statements if one.kind == "import")


def _are_aliases(node: ast.Import | ast.ImportFrom) -> bool:
    return all(alias.asname == alias.name for alias in node.names)
