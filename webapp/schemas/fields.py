"""Building blocks of the schemas."""

import json
import re
from array import array
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Annotated, Any
from urllib.parse import urlsplit

from email_validator import EmailNotValidError, validate_email
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    WithJsonSchema,
    field_validator,
)
from pydantic_core import CoreSchema, core_schema
from sqlmodel import SQLModel

from webapp.db import MAX_KEY


def _or_empty(check: Callable[[str], str]) -> Callable[[str], str]:
    """The check, for a text that may also be empty: whether it may is said by the field."""
    return lambda text: check(text) if text else text


Key = Annotated[int, Field(ge=1, le=MAX_KEY)]
"""A row's integer key."""


def _written(such_as: str) -> BeforeValidator:
    """A text, and no number, which would be taken for the seconds since 1970."""

    def refuse_numbers(value: Any) -> Any:
        if isinstance(value, int | float | Decimal):
            raise ValueError(f"Write it as a text, such as {such_as}.")
        return value

    return BeforeValidator(refuse_numbers)


Day = Annotated[date, _written("2030-01-31")]
"""A date, such as 2030-01-31."""


def _within_reach(moment: datetime) -> datetime:
    if not 2000 <= moment.year < 2100:
        raise ValueError("Choose a date between 2000 and 2099.")
    return moment.astimezone(UTC)


Moment = Annotated[AwareDatetime, _written("2030-05-01T18:00:00Z"), AfterValidator(_within_reach)]
"""A date and time with its zone, such as 2030-05-01T18:00:00Z."""


def _without_zone(moment: time) -> time:
    if moment.tzinfo is not None:
        raise ValueError("Leave the time zone out.")
    return moment


Clock = Annotated[
    time,
    _written("18:30"),
    AfterValidator(_without_zone),
    # What JSON Schema calls a time has a zone.
    WithJsonSchema({"type": "string", "pattern": r"^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,6})?)?$"}),
]
"""A time of the day, of no zone, such as 18:30."""


def _normalised(address: str) -> str:
    try:
        return validate_email(address, check_deliverability=False).normalized.lower()
    except EmailNotValidError:
        raise ValueError("Enter an email address such as name@example.com.") from None


Email = Annotated[str, AfterValidator(_or_empty(_normalised)), Field(json_schema_extra={"format": "email"})]
"""An email address, stored in lower case."""


def _address(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname or any(sign.isspace() for sign in text):
        raise ValueError("Enter an address such as https://example.com.")
    return text


WebAddress = Annotated[str, AfterValidator(_or_empty(_address)), Field(json_schema_extra={"format": "uri"})]
"""The address of a web page. No other scheme, so that a link to it runs no script."""


def _slug(text: str) -> str:
    if not re.fullmatch(r"[a-z0-9]+(?:-[a-z0-9]+)*", text):
        raise ValueError("Use small letters, digits and single hyphens, such as oak-lamp.")
    return text


Slug = Annotated[
    str, AfterValidator(_or_empty(_slug)), Field(json_schema_extra={"pattern": "^([a-z0-9]+(-[a-z0-9]+)*)?$"})
]
"""A word for an address, such as oak-lamp."""


Secret = Annotated[str, Field(json_schema_extra={"format": "password"})]
"""A text that is stored as a hash alone. A form that leaves it empty leaves it as it is."""


def _storable(value: dict[str, Any]) -> dict[str, Any]:
    try:
        text = json.dumps(value, allow_nan=False, ensure_ascii=False)
        text.encode()  # half of a surrogate pair is no text
    except (ValueError, RecursionError):
        raise ValueError("This cannot be stored as JSON.") from None
    if re.search(r"(?<!\\)(?:\\\\)*\\u0000", text):
        raise ValueError("Remove the NUL character.")
    return value


Json = Annotated[dict[str, Any], AfterValidator(_storable)]
"""An object of JSON."""


MAX_SINGLE = 3.4e38
"""Nearly the largest number of single precision."""


def _single(values: list[float]) -> list[float]:
    return array("f", values).tolist()


Embedding = Annotated[
    list[Annotated[float, Field(strict=True, ge=-MAX_SINGLE, le=MAX_SINGLE)]], AfterValidator(_single)
]
"""A vector. It is stored in single precision, so it is rounded to that at once: 0.1 becomes 0.10000000149011612."""

StoredFile = Annotated[
    str, Field(description="The stored file's name, another one after each upload; it is fetched by its own route.")
]
"""A stored file, which is sent to and fetched from an address of its own: `/api/books/3/cover`."""


def example(**values: Any) -> Any:
    """The `model_config` of a schema that shows these values in the API's documentation."""
    return ConfigDict(json_schema_extra={"examples": [values]})


@dataclass(frozen=True)
class Exact:
    """Marks a Decimal of so many digits and decimal places: JSON has it as a text ("19.90"), so that nobody rounds it.

    A value gets its places as the database would give it back: 0.1 becomes 0.10. A JSON number is accepted as well.
    """

    digits: int
    places: int

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        step = Decimal(1).scaleb(-self.places)
        fitting = core_schema.decimal_schema(max_digits=self.digits, decimal_places=self.places)
        both = core_schema.chain_schema([fitting, handler(source)])  # what else the field asks for is in the second
        # Plus 0, so that no minus stands before a zero.
        return core_schema.no_info_after_validator_function(lambda number: number.quantize(step) + 0, both)

    def __get_pydantic_json_schema__(self, _schema: CoreSchema, _handler: GetJsonSchemaHandler) -> dict[str, Any]:
        whole = self.digits - self.places
        return {"type": "string", "pattern": rf"^\d{{1,{whole}}}(\.\d{{1,{self.places}}})?$"}


def _clean(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    if "\x00" in value:
        raise ValueError("Remove the NUL character.")
    return value.strip()


class Input(SQLModel):
    """A body or form. Spaces around a text are removed; NUL, which PostgreSQL cannot store, is refused."""

    _cleaned = field_validator("*", mode="before")(_clean)


class Query(BaseModel):
    """What stands after the ? of an address; its texts are cleaned like those of an `Input`."""

    _cleaned = field_validator("*", mode="before")(_clean)


class Output(BaseModel):
    """An answer, made of a row or of an object with these attributes.

    No SQLModel and without the rules of the input: what is stored has been checked, and a list has many of them.
    """

    model_config = ConfigDict(from_attributes=True)


def unset() -> Any:
    """The default of a field of an update: not sent, so it stays as it is."""
    return None
