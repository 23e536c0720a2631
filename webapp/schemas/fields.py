"""Building blocks of the schemas."""

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    field_validator,
)
from pydantic_core import CoreSchema, core_schema
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
