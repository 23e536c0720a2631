"""Cursors: what comes back from outside is checked before it reaches the database."""

import base64
import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Column, Date, Float, Integer, MetaData, Numeric, String, Table, Uuid

from webapp.db import UTCDateTime
from webapp.errors import Invalid
from webapp.paging import Keyset

_THINGS = Table(
    "things", MetaData(), Column("id", Integer), Column("name", String), Column("price", Numeric(10, 2)),
    Column("created_at", UTCDateTime()), Column("description", String),
)  # fmt: skip
_NOTES = Table(
    "notes", MetaData(), Column("id", Uuid), Column("born", Date), Column("weight", Float), Column("rank", Integer),
    Column("title", String), Column("number", Uuid),
)  # fmt: skip
SORTS = Keyset(_THINGS.c.id, name=_THINGS.c.name, price=_THINGS.c.price, created_at=_THINGS.c.created_at)


class Row:
    def __init__(self, **values: Any) -> None:
        self.__dict__.update(values)


def _cursor(content: Any) -> str:
    raw = content if isinstance(content, bytes) else json.dumps(content).encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


@pytest.mark.parametrize(
    ("sort", "value"),
    [
        ("id", 7),
        ("name", "Ärmel % _ /"),
        ("-price", Decimal("19.90")),
        ("created_at", datetime(2026, 3, 4, 5, 6, 7, 8, UTC)),
    ],
)
def test_a_cursor_brings_back_the_last_row_of_its_page(sort: str, value: Any) -> None:
    rows = [Row(**{"id": 7, sort.removeprefix("-"): value}), Row(id=8)]
    page = SORTS.page(rows, sort, 1)
    assert page.items == rows[:1]
    assert SORTS.start(sort, page.next).after == (value, 7)


@pytest.mark.parametrize(
    ("name", "value"),
    [("born", date(1815, 12, 10)), ("weight", 1.5), ("rank", 3), ("title", "é"), ("number", UUID(int=7))],
)
def test_a_cursor_holds_a_value_of_any_type_that_sorts_and_a_key_that_is_a_uuid(name: str, value: Any) -> None:
    sorts = Keyset(_NOTES.c.id, **{name: _NOTES.c[name]})
    key = UUID(int=42)
    page = sorts.page([Row(**{"id": key, name: value}), Row(id=UUID(int=43))], name, 1)
    assert sorts.start(name, page.next).after == (value, key)
    for content in ([name, None, str(key)], [name, [], str(key)], [name, {}, str(key)], [name, True, str(key)]):
        with pytest.raises(Invalid):
            sorts.start(name, _cursor(content))
    keys: list[Any] = ["x", 1, None, []]
    for wrong in keys:
        with pytest.raises(Invalid):
            sorts.start("id", _cursor(["id", wrong, wrong]))


def test_the_last_page_has_no_cursor() -> None:
    assert SORTS.page([Row(id=1)], "id", 1).next is None
    assert SORTS.page([], "id", 1).next is None


@pytest.mark.parametrize(
    "cursor",
    [
        "", "!", "é", "abc", "A" * 5000, _cursor(b"\xff\xfe"), _cursor({}), _cursor([]), _cursor(["id", 1]),
        _cursor(["name", "x", 1]), _cursor(["id", "1", 1]), _cursor(["id", 1, "1"]), _cursor(["id", 1, True]),
        _cursor(["id", 1, 2**31]), _cursor(["id", 2**40, 1]), _cursor(["id", 1, -1]), _cursor(["id", 1.5, 1]),
        _cursor(b"[" * 1000),
    ],
)  # fmt: skip
def test_a_cursor_that_was_tampered_with_is_invalid(cursor: str) -> None:
    with pytest.raises(Invalid) as caught:
        SORTS.start("id", cursor)
    assert "after" in caught.value.fields


@pytest.mark.parametrize(
    ("sort", "value"),
    [
        ("price", "NaN"), ("price", "Infinity"), ("price", "1e99999"), ("price", 5), ("price", None),
        ("price", "1" * 99),
        ("name", "a\x00b"), ("name", "\ud800"), ("name", 5), ("name", None),
        ("created_at", "2026-01-01T00:00:00"), ("created_at", "0001-01-01T00:00:00+14:00"), ("created_at", "soon"),
        ("created_at", 5),
    ],
)  # fmt: skip
def test_a_value_that_a_database_could_choke_on_is_invalid(sort: str, value: Any) -> None:
    with pytest.raises(Invalid):
        SORTS.start(sort, _cursor([sort, value, 1]))


def test_a_cursor_of_another_sort_is_invalid() -> None:
    rows = [Row(id=7, name="x"), Row(id=8, name="y")]
    with pytest.raises(Invalid):
        SORTS.start("-name", SORTS.page(rows, "name", 1).next)


@given(st.text() | st.binary().map(lambda raw: base64.urlsafe_b64encode(raw).decode()))
def test_no_cursor_at_all_makes_it_crash(cursor: str) -> None:
    with pytest.raises(Invalid):
        SORTS.start("name", cursor)


@pytest.mark.parametrize("sort", ["", "-", "password", "--id", "id; drop table things", "description"])
def test_only_the_named_columns_sort(sort: str) -> None:
    with pytest.raises(Invalid, match="cannot be sorted") as caught:
        SORTS.start(sort, None)
    assert "-price" in caught.value.hint


@pytest.mark.parametrize("limit", [-1, 0, 101])
def test_a_page_has_1_to_100_rows(limit: int) -> None:
    with pytest.raises(Invalid) as caught:
        SORTS.start("id", None, limit)
    assert "limit" in caught.value.fields


def test_every_sort_is_listed_in_both_directions() -> None:
    assert Keyset(_THINGS.c.id, name=_THINGS.c.name).sorts == ["id", "-id", "name", "-name"]
