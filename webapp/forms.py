"""An HTML form on its way through a route: what was typed, what is wrong with it, and the checked values."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Generic, TypeVar, get_args

from fastapi import Request
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails, PydanticUndefined
from sqlalchemy.ext.asyncio import AsyncSession

from webapp.errors import Conflict, DomainError, Invalid, NotAuthenticated, TooManyAttempts
from webapp.http_errors import status_of

T = TypeVar("T", bound=BaseModel)

_SHOWN_IN_FORM = (Invalid, Conflict, TooManyAttempts, NotAuthenticated)


@dataclass
class Form(Generic[T]):
    """`values` fill the fields again, `errors` stand at them (the one under "" stands above all of them).

    `data` is None unless every value passed the schema. `status` is what a page that shows the form answers with.
    """

    values: Mapping[str, str] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    data: T | None = None
    status: int = 200

    @asynccontextmanager
    async def attempt(self, session: AsyncSession | None = None) -> AsyncIterator[None]:
        """Run the block; if a rule of the app refuses, undo what it wrote and put the refusal into the form.

        The session is finished then: show the page with a reading session. What is no matter of the form, such as
        a page that does not exist, goes on as it is.
        """
        try:
            yield
        except _SHOWN_IN_FORM as error:
            if session:
                await session.rollback()
            self.refuse(error)

    def refuse(self, error: DomainError) -> None:
        """Show the error where it belongs: at its fields, or above the form if it names none that was sent."""
        self.errors = {name: text for name, text in error.fields.items() if name in self.values}
        self.status = status_of(error)
        if not self.errors:
            self.errors[""] = f"{error.message} {error.hint}".strip()


def form_of(schema: type[T]) -> Callable[[Request], Awaitable[Form[T]]]:
    """A dependency that reads the request's form with this schema. It never fails: what is wrong stands in the form.

    A box that is not ticked is False, although a browser sends nothing for it; an emptied field is None where the
    schema allows that. Lines end as everywhere else, although a browser ends them with a carriage return.
    """
    boxes = dict.fromkeys((name for name, field in schema.model_fields.items() if field.annotation is bool), False)
    optional = {name for name, field in schema.model_fields.items() if type(None) in get_args(field.annotation)}

    async def read(request: Request) -> Form[T]:
        sent = await request.form()
        values = {name: value.replace("\r\n", "\n") for name, value in sent.items() if isinstance(value, str)}
        emptied = {name: None for name in optional if name in values and not values[name].strip()}
        try:
            return Form(values, data=schema.model_validate({**boxes, **values, **emptied}))
        except ValidationError as error:
            return Form(values, _explain(error.errors()), status=422)

    return read


def blank(schema: type[T]) -> Form[T]:
    """A form that nobody has filled in yet: it shows the schema's defaults."""
    defaults = {name: field.get_default(call_default_factory=True) for name, field in schema.model_fields.items()}
    return Form({name: _text(value) for name, value in defaults.items() if value is not PydanticUndefined})


def filled(schema: type[T], row: object) -> Form[T]:
    """A form that shows what is stored: those fields of the schema that the row has."""
    return Form({name: _text(getattr(row, name)) for name in schema.model_fields if hasattr(row, name)})


def _text(value: object) -> str:
    """The value as a field holds it."""
    if isinstance(value, bool):
        return "true" if value else ""
    return "" if value is None else str(value)


_ADVICE = {
    "missing": "Fill this in.",
    "string_too_long": "Use at most {max_length} characters.",
    "int_parsing": "Enter a whole number.",
    "decimal_parsing": "Enter a number, such as 19.99.",
    "decimal_max_places": "Use at most {decimal_places} decimal places.",
    "greater_than_equal": "Enter {ge} or more.",
    "less_than_equal": "Enter {le} or less.",
    "enum": "Choose one of the list.",
    "literal_error": "Choose one of the list.",
}
"""How to put each kind of error right, in words for the person at the form; {names} are the rule's own figures."""


def _explain(errors: list[ErrorDetails]) -> dict[str, str]:
    explained: dict[str, str] = {}
    for error in errors:
        explained.setdefault(str(error["loc"][0]) if error["loc"] else "", _advice(error))
    return explained


def _advice(error: ErrorDetails) -> str:
    kind, rule = error["type"], error.get("ctx", {})
    if not str(error["input"]).strip() or (kind == "string_too_short" and rule["min_length"] == 1):
        return _ADVICE["missing"]
    if kind == "string_too_short":
        return f"Use at least {rule['min_length']} characters."
    if kind == "value_error" and "email" in error["msg"]:
        return "Enter an email address such as name@example.com."
    if kind in _ADVICE:
        return _ADVICE[kind].format_map(rule)
    return error["msg"].removeprefix("Value error, ").rstrip(".") + "."
