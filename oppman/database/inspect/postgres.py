"""What PostgreSQL says of a database, in a number of queries that does not grow with it."""

from typing import Any

from oppman.database.inspect.catalog import (
    Catalog,
    Column,
    ForeignKey,
    Index,
    Sequence,
    Table,
    counted,
    grouped,
)
from oppman.database.sql.connection import Connection

_OURS = """
ours AS (
    SELECT c.oid, c.oid::regclass::text AS name, c.reltuples, c.relkind FROM pg_class c
    JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'm') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
      AND NOT EXISTS (
          SELECT 1 FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
)"""
_TABLES = f"""
WITH {_OURS}
SELECT o.name, CASE WHEN o.reltuples >= 0 THEN o.reltuples::bigint ELSE s.n_live_tup END, pg_table_size(o.oid),
       pg_indexes_size(o.oid), s.n_dead_tup, greatest(s.last_analyze, s.last_autoanalyze)::timestamptz(0)::text
FROM ours o LEFT JOIN pg_stat_user_tables s ON s.relid = o.oid ORDER BY 1
"""  # noqa: S608
_COLUMNS = f"""
WITH {_OURS}
SELECT o.name, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, pg_get_expr(d.adbin, d.adrelid),
       EXISTS (SELECT 1 FROM pg_index i WHERE i.indrelid = o.oid AND i.indisprimary AND a.attnum = ANY (i.indkey))
FROM ours o JOIN pg_attribute a ON a.attrelid = o.oid AND a.attnum > 0 AND NOT a.attisdropped
LEFT JOIN pg_attrdef d ON d.adrelid = o.oid AND d.adnum = a.attnum ORDER BY o.name, a.attnum
"""  # noqa: S608
_INDEXES = f"""
WITH {_OURS}
SELECT o.name, i.indexrelid::regclass::text, i.indisunique OR i.indisexclusion, i.indisprimary, i.indisvalid,
       i.indpred IS NOT NULL OR i.indnatts > i.indnkeyatts, pg_relation_size(i.indexrelid), s.idx_scan,
       pg_get_indexdef(i.indexrelid), c.relam::int,
       ARRAY(SELECT coalesce(a.attname, pg_get_indexdef(i.indexrelid, n, true))
             FROM generate_series(1, i.indnkeyatts) n
             LEFT JOIN pg_attribute a ON a.attrelid = o.oid AND a.attnum = i.indkey[n - 1] AND a.attnum > 0 ORDER BY n),
       ARRAY(SELECT concat_ws(' ', i.indkey[n - 1], i.indclass[n - 1], i.indoption[n - 1], i.indcollation[n - 1])
             FROM generate_series(1, i.indnkeyatts) n ORDER BY n)
FROM ours o JOIN pg_index i ON i.indrelid = o.oid JOIN pg_class c ON c.oid = i.indexrelid
LEFT JOIN pg_stat_user_indexes s ON s.indexrelid = i.indexrelid ORDER BY 1, 2
"""  # noqa: S608
_KEYS = f"""
WITH {_OURS}
SELECT o.name, c.conname, c.contype::text, c.confrelid::regclass::text, pg_get_constraintdef(c.oid),
       c.confdeltype::text,
       ARRAY(SELECT a.attname::text FROM unnest(c.conkey) WITH ORDINALITY k (number, place)
             JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.number ORDER BY k.place),
       ARRAY(SELECT a.attname::text FROM unnest(c.confkey) WITH ORDINALITY k (number, place)
             JOIN pg_attribute a ON a.attrelid = c.confrelid AND a.attnum = k.number ORDER BY k.place)
FROM ours o JOIN pg_constraint c ON c.conrelid = o.oid WHERE c.contype <> 'n' AND c.conparentid = 0 ORDER BY 1, 3, 2
"""  # noqa: S608
_SEQUENCES = f"""
WITH {_OURS}
SELECT s.seqrelid::regclass::text, o.name || '.' || a.attname, pg_sequence_last_value(s.seqrelid),
       least(s.seqmax, CASE a.atttypid WHEN 'int2'::regtype THEN 32767 WHEN 'int4'::regtype THEN 2147483647
                       ELSE s.seqmax END)
FROM pg_sequence s JOIN pg_depend d ON d.objid = s.seqrelid AND d.deptype IN ('a', 'i') AND d.refobjsubid > 0
JOIN ours o ON o.oid = d.refobjid JOIN pg_attribute a ON a.attrelid = o.oid AND a.attnum = d.refobjsubid
WHERE d.classid = 'pg_class'::regclass ORDER BY 1
"""  # noqa: S608
_WHOLE = """
SELECT pg_database_size(current_database()), coalesce(stats_reset, pg_postmaster_start_time())::timestamptz(0)::text
FROM pg_stat_database WHERE datname = current_database()
"""
_ON_DELETE = {"a": "NO ACTION", "r": "RESTRICT", "c": "CASCADE", "n": "SET NULL", "d": "SET DEFAULT"}


def look(connection: Connection, *, exact: bool) -> Catalog:
    """The tables of a PostgreSQL database. Without `exact` the rows are what the planner thinks there are."""
    columns, indexes, keys = (grouped(connection.run(sql).rows) for sql in (_COLUMNS, _INDEXES, _KEYS))
    tables = [
        Table(
            name,
            rows,
            False,
            size,
            index_size,
            dead,
            analyzed,
            tuple(
                Column(c, kind, not required, default, key) for c, kind, required, default, key in columns.get(name, [])
            ),
            tuple(_index(row) for row in indexes.get(name, [])),
            tuple(_key(name, row) for row in keys.get(name, []) if row[1] == "f"),
            tuple((row[0], row[3]) for row in keys.get(name, [])),
        )
        for name, rows, size, index_size, dead, analyzed in connection.run(_TABLES).rows
    ]
    size, since = connection.run(_WHOLE).rows[0]
    sequences = [
        Sequence(name, column, last or 0, limit) for name, column, last, limit in connection.run(_SEQUENCES).rows
    ]
    counts = _counts(connection, [table.name for table in tables]) if exact and tables else {}
    return Catalog(counted(tables, counts), size, tuple(sequences), since)


def _counts(connection: Connection, names: list[str]) -> dict[str, int]:
    """All rows, in one query; the names are quoted by PostgreSQL itself."""
    parts = [f"SELECT {number}, count(*) FROM {name}" for number, name in enumerate(names)]  # noqa: S608
    return {names[number]: count for number, count in connection.run(" UNION ALL ".join(parts)).rows}


def _index(row: tuple[Any, ...]) -> Index:
    name, unique, primary, valid, partial, size, scans, definition, method, columns, keys = row
    compared = tuple((method, key) if not key.startswith("0 ") else None for key in keys)
    return Index(name, tuple(columns), compared, unique, primary, partial, valid, size, scans, definition)


def _key(table: str, row: tuple[Any, ...]) -> ForeignKey:
    name, _, refers_to, _, on_delete, columns, theirs = row
    return ForeignKey(name, table, tuple(columns), refers_to, tuple(theirs), _ON_DELETE[on_delete])
