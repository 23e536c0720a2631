"""The values of a resource that its tests send: they keep to the field's rules, and a change is a change."""

import ast
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oppman.scaffold.changed_example import changed_example, other
from oppman.scaffold.examples import example
from oppman.scaffold.fields import parse_fields
from oppman.scaffold.kinds import Kind
from oppman.scaffold.naming import Names
from oppman.scaffold.resource import Resource


def resource(*fields: str) -> Resource:
    return Resource(Names.of("Book"), parse_fields(fields), "A book.", {})


@pytest.mark.parametrize(
    ("field", "first", "second"),
    [
        ("price:decimal:10.2:min=0", '"89.00"', '"79.00"'),
        ("price:decimal:10.2:min=85", '"89.00"', '"90.00"'),
        ("rating:decimal:2.1", '"9.9"', '"8.9"'),
        ("share:decimal:3.3:min=0", '"0.999"', None),
        ("pages:int", "12", "13"),
        ("pages:int:max=12", "12", "11"),
        ("pages:int:min=12:max=12", "12", None),
        ("weight:float:min=1e20", "1e+20", None),
        ("name:str:min=4:max=4", '"Oakx"', '"Anot"'),
        ("code:str:max=1", '"A"', '"S"'),
        ("code:str:pattern=%5BA-Z%5D%7B3%7D", '"MMM"', None),
        ("born:date:max=2030-01-31", '"2030-01-31"', '"2030-01-30"'),
        ("status:enum:draft/live:default=live", '"live"', '"draft"'),
        ("status:enum:on", '"on"', None),
        ("done:bool", "True", "False"),
        ("pin:secret", '"correct horse battery"', None),
    ],
)
def test_a_field_has_an_example_and_another_value_where_one_is_known(
    field: str, first: str, second: str | None
) -> None:
    [parsed] = parse_fields([field])
    assert (example(parsed), other(parsed)) == (first, second)


@given(
    digits=st.integers(1, 15), data=st.data(), low=st.none() | st.integers(-9, 9), span=st.none() | st.integers(0, 99)
)
def test_a_number_fits_into_its_digits_and_between_its_bounds(
    digits: int, data: st.DataObject, low: int | None, span: int | None
) -> None:
    places = data.draw(st.integers(0, digits - 1))
    most = Decimal(10**digits - 1).scaleb(-places)
    high = None if span is None else min((low or 0) + span, int(most))
    words = [f"a:decimal:{digits}.{places}", *([] if low is None else [f"min={low}"]),
             *([] if high is None else [f"max={high}"])]  # fmt: skip
    [field] = parse_fields([":".join(words)])
    values = [example(field), *filter(None, [other(field)])]
    assert len(set(values)) == len(values)
    for text in values:
        value = Decimal(ast.literal_eval(text))
        assert value == round(value, places)
        assert abs(value) <= most
        assert low is None or low <= value
        assert high is None or value <= high


@given(least=st.none() | st.integers(0, 40), more=st.none() | st.integers(1, 40), kind=st.sampled_from(["str", "text"]))
def test_a_text_is_as_long_as_it_has_to_be(least: int | None, more: int | None, kind: str) -> None:
    most = None if more is None else (least or 0) + more
    words = [
        f"first_name:{kind}",
        *([] if least is None else [f"min={least}"]),
        *([] if most is None else [f"max={most}"]),
    ]
    [field] = parse_fields([":".join(words)])
    values = [ast.literal_eval(text) for text in (example(field), other(field) or "")]
    assert values[0] != values[1]
    for value in values:
        assert value == value.strip()
        assert (least or 1) <= len(value) <= (most or 10_000)


def test_an_amount_is_changed_rather_than_a_text_and_a_box_last() -> None:
    assert _changed("title:str", "price:decimal:10.2") == ("price", Kind.DECIMAL)
    assert _changed("done:bool", "data:json", "title:str") == ("title", Kind.STR)
    assert _changed("done:bool", "pin:secret") == ("done", Kind.BOOL)


def test_nothing_is_changed_that_cannot_be_read_back() -> None:
    assert changed_example(resource("pin:secret", "notes:text:hidden", "cover:image")) is None


def _changed(*fields: str) -> tuple[str, Kind]:
    changed = changed_example(resource(*fields))
    assert changed
    return changed.field.name, changed.field.type
