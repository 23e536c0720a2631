"""Proof of who is asking: one kind of signed token, as a cookie for browsers and as a bearer for programs.

A token names the user and the version of the user's sessions. Whatever raises that version (a new password,
deactivation, "log out everywhere") ends every token at once, in every process.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

import jwt
from fastapi import Response

from webapp.db import MAX_KEY, now
from webapp.errors import NotAuthenticated
from webapp.models import Registration, User
from webapp.settings import get_settings

COOKIE = "session"

Audience = Literal["session", "api", "cancel"]


@dataclass(frozen=True, slots=True)
class Claims:
    """What a valid token says: whose it is, and which version of their sessions it belongs to."""

    subject: int
    version: int


def issue(subject: int, *, version: int, audience: Audience, expires: datetime | timedelta) -> str:
    """A signed token, good for one purpose (`audience`) and until `expires`."""
    until = now() + expires if isinstance(expires, timedelta) else expires
    claims = {"sub": str(subject), "ver": version, "aud": audience, "exp": int(until.timestamp())}
    return jwt.encode(claims, _secret(), "HS256")


def decode(token: str, audience: Audience) -> Claims:
    """What the token says. `NotAuthenticated` if it is not ours, is for another purpose, or is over."""
    try:
        claims: Mapping[str, Any] = jwt.decode(
            token, _secret(), ["HS256"], audience=audience, options={"require": ["sub", "ver", "aud", "exp"]}
        )
        subject, version = int(claims["sub"]), int(claims["ver"])
    except (jwt.InvalidTokenError, ValueError, TypeError, OverflowError):
        raise NotAuthenticated("This is not valid, or not any more.", "Please log in again.") from None
    if not 0 < subject <= MAX_KEY:
        raise NotAuthenticated
    return Claims(subject, version)


def api_token(user: User) -> str:
    """A bearer token for the API."""
    return _for_user(user, "api", get_settings().token_lifetime)


def cancel_token(registration: Registration, expires: datetime) -> str:
    """What a link for cancelling a registration carries; good until the webinar starts, say."""
    return issue(registration.id or 0, version=0, audience="cancel", expires=expires)


def log_in(response: Response, user: User) -> None:
    """Give the browser a session."""
    settings = get_settings()
    response.set_cookie(
        COOKIE, _for_user(user, "session", settings.session_lifetime),
        max_age=int(settings.session_lifetime.total_seconds()), **_cookie_options(),
    )  # fmt: skip


def log_out(response: Response) -> None:
    """Take the browser's session away."""
    response.delete_cookie(COOKIE, **_cookie_options())


def _for_user(user: User, audience: Audience, lifetime: timedelta) -> str:
    return issue(user.id or 0, version=user.session_version, audience=audience, expires=lifetime)


def _cookie_options() -> dict[str, Any]:
    return {"path": "/", "httponly": True, "samesite": "lax", "secure": get_settings().is_production}


def _secret() -> str:
    return get_settings().secret_key.get_secret_value()
