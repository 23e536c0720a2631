"""Rows in the text format of PostgreSQL's COPY, made of what SQLite joins in one expression.

The values come unescaped, parted by bytes that UTF-8 never has, so a whole batch is escaped at once. That takes a
fraction of escaping each value in SQL.
"""

from collections.abc import Iterable, Sequence

_FIELD, _ROW, _NULL = b"\xff", b"\xfd", b"\xfe"
_ESCAPES = ((b"\\", b"\\\\"), (b"\t", b"\\t"), (b"\n", b"\\n"), (b"\r", b"\\r"), (b"\b", b"\\b"), (b"\f", b"\\f"),
            (b"\v", b"\\v"))  # fmt: skip
_PARTED = bytes.maketrans(_FIELD + _ROW, b"\t\n")


def joined(values: Iterable[str]) -> str:
    """A SQLite expression for a whole row, made of those for the text of each value."""
    null, field = (f"CAST(x'{byte.hex()}' AS TEXT)" for byte in (_NULL, _FIELD))
    return f"CAST({f' || {field} || '.join(f'coalesce({value}, {null})' for value in values)} AS BLOB)"


def copy_text(rows: Sequence[bytes]) -> bytes:
    """`rows`, each as that expression gives it, for COPY: a line each, the last one ended too."""
    text = _ROW.join(rows)
    for plain, escaped in _ESCAPES:
        text = text.replace(plain, escaped)
    return text.replace(_NULL, b"\\N").translate(_PARTED) + b"\n"
