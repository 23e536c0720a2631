"""SQL functions for a SQLite connection: the forms of values that SQL alone cannot make.

Only columns that need one pay for it: SQLite prints a float with 15 digits and cannot unpack a vector.
"""

import json
import math
import struct
from array import array
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from sqlite3 import Connection
from typing import Any

EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - SQLAlchemy keeps an interval as this time and so much more
NUL, NOT_UTF8 = 1, 2
"""What `oppman_spoiled` finds."""


def add_functions(connection: Connection) -> None:
    """Let statements on `connection` call the functions of this module. All give NULL for NULL."""
    for name, function in _FUNCTIONS.items():
        count = 2 if name == "oppman_decimal" else 1
        connection.create_function(name, count, _or_null(function), deterministic=True)


def float_hex(value: float) -> str:
    """The bits of a double, in hexadecimal digits: of its shortest text the two databases think differently."""
    return struct.pack(">d", value + 0.0).hex()  # SQLite keeps no negative zero


def rounded(value: float) -> float:
    """The double that is what a number of 32 bits can hold of `value`."""
    return float(struct.unpack("<f", struct.pack("<f", value))[0])


def decimal_text(value: float, scale: int | None) -> str:
    """A number as the app reads it from SQLite: with so many places; without `scale`, as many as it has."""
    return number_text(value) if scale is None else f"{value:.{scale}f}"


def number_text(value: float | str) -> str:
    """A number without an exponent and without zeros at its end."""
    text = f"{Decimal(str(value)):f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text


def jsonb_text(text: str | float) -> str:
    """JSON as PostgreSQL writes a jsonb: keys by length and then bytes, the last of equal ones, plain numbers."""
    if not isinstance(text, str):
        return number_text(text)
    value = json.loads(text, parse_float=Decimal, parse_int=Decimal)
    return number_text(str(value)) if isinstance(value, Decimal) else _jsonb(value)


def _jsonb(value: Any) -> str:
    if isinstance(value, dict):
        members = sorted((len(key.encode()), key.encode(), key) for key in value)
        return "{" + ", ".join(f"{_jsonb(key)}: {_jsonb(value[key])}" for _, _, key in members) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_jsonb, value)) + "]"
    if isinstance(value, Decimal):
        text = f"{value:f}"
        return text.removeprefix("-") if not value else text  # PostgreSQL's numbers have no negative zero
    return json.dumps(value, ensure_ascii=False)


def refused_by_jsonb(text: str | float) -> bool:
    """Whether a jsonb cannot hold the JSON, because of \\u0000 or half of a surrogate pair."""
    return isinstance(text, str) and any(map(_is_unfit, _strings(json.loads(text))))


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from _strings(item)
    elif isinstance(value, dict):
        yield from value
        for item in value.values():
            yield from _strings(item)


def _is_unfit(text: str) -> bool:
    return "\0" in text or any("\ud800" <= character <= "\udfff" for character in text)


def array_text(text: str) -> str:
    """A JSON array as PostgreSQL reads an array."""
    return _array(json.loads(text, parse_float=Decimal))


def _array(value: Any) -> str:
    if isinstance(value, list):
        return "{" + ",".join(map(_array, value)) + "}"
    if value is None:
        return "NULL"
    plain = value if isinstance(value, str) else json.dumps(value) if not isinstance(value, Decimal) else str(value)
    return '"' + plain.replace("\\", "\\\\").replace('"', '\\"') + '"'


def seconds_text(stored: str) -> str:
    """An interval, as SQLAlchemy stores one on SQLite, in seconds with six places."""
    return f"{Decimal(_interval(stored) // timedelta(microseconds=1)) / 1_000_000:.6f}"


def interval_text(stored: str) -> str:
    """An interval, as SQLAlchemy stores one on SQLite, as PostgreSQL reads it."""
    interval = _interval(stored)
    return f"{interval.days} days {interval.seconds}.{interval.microseconds:06} seconds"


def _interval(stored: str) -> timedelta:
    return datetime.fromisoformat(stored) - EPOCH


def vector_text(packed: bytes) -> str:
    """A packed vector as pgvector reads it."""
    return "[" + ",".join(map(repr, _floats(packed))) + "]"


def vector_hex(packed: bytes) -> str:
    """A packed vector as pgvector sends it, in hexadecimal digits."""
    floats = array("f", packed)
    floats.byteswap()
    return struct.pack(">HH", len(floats), 0).hex() + floats.tobytes().hex()


def vector_packed(sent: bytes) -> bytes:
    """What pgvector sends, as the app stores it on SQLite: packed little-endian 32-bit numbers."""
    floats = array("f", sent[4:])
    floats.byteswap()
    return floats.tobytes()


def has_only_numbers(packed: bytes) -> bool:
    """Whether no number of a packed vector is infinite or NaN, which pgvector refuses."""
    return all(map(math.isfinite, _floats(packed)))


def _floats(packed: bytes) -> tuple[float, ...]:
    return struct.unpack(f"<{len(packed) // 4}f", packed)


def spoiled(text: bytes) -> int:
    """NUL if there is one, NOT_UTF8 if it is no UTF-8, else 0."""
    if 0 in text:
        return NUL
    try:
        text.decode()
    except UnicodeDecodeError:
        return NOT_UTF8
    return 0


def _or_null(function: Callable[..., Any]) -> Callable[..., Any]:
    return lambda value, *more: None if value is None else function(value, *more)


_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "oppman_float": repr,
    "oppman_float_hex": float_hex,
    "oppman_rounded": rounded,
    "oppman_decimal": decimal_text,
    "oppman_number": number_text,
    "oppman_jsonb": jsonb_text,
    "oppman_refused_by_jsonb": refused_by_jsonb,
    "oppman_array": array_text,
    "oppman_seconds": seconds_text,
    "oppman_interval": interval_text,
    "oppman_vector": vector_text,
    "oppman_vector_hex": vector_hex,
    "oppman_vector_packed": vector_packed,
    "oppman_has_only_numbers": has_only_numbers,
    "oppman_spoiled": spoiled,
}
