"""The parent that a revision's file names, replaced: nothing else in the file changes, not one byte."""

import ast
import re

from oppman.database.revisions import Revision
from oppman.errors import Refused


def with_parent(revision: Revision, source: bytes, parent: str) -> bytes:
    """`source` with `parent` as the `down_revision`, and in the docstring where the former one stands as such.

    Raises Refused if `down_revision` is not one plain string or None.
    """
    tree = ast.parse(source)
    value = _assigned(tree)
    if not isinstance(value, ast.Constant) or not (value.value is None or isinstance(value.value, str)):
        raise Refused(
            f"{revision.path.name} follows several revisions, so it is not clear which of them to replace.",
            "Edit its `down_revision` by hand.",
        )
    edits = [(*_place(source, value), _literal(source, value, parent))]
    docstring = tree.body[0].value if isinstance(tree.body[0], ast.Expr) else None
    if isinstance(docstring, ast.Constant) and isinstance(docstring.value, str):
        start, end = _place(source, docstring)
        edits.append((start, end, _mentioned(source[start:end], value.value, parent)))
    for start, end, text in sorted(edits, reverse=True):
        source = source[:start] + text + source[end:]
    return source


def _assigned(tree: ast.Module) -> ast.expr | None:
    for node in tree.body:
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        if any(isinstance(target, ast.Name) and target.id == "down_revision" for target in targets):
            return getattr(node, "value", None)
    return None


def _place(source: bytes, node: ast.expr) -> tuple[int, int]:
    """Where the expression begins and ends in the file, in bytes."""
    starts = [0, *(match.end() for match in re.finditer(rb"\r\n|\r|\n", source))]
    mark = 3 if source.startswith(b"\xef\xbb\xbf") else 0  # Python does not count the byte order mark
    begin, end = (
        starts[node.lineno - 1] + node.col_offset,
        starts[(node.end_lineno or 0) - 1] + (node.end_col_offset or 0),
    )
    return begin + mark * (node.lineno == 1), end + mark * (node.end_lineno == 1)


def _literal(source: bytes, value: ast.Constant, parent: str) -> bytes:
    start, _ = _place(source, value)
    quote = b"'" if source[start : start + 1] == b"'" else b'"'
    return quote + parent.encode() + quote


def _mentioned(docstring: bytes, old: object, new: str) -> bytes:
    """The docstring of Alembic's template (`Revises: x`) or the starter's (`Revision y, after x, written ...`)."""
    if old is None:
        docstring = re.sub(rb"(?m)^(Revises:)[ \t]*(?=\r?$)", lambda found: found[1] + b" " + new.encode(), docstring)
        return re.sub(rb"(?m)^(Revision \w+, after )nothing\b", lambda found: found[1] + new.encode(), docstring)
    name = re.escape(str(old).encode())
    pattern = rb"(?m)^(Revises:[ \t]*|Revision \w+, after )" + name + rb"(?![\w-])"
    return re.sub(pattern, lambda found: found[1] + new.encode(), docstring)
