"""Tokens and the session cookie."""

from datetime import timedelta

import jwt
import pytest
from fastapi import Response

from webapp import auth
from webapp.db import now
from webapp.errors import NotAuthenticated
from webapp.models import User
from webapp.settings import get_settings

HOUR = timedelta(hours=1)


def _secret() -> str:
    return get_settings().secret_key.get_secret_value()


def test_a_token_says_whose_it_is_and_which_version() -> None:
    token = auth.issue(7, version=3, audience="api", expires=HOUR)
    assert auth.decode(token, "api") == auth.Claims(7, 3)


def test_a_token_serves_one_purpose() -> None:
    token = auth.issue(7, version=3, audience="cancel", expires=HOUR)
    with pytest.raises(NotAuthenticated):
        auth.decode(token, "session")


def test_a_token_ends() -> None:
    token = auth.issue(7, version=3, audience="api", expires=now() - HOUR)
    with pytest.raises(NotAuthenticated):
        auth.decode(token, "api")


@pytest.mark.parametrize(
    "claims",
    [
        {"ver": 1, "aud": "api", "exp": 2**33},
        {"sub": "1", "aud": "api", "exp": 2**33},
        {"sub": "1", "ver": 1, "exp": 2**33},
        {"sub": "1", "ver": 1, "aud": "api"},
        {"sub": "x", "ver": 1, "aud": "api", "exp": 2**33},
        {"sub": "0", "ver": 1, "aud": "api", "exp": 2**33},
        {"sub": str(2**40), "ver": 1, "aud": "api", "exp": 2**33},
        {"sub": "1", "ver": None, "aud": "api", "exp": 2**33},
    ],
)
def test_a_token_without_what_it_needs_is_refused(claims: dict[str, object]) -> None:
    with pytest.raises(NotAuthenticated):
        auth.decode(jwt.encode(claims, _secret(), "HS256"), "api")


def test_a_token_of_another_secret_or_without_a_signature_is_refused() -> None:
    claims = {"sub": "1", "ver": 1, "aud": "api", "exp": 2**33}
    for token in (
        jwt.encode(claims, "another secret, which is just as long as ours", "HS256"),
        jwt.encode(claims, None, "none"),
        jwt.encode(claims, _secret() * 2, "HS512"),
        "",
        "a.b.c",
    ):
        with pytest.raises(NotAuthenticated):
            auth.decode(token, "api")


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites() -> None:
    response = Response()
    auth.log_in(response, User(id=1, email="a@b.c", password_hash=""))
    cookie = response.headers["set-cookie"].lower()
    assert cookie.startswith("session=")
    assert {"httponly", "samesite=lax", "path=/"} <= {part.strip() for part in cookie.split(";")}
    assert "secure" not in cookie


def test_in_production_the_cookie_travels_encrypted_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENVIRONMENT", "production")
    get_settings.cache_clear()
    response = Response()
    auth.log_in(response, User(id=1, email="a@b.c", password_hash=""))
    assert "; Secure" in response.headers["set-cookie"]


def test_logging_out_takes_the_cookie_away() -> None:
    response = Response()
    auth.log_out(response)
    assert "max-age=0" in response.headers["set-cookie"].lower()
