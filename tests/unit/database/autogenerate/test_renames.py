"""Which drop and which add may be one rename."""

import pytest

from oppman.database.autogenerate.renames import Column, Rename, Table, column_renames, table_renames
from oppman.errors import UsageError


def column(name: str, kind: str = "VARCHAR(100)", position: int = 0, *, table: str = "t", null: bool = False) -> Column:
    return Column(table, name, kind, null, position)


def test_the_likeliest_name_stands_first() -> None:
    added = [column("zebra", position=9), column("full_name", position=1), column("nickname", position=5)]
    found = [each.new for each in column_renames([column("name", position=1)], added)]
    assert found == ["full_name", "nickname", "zebra"]


def test_the_same_type_counts_more_than_a_like_name() -> None:
    added = [column("name_x", "TEXT"), column("title", "VARCHAR(100)")]
    assert [each.new for each in column_renames([column("name")], added)] == ["title", "name_x"]


def test_the_place_decides_between_equals() -> None:
    added = [column("bbb", position=7), column("ccc", position=2)]
    assert [each.new for each in column_renames([column("aaa", position=2)], added)] == ["ccc", "bbb"]


@pytest.mark.parametrize(
    ("old", "new", "likely"),
    [
        ("VARCHAR(100)", "TEXT", True), ("INTEGER", "NUMERIC(10, 2)", True), ("DATE", "TIMESTAMP WITH TIME ZONE", True),
        ("JSON", "JSONB", True), ("VECTOR(3)", "VECTOR(4)", True), ("VARCHAR(9)", "INTEGER", False),
        ("BOOLEAN", "INTEGER", False), ("UUID", "BYTEA", False),
    ],
)  # fmt: skip
def test_values_of_another_kind_are_no_rename(old: str, new: str, likely: bool) -> None:
    assert bool(column_renames([column("a", old)], [column("b", new)])) is likely


def test_a_column_of_another_table_is_no_rename() -> None:
    assert column_renames([column("a")], [column("a", table="u")]) == []


def test_nullability_may_change_and_counts_less() -> None:
    added = [column("nome", null=True), column("nume", null=False)]
    assert [each.new for each in column_renames([column("name")], added)] == ["nume", "nome"]


def table(name: str, *columns: str) -> Table:
    return Table(name, tuple(column(each, table=name) for each in columns))


def test_a_table_with_nearly_the_same_columns_may_be_the_same() -> None:
    old = table("products", "id", "name", "price", "stock", "created_at")
    near, same = table("goods", "id", "title", "price", "stock", "created_at"), table("items", "id", "name", "price")
    found = [each.new for each in table_renames([old], [same, near, table("users", "id", "email", "created_at")])]
    assert found == ["goods", "items"]


def test_a_name_on_the_command_line_is_read() -> None:
    assert Rename.parse("products.name:title") == Rename("products", "name", "title")
    assert Rename.parse("products.name:products.title") == Rename("products", "name", "title")
    assert Rename.parse("products:goods") == Rename("", "products", "goods")
    assert str(Rename.parse("products.name:title")) == "products.name:title"
    assert (Rename.parse("products:goods").before, Rename.parse("p.a:b").after) == ("products", "p.b")


@pytest.mark.parametrize("text", ["products", "products.name", ":title", "products.:x", "a.b:c.d", "a.b.c:d", "a:"])
def test_what_names_nothing_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match=r"TABLE|cannot be understood"):
        Rename.parse(text)
