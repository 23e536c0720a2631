"""Ignore comments: `# lint: ignore[column-dropped]: no code reads it since release 42`.

One hides its rules on its own line, or, where it stands alone, on the next line of code.
"""

import io
import re
import tokenize
from dataclasses import dataclass

_COMMENT = re.compile(r"#\s*lint:\s*ignore\b\s*(?:\[([^\]]*)\])?\s*:?\s*(.*)", re.IGNORECASE)


@dataclass(frozen=True)
class Ignore:
    """One comment. `line` is where it stands, `covers` the line of code that it is about (both from 1)."""

    line: int
    covers: int
    rules: tuple[str, ...]
    reason: str


def read(source: str) -> list[Ignore]:
    """The ignore comments of a file."""
    found: list[tuple[int, int, re.Match[str]]] = []
    code: set[int] = set()
    passed_over = {tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        row = token.start[0]
        if token.type == tokenize.COMMENT:
            if match := _COMMENT.match(token.string):
                found.append((row, token.start[1], match))
        elif token.type not in passed_over:
            code.update(range(row, token.end[0] + 1))
    return [
        Ignore(row, row if row in code else min((line for line in code if line > row), default=row), *_said(match))
        for row, _, match in found
    ]


def _said(match: re.Match[str]) -> tuple[tuple[str, ...], str]:
    names = tuple(name.strip() for name in (match[1] or "").split(",") if name.strip())
    reason = match[2].strip()
    return names, "" if reason.rstrip(":").lower() == "because" else reason
