"""Registrations over HTTP."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from webapp.models import RegistrationBase, RegistrationStatus
from webapp.paging import MAX_LIMIT
from webapp.schemas.fields import Input, Output, Query, example, unset

_EXAMPLE = {"name": "Eve Evans", "email": "eve@example.com"}
_STORED = {"id": 9, "webinar_id": 3, "status": "registered", "created_at": "2030-01-31T09:30:00Z"}
_SEEN_BY_STAFF = {
    "notes": "Needs captions.", "webinar_title": "Joinery without screws", "webinar_starts_at": "2030-05-01T18:00:00Z",
}  # fmt: skip


class RegistrationCreate(RegistrationBase, Input):
    model_config = example(**_EXAMPLE)

    email: str = Field(max_length=254, json_schema_extra={"format": "email"})


class RegistrationUpdate(Input):
    """A field that is not sent stays as it is."""

    model_config = example(status="attended")

    status: RegistrationStatus = Field(default_factory=unset)
    notes: str = Field(default_factory=unset, max_length=2_000)


class StatusChange(Input):
    """The staff's form for what became of a registration; `next` is the page to return to."""

    status: RegistrationStatus
    next: str = ""


class NotesChange(Input):
    """The staff's form for their notes."""

    notes: str = Field(default="", max_length=2_000)


class RegistrationReceipt(Output):
    """What somebody who signs up gets to see."""

    model_config = example(**_EXAMPLE, **_STORED)

    id: int
    webinar_id: int
    name: str
    email: str
    status: RegistrationStatus
    created_at: datetime


class RegistrationRead(RegistrationReceipt):
    """What the staff sees."""

    model_config = example(**_EXAMPLE, **_STORED, **_SEEN_BY_STAFF)

    notes: str
    webinar_title: str
    webinar_starts_at: datetime


class RegistrationPage(Output):
    items: list[RegistrationRead]
    next: str | None = None


class RegistrationQuery(Query):
    """Which page of which list; a filter that is not set lets all through."""

    status: RegistrationStatus | None = None
    q: str | None = Field(default=None, max_length=100, description="part of a name or an address")
    sort: Literal["id", "-id", "name", "-name", "email", "-email", "created_at", "-created_at"] = "-created_at"
    limit: int = Field(default=20, ge=1, le=MAX_LIMIT)
    after: str | None = Field(default=None, max_length=2000)
