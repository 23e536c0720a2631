"""/api/auth/token and /api/me over HTTP."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest
from httpx import AsyncClient, Response
from sqlalchemy import func, select

from webapp import auth
from webapp.db import reading, transaction
from webapp.models import AuditEntry, User
from webapp.services import user_service

MakeUser = Callable[..., Awaitable[User]]
LogIn = Callable[[AsyncClient, User], None]

PASSWORD = "correct horse battery"
NEW_PASSWORD = "staple thunder paper"


async def ask(client: AsyncClient, email: str = "ann@example.com", password: str = PASSWORD) -> Response:
    return await client.post("/api/auth/token", data={"username": email, "password": password})


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


@pytest.mark.parametrize("kind", ["data", "json"])
async def test_a_password_gives_a_token_from_a_form_and_from_json(
    client: AsyncClient, make_user: MakeUser, kind: str
) -> None:
    await make_user("ann@example.com", "role.*")
    given = {"username": "ANN@example.com", "password": PASSWORD}
    answer = await (
        client.post("/api/auth/token", data=given) if kind == "data" else client.post("/api/auth/token", json=given)
    )
    assert answer.status_code == 200
    assert answer.json()["token_type"] == "bearer"
    assert answer.json()["expires_in"] == 24 * 60 * 60
    assert "set-cookie" not in answer.headers
    me = (await client.get("/api/me", headers=bearer(answer.json()["access_token"]))).json()
    assert (me["email"], me["permissions"], me["is_superuser"]) == ("ann@example.com", ["role.*"], False)
    assert "password_hash" not in me


@pytest.mark.parametrize("email", ["ann@example.com", "nobody@example.com"])
async def test_a_wrong_password_and_a_wrong_address_are_told_alike(
    client: AsyncClient, make_user: MakeUser, email: str
) -> None:
    await make_user()
    answer = await ask(client, email, "wrong horse battery")
    assert answer.status_code == 401
    assert answer.json() == {
        "error": {
            "code": "not_authenticated",
            "message": "The email address and the password do not fit.",
            "fields": {},
        }
    }


async def test_too_many_attempts_have_to_wait(client: AsyncClient, make_user: MakeUser) -> None:
    await make_user()
    for _ in range(10):
        assert (await ask(client, password="wrong")).status_code == 401
    answer = await ask(client)
    assert answer.status_code == 429
    assert answer.json()["error"]["code"] == "too_many_attempts"
    assert int(answer.headers["retry-after"]) > 0


async def test_a_deactivated_user_gets_no_token_and_loses_the_one_there_is(
    client: AsyncClient, make_user: MakeUser
) -> None:
    ann = await make_user()
    token = (await ask(client)).json()["access_token"]
    async with transaction() as session:
        await user_service.deactivate(session, ann)
    assert (await client.get("/api/me", headers=bearer(token))).status_code == 401
    assert (await ask(client)).status_code == 401


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"username": "ann@example.com"}, "password"),
        ({"username": "", "password": "x"}, "username"),
        ({"username": "a\x00b", "password": "x"}, "username"),
        ({"username": "x" * 300, "password": "x"}, "username"),
        ({"username": "ann@example.com", "password": "x" * 300}, "password"),
        ({"username": 5, "password": "x"}, "username"),
        ({"username": ["a"], "password": {"b": 1}}, "username"),
    ],
)
async def test_credentials_that_cannot_be_are_refused(
    client: AsyncClient, database: str, body: dict[str, object], field: str
) -> None:
    answer = await client.post("/api/auth/token", json=body)
    assert answer.status_code == 422
    assert field in answer.json()["error"]["fields"]
    async with reading() as session:
        assert await session.scalar(select(func.count()).select_from(AuditEntry)) == 0


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("application/json", b"{"),
        ("application/json", b"[]"),
        ("application/json", b"[" * 50_000),
        ("application/json", b"\xff"),
        ("application/json", b'{"username": "\\ud800", "password": "\\ud800"}'),
        ("multipart/form-data", b"x"),
        ("multipart/form-data; boundary=b", b"--b\r\nx"),
        ("application/x-www-form-urlencoded", b"\xff=%ff&&=="),
        ("text/plain", b"username=a&password=b"),
        ("application/x-www-form-urlencoded", b""),
    ],
)
async def test_a_body_that_is_none_is_refused_in_the_same_shape(
    client: AsyncClient, database: str, kind: str, content: bytes
) -> None:
    answer = await client.post("/api/auth/token", content=content, headers={"Content-Type": kind})
    assert answer.status_code in (400, 422)
    assert set(answer.json()["error"]) == {"code", "message", "fields"}


async def test_a_token_is_good_for_the_api_alone(client: AsyncClient, make_user: MakeUser) -> None:
    ann = await make_user()
    session = auth.issue(ann.id or 0, version=1, audience="session", expires=timedelta(hours=1))
    over = auth.issue(ann.id or 0, version=1, audience="api", expires=timedelta(hours=-1))
    for token in (session, over, "", "x", "a.b.c"):
        assert (await client.get("/api/me", headers=bearer(token))).status_code == 401
    client.cookies.set(auth.COOKIE, auth.api_token(ann))
    assert (await client.get("/api/me")).status_code == 401


async def test_a_name_is_changed(client: AsyncClient, make_user: MakeUser) -> None:
    headers = bearer(auth.api_token(await make_user()))
    answer = await client.patch("/api/me", json={"name": " Ann Smith "}, headers=headers)
    assert (answer.status_code, answer.json()["name"]) == (200, "Ann Smith")
    assert (await client.get("/api/me", headers=headers)).json() == answer.json()
    for name in ("x" * 101, "a\x00b", None, 5):
        assert (await client.patch("/api/me", json={"name": name}, headers=headers)).status_code == 422
    refused = await client.patch("/api/me", json={"name": "x", "is_superuser": True}, headers=headers)
    assert refused.json().get("is_superuser") is not True
    assert (await client.patch("/api/me", json={"name": "x"})).status_code == 401


async def test_a_new_password_ends_every_token_and_gives_a_new_one(client: AsyncClient, make_user: MakeUser) -> None:
    old = bearer(auth.api_token(await make_user()))
    given = {"current": PASSWORD, "password": NEW_PASSWORD}
    wrong = await client.post("/api/me/password", json=given | {"current": "wrong"}, headers=old)
    assert (wrong.status_code, list(wrong.json()["error"]["fields"])) == (422, ["current"])
    weak = await client.post("/api/me/password", json=given | {"password": "short"}, headers=old)
    assert (weak.status_code, list(weak.json()["error"]["fields"])) == (422, ["password"])
    answer = await client.post("/api/me/password", json=given, headers=old)
    assert answer.status_code == 200
    assert (await client.get("/api/me", headers=old)).status_code == 401
    assert (await client.get("/api/me", headers=bearer(answer.json()["access_token"]))).status_code == 200
    assert (await ask(client)).status_code == 401
    assert (await ask(client, password=NEW_PASSWORD)).status_code == 200
