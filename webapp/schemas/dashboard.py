"""The forms of the staff's dashboard."""

from pydantic import Field

from webapp.models import RegistrationStatus
from webapp.schemas.fields import Input


class StatusChange(Input):
    status: RegistrationStatus
    next: str = ""


class NotesChange(Input):
    notes: str = Field(default="", max_length=2_000)
