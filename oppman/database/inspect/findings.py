"""What deserves attention in a database."""

from collections.abc import Iterator
from dataclasses import dataclass

from oppman.database.inspect.catalog import Catalog, Index, Table

FULL = 0.75
"""The part of a sequence's numbers that may be used up."""

DEAD, MANY = 0.2, 10_000
"""The part of the rows that may be dead, and how many have to be for it to matter.

So many rows has a table as well before the use of its indexes says something: PostgreSQL reads a smaller one itself.
"""


@dataclass(frozen=True)
class Finding:
    """`kind` is a short word for a program, `text` what it means, with what to do."""

    kind: str
    table: str
    name: str
    text: str


def findings(catalog: Catalog) -> list[Finding]:
    """All of them, table by table."""
    found = [finding for table in catalog.tables for finding in _of_table(catalog, table)]
    for sequence in catalog.sequences:
        if sequence.last >= FULL * sequence.limit:
            table = sequence.column.rpartition(".")[0]
            used = f"{sequence.last:,} of {sequence.limit:,} numbers are used ({sequence.last / sequence.limit:.0%})"
            found.append(Finding("sequence-full", table, sequence.column, f"{used}: make the column a bigint."))
    return found


def _of_table(catalog: Catalog, table: Table) -> Iterator[Finding]:
    for key in table.keys:
        if not _is_indexed(table, key.columns):
            columns = ", ".join(key.columns)
            yield Finding(
                "foreign-key-without-index", table.name, columns,
                f"No index begins with it: a row that goes from {key.refers_to} has all of {table.name} read.",
            )  # fmt: skip
    for index in table.indexes:
        if not index.valid:
            yield Finding("index-invalid", table.name, index.name, "It was never finished: drop it and make it again.")
        elif wider := next((other for other in table.indexes if _covers(other, index)), None):
            same = len(wider.keys) == len(index.keys)
            what = "has the same columns" if same else "begins with the same columns"
            yield Finding("index-redundant", table.name, index.name, f"{wider.name} {what}: drop this one.")
        elif index.scans == 0 and not index.unique and (table.rows or 0) >= MANY:
            yield Finding("index-unused", table.name, index.name, f"Never used since {catalog.since}.")
    if (dead := table.dead_rows or 0) >= MANY and dead > DEAD * (dead + (table.rows or 0)):
        yield Finding(
            "rows-dead", table.name, table.name, f"{dead:,} dead rows: VACUUM, or look why autovacuum cannot."
        )


def _is_indexed(table: Table, columns: tuple[str, ...]) -> bool:
    """Whether an index of all rows begins with the columns, in whichever order."""
    if columns == (table.row_key,):
        return True
    return any(
        set(index.columns[: len(columns)]) == set(columns) and index.valid
        for index in table.indexes
        if not index.partial
    )


def _covers(wider: Index, index: Index) -> bool:
    """Whether whatever `index` is good for, `wider` is too. Of two that are the same, the first by name is kept."""
    if wider is index or index.unique or index.primary or index.partial or wider.partial or not wider.valid:
        return False
    if None in index.keys or wider.keys[: len(index.keys)] != index.keys:
        return False
    return len(wider.keys) > len(index.keys) or wider.unique or wider.name < index.name
