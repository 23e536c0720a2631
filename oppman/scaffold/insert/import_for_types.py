"""Names that a module imports for its annotations alone: at run time the other module needs this one."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from oppman.scaffold.insert.elements import Elements
from oppman.scaffold.insert.imports import ImportNames, elements_of, import_block
from oppman.scaffold.insert.outline import Statement
from oppman.scaffold.insert.python import Python, own_comments
from oppman.scaffold.module_names import as_written

GUARD = "TYPE_CHECKING"


@dataclass(frozen=True)
class ImportForTypes(ImportNames):
    """`from module import name, …` under `if TYPE_CHECKING:`, which an edit of its own imports."""

    def apply(self, source: str) -> str:
        at_run_time = ImportNames(self.module, self.names).apply(source) == source
        return source if at_run_time else super().apply(source)

    def _statements(self, python: Python) -> Iterator[tuple[Statement, ast.ImportFrom]]:
        for one, guard in _guards(python):
            for node in guard.body:
                if isinstance(node, ast.ImportFrom) and as_written(node) == self.module:
                    yield one, node

    def _elements(self, python: Python, statement: Statement, node: ast.ImportFrom) -> Elements:
        return elements_of(python, node)

    def _new_statement(self, python: Python, names: tuple[str, ...]) -> str:
        line = f"    from {self.module} import {', '.join(names)}"
        guard = next((guard for _, guard in _guards(python)), None)
        if guard is None:
            above = [one for one, _ in import_block(python)]
            return python.put(above[-1].last if above else 0, "", f"if {GUARD}:", line)
        key = self._key(ast.ImportFrom(self.module, [ast.alias(name) for name in names], 0))
        imports = [node for node in guard.body if isinstance(node, ast.Import | ast.ImportFrom)]
        smaller = [node for node in imports if self._key(node) < key]
        return python.put((smaller[-1].end_lineno or 0) if smaller else python.rows_of(guard.body[0])[0], line)

    def _without(self, python: Python, statement: Statement, node: ast.ImportFrom) -> str:
        if any(guard.body == [node] for _, guard in _guards(python)):
            return python.cut(statement.first, statement.last)
        first, last = python.rows_of(node)
        return python.replace(first, last, *(f"    {one}" for one in own_comments("\n".join(python.rows[first:last]))))

    @property
    def _where(self) -> str:
        return f"under `if {GUARD}:`, which needs `from typing import {GUARD}`"


def type_checking(tree: ast.Module) -> ast.If | None:
    """The block at the top level with what type checkers alone see."""
    return next((node for node in tree.body if is_guard(node) and isinstance(node, ast.If)), None)


def is_guard(node: ast.stmt) -> bool:
    """Whether it is such a block."""
    return isinstance(node, ast.If) and ast.unparse(node.test).removeprefix("typing.") == GUARD and not node.orelse


def _guards(python: Python) -> Iterator[tuple[Statement, ast.If]]:
    """The first block at the top level with what type checkers alone see, if there is one."""
    for one in python.statements:
        if GUARD in python.rows[one.first] and isinstance(node := python.node(one), ast.If) and is_guard(node):
            yield one, node
            return
