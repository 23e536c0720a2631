"""The search over HTTP."""

from collections.abc import Mapping
from uuid import UUID

from pydantic import Field

from webapp.embedded import subjects
from webapp.labels import label
from webapp.permissions import model_name
from webapp.schemas.fields import Output, Query

MAX_LIMIT = 50
LONGEST = 500

KINDS: Mapping[str, str] = {model_name(subject.model): label(subject.model) for subject in subjects()}
"""What can be found: its name, and what a person calls it."""


class SearchQuery(Query):
    """What to search for. `kind` leaves the other kinds out."""

    q: str = Field(max_length=LONGEST, description="words, or a whole sentence")
    kind: str | None = Field(
        default=None,
        max_length=50,
        description="only this kind",
        json_schema_extra={"enum": list(KINDS)} if KINDS else None,
    )
    limit: int = Field(default=20, ge=1, le=MAX_LIMIT)


class SearchHit(Output):
    kind: str
    id: int | UUID
    title: str
    text: str = Field(description="the beginning of what else it says")
    score: float = Field(description="from 0 to 1, which is this very title")


class SearchAnswer(Output):
    """The best come first."""

    items: list[SearchHit]
    complete: bool = Field(description="false while some rows cannot be found yet, since their vectors are to be made")
