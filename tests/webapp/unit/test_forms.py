"""What a form says about values that cannot be."""

from decimal import Decimal
from enum import StrEnum
from urllib.parse import urlencode

import pytest
from pydantic import BaseModel, EmailStr, Field
from starlette.requests import Request

from webapp.errors import Conflict, NotFound
from webapp.forms import Form, form_of


class Colour(StrEnum):
    RED = "red"


class Order(BaseModel):
    name: str = Field(min_length=1, max_length=5)
    email: EmailStr = "ada@example.com"
    price: Decimal = Field(default=Decimal(1), ge=0, decimal_places=2)
    pieces: int = 1
    colour: Colour = Colour.RED


async def fill(**values: str) -> Form[Order]:
    body = urlencode(values).encode()

    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": body, "more_body": False}

    headers = [(b"content-type", b"application/x-www-form-urlencoded")]
    return await form_of(Order)(Request({"type": "http", "method": "POST", "headers": headers}, receive))


async def test_a_right_form_holds_the_checked_values() -> None:
    form = await fill(name="Ada", pieces="3")
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
    ],
)
async def test_each_wrong_value_is_told_how_to_put_it_right(field: str, value: str, advice: str) -> None:
    form = await fill(**{"name": "Ada", field: value})
    assert form.data is None
    assert form.errors == {field: advice}
    assert form.values[field] == value
    assert form.status == 422


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
