"""How `ruff format` lays out an element that has a row of its own."""

import ast
import re
from textwrap import indent as indented

from oppman.scaffold.insert.python import WIDTH
from oppman.scaffold.insert.spans import spans

_PRAGMA = re.compile(r"[ ]*#\s*(noqa|type:|pyright:|pylint:|flake8:|ruff:|isort:).*")  # does not count for the width


def fits(row: str) -> bool:
    return len(_PRAGMA.sub("", row)) <= WIDTH


def laid_out(code: str, indent: str, comma: str) -> str:
    """The code behind an indent, with its comma; broken at its outermost brackets if it is too long for one row."""
    row = f"{indent}{code}{comma}"
    if "\n" in code:
        return f"{indented(code, indent)}{comma}"
    if fits(row) or (opening := _opening(code)) is None:
        return row
    inside = [code[span.start : span.end] for span in spans(code[opening:], opening)]
    head, inner = f"{indent}{code[: opening + 1]}", indent + " " * 4
    whole = inner + ", ".join(inside)
    if opening and fits(whole):  # the arguments of a call may share a row
        return f"{head}\n{whole}\n{indent}{code[-1]}{comma}"
    rows = "\n".join(laid_out(one, inner, ",") for one in inside)
    return f"{head}\n{rows}\n{indent}{code[-1]}{comma}"


def _opening(code: str) -> int | None:
    """Where the bracket opens that the code ends with; None for code that cannot be broken there."""
    try:
        node = ast.parse(code, mode="eval").body
    except SyntaxError:  # `key: value` of a dict
        return None
    match node:
        case ast.Call(func=func, args=args, keywords=keywords) if args or keywords:
            return len(code.encode()[: func.end_col_offset or 0].decode())
        case ast.List() | ast.Tuple() | ast.Set() | ast.Dict():
            return 0
    return None
