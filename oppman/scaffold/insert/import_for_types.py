"""Names that a module imports for its annotations alone: at run time the other module needs this one."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from oppman.scaffold.insert.imports import ImportNames, import_block
from oppman.scaffold.insert.python import Python

GUARD = "TYPE_CHECKING"


@dataclass(frozen=True)
class ImportForTypes(ImportNames):
    """`from module import name, …` under `if TYPE_CHECKING:`, which an edit of its own imports."""

    def _apply(self, source: str) -> str:
        python = self._read(source)
        at_run_time = ImportNames(self.module, self.names)
        return super()._apply(source) if at_run_time.recorded(python.text) is not None else source

    def _statements(self, python: Python) -> Iterator[ast.ImportFrom]:
        guard = type_checking(python.tree)
        for node in guard.body if guard else ():
            if isinstance(node, ast.ImportFrom) and not node.level and node.module == self.module:
                yield node

    def _new_statement(self, python: Python, names: tuple[str, ...]) -> str:
        line = f"    from {self.module} import {', '.join(names)}"
        guard = type_checking(python.tree)
        if guard is None:
            block = import_block(python.tree)
            row = block[-1].end_lineno or 0 if block else 0
            return python.put(row, "", f"if {GUARD}:", line)
        key = self._key(ast.ImportFrom(self.module, [ast.alias(name) for name in names], 0))
        imports = [node for node in guard.body if isinstance(node, ast.Import | ast.ImportFrom)]
        smaller = [node for node in imports if self._key(node) < key]
        return python.put((smaller[-1].end_lineno or 0) if smaller else python.rows_of(guard.body[0])[0], line)

    def _without(self, python: Python, node: ast.ImportFrom) -> str:
        guard = type_checking(python.tree)
        return python.cut(*python.rows_of(guard)) if guard and guard.body == [node] else super()._without(python, node)

    @property
    def _where(self) -> str:
        return f"under `if {GUARD}:`, which needs `from typing import {GUARD}`"


def type_checking(tree: ast.Module) -> ast.If | None:
    """The block at the top level with what type checkers alone see."""
    for node in tree.body:
        if isinstance(node, ast.If) and ast.unparse(node.test).removeprefix("typing.") == GUARD and not node.orelse:
            return node
    return None
