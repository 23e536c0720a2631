"""What a form says about values that cannot be."""

from decimal import Decimal
from enum import StrEnum
from urllib.parse import urlencode

import pytest
from pydantic import BaseModel, EmailStr, Field
from starlette.requests import Request

from webapp.errors import Conflict, NotFound
from webapp.forms import Form, blank, filled, form_of


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
