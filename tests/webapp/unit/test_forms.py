"""What a form says about values that cannot be."""

from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from enum import StrEnum
from urllib.parse import urlencode
from uuid import UUID

import pytest
from pydantic import BaseModel, EmailStr, Field
from starlette.requests import Request

from webapp.errors import Conflict, NotFound
from webapp.forms import Form, blank, filled, form_of
from webapp.schemas.fields import Clock, Embedding, Input, Json, Moment


class Colour(StrEnum):
    RED = "red"


class Order(BaseModel):
    name: str = Field(min_length=1, max_length=5)
    email: EmailStr = "ada@example.com"
    price: Decimal = Field(default=Decimal(1), ge=0, decimal_places=2)
    pieces: int = 1
    colour: Colour = Colour.RED
    gift: bool = True
    note: str = ""
    weight: Decimal | None = Decimal(1)


async def fill(**values: str) -> Form[Order]:
    body = urlencode(values).encode()

    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": body, "more_body": False}

    headers = [(b"content-type", b"application/x-www-form-urlencoded")]
    return await form_of(Order)(Request({"type": "http", "method": "POST", "headers": headers}, receive))


async def test_a_right_form_holds_the_checked_values() -> None:
    form = await fill(name="Ada", pieces="3", gift="true")
    assert form.data == Order(name="Ada", pieces=3)
    assert (form.errors, form.status) == ({}, 200)


@pytest.mark.parametrize(
    ("field", "value", "advice"),
    [
        ("name", "", "Fill this in."),
        ("name", "Ada Lovelace", "Use at most 5 characters."),
        ("email", "ada@", "Enter an email address such as name@example.com."),
        ("price", "cheap", "Enter a number, such as 19.99."),
        ("price", "-1", "Enter 0 or more."),
        ("price", "1.999", "Use at most 2 decimal places."),
        ("pieces", "two", "Enter a whole number."),
        ("pieces", " ", "Fill this in."),
        ("colour", "blue", "Choose one of the list."),
        ("weight", "heavy", "Enter a number, such as 19.99."),
    ],
)
async def test_each_wrong_value_is_told_how_to_put_it_right(field: str, value: str, advice: str) -> None:
    form = await fill(**{"name": "Ada", field: value})
    assert form.data is None
    assert form.errors == {field: advice}
    assert form.values[field] == value
    assert form.status == 422


async def test_a_box_that_is_not_ticked_is_false_although_nothing_is_sent() -> None:
    form = await fill(name="Ada")
    assert form.data is not None
    assert form.data.gift is False
    assert form.data.model_fields_set == {"name", "gift"}


async def test_an_emptied_field_has_its_empty_value() -> None:
    form = await fill(name="Ada", note="", weight=" ")
    assert form.data is not None
    assert (form.data.note, form.data.weight) == ("", None)


async def test_the_lines_of_a_text_end_as_everywhere_else() -> None:
    form = await fill(name="A\r\nda")
    assert form.data is not None
    assert form.data.name == form.values["name"] == "A\nda"


def test_a_blank_form_shows_the_defaults() -> None:
    assert blank(Order).values == {
        "email": "ada@example.com", "price": "1", "pieces": "1", "colour": "red", "gift": "true", "note": "",
        "weight": "1",
    }  # fmt: skip


async def test_a_filled_form_sends_back_what_is_stored() -> None:
    stored = Order(name="Ada", price=Decimal("2.50"), gift=False, weight=None)
    values = filled(Order, stored).values
    assert (values["price"], values["gift"], values["weight"]) == ("2.50", "false", "")
    assert (await fill(**{name: value for name, value in values.items() if name != "gift"})).data == stored


def test_a_filled_form_leaves_out_what_the_row_does_not_have() -> None:
    assert filled(Order, object()).values == {}


async def test_a_refusal_stands_at_its_field_and_keeps_what_was_typed() -> None:
    form = await fill(name="Ada", email="ada@example.com")
    async with form.attempt():
        raise Conflict("Taken.", "", {"email": "This address has an account already."})
    assert form.errors == {"email": "This address has an account already."}
    assert form.status == 409
    assert form.values["name"] == "Ada"


async def test_a_refusal_of_no_single_field_stands_above_the_form() -> None:
    form = await fill(name="Ada")
    async with form.attempt():
        raise Conflict("The webinar is full.", "Choose another one.", {"somewhere": "else"})
    assert form.errors == {"": "The webinar is full. Choose another one."}


async def test_what_is_no_matter_of_the_form_goes_on() -> None:
    form = await fill(name="Ada")
    with pytest.raises(NotFound):
        async with form.attempt():
            raise NotFound("There is no such webinar.")


class Visit(Input):
    day: date | None = None
    starts_at: Moment
    ends_at: Moment | None = None
    opens: Clock | None = None
    weight: float = 1.0
    sure: bool | None = None
    reference: UUID | None = None
    settings: Json = Field(default_factory=dict)


