"""Tokens, and the user who is asking."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, Field, field_validator

from webapp.models import User
from webapp.passwords import MAX_LENGTH
from webapp.permissions import permissions_of
from webapp.schemas.fields import Input


class Credentials(BaseModel):
    """The names are those of OAuth 2. A password is taken as it was typed."""

    username: str = Field(min_length=1, max_length=254, description="the email address")
    password: str = Field(min_length=1, max_length=MAX_LENGTH, json_schema_extra={"format": "password"})

    @field_validator("username")
    @classmethod
    def _refuse_nul(cls, value: str) -> str:
        if "\x00" in value:
            raise ValueError("Remove the NUL character.")
        return value


class Token(BaseModel):
    access_token: str
    token_type: Literal["bearer"] = "bearer"  # noqa: S105
    expires_in: int = Field(description="seconds")


class MeRead(BaseModel):
    id: int
    email: str
    name: str
    is_superuser: bool
    roles: list[str]
    permissions: list[str] = Field(description="what the roles grant; a superuser may do everything")
    created_at: datetime

    @classmethod
    def of(cls, user: User) -> "MeRead":
        """The user, whose roles must be loaded."""
        return cls(
            id=user.id or 0,
            email=user.email,
            name=user.name,
            is_superuser=user.is_superuser,
            roles=sorted(role.name for role in user.roles),
            permissions=sorted(permissions_of(user)),
            created_at=user.created_at,
        )


class MeUpdate(Input):
    name: str = Field(max_length=100)


class NewPassword(BaseModel):
    current: str = Field(min_length=1, max_length=MAX_LENGTH, json_schema_extra={"format": "password"})
    password: str = Field(min_length=1, max_length=MAX_LENGTH, json_schema_extra={"format": "password"})
