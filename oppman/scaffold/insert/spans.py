"""Where elements stand that commas part from each other."""

import ast
import re
import tokenize
from collections.abc import Iterator
from functools import lru_cache
from itertools import accumulate
from typing import NamedTuple

from oppman.scaffold.insert.python import tokens


class Span(NamedTuple):
    """An element in characters of the text, and its comma, if it has one."""

    start: int
    end: int
    comma: int | None = None


def spans(text: str, offset: int = 0, node: ast.expr | None = None) -> list[Span]:
    """The elements inside the brackets that `text` begins and ends with; `offset` is added to every place.

    `node` is the tree of just this text, if it has been read before, with its places in a whole file.
    """
    found = _spans(text) if node is None else _by_tree(text, node) or _spans(text)
    return [Span(one.start + offset, one.end + offset, None if one.comma is None else one.comma + offset)
            for one in found]  # fmt: skip


@lru_cache(maxsize=32)
def _spans(text: str) -> tuple[Span, ...]:
    try:
        found = _by_tree(text, ast.parse(text, mode="eval").body)
    except (SyntaxError, ValueError):
        found = None
    return tuple(_by_tokens(text)) if found is None else found


def _starts(text: str) -> list[int]:
    """Where each row begins."""
    return [0, *accumulate(len(row) + 1 for row in text.split("\n"))]


_COMMA = re.compile(r"(?:\s|#[^\n]*\n)*(,?)(?:\s|#[^\n]*\n)*")


def _by_tree(text: str, node: ast.expr) -> tuple[Span, ...] | None:
    """The elements by the places that their trees have, which is soon done; None where these do not tell.

    They do not in brackets of an element's own, `(a)`, nor in what is no collection, such as the parameters of a call.
    """
    if not isinstance(node, ast.List | ast.Tuple | ast.Set) or not text.isascii():
        return None
    starts = [start - node.col_offset * (row == 0) for row, start in enumerate(_starts(text))]
    found: list[Span] = []
    behind = 1
    for element in node.elts:
        start, end = (starts[row - node.lineno] + column for row, column in (
            (element.lineno, element.col_offset), (element.end_lineno or 0, element.end_col_offset or 0)
        ))  # fmt: skip
        between = _COMMA.match(text, end)
        if between is None or (behind != start and not _COMMA.fullmatch(text, behind, start)):
            return None
        if not between[1] and element is not node.elts[-1]:
            return None
        found.append(Span(start, end, between.start(1) if between[1] else None))
        behind = between.end() if between[1] else end
    return tuple(found) if _COMMA.fullmatch(text, behind, len(text) - 1) else None


def _by_tokens(text: str) -> Iterator[Span]:
    starts = _starts(text)
    start = end = depth = 0
    for token in tokens(text):
        if token.type in {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.ENDMARKER}:
            continue
        first, behind = (starts[row - 1] + column for row, column in (token.start, token.end))
        is_operator = token.type == tokenize.OP
        depth += is_operator and (token.string in "([{") - (token.string in ")]}")
        if is_operator and depth == 1 and token.string == ",":
            yield Span(start, end, first)
            start = 0
        elif depth and not (depth == 1 and first == 0):
            start, end = start or first, behind
    if start:
        yield Span(start, end)
