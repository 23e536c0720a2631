"""Webinars over HTTP."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from webapp.models import WebinarBase
from webapp.paging import MAX_LIMIT
from webapp.schemas.fields import Input, Key, Moment, Output, Query, example, unset

_EXAMPLE = {
    "title": "Joinery without screws", "description": "", "starts_at": "2030-05-01T18:00:00Z", "duration_minutes": 60,
    "capacity": 50, "host_id": 7,
}  # fmt: skip
_STORED = {
    "id": 3, "host": "Hana Host", "places_taken": 12, "places_left": 38, "created_at": "2030-01-31T09:30:00Z",
    "updated_at": "2030-02-01T10:00:00Z",
}  # fmt: skip


class WebinarCreate(WebinarBase, Input):
    model_config = example(**_EXAMPLE)

    starts_at: Moment
    host_id: Key | None = None


class WebinarUpdate(Input):
    """A field that is not sent stays as it is."""

    model_config = example(capacity=80)

    title: str = Field(default_factory=unset, min_length=1, max_length=150)
    description: str = Field(default_factory=unset, max_length=10_000)
    starts_at: Moment = Field(default_factory=unset)
    duration_minutes: int = Field(default_factory=unset, ge=1, le=1440)
    capacity: int = Field(default_factory=unset, ge=1, le=100_000)
    host_id: Key | None = None


class WebinarRead(Output):
    model_config = example(**_EXAMPLE, **_STORED)

    id: int
    title: str
    description: str
    starts_at: datetime
    duration_minutes: int
    capacity: int
    host_id: int | None
    host: str = Field(description="the host's name")
    places_taken: int
    places_left: int
    created_at: datetime
    updated_at: datetime


class WebinarPage(Output):
    items: list[WebinarRead]
    next: str | None = None


class WebinarQuery(Query):
    """Which page of which list; a filter that is not set lets all through."""

    when: Literal["upcoming", "past"] | None = None
    q: str | None = Field(default=None, max_length=100, description="part of the title")
    host_id: Key | None = None
    sort: Literal["id", "-id", "starts_at", "-starts_at", "title", "-title"] | None = None
    limit: int = Field(default=20, ge=1, le=MAX_LIMIT)
    after: str | None = Field(default=None, max_length=2000)
