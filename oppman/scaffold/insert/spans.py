"""Where elements stand that commas part from each other."""

import tokenize
from dataclasses import dataclass
from itertools import accumulate

from oppman.scaffold.insert.python import tokens


@dataclass(frozen=True)
class Span:
    """An element in characters of the text, and its comma, if it has one."""

    start: int
    end: int
    comma: int | None = None


def spans(text: str, offset: int = 0) -> list[Span]:
    """The elements inside the brackets that `text` begins and ends with; `offset` is added to every place."""
    starts = [0, *accumulate(len(row) + 1 for row in text.split("\n"))]
    found: list[Span] = []
    start = end = depth = 0
    for token in tokens(text):
        if token.type in {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.ENDMARKER}:
            continue
        first, behind = (starts[row - 1] + column + offset for row, column in (token.start, token.end))
        is_operator = token.type == tokenize.OP
        depth += is_operator and (token.string in "([{") - (token.string in ")]}")
        if is_operator and depth == 1 and token.string == ",":
            found.append(Span(start, end, first))
            start = 0
        elif depth and not (depth == 1 and first == offset):
            start, end = start or first, behind
    return [*found, Span(start, end)] if start else found
