"""What a database is made of, as a set of lines that can be compared with those of another one."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlalchemy import Connection, Inspector

_BOOKKEEPING = "alembic_version"

_POSTGRES = """
WITH ours AS (SELECT oid, nspname FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'),
member AS (SELECT classid, objid FROM pg_depend WHERE deptype = 'e'),
relation AS (
    SELECT c.oid, c.relname, c.relkind, c.reloptions, c.relpersistence, c.relrowsecurity, n.nspname
    FROM pg_class c JOIN ours n ON n.oid = c.relnamespace
    WHERE c.relname <> 'alembic_version'
      AND NOT EXISTS (SELECT 1 FROM member WHERE classid = 'pg_class'::regclass AND objid = c.oid)
)
SELECT concat_ws(' ', CASE relkind WHEN 'S' THEN 'sequence' ELSE 'table' END, oid::regclass, relpersistence,
                 reloptions::text, CASE WHEN relrowsecurity THEN 'row security' END,
                 obj_description(oid, 'pg_class')) FROM relation
WHERE relkind IN ('r', 'p') OR relkind = 'S' AND NOT EXISTS (
    SELECT 1 FROM pg_depend WHERE objid = oid AND refobjsubid > 0 AND deptype IN ('a', 'i'))
UNION ALL
SELECT concat_ws(' ', 'column', r.oid::regclass || '.' || a.attname, format_type(a.atttypid, a.atttypmod),
                 CASE WHEN a.attnotnull THEN 'not null' END,
                 CASE WHEN pg_get_serial_sequence(format('%I.%I', r.nspname, r.relname), a.attname) IS NULL
                 THEN 'default ' || pg_get_expr(d.adbin, d.adrelid) ELSE 'counted' END,
                 'identity ' || nullif(a.attidentity::text, ''),
                 'generated ' || nullif(a.attgenerated::text, ''),
                 'collate ' || nullif(a.attcollation, t.typcollation)::regcollation::text,
                 col_description(r.oid, a.attnum))
FROM relation r JOIN pg_attribute a ON a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped
JOIN pg_type t ON t.oid = a.atttypid
LEFT JOIN pg_attrdef d ON d.adrelid = r.oid AND d.adnum = a.attnum WHERE r.relkind IN ('r', 'p')
UNION ALL
SELECT concat_ws(' ', 'constraint', r.oid::regclass || '.' || c.conname, pg_get_constraintdef(c.oid))
FROM relation r JOIN pg_constraint c ON c.conrelid = r.oid WHERE c.contype <> 'n'
UNION ALL
SELECT pg_get_indexdef(oid) FROM relation WHERE relkind IN ('i', 'I')
UNION ALL
SELECT concat_ws(' ', 'view', oid::regclass, pg_get_viewdef(oid)) FROM relation WHERE relkind IN ('v', 'm')
UNION ALL
SELECT pg_get_triggerdef(t.oid) FROM relation r JOIN pg_trigger t ON t.tgrelid = r.oid WHERE NOT t.tgisinternal
UNION ALL
SELECT concat_ws(' ', 'policy', r.oid::regclass || '.' || p.polname, p.polcmd, pg_get_expr(p.polqual, p.polrelid),
                 pg_get_expr(p.polwithcheck, p.polrelid))
FROM relation r JOIN pg_policy p ON p.polrelid = r.oid
UNION ALL
SELECT concat_ws(' ', 'enum', t.oid::regtype, string_agg(quote_literal(e.enumlabel), ', ' ORDER BY e.enumsortorder))
FROM pg_type t JOIN ours n ON n.oid = t.typnamespace JOIN pg_enum e ON e.enumtypid = t.oid GROUP BY t.oid
UNION ALL
SELECT concat_ws(' ', 'domain', t.oid::regtype, format_type(t.typbasetype, t.typtypmod))
FROM pg_type t JOIN ours n ON n.oid = t.typnamespace WHERE t.typtype = 'd'
UNION ALL
SELECT pg_get_functiondef(p.oid) FROM pg_proc p JOIN ours n ON n.oid = p.pronamespace
WHERE p.prokind IN ('f', 'p')
  AND NOT EXISTS (SELECT 1 FROM member WHERE classid = 'pg_proc'::regclass AND objid = p.oid)
UNION ALL
SELECT concat_ws(' ', 'extension', extname) FROM pg_extension
UNION ALL
SELECT concat_ws(' ', 'schema', nspname) FROM ours
"""


def facts(connection: "Connection") -> frozenset[str]:
    """Every table, column, constraint, index, type and so on, and how many rows a table has.

    The order of a table's columns is none of it, and neither is the name of a sequence that belongs to a column:
    PostgreSQL leaves it as it was when the table is renamed. On SQLite, a CHECK and a COLLATE are read as far as
    SQLAlchemy does.
    """
    import warnings

    from sqlalchemy import inspect
    from sqlalchemy.exc import SAWarning

    inspector = inspect(connection)
    if connection.dialect.name == "sqlite":
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SAWarning)  # an index on an expression is read from its SQL instead
            return frozenset([*_sqlite(connection, inspector), *_rows(connection, inspector)])
    return frozenset([*(str(row[0]) for row in connection.exec_driver_sql(_POSTGRES)), *_rows(connection, inspector)])


def difference(before: frozenset[str], after: frozenset[str]) -> str:
    """The lines that only one of the two has, marked as in a diff; "" if they are equal."""
    lines = [("-", line) for line in before - after] + [("+", line) for line in after - before]
    return "\n".join(f"{sign} {line}" for sign, line in sorted(lines, key=lambda pair: (pair[1], pair[0])))


def _rows(connection: "Connection", inspector: "Inspector") -> Iterator[str]:
    from sqlalchemy import func, select, table

    for name in inspector.get_table_names():
        if name != _BOOKKEEPING:
            yield f"rows of {name}: {connection.scalar(select(func.count()).select_from(table(name)))}"


def _sqlite(connection: "Connection", inspector: "Inspector") -> Iterator[str]:
    from sqlalchemy.dialects.sqlite import dialect

    for name in inspector.get_table_names():
        if name == _BOOKKEEPING:
            continue
        words = _words(connection, name)
        for word in ("AUTOINCREMENT", "STRICT", "WITHOUT ROWID"):
            if word in words:
                yield f"table {name} {word}"
        for column in inspector.get_columns(name):
            kind = column["type"].compile(dialect())
            rest = {key: value for key, value in column.items() if key not in {"name", "type"} and value is not None}
            yield f"column {name}.{column['name']} {kind} {sorted(rest.items(), key=str)}"
        key = inspector.get_pk_constraint(name)
        yield f"primary key of {name}: {key['name']} {key['constrained_columns']}"
        for kind, found in (
            ("foreign key", inspector.get_foreign_keys(name)),
            ("unique", inspector.get_unique_constraints(name)),
            ("check", inspector.get_check_constraints(name)),
        ):
            for constraint in found:
                yield f"{kind} on {name}: {sorted(constraint.items(), key=str)}"
    for kind, sql in connection.exec_driver_sql(
        "SELECT type, sql FROM sqlite_master WHERE type <> 'table' AND sql IS NOT NULL"
    ):
        yield f"{kind}: {' '.join(sql.split())}"


def _words(connection: "Connection", table: str) -> str:
    sql = connection.exec_driver_sql("SELECT sql FROM sqlite_master WHERE name = ?", (table,)).scalar()
    return " ".join(str(sql).upper().split())
