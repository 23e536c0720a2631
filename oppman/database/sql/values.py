"""Values as a person reads them, and as JSON can hold them."""

from collections.abc import Iterable
from datetime import date, datetime
from math import isfinite
from typing import Any

_MOMENTS = {"date": date, "timestamp": datetime, "timestamptz": datetime}
_UNDERSTOOD = {
    "bool", "int2", "int4", "int8", "oid", "float4", "float8", "numeric", "text", "varchar", "bpchar", "name",
    "unknown", "uuid", "json", "jsonb", "bytea",
}  # fmt: skip


def cell(value: object) -> object:
    """A value for a table: NULL is not nothing, bytes and lists look as in SQL."""
    if value is None:
        return "NULL"
    if isinstance(value, list):
        return f"{{{','.join(str(cell(each)) for each in value)}}}"
    return f"x'{bytes(value).hex()}'" if isinstance(value, (bytes, memoryview)) else value


def plain(value: Any) -> Any:
    """A value for JSON, which has no bytes, no NaN and no infinity: those are texts."""
    if isinstance(value, list):
        return [plain(each) for each in value]
    if isinstance(value, (bytes, memoryview)):
        return cell(value)
    return str(value) if isinstance(value, float) and not isfinite(value) else value


def left_as_text(connection: Any, attributes: Iterable[Any], known: set[int]) -> bool:
    """See to it that asyncpg gives such columns as PostgreSQL writes them; whether there is a type not `known` yet.

    What it makes of most types has another meaning (an infinite date is the year 9999), no meaning to read (a range),
    or is refused (a date before Christ). Numbers, texts, lists of those, and times that Python has stay what they are.
    """
    types = {attribute.type for attribute in attributes}
    new = [kind for kind in types if kind.oid not in known and kind.name.removesuffix("[]") not in _UNDERSTOOD]
    for kind in new:
        # set_type_codec() does this for scalar types alone, and asks the server for what is known here.
        read = _moment(_MOMENTS[kind.name]) if kind.name in _MOMENTS else str
        codecs = connection._protocol.get_settings()
        codecs.add_python_codec(kind.oid, kind.name, kind.schema, [], "scalar", str, read, "text")
        known.add(kind.oid)
    return bool(new)


def _moment(kind: type[date]) -> Any:
    def read(text: str) -> object:
        try:
            return kind.fromisoformat(text)
        except ValueError:  # infinity, before Christ, after the year 9999, another DateStyle
            return text

    return read
