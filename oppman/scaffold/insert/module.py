"""All that a module has, as insertions into another one."""

import ast
from collections.abc import Iterator

from oppman.scaffold.insert.definition import Definition
from oppman.scaffold.insert.edit import Edit
from oppman.scaffold.insert.import_for_types import ImportForTypes, is_guard
from oppman.scaffold.insert.imports import ImportNames


def module_edits(source: str, *, before: str | None = None) -> Iterator[Edit]:
    """The insertions that bring a module's imports and definitions into another one, in front of `before`."""
    tree = ast.parse(source)
    for node in tree.body:
        if isinstance(node, ast.ImportFrom):
            yield ImportNames(node.module or "", tuple(alias.name for alias in node.names))
        elif is_guard(node) and isinstance(node, ast.If):
            for one in (one for one in node.body if isinstance(one, ast.ImportFrom)):
                yield ImportForTypes(one.module or "", tuple(alias.name for alias in one.names))
        elif not isinstance(node, ast.Expr):  # a docstring is about its own module
            yield Definition(ast.get_source_segment(source, node) or "", before=before)
