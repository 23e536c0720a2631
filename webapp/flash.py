"""A message that the next page shows once: "Your name is saved." It travels in a short-lived signed cookie."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from fastapi import Request, Response
from itsdangerous import BadData, URLSafeTimedSerializer

from webapp.settings import get_settings

COOKIE = "flash"
MAX_AGE = 120
"""Seconds after which a message that no page has shown is dropped."""

MAX_LENGTH = 400

Kind = Literal["success", "warning", "error"]


@dataclass(frozen=True)
class Flash:
    text: str
    kind: Kind = "success"


def put(response: Response, text: str, kind: Kind = "success") -> None:
    """Have the next page show this text. A second call on the same response replaces the first."""
    value = _serializer().dumps([text[:MAX_LENGTH], kind])
    response.set_cookie(
        COOKIE, value, max_age=MAX_AGE, httponly=True, samesite="lax", secure=get_settings().is_production
    )


def take(request: Request) -> Flash | None:
    """The message that is waiting for this request, or None; one that was tampered with or is too old is dropped."""
    value = request.cookies.get(COOKIE)
    if not value:
        return None
    try:
        text, kind = _serializer().loads(value, max_age=MAX_AGE)
    except BadData:
        return None
    return Flash(text, kind)


def forget(response: Response) -> None:
    """The message was shown: let the browser drop it."""
    response.delete_cookie(COOKIE, httponly=True, samesite="lax", secure=get_settings().is_production)


@lru_cache
def _serializer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(get_settings().secret_key.get_secret_value(), salt="flash")
