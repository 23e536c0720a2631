"""Webinars and registrations over HTTP."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from webapp.models import RegistrationBase, RegistrationStatus, WebinarBase
from webapp.schemas.fields import Input, Key, Moment, unset


class WebinarCreate(WebinarBase, Input):
    starts_at: Moment
    host_id: Key | None = None


class WebinarUpdate(Input):
    """A field that is not sent stays as it is."""

    title: str = Field(default_factory=unset, min_length=1, max_length=150)
    description: str = Field(default_factory=unset, max_length=10_000)
    starts_at: Moment = Field(default_factory=unset)
    duration_minutes: int = Field(default_factory=unset, ge=1, le=1440)
    capacity: int = Field(default_factory=unset, ge=1, le=100_000)
    host_id: Key | None = None


class WebinarRead(WebinarBase):
    id: int
    host: str
    places_taken: int
    places_left: int
    created_at: datetime
    updated_at: datetime


class WebinarPage(SQLModel):
    items: list[WebinarRead]
    next: str | None = None


class RegistrationCreate(RegistrationBase, Input):
    email: str = Field(max_length=254, schema_extra={"format": "email"})


class RegistrationRead(RegistrationBase):
    id: int
    webinar_id: int
    status: RegistrationStatus
    created_at: datetime
