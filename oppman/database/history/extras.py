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
_OF_ROWS = "postgresql_using"
"""The argument of a changed column that computes its values anew. That of an index is its method."""

_EXTENSION = re.compile(r'\s*CREATE EXTENSION IF NOT EXISTS [\w"-]+\s*;?\s*', re.IGNORECASE)


@dataclass(frozen=True)
class Extra:
    """A statement that is more than a change of the schema, at a line (from 1) of the file."""

    line: int
    text: str


def extras(source: str) -> list[Extra]:
    """The statements of `upgrade` and `downgrade` that cannot be told from the schema that they make.

    Schema are Alembic's operations, also in a batch and in a loop over constants. All else counts, whether it writes
    rows or not: SQL, branches, and whatever the revision computes.
    """
    functions, names = _functions(source)
    found = [node for function in functions for node in _more(function.body, names)]
    return [Extra(node.lineno, (ast.get_source_segment(source, node) or "").split("\n")[0]) for node in found]


def extensions(source: str) -> list[str]:
    """The statements of `upgrade`, without indentation, that ask PostgreSQL for an extension: schema of no table."""
    functions, names = _functions(source)
    body = [node for function in functions if function.name == "upgrade" for node in function.body]
    segments = (ast.get_source_segment(source, node, padded=True) for node in body if _is_extension(node, names))
    return [dedent(segment or "") for segment in segments]


def _functions(source: str) -> tuple[list[ast.FunctionDef], set[str]]:
    """`upgrade` and `downgrade`, and what the file calls `alembic.op`."""
    tree = ast.parse(source)
    names = {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "alembic"
        for alias in node.names
        if alias.name == "op"
    }
    functions = [
        node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name in {"upgrade", "downgrade"}
    ]
    return functions, names


def _is_extension(node: ast.stmt, names: set[str]) -> bool:
    if isinstance(node, ast.If):
        asked = ast.unparse(node.test).endswith(".dialect.name == 'postgresql'") and not node.orelse
        return asked and all(_is_extension(inner, names) for inner in node.body)
    if not isinstance(node, ast.Expr) or not isinstance(node.value, ast.Call):
        return False
    call = node.value
    statement = call.args[0] if len(call.args) == 1 and _is_operation(call, names, {"execute"}) else None
    return isinstance(statement, ast.Constant) and bool(_EXTENSION.fullmatch(str(statement.value)))


def _more(statements: Sequence[ast.stmt], names: set[str]) -> Iterator[ast.stmt]:
    for node in statements:
        if isinstance(node, ast.With) and (batches := _batches(node, names)) is not None:
            yield from _more(node.body, names | batches)
        elif isinstance(node, ast.For) and not node.orelse and not _calls(node.iter):
            yield from _more(node.body, names)
        elif not _is_schema(node, names):
            yield node


def _is_schema(node: ast.stmt, names: set[str]) -> bool:
    if isinstance(node, ast.Pass) or _is_extension(node, names):
        return True
    if not isinstance(node, ast.Expr):
        return False
    if isinstance(node.value, ast.Constant):  # a docstring
        return True
    return (
        isinstance(node.value, ast.Call)
        and _is_operation(node.value, names, _SCHEMA)
        and not (called(node.value) == "alter_column" and _OF_ROWS in {item.arg for item in node.value.keywords})
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
