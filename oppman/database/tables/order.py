"""The order in which rows can be written: those that are referred to before those that refer to them."""

from collections.abc import Iterable
from dataclasses import dataclass
from graphlib import TopologicalSorter

from oppman.database.tables.table import ForeignKey, Table


@dataclass(frozen=True)
class Late:
    """A foreign key whose rows may come before those that they refer to: its own table's, or those of a cycle."""

    table: str
    key: ForeignKey


def in_order(tables: Iterable[Table]) -> tuple[list[Table], list[Late]]:
    """The tables, each after those that it refers to, and the foreign keys for which that cannot hold.

    The order is always the same for the same tables. In a cycle, a foreign key whose columns may be NULL is the one
    that waits, so that its rows can be written without it first. A key that refers to a table which is not among
    `tables` orders nothing.
    """
    by_name = {table.name: table for table in sorted(tables, key=lambda table: table.name)}
    late = [
        Late(table.name, key) for table in by_name.values() for key in table.foreign_keys if key.referred == table.name
    ]
    waiting = {
        name: {key.referred for key in table.foreign_keys} & by_name.keys() - {name} for name, table in by_name.items()
    }
    while cycle := _cycle(waiting):
        name, key = min(_keys_within(by_name, cycle), key=lambda found: _unwilling(by_name[found[0]], found[1]))
        late += [Late(name, other) for other in by_name[name].foreign_keys if other.referred == key.referred]
        waiting[name] = waiting[name] - {key.referred}
    order = TopologicalSorter({name: sorted(before) for name, before in waiting.items()}).static_order()
    return [by_name[name] for name in order], late


def _cycle(waiting: dict[str, set[str]]) -> set[str]:
    """The tables that wait for each other; empty if there are none."""
    left = dict(waiting)
    while free := [name for name, before in left.items() if not before & left.keys()]:
        for name in free:
            del left[name]
    while free := [name for name in left if not any(name in before for other, before in left.items())]:
        for name in free:
            del left[name]
    return set(left)


def _keys_within(by_name: dict[str, Table], cycle: set[str]) -> list[tuple[str, ForeignKey]]:
    return [
        (name, key)
        for name in sorted(cycle)
        for key in by_name[name].foreign_keys
        if key.referred in cycle and key.referred != name
    ]


def _unwilling(table: Table, key: ForeignKey) -> tuple[bool, str, tuple[str, ...]]:
    """What makes a key the wrong one to wait: a column of it that needs a value at once."""
    return any(not table.by_name[name].nullable for name in key.columns), table.name, key.columns