async def visit(**values: str) -> Form[Visit]:
    body = urlencode({"starts_at": "2030-05-01T18:00", **values}).encode()

    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": body, "more_body": False}

    headers = [(b"content-type", b"application/x-www-form-urlencoded")]
    return await form_of(Visit)(Request({"type": "http", "method": "POST", "headers": headers}, receive))


async def test_what_a_browser_sends_becomes_the_value_that_it_means() -> None:
    form = await visit(
        day="2030-01-31", ends_at="2030-05-01T20:00:30+02:00", opens="09:30", sure="false", settings='{"size": [1]}'
    )
    assert form.data == Visit(
        day=date(2030, 1, 31), starts_at=datetime(2030, 5, 1, 18, tzinfo=UTC), opens=time(9, 30), sure=False,
        ends_at=datetime(2030, 5, 1, 18, 0, 30, tzinfo=UTC), settings={"size": [1]},
    )  # fmt: skip


async def test_emptied_fields_of_every_type_hold_nothing() -> None:
    form = await visit(day="", ends_at=" ", opens="", sure="", reference="", settings=" ")
    assert form.data == Visit(starts_at=datetime(2030, 5, 1, 18, tzinfo=UTC))


@pytest.mark.parametrize(
    ("field", "value", "advice"),
    [
        ("day", "soon", "Enter a date, such as 2030-01-31."),
        ("starts_at", "soon", "Enter a date and a time, such as 2030-01-31 18:30."),
        ("starts_at", "", "Fill this in."),
        ("starts_at", "1999-01-01T00:00", "Choose a date between 2000 and 2099."),
        ("opens", "early", "Enter a time, such as 18:30."),
        ("weight", "much", "Enter a number, such as 19.99."),
        ("weight", "", "Fill this in."),
        ("sure", "perhaps", "Choose one of the list."),
        ("reference", "seven", "Enter a UUID, such as 6f1f9a2e-52d6-4b7e-9a3e-0c9d6f1b2a34."),
        ("settings", "{", 'Enter an object of JSON, such as {"size": "large"}.'),
        ("settings", "[1]", 'Enter an object of JSON, such as {"size": "large"}.'),
        ("settings", "[" * 100_000, 'Enter an object of JSON, such as {"size": "large"}.'),
        ("settings", '{"a": NaN}', "This cannot be stored as JSON."),
    ],
)
async def test_each_type_says_how_it_is_written(field: str, value: str, advice: str) -> None:
    form = await visit(**{field: value})
    assert form.errors == {field: advice}
    assert form.values[field] == value


async def test_a_filled_form_shows_each_type_as_a_browser_takes_it() -> None:
    stored = Visit(
        starts_at=datetime(2030, 5, 1, 20, tzinfo=timezone(timedelta(hours=2))), opens=time(9, 30), sure=False,
        ends_at=datetime(2030, 5, 1, 18, 0, 30, 250_000, tzinfo=UTC), settings={"größe": 1},
    )  # fmt: skip
    values = dict(filled(Visit, stored).values)
    assert values == {
        "day": "", "starts_at": "2030-05-01T18:00", "ends_at": "2030-05-01T18:00:30.250", "opens": "09:30",
        "weight": "1.0", "sure": "false", "reference": "", "settings": '{\n  "größe": 1\n}',
    }  # fmt: skip
    assert (await visit(**values)).data == stored
    assert blank(Visit).values["settings"] == ""


@pytest.mark.parametrize("looked_up", [{"host_id-words": "ann"}, {"look-up": "host_id", "host_id-words": ""}])
async def test_a_form_that_looks_something_up_is_shown_again_as_it_is(looked_up: dict[str, str]) -> None:
    form = await visit(weight="much", **looked_up)
    assert (form.data, form.errors, form.status) == (None, {}, 200)
    assert form.values["weight"] == "much"
    assert (await visit(**{"host_id-words": " "})).data is not None


class Place(Input):
    position: Embedding = Field(min_length=2, max_length=2)
    taste: Embedding | None = Field(default=None, min_length=2, max_length=2)


async def fill_place(**values: str) -> Form[Place]:
    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": urlencode(values).encode(), "more_body": False}

    headers = [(b"content-type", b"application/x-www-form-urlencoded")]
    return await form_of(Place)(Request({"type": "http", "method": "POST", "headers": headers}, receive))


async def test_a_vector_is_numbers_with_commas_between_them() -> None:
    form = await fill_place(position="0.5, -2", taste=" ")
    assert form.data == Place(position=[0.5, -2.0])
    assert filled(Place, form.data).values == {"position": "0.5,-2.0", "taste": ""}


@pytest.mark.parametrize(
    ("typed", "advice"),
    [
        ("north", "Enter numbers with commas between them."),
        ('"1", "2"', "Enter numbers with commas between them."),
        ("1", "Enter 2 of them."),
        ("1,2,3", "Enter 2 of them."),
    ],
)
async def test_a_vector_that_is_none_is_told_how_it_is_written(typed: str, advice: str) -> None:
    assert (await fill_place(position=typed)).errors == {"position": advice}
