"""Types of columns as PostgreSQL would write them, and the changes between them that need no rewrite."""

import ast
import re
from collections.abc import Callable

from oppman.database.lint.calls import keywords

_ALCHEMY = {
    "string": "varchar", "unicode": "varchar", "autostring": "varchar", "unicodetext": "text", "decimal": "numeric",
    "double": "double precision", "largebinary": "bytea", "datetime": "timestamp", "smallint": "smallint",
    "smallinteger": "smallint", "biginteger": "bigint", "int": "integer",
}  # fmt: skip
_SPELLED = {
    "character varying": "varchar", "decimal": "numeric", "int": "integer", "int4": "integer", "int8": "bigint",
    "int2": "smallint", "bool": "boolean", "timestamp with time zone": "timestamptz",
    "timestamp without time zone": "timestamp",
}  # fmt: skip
_SIZED = re.compile(r"(varchar|varbit|numeric|timestamp|timestamptz|time|timetz|interval)(?:\((\d+)(?:,(\d+))?\))?")


def from_sql(text: str) -> str:
    """`text` as these functions compare it: `VARCHAR ( 20 )` is `varchar(20)`."""
    found = re.match(r"\s*([a-z_][\w .]*?)\s*(\([^)]*\))?\s*(with(?:out)? time zone)?\s*(\[\])?\s*$", text.lower())
    if not found:
        return ""
    name = " ".join(filter(None, (" ".join(found[1].split()), found[3])))
    return _SPELLED.get(name, name) + re.sub(r"\s", "", found[2] or "") + (found[4] or "")


def from_alchemy(node: ast.expr | None, resolve: Callable[[ast.expr], ast.expr]) -> str:
    """The type that an expression such as `sa.String(length=20)` makes on PostgreSQL; empty if it is not clear."""
    node = resolve(node) if node is not None else None
    if not isinstance(node, ast.Call):
        return _alchemy_name(node)
    if isinstance(node.func, ast.Attribute) and node.func.attr == "with_variant":
        dialects = [value.value for value in node.args[1:] if isinstance(value, ast.Constant)]
        return from_alchemy(node.args[0] if "postgresql" in dialects else node.func.value, resolve)
    name, given = _alchemy_name(node.func), keywords(node)
    sizes = [*node.args, *(given[key] for key in ("length", "precision", "scale") if key in given)]
    if name in {"varchar", "numeric", "char"}:
        numbers = [value.value for value in map(resolve, sizes) if isinstance(value, ast.Constant)]
        if len(numbers) != len(sizes):
            return ""
        kept = [str(number) for number in numbers if isinstance(number, int) and not isinstance(number, bool)]
        return f"{name}({','.join(kept)})" if kept else name
    if name == "timestamp" and isinstance(zone := given.get("timezone"), ast.Constant) and zone.value:
        return "timestamptz"
    return name


def _alchemy_name(node: ast.expr | None) -> str:
    name = node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
    return _ALCHEMY.get(name.lower(), name.lower())


def is_widening(old: str, new: str) -> bool:
    """Whether PostgreSQL changes `old` to `new` without writing the rows anew; unknown types are said to be none."""
    if (old and old == new) or (old, new) in {("cidr", "inet"), ("text", "varchar")}:
        return True
    was, becomes = _SIZED.fullmatch(old), _SIZED.fullmatch(new)
    if was is None or becomes is None:
        return new == "text" and was is not None and was[1] == "varchar"
    if was[1] != becomes[1]:
        return False
    if becomes[2] is None or was[2] is None:  # without a limit
        return becomes[2] is None
    return int(was[2]) <= int(becomes[2]) and int(was[3] or 0) == int(becomes[3] or 0)
