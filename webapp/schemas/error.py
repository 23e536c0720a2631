"""The one shape of every error under /api, and how a route documents the ones it can answer with."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class ErrorContent(BaseModel):
    code: str = Field(description="for programs: `not_found`, `conflict`, `invalid` ...")
    message: str = Field(description="for people")
    fields: dict[str, str] = Field(default={}, description="what is wrong, by the name of the value that was sent")


class Error(BaseModel):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "error": {
                        "code": "invalid",
                        "message": "Some values are not right.",
                        "fields": {"price": "Input should be greater than or equal to 0"},
                    }
                }
            ]
        }
    )

    error: ErrorContent


def errors(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """What `responses=` of a route or router takes: these statuses, each with the `Error` schema."""
    return {status: {"model": Error, "description": _MEANING[status]} for status in statuses}


_MEANING = {
    400: "The body cannot be read.",
    401: "Nobody is logged in: the token or cookie is missing, wrong or over.",
    403: "The permission is missing, or the request came from another site.",
    404: "There is no such thing.",
    409: "It does not go with what is stored now.",
    422: "Some values are not right; `fields` says which.",
    429: "Too many attempts; `Retry-After` says in how many seconds to try again.",
    503: "The database is busy; try again after `Retry-After` seconds.",
}
