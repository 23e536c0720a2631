"""Edits of a revision's text by the positions of its syntax tree: what is not named keeps its bytes."""

import ast
import sys
from dataclasses import dataclass
from textwrap import dedent

from oppman.database.autogenerate.tidy import WIDTH, laid_out

STEP = "    "


@dataclass(frozen=True)
class Edit:
    """The rows `first` to `last` (from 1, `last` included) become `rows`. With `last` before `first`, rows come in."""

    first: int
    last: int
    rows: tuple[str, ...]


def apply(text: str, edits: list[Edit]) -> str:
    """`text` after edits that do not overlap."""
    rows = text.split("\n")
    for edit in sorted(edits, key=lambda edit: edit.first, reverse=True):
        rows[edit.first - 1 : edit.last] = edit.rows
    return "\n".join(rows)


def span(node: ast.stmt) -> tuple[int, int]:
    """The first and the last row of a statement."""
    return node.lineno, node.end_lineno or node.lineno


def indent(node: ast.stmt) -> str:
    """The spaces before a statement."""
    return " " * node.col_offset


def is_alone(text: str, node: ast.stmt) -> bool:
    """Whether whole rows belong to the statement, none of them within a string, so that it can be moved."""
    rows = text.split("\n")
    first, last = span(node)
    before = rows[first - 1].encode()[: node.col_offset].decode()
    after = rows[last - 1].encode()[node.end_col_offset :].decode().strip()
    strings = [part for part in ast.walk(node) if isinstance(part, (ast.Constant, ast.JoinedStr))]
    return (
        not before.strip()
        and (not after or after.startswith("#"))
        and all(part.lineno == part.end_lineno or "\n" not in _literal(text, part) for part in strings)
    )


def above(text: str, node: ast.stmt) -> int:
    """The row of a statement, or of the first of the comments that stand right above it."""
    rows, row = text.split("\n"), node.lineno
    while row > 1 and rows[row - 2].lstrip().startswith("#"):
        row -= 1
    return row


def with_argument(text: str, statement: ast.Expr, call: ast.Call, argument: str, shift: str = "") -> list[str]:
    """The rows of a statement, which is `call`, with one argument more, moved to the right by `shift`."""
    values = [*call.args, *(keyword.value for keyword in call.keywords)]
    place = max(values, key=lambda value: (value.end_lineno or 0, value.end_col_offset or 0))
    first, last = span(statement)
    rows = text.split("\n")[first - 1 : last]
    index = (place.end_lineno or first) - first
    row = rows[index].encode()
    head, tail = row[: place.end_col_offset].decode(), row[place.end_col_offset :].decode()
    if index < len(rows) - 1 and tail.lstrip().startswith(","):
        spaces = head[: len(head) - len(head.lstrip())]
        rows[index : index + 1] = [head + tail, f"{spaces}{argument},"]
    else:
        rows[index] = f"{head}, {argument}{tail}"
    return _fitting([shift + row if row else row for row in rows], statement.col_offset + len(shift))


def imported(text: str, module: str, name: str) -> str:
    """`text` with `from module import name`, a module of the standard library, before its first import."""
    tree = ast.parse(text)
    imports = [node for node in tree.body if isinstance(node, (ast.Import, ast.ImportFrom))]
    for node in imports:
        if isinstance(node, ast.ImportFrom) and node.module == module and name in {item.name for item in node.names}:
            return text
    line = f"from {module} import {name}"
    if not imports:
        return text
    behind = [node for node in imports if _is_standard(node) and _sort_key(node) < (1, module)]
    if behind:
        return apply(text, [Edit(span(behind[-1])[1] + 1, span(behind[-1])[1], (line,))])
    rows = (line,) if _is_standard(imports[0]) else (line, "")
    return apply(text, [Edit(imports[0].lineno, imports[0].lineno - 1, rows)])


def _fitting(rows: list[str], column: int) -> list[str]:
    """The rows of a statement, laid out anew if one became too long and none has a comment that would be lost."""
    if all(len(row) <= WIDTH for row in rows) or any("#" in row for row in rows):
        return rows
    return laid_out(ast.parse(dedent("\n".join(rows))).body[0], column)


def _literal(text: str, node: ast.expr) -> str:
    return ast.get_source_segment(text, node) or ""


def _is_standard(node: ast.Import | ast.ImportFrom) -> bool:
    name = node.module if isinstance(node, ast.ImportFrom) else node.names[0].name
    return (name or "").partition(".")[0] in sys.stdlib_module_names


def _sort_key(node: ast.Import | ast.ImportFrom) -> tuple[int, str]:
    """Where an import stands by the order of isort: `import x` first, then `from x import y`."""
    return (1, node.module or "") if isinstance(node, ast.ImportFrom) else (0, node.names[0].name)
