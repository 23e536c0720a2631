"""The tables of a SQLite database. SQLite enforces no types, so a column's kind is what its declaration means."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import TYPE_CHECKING, Any

from oppman.database.tables.table import VERSION_TABLE, Column, ForeignKey, Kind, Table

if TYPE_CHECKING:
    from sqlite3 import Connection

_COLUMNS = """
    SELECT t.name AS "table", c.name, c.type, c."notnull", c.dflt_value, c.pk, c.hidden
    FROM sqlite_master AS t JOIN pragma_table_xinfo(t.name) AS c
    WHERE t.type = 'table' ORDER BY t.name, c.cid
"""
_FOREIGN_KEYS = """
    SELECT t.name AS "table", k.id, k."from", k."table" AS referred, k."to"
    FROM sqlite_master AS t JOIN pragma_foreign_key_list(t.name) AS k
    WHERE t.type = 'table' ORDER BY t.name, k.id DESC, k.seq
"""
_UNIQUES = """
    SELECT t.name AS "table", i.name, c.name
    FROM sqlite_master AS t JOIN pragma_index_list(t.name) AS i JOIN pragma_index_info(i.name) AS c
    WHERE t.type = 'table' AND i."unique" AND NOT i.partial AND i.origin <> 'pk' ORDER BY t.name, i.seq DESC, c.seqno
"""
_DECLARED = re.compile(r"\s*([^(]*?)\s*(?:\(\s*(\d+)\s*(?:,\s*(\d+)\s*)?\))?\s*$")
_HIDDEN_IN_A_VIRTUAL_TABLE = 1

# SQLAlchemy's and Django's names first; what is left goes by the rules of SQLite's own affinities.
_KINDS = {
    "BOOLEAN": Kind.BOOLEAN,
    "BOOL": Kind.BOOLEAN,
    "DATE": Kind.DATE,
    "TIME": Kind.TIME,
    "DATETIME": Kind.DATETIME,
    "TIMESTAMP": Kind.DATETIME,
    "NUMERIC": Kind.DECIMAL,
    "DECIMAL": Kind.DECIMAL,
    "JSON": Kind.JSON,
    "JSONB": Kind.JSON,
    "UUID": Kind.UUID,
    "UNIQUEIDENTIFIER": Kind.UUID,
}
_AFFINITIES = (
    (("INT",), Kind.INTEGER),
    (("CHAR", "CLOB", "TEXT"), Kind.TEXT),
    (("BLOB", "BINARY"), Kind.BINARY),
    (("REAL", "FLOA", "DOUB"), Kind.FLOAT),
)
_HEXADECIMAL_UUID = ("CHAR", 32)
"""How SQLAlchemy stores a UUID on SQLite: 32 digits without hyphens."""


def read(database: "Connection") -> list[Table]:
    """All ordinary tables by name, in three queries. SQLite's own tables and Alembic's are not among them."""
    uniques, foreign_keys = _uniques(database), list(database.execute(_FOREIGN_KEYS))
    tables: dict[str, tuple[tuple[Column, ...], tuple[str, ...]]] = {}
    for name, rows in _by_table(database.execute(_COLUMNS)):
        if name != VERSION_TABLE and not name.startswith("sqlite_"):
            key = sorted((row[5], row[1]) for row in rows if row[5])
            columns = tuple(_column(*row[1:]) for row in rows if row[6] != _HIDDEN_IN_A_VIRTUAL_TABLE)
            tables[name] = columns, tuple(column for _, column in key)
    keys = {name: key for name, (_, key) in tables.items()}
    referring = {name: tuple(_foreign_keys(rows, keys)) for name, rows in _by_table(foreign_keys)}
    return [
        Table(name, columns, key, tuple(uniques[name]), referring.get(name, ()))
        for name, (columns, key) in tables.items()
    ]


def kind(declared: str) -> tuple[Kind, int | None, int | None]:
    """What a declared type means, and its numbers: `NUMERIC(10, 2)` is (DECIMAL, 10, 2), `DATE` (DATE, None, None)."""
    match = _DECLARED.match(declared.upper())
    name, first, second = (match[1], match[2], match[3]) if match else (declared.upper(), None, None)
    numbers = int(first) if first else None, int(second) if second else None
    if (name, numbers[0]) == _HEXADECIMAL_UUID:
        return Kind.UUID, None, None
    if name in _KINDS:
        return _KINDS[name], *numbers
    return next((found for parts, found in _AFFINITIES if any(part in name for part in parts)), Kind.OTHER), *numbers


def _column(name: str, declared: str, not_null: int, default: Any, key: int, hidden: int) -> Column:
    found, first, second = kind(declared)
    decimal = found is Kind.DECIMAL
    return Column(
        name=name,
        type=declared,
        kind=found,
        nullable=not not_null and not key,
        length=None if decimal else first,
        precision=first if decimal else None,
        scale=second if decimal else None,
        has_default=default is not None,
        generated=hidden > _HIDDEN_IN_A_VIRTUAL_TABLE,
    )


def _uniques(database: "Connection") -> dict[str, list[tuple[str, ...]]]:
    found: dict[str, list[tuple[str, ...]]] = defaultdict(list)
    for (table, _), rows in groupby(database.execute(_UNIQUES), key=lambda row: row[:2]):
        columns = tuple(row[2] for row in rows)
        if None not in columns:  # that would be an expression
            found[table].append(columns)
    return found


def _foreign_keys(rows: list[tuple[Any, ...]], keys: dict[str, tuple[str, ...]]) -> Iterator[ForeignKey]:
    for _, parts in groupby(rows, key=lambda row: row[1]):
        columns, referred, to = zip(*((row[2], row[3], row[4]) for row in parts), strict=True)
        # Where the declaration names no columns it means the primary key.
        yield ForeignKey(None, columns, referred[0], keys.get(referred[0], ()) if None in to else to)


def _by_table(rows: Iterable[tuple[Any, ...]]) -> Iterator[tuple[str, list[tuple[Any, ...]]]]:
    for name, found in groupby(rows, key=lambda row: row[0]):
        yield name, list(found)
