"""What a revision does besides changing the schema: rows that it writes, SQL of its own, questions to the database."""

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from textwrap import dedent

from oppman.database.lint.calls import called

_SCHEMA = {
    "add_column", "alter_column", "create_check_constraint", "create_exclude_constraint", "create_foreign_key",
    "create_index", "create_primary_key", "create_table", "create_table_comment", "create_unique_constraint",
    "drop_column", "drop_constraint", "drop_index", "drop_table", "drop_table_comment", "rename_table",
}  # fmt: skip
_OF_ROWS = ("alter_column", "postgresql_using")
"""The operation and its argument that compute the rows anew."""
_EXTENSION = re.compile(r'\s*CREATE EXTENSION IF NOT EXISTS ("[^"]+"|\w+)\s*;?\s*', re.IGNORECASE)


@dataclass(frozen=True)
class Extra:
    """A statement that is more than a change of the schema, at a line (from 1) of the file."""

    line: int
    text: str


def extras(source: str) -> list[Extra]:
    """The statements of `upgrade` and `downgrade` that cannot be told from the schema that they make.

    Schema are Alembic's operations, also in a batch and in a loop over constants, and what `extensions` finds. All else
    counts, whether it writes rows or not: SQL, branches, and whatever the revision computes.
    """
    tree = ast.parse(source)
    names = _operations(tree)
    ground = [node.lineno for node in _extensions(tree, names)]
    found = [
        node
        for function in _functions(tree)
        for node in _more([node for node in function.body if node.lineno not in ground], names)
    ]
    return [Extra(node.lineno, (ast.get_source_segment(source, node) or "").split("\n")[0]) for node in found]


def extensions(source: str) -> list[str]:
    """The statements of `upgrade` that make an extension of PostgreSQL unless it is there, without indentation.

    They may come before all else, and twice.
    """
    tree = ast.parse(source)
    return [
        dedent(ast.get_source_segment(source, node, padded=True) or "") for node in _extensions(tree, _operations(tree))
    ]


def _operations(tree: ast.Module) -> set[str]:
    """What the file calls Alembic's operations."""
    return {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "alembic"
        for alias in node.names
        if alias.name == "op"
    }


def _functions(tree: ast.Module) -> list[ast.FunctionDef]:
    return [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name in {"upgrade", "downgrade"}]


def _extensions(tree: ast.Module, names: set[str]) -> list[ast.stmt]:
    return [
        node for function in _functions(tree) if function.name == "upgrade"
        for node in function.body if _makes_extensions(node, names)
    ]  # fmt: skip


def _makes_extensions(node: ast.stmt, names: set[str]) -> bool:
    if isinstance(node, ast.If):  # which database it is, and nothing else
        kind = ast.unparse(node.test).rpartition(".dialect.name == ")
        return (
            not node.orelse
            and kind[2] == "'postgresql'"
            and kind[0] in {f"{op}.{what}()" for op in names for what in ("get_context", "get_bind")}
            and all(_makes_extensions(inner, names) for inner in node.body)
        )
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Call)
        and _is_operation(node.value, names, {"execute"})
        and len(node.value.args) == 1
        and isinstance(node.value.args[0], ast.Constant)
        and bool(_EXTENSION.fullmatch(str(node.value.args[0].value)))
    )


def _more(statements: Sequence[ast.stmt], names: set[str]) -> Iterator[ast.stmt]:
    for node in statements:
        if isinstance(node, ast.With) and (batches := _batches(node, names)) is not None:
            yield from _more(node.body, names | batches)
        elif isinstance(node, ast.For) and not node.orelse and not _calls(node.iter):
            yield from _more(node.body, names)
        elif not _is_schema(node, names):
            yield node


def _is_schema(node: ast.stmt, names: set[str]) -> bool:
    if isinstance(node, ast.Pass):
        return True
    if not isinstance(node, ast.Expr):
        return False
    if isinstance(node.value, ast.Constant):  # a docstring
        return True
    return (
        isinstance(node.value, ast.Call)
        and _is_operation(node.value, names, _SCHEMA)
        and not any((called(node.value), keyword.arg) == _OF_ROWS for keyword in node.value.keywords)
        and all(_is_operation(call, names, {"f"}) or not _is_on(call, names) for call in _calls(node.value)[1:])
    )


def _batches(node: ast.With, names: set[str]) -> set[str] | None:
    """The names of the batches that a block opens; None if it opens something else."""
    found = set()
    for item in node.items:
        opened = item.context_expr
        if not isinstance(opened, ast.Call) or not _is_operation(opened, names, {"batch_alter_table"}):
            return None
        if isinstance(item.optional_vars, ast.Name):
            found.add(item.optional_vars.id)
    return found


def _is_operation(node: ast.Call, names: set[str], operations: set[str]) -> bool:
    return _is_on(node, names) and called(node) in operations


def _is_on(node: ast.Call, names: set[str]) -> bool:
    """Whether a method of Alembic's operations, or of a batch, is called."""
    return (
        isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Name) and node.func.value.id in names
    )


def _calls(node: ast.AST) -> list[ast.Call]:
    return [part for part in ast.walk(node) if isinstance(part, ast.Call)]
