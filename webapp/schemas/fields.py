"""Building blocks of the schemas."""

from typing import Annotated, Any

from pydantic import Field, field_validator
from sqlmodel import SQLModel

from webapp.db import MAX_KEY

Key = Annotated[int, Field(ge=1, le=MAX_KEY)]
"""A row's integer key."""


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
