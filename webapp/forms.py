"""An HTML form on its way through a route: what was typed, what is wrong with it, and the checked values."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, time
from decimal import Decimal
from typing import Any, Generic, TypeVar, get_args, get_origin

from fastapi import Request
from pydantic import AwareDatetime, BaseModel, ValidationError
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
    schema allows that; a secret that is left empty is not sent. Lines end as everywhere else, although a browser ends
    them with a carriage return. A moment is in UTC, since a browser sends it without a zone; JSON is read, and so
    are the numbers of a vector. A form that looks something up (the `reference` macro) is shown again as it is.
    """
    types = {name: field.annotation for name, field in schema.model_fields.items()}
    boxes = dict.fromkeys((name for name, kind in types.items() if kind is bool), False)
    optional = {name for name, kind in types.items() if type(None) in get_args(kind)}
    moments = {name for name, kind in types.items() if _holds(kind, AwareDatetime)}
    objects = {name for name, kind in types.items() if _holds(kind, dict)}
    lists = {name for name, kind in types.items() if _holds(kind, list)}
    vectors = {name for name in lists if _holds(types[name], float)}
    secrets = {name for name, field in schema.model_fields.items() if field.json_schema_extra == {"format": "password"}}

    async def read(request: Request) -> Form[T]:
        sent = await request.form()
        values = {name: value.replace("\r\n", "\n") for name, value in sent.items() if isinstance(value, str)}
        chosen = {name: [str(one) for one in sent.getlist(name) if one] for name in lists}
        values |= {name: ",".join(some) for name, some in chosen.items()}
        if "look-up" in values or any(words.strip() for name, words in values.items() if name.endswith("-words")):
            return Form(values)
        given: dict[str, Any] = {**boxes, **values, **chosen}
        for name, text in values.items():
            if name in secrets and not text:
                del given[name]
            elif name in optional and not text.strip():
                given[name] = None
            elif name in moments:
                given[name] = _in_utc(text)
            elif name in objects:
                given[name] = _read_json(text)
            elif name in vectors:
                given[name] = _read_json(f"[{text}]")
        try:
            return Form(values, data=schema.model_validate(given))
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
    for kind, written in _WRITTEN.items():
        if isinstance(value, kind):
            return written(value)
    return "" if value is None else str(value)


def _clock(value: datetime | time) -> str:
    """As an input of a browser takes it: without seconds where there are none, and no finer than milliseconds."""
    fine = "milliseconds" if value.microsecond else "seconds" if value.second else "minutes"
    return value.isoformat(timespec=fine)


_WRITTEN: dict[type, Callable[[Any], str]] = {
    bool: lambda value: "true" if value else "false",
    datetime: lambda value: _clock(value.astimezone(UTC).replace(tzinfo=None)),
    time: _clock,
    Decimal: lambda value: f"{value:f}",
    list: lambda value: ",".join(map(str, value)),
    dict: lambda value: json.dumps(value, indent=2, ensure_ascii=False) if value else "",
}


def _in_utc(text: str) -> str:
    try:
        return text if datetime.fromisoformat(text.strip()).tzinfo else f"{text.strip()}Z"
    except ValueError:
        return text  # the schema says what is wrong with it


def _read_json(text: str) -> object:
    try:
        return json.loads(text) if text.strip() else {}
    except (ValueError, RecursionError):
        return text


def _holds(kind: object, wanted: object) -> bool:
    """Whether an annotation is of this type, or has it as an alternative."""
    return wanted in (kind, get_origin(kind)) or any(_holds(part, wanted) for part in get_args(kind))


_ADVICE = {
    "missing": "Fill this in.",
    "string_too_long": "Use at most {max_length} characters.",
    "int_parsing": "Enter a whole number.",
    "int_parsing_size": "Enter a smaller number.",
    "float_parsing": "Enter a number, such as 19.99.",
    "decimal_parsing": "Enter a number, such as 19.99.",
    "decimal_max_digits": "Use at most {max_digits} digits.",
    "decimal_max_places": "Use at most {decimal_places} decimal places.",
    "decimal_whole_digits": "Use at most {whole_digits} digits before the point.",
    "finite_number": "Enter a number, such as 19.99.",
    "bool_parsing": "Choose one of the list.",
    "date_from_datetime_inexact": "Enter a date, such as 2030-01-31.",
    "date_from_datetime_parsing": "Enter a date, such as 2030-01-31.",
    "date_parsing": "Enter a date, such as 2030-01-31.",
    "datetime_from_date_parsing": "Enter a date and a time, such as 2030-01-31 18:30.",
    "datetime_object_invalid": "Enter a date and a time, such as 2030-01-31 18:30.",
    "datetime_parsing": "Enter a date and a time, such as 2030-01-31 18:30.",
    "time_parsing": "Enter a time, such as 18:30.",
    "uuid_parsing": "Enter a UUID, such as 6f1f9a2e-52d6-4b7e-9a3e-0c9d6f1b2a34.",
    "dict_type": 'Enter an object of JSON, such as {{"size": "large"}}.',
    "list_type": "Enter numbers with commas between them.",
    "too_short": "Enter {min_length} of them.",
    "too_long": "Enter {max_length} of them.",
    "float_type": "Enter numbers with commas between them.",
    "string_pattern_mismatch": "This is not the form that it has to have.",
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
