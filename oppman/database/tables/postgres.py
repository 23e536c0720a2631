"""The tables of a PostgreSQL database, in the schema where the connection makes its own."""

import re
from collections import defaultdict
from typing import Any

from oppman.database.tables.table import VERSION_TABLE, Column, ForeignKey, Kind, Table

# A table that an extension brought, or that is a part of another, is not the project's to read or to write.
_OURS = f"""
    SELECT c.oid, c.relname AS name FROM pg_class c
    WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
    AND c.relname <> '{VERSION_TABLE}'
    AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
"""  # noqa: E501, S608
_COLUMNS = f"""
    SELECT t.name AS table, a.attname AS name, format_type(a.atttypid, a.atttypmod) AS type, NOT a.attnotnull AS nullable,
        COALESCE(b.typname, y.typname) AS base, y.typtype = 'e' AS is_enum, a.atttypmod AS modifier,
        a.atthasdef OR a.attidentity <> '' AS has_default, a.attgenerated <> '' AS generated,
        pg_get_serial_sequence(quote_ident(current_schema()) || '.' || quote_ident(t.name), a.attname) AS sequence,
        (SELECT array_agg(e.enumlabel::text ORDER BY e.enumsortorder) FROM pg_enum e WHERE e.enumtypid = y.oid) AS members
    FROM ({_OURS}) t JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
    JOIN pg_type y ON y.oid = a.atttypid LEFT JOIN pg_type b ON b.oid = y.typbasetype
    ORDER BY t.name, a.attnum
"""  # noqa: E501, S608
_CONSTRAINTS = f"""
    SELECT t.name AS table, k.conname AS name, k.contype::text AS type, r.relname AS referred,
        (SELECT array_agg(a.attname::text ORDER BY p.at) FROM unnest(k.conkey) WITH ORDINALITY p(number, at)
            JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = p.number) AS columns,
        (SELECT array_agg(a.attname::text ORDER BY p.at) FROM unnest(k.confkey) WITH ORDINALITY p(number, at)
            JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = p.number) AS referred_columns
    FROM ({_OURS}) t JOIN pg_constraint k ON k.conrelid = t.oid AND k.contype IN ('p', 'f')
    LEFT JOIN pg_class r ON r.oid = k.confrelid ORDER BY t.name, k.conname
"""  # noqa: S608
_UNIQUES = f"""
    SELECT t.name AS table, (SELECT array_agg(a.attname::text ORDER BY p.at)
        FROM unnest(i.indkey[:i.indnkeyatts - 1]) WITH ORDINALITY p(number, at)
        JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = p.number) AS columns
    FROM ({_OURS}) t JOIN pg_index i ON i.indrelid = t.oid
    WHERE i.indisunique AND NOT i.indisprimary AND i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL
    ORDER BY t.name, i.indexrelid
"""  # noqa: S608

_KINDS = {
    "bool": Kind.BOOLEAN,
    "numeric": Kind.DECIMAL,
    "float4": Kind.FLOAT,
    "float8": Kind.FLOAT,
    "text": Kind.TEXT,
    "varchar": Kind.TEXT,
    "bpchar": Kind.TEXT,
    "citext": Kind.TEXT,
    "date": Kind.DATE,
    "time": Kind.TIME,
    "timetz": Kind.TIME,
    "timestamp": Kind.DATETIME,
    "timestamptz": Kind.DATETIME,
    "interval": Kind.INTERVAL,
    "json": Kind.JSON,
    "jsonb": Kind.JSON,
    "uuid": Kind.UUID,
    "bytea": Kind.BINARY,
    "vector": Kind.VECTOR,
}
_BITS = {"int2": 16, "int4": 32, "int8": 64}
_NUMBERS = re.compile(r"\((\d+)(?:,(-?\d+))?\)")


async def read(connection: Any) -> list[Table]:
    """All tables of the schema by name, in three queries on an asyncpg `connection`. Alembic's is not among them."""
    columns: dict[str, list[Column]] = {}
    for row in await connection.fetch(_COLUMNS):
        columns.setdefault(row["table"], []).append(_column(row))
    keys: dict[str, tuple[str, ...]] = {}
    foreign_keys: dict[str, list[ForeignKey]] = defaultdict(list)
    for row in await connection.fetch(_CONSTRAINTS):
        if row["type"] == "p":
            keys[row["table"]] = tuple(row["columns"])
        else:
            referred = tuple(row["referred_columns"])
            foreign_keys[row["table"]].append(ForeignKey(row["name"], tuple(row["columns"]), row["referred"], referred))
    uniques: dict[str, list[tuple[str, ...]]] = defaultdict(list)
    for row in await connection.fetch(_UNIQUES):
        uniques[row["table"]].append(tuple(row["columns"]))
    return [
        Table(name, tuple(found), keys.get(name, ()), tuple(uniques[name]), tuple(foreign_keys[name]))
        for name, found in columns.items()
    ]


def _column(row: Any) -> Column:
    bits = _BITS.get(row["base"])
    kind = Kind.ENUM if row["is_enum"] else Kind.INTEGER if bits else _KINDS.get(row["base"], Kind.OTHER)
    match = _NUMBERS.search(row["type"])
    first, second = (int(match[1]), int(match[2]) if match[2] else None) if match else (None, None)
    return Column(
        name=row["name"],
        type=row["type"],
        kind=kind,
        nullable=row["nullable"],
        length=first if kind in {Kind.TEXT, Kind.VECTOR} else None,
        precision=first if kind is Kind.DECIMAL else None,
        scale=second if kind is Kind.DECIMAL else None,
        bits=bits,
        aware=row["base"] in {"timestamptz", "timetz"},
        members=tuple(row["members"] or ()),
        has_default=row["has_default"],
        generated=row["generated"],
        sequence=row["sequence"],
    )
