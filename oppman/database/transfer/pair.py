"""The tables and columns of a SQLite and of a PostgreSQL database that belong together."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from oppman.database.tables.order import in_order
from oppman.database.tables.table import Column, Table
from oppman.errors import Refused


@dataclass(frozen=True)
class ColumnPair:
    """One column on both sides."""

    sqlite: Column
    postgres: Column

    @property
    def name(self) -> str:
        """What it is called on both."""
        return self.postgres.name


@dataclass(frozen=True)
class TablePair:
    """One table on both sides, with the columns that are copied."""

    sqlite: Table
    postgres: Table
    columns: tuple[ColumnPair, ...]

    @property
    def name(self) -> str:
        """What it is called on both."""
        return self.postgres.name

    @cached_property
    def by_name(self) -> dict[str, ColumnPair]:
        """The columns by their names."""
        return {column.name: column for column in self.columns}


def pairs(source: Iterable[Table], target: Iterable[Table], *, to_postgres: bool) -> list[TablePair]:
    """The tables of both, those that are referred to first.

    Raises Refused for what the source has and the target lacks: it would be lost.
    """
    there = {table.name: table for table in target}
    found = {table.name: table for table in source}
    if lost := sorted(found.keys() - there.keys()):
        raise Refused(
            f"The migrations do not make {_named(lost)}, which the source has: it would be lost.",
            "Write a migration that makes it, or drop it from the source first.",
        )
    ordered, _ = in_order(table for table in there.values() if table.name in found)
    return [_pair(found[table.name], table, to_postgres) for table in ordered]


def _pair(source: Table, target: Table, to_postgres: bool) -> TablePair:
    names = [column.name for column in target.written if column.name in source.by_name]
    lost = [f"{source.name}.{column.name}" for column in source.written if column.name not in target.by_name]
    if lost:
        raise Refused(
            f"The migrations do not make {_named(lost)}, which the source has: it would be lost.",
            "Write a migration that adds it, or drop it from the source first.",
        )
    unfilled = [
        f"{target.name}.{column.name}"
        for column in target.written
        if column.name not in source.by_name and not (column.nullable or column.has_default)
    ]
    if unfilled:
        raise Refused(
            f"The source lacks {_named(unfilled)}, which needs a value in the target.",
            "Was the source changed by hand? `oppman db check` and `oppman db status` compare it.",
        )
    sqlite, postgres = (source, target) if to_postgres else (target, source)
    return TablePair(
        sqlite, postgres, tuple(ColumnPair(sqlite.by_name[name], postgres.by_name[name]) for name in names)
    )


def _named(names: list[str]) -> str:
    return ", ".join(names[:10]) + (f" and {len(names) - 10} more" if len(names) > 10 else "")
