"""Where a statement ends."""

import re
import sqlite3

_POSTGRES = re.compile(
    r"""
    (?:\b[eE]'(?:[^'\\]|\\.|'')*' | '(?:[^']|'')*' | "[^"]*"          # strings and names
     | \$(?P<tag>[A-Za-z_]\w*|)\$ .*? \$(?P=tag)\$                     # dollar quotes
     | --[^\n]*(?:\n|\Z) | /\*.*?\*/ )                                 # comments
    | (?P<open>['"] | /\* | \$(?:[A-Za-z_]\w*|)\$)
    | (?P<end>;)
    """,
    re.DOTALL | re.VERBOSE,
)


def split(text: str, *, sqlite: bool) -> tuple[list[str], str]:
    """The statements in `text` that end with a semicolon, and what is left behind the last of them."""
    found, start = [], 0
    while (end := _end(text, start, sqlite=sqlite)) is not None:
        found.append(text[start:end].strip())
        start = end
    rest = text[start:].strip()
    return [statement for statement in found if statement != ";"], rest


def _end(text: str, start: int, *, sqlite: bool) -> int | None:
    """The place behind the semicolon that ends the statement at `start`; None if none does."""
    if sqlite:
        end = text.find(";", start)
        while end >= 0 and not sqlite3.complete_statement(text[start : end + 1]):
            end = text.find(";", end + 1)
        return end + 1 if end >= 0 else None
    for match in _POSTGRES.finditer(text, start):
        if match["open"]:
            return None
        if match["end"]:
            return match.end()
    return None
