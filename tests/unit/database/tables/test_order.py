"""In which order rows can be written."""

import random

import pytest

from oppman.database.tables.order import in_order
from oppman.database.tables.table import Column, ForeignKey, Kind, Table


def table(name: str, *referred: str) -> Table:
    """A table with a column for each that it refers to; `other?` is one that may be NULL."""
    columns = [Column("id", "INTEGER", Kind.INTEGER, nullable=False)]
    keys = []
    for text in referred:
        other = text.rstrip("?")
        columns.append(Column(f"{other}_id", "INTEGER", Kind.INTEGER, nullable=text.endswith("?")))
        keys.append(ForeignKey(None, (f"{other}_id",), other, ("id",)))
    return Table(name, tuple(columns), ("id",), (), tuple(keys))


def test_those_that_are_referred_to_come_first() -> None:
    tables = [table("reviews", "books", "users"), table("books", "authors"), table("authors"), table("users")]
    random.shuffle(tables)
    found, late = in_order(tables)
    assert [one.name for one in found] == ["authors", "users", "books", "reviews"]
    assert late == []


def test_a_table_that_refers_to_itself_waits_for_nobody() -> None:
    found, late = in_order([table("nodes", "nodes?", "trees"), table("trees")])
    assert [one.name for one in found] == ["trees", "nodes"]
    assert [(one.table, one.key.columns) for one in late] == [("nodes", ("nodes_id",))]


@pytest.mark.parametrize("turn", [1, -1])
def test_in_a_cycle_the_key_that_may_be_null_waits(turn: int) -> None:
    found, late = in_order([table("teams", "people?"), table("people", "teams"), table("badges", "people")][::turn])
    assert [one.name for one in found] == ["teams", "people", "badges"]
    assert [(one.table, one.key.referred) for one in late] == [("teams", "people")]


def test_two_cycles_are_both_opened() -> None:
    tables = [table("a", "b?"), table("b", "a", "c"), table("c", "d"), table("d", "c?"), table("e", "a", "d")]
    found, late = in_order(tables)
    names = [one.name for one in found]
    assert {(one.table, one.key.referred) for one in late} == {("a", "b"), ("d", "c")}
    for before, after in [("a", "b"), ("c", "b"), ("d", "c"), ("a", "e"), ("d", "e")]:
        assert names.index(before) < names.index(after)


def test_a_table_that_is_not_there_orders_nothing() -> None:
    found, late = in_order([table("books", "authors")])
    assert [one.name for one in found] == ["books"]
    assert late == []
