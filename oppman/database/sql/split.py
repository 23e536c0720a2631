"""Where a statement ends."""

import re
import sqlite3

_POSTGRES = re.compile(
    r"""
    (?:\b[eE]'(?:[^'\\]|\\.|'')*' | '(?:[^']|'')*' | "[^"]*"          # strings and names
     | \$(?P<tag>[A-Za-z_]\w*|)\$ .*? \$(?P=tag)\$                     # dollar quotes
     | --[^\n]*(?:\n|\Z) )                                            # a comment
    | (?P<comment>/\*)
    | (?P<open>['"] | \$(?:[A-Za-z_]\w*|)\$)
    | (?P<deeper>\( | (?i:\bbegin\s+atomic\b | \bcase\b)) | (?P<higher>\)) | (?P<done>(?i:\bend\b))
    | (?P<end>;)
    """,
    re.DOTALL | re.VERBOSE,
)
_COMMENT = re.compile(r"/\*|\*/")


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
    place, inside = start, [""]
    while match := _POSTGRES.search(text, place):
        place = match.end()
        if match["comment"]:
            if (behind := _comment_end(text, place)) is None:
                return None
            place = behind
        elif match["open"]:
            return None
        elif match["deeper"]:  # a rule's statements stand in parentheses, a function's may in BEGIN ATOMIC ... END
            inside.append(")" if match["deeper"] == "(" else "end")
        elif (match["higher"] or match["done"]) and inside[-1] == (match["higher"] or "end"):
            inside.pop()
        elif match["end"] and len(inside) == 1:
            return place
    return None


def _comment_end(text: str, start: int) -> int | None:
    """The place behind a comment that has begun before `start`; there may be others inside of it."""
    depth = 1
    for match in _COMMENT.finditer(text, start):
        depth += 1 if match[0] == "/*" else -1
        if not depth:
            return match.end()
    return None
