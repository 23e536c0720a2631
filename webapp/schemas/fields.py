"""Building blocks of the schemas."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any

from pydantic import AfterValidator, AwareDatetime, ConfigDict, Field, field_validator
from sqlmodel import SQLModel

from webapp.db import MAX_KEY

Key = Annotated[int, Field(ge=1, le=MAX_KEY)]
"""A row's integer key."""


def _within_reach(moment: datetime) -> datetime:
    if not 2000 <= moment.year < 2100:
        raise ValueError("Choose a date between 2000 and 2099.")
    return moment.astimezone(UTC)


Moment = Annotated[AwareDatetime, AfterValidator(_within_reach)]
"""A date and time with its zone, such as 2030-05-01T18:00:00Z."""


def example(**values: Any) -> Any:
    """The `model_config` of a schema that shows these values in the API's documentation."""
    return ConfigDict(json_schema_extra={"examples": [values]})


def with_places(places: int) -> AfterValidator:
    """A number of that many decimal places, as the database gives it back: 0.1 becomes 0.10."""
    step = Decimal(1).scaleb(-places)
    return AfterValidator(lambda number: number.quantize(step) + 0)  # and no minus before a zero


class Input(SQLModel):
    """What comes from outside. Spaces around a text are removed; NUL, which PostgreSQL cannot store, is refused."""

    @field_validator("*", mode="before")
    @classmethod
    def _clean(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        if "\x00" in value:
            raise ValueError("Remove the NUL character.")
        return value.strip()


def unset() -> Any:
    """The default of a field of an update: not sent, so it stays as it is."""
    return None
