"""What SQLite says of a database, in a number of queries that does not grow with it."""

from typing import Any

from oppman.database.inspect.catalog import Catalog, Column, ForeignKey, Index, Table, counted, grouped
from oppman.database.sql.connection import Connection, SqlError
from oppman.database.tables.quote import literal, quoted

SMALL = 256 * 2**20
"""Bytes up to which sizes are added up without being asked for: every page is read."""

_OURS = "m.type = 'table' AND m.name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
_TABLES = f"SELECT m.name, l.wr FROM sqlite_master m JOIN pragma_table_list l ON l.name = m.name AND l.schema = 'main' WHERE {_OURS} ORDER BY 1"  # noqa: E501, S608
_COLUMNS = f"""
SELECT m.name, c.name, c.type, c."notnull", c.dflt_value, c.pk, c.hidden
FROM sqlite_master m, pragma_table_xinfo(m.name) c WHERE {_OURS} AND c.hidden <> 1 ORDER BY m.name, c.cid
"""  # noqa: S608
_INDEXES = f"""
SELECT m.name, l.name, l."unique", l.origin, l.partial, x.name, x.cid, x."desc", x.coll, s.sql
FROM sqlite_master m, pragma_index_list(m.name) l, pragma_index_xinfo(l.name) x
LEFT JOIN sqlite_master s ON s.type = 'index' AND s.name = l.name
WHERE {_OURS} AND x.key = 1 ORDER BY m.name, l.name, x.seqno
"""  # noqa: S608
_KEYS = f"""
SELECT m.name, k.id, k."table", k."from", k."to", k.on_delete
FROM sqlite_master m, pragma_foreign_key_list(m.name) k WHERE {_OURS} ORDER BY m.name, k.id, k.seq
"""  # noqa: S608
_SIZES = "SELECT name, sum(pgsize) FROM dbstat WHERE aggregate = TRUE GROUP BY name"


def look(connection: Connection, *, exact: bool) -> Catalog:
    """The tables of a SQLite database.

    Without `exact` the rows of a table are taken from its greatest row number, which costs nothing and is too much
    where rows were deleted.
    """
    size = connection.run("SELECT page_count * page_size FROM pragma_page_count, pragma_page_size").rows[0][0]
    sizes = _sizes(connection) if exact or size <= SMALL else None
    columns, keys = (grouped(connection.run(sql).rows) for sql in (_COLUMNS, _KEYS))
    indexes = grouped(connection.run(_INDEXES).rows)
    tables, by_number = [], []
    for name, without_rowid in connection.run(_TABLES).rows:
        made = _indexes(indexes.get(name, []), sizes)
        own = columns.get(name, [])
        row_key = _row_key(own, made)
        tables.append(
            Table(
                name,
                size=None if sizes is None else sizes.get(name, 0),
                index_size=None if sizes is None else sum(index.size or 0 for index in made),
                columns=tuple(
                    Column(column, kind, not required, default, bool(key))
                    for column, kind, required, default, key, _ in own
                ),
                indexes=made,
                keys=_keys(name, keys.get(name, [])),
                row_key=row_key,
            )
        )
        if not without_rowid:
            by_number.append(name)
    counts = _counts(connection, [table.name for table in tables], {*by_number} if not exact else set())
    found = counted(tables, counts)
    notes = () if sizes is not None else ("The sizes of tables are added up with --exact: each page is read for it.",)
    return Catalog(_estimated(found, {*by_number} if not exact else set()), size, notes=notes)


def _sizes(connection: Connection) -> dict[str, int] | None:
    try:
        return dict(connection.run(_SIZES).rows)
    except SqlError:  # this SQLite was built without dbstat
        return None


def _counts(connection: Connection, names: list[str], by_number: set[str]) -> dict[str, int]:
    parts = [
        f"SELECT {literal(name)}, {'ifnull(max(rowid), 0)' if name in by_number else 'count(*)'} FROM {quoted(name)}"  # noqa: S608
        for name in names
    ]
    found: dict[str, int] = {}
    for start in range(0, len(parts), 400):  # SQLite takes no more than 500 in one
        found |= dict(connection.run(" UNION ALL ".join(parts[start : start + 400])).rows)
    return found


def _estimated(tables: tuple[Table, ...], by_number: set[str]) -> tuple[Table, ...]:
    from dataclasses import replace

    return tuple(replace(table, exact=table.name not in by_number or not table.rows) for table in tables)


def _indexes(rows: list[tuple[Any, ...]], sizes: dict[str, int] | None) -> tuple[Index, ...]:
    found = []
    for name, parts in grouped(rows).items():
        unique, origin, partial, *_ = parts[0]
        columns = tuple(column if number >= 0 else "(expression)" for _, _, _, column, number, *_ in parts)
        keys = tuple((column, down, coll) if number >= 0 else None for _, _, _, column, number, down, coll, _ in parts)
        size = None if sizes is None else sizes.get(name, 0)
        found.append(
            Index(
                name,
                columns,
                keys,
                bool(unique),
                origin == "pk",
                bool(partial),
                size=size,
                definition=parts[0][-1] or "",
            )
        )
    return tuple(found)


def _row_key(columns: list[tuple[Any, ...]], indexes: tuple[Index, ...]) -> str:
    keys = [(name, str(kind).upper()) for name, kind, _, _, key, _ in columns if key]
    is_row = len(keys) == 1 and keys[0][1] == "INTEGER" and not any(index.primary for index in indexes)
    return keys[0][0] if is_row else ""


def _keys(table: str, rows: list[tuple[Any, ...]]) -> tuple[ForeignKey, ...]:
    found: dict[int, list[tuple[Any, ...]]] = {}
    for number, *rest in rows:
        found.setdefault(number, []).append(tuple(rest))
    return tuple(
        ForeignKey(
            "", table, tuple(row[1] for row in parts), parts[0][0], tuple(row[2] or "" for row in parts), parts[0][3]
        )
        for parts in found.values()
    )
