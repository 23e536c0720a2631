"""A catalog and one table of it, for a person."""

from collections.abc import Sequence

from oppman import console
from oppman.database.inspect.catalog import Catalog, ForeignKey, Table
from oppman.database.inspect.findings import Finding


def show_catalog(catalog: Catalog, found: Sequence[Finding]) -> None:
    """The tables, and what deserves attention."""
    counts = any(table.analyzed for table in catalog.tables)
    columns = ["table", "rows", "size", "indexes", *(["analyzed"] if counts else [])]
    rows = []
    for table in catalog.tables:
        more = [table.analyzed or "never"] if counts else []
        rows.append([table.name, rows_of(table), size(table.size), size(table.index_size), *more])
    console.table(columns, rows, "There are no tables yet.")
    console.note(f"\nAll of it: {size(catalog.size)}.")
    if any(not table.exact for table in catalog.tables):
        console.note("~ is an estimate; --exact counts, which reads every row.")
    for note in catalog.notes:
        console.note(note)
    show_findings(found)


def show_findings(found: Sequence[Finding]) -> None:
    """One row each."""
    if found:
        console.out()
        console.table(["finding", "table", "name", "why"], [(f.kind, f.table, f.name, f.text) for f in found])


def show_table(table: Table, referring: Sequence[ForeignKey] = ()) -> None:
    """Columns, constraints, indexes, and the keys of other tables that refer to it."""
    console.out(table.name, "bold")
    facts = [("rows", rows_of(table)), ("size", size(table.size)), ("indexes", size(table.index_size))]
    console.facts([(name, value) for name, value in facts if value != "?"])
    console.out()
    console.table(
        ["column", "type", "null", "default", "key"],
        [(c.name, c.type, c.nullable, c.default, "yes" if c.key else "") for c in table.columns],
    )
    if table.constraints:
        console.out()
        console.table(["constraint", "definition"], table.constraints)
    elif table.keys:
        console.out()
        console.table(["foreign key", "refers to", "on delete"], [_key(key) for key in table.keys])
    if table.indexes:
        console.out()
        counted = any(index.scans is not None for index in table.indexes)
        rows = [
            (i.name, i.columns, "unique" if i.unique else "", size(i.size), *([i.scans] if counted else []))
            for i in table.indexes
        ]
        console.table(["index", "columns", "unique", "size", *(["used"] if counted else [])], rows)
    if referring:
        console.out()
        console.table(
            ["referred to by", "columns", "on delete"],
            [(key.table, key.columns, key.on_delete) for key in referring],
        )


def rows_of(table: Table) -> str:
    """The number of rows, with ~ before an estimate."""
    return "?" if table.rows is None else f"{'' if table.exact else '~'}{table.rows:,}"


def size(count: int | None) -> str:
    """Bytes as a person reads them; "?" if they are not known."""
    if count is None:
        return "?"
    value, unit = float(count), "B"
    for unit in ("B", "kB", "MB", "GB", "TB"):
        if value < 1024 or unit == "TB":
            break
        value /= 1024
    return f"{value:.0f} {unit}" if value >= 10 or unit == "B" else f"{value:.1f} {unit}"


def _key(key: ForeignKey) -> tuple[object, ...]:
    theirs = ", ".join(filter(None, key.their_columns))
    return key.columns, f"{key.refers_to} ({theirs})" if theirs else key.refers_to, key.on_delete
