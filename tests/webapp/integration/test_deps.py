"""Who is asking, what they may do, and when their changes are stored."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Annotated

import httpx
import pytest
from fastapi import Depends, FastAPI
from starlette.types import Message, Receive, Scope, Send

from webapp import auth, http_errors
from webapp.db import reading, transaction
from webapp.deps import CurrentUser, ReadSessionDep, SessionDep, Visitor, require
from webapp.errors import Conflict
from webapp.models import Role, User
from webapp.permissions import ANY_VIEW
from webapp.services import role_service, user_service

MakeUser = Callable[..., Awaitable[User]]
LogIn = Callable[[httpx.AsyncClient, User], None]


@pytest.fixture
def stored_when_sent() -> list[list[str]]:
    """Which roles another connection sees at the moment in which each response starts."""
    return []


@pytest.fixture
async def client(database: str, stored_when_sent: list[list[str]]) -> AsyncIterator[httpx.AsyncClient]:
    app = FastAPI()
    http_errors.install(app)

    @app.get("/api/me")
    async def me(user: CurrentUser) -> str:
        return user.email

    @app.get("/api/maybe")
    async def maybe(user: Visitor) -> str | None:
        return user.email if user else None

    @app.get("/api/change")
    async def change(user: Annotated[User, Depends(require("role.change"))]) -> str:
        return user.email

    @app.post("/api/roles/{name}")
    async def add(session: SessionDep, name: str) -> None:
        await role_service.create_role(session, name=name)
        if name == "refused":
            raise Conflict("Changed my mind.")

    @app.get("/api/roles")
    async def roles(session: ReadSessionDep) -> list[str]:
        return [role.name for role in await role_service.list_roles(session)]

    async def watched(scope: Scope, receive: Receive, send: Send) -> None:
        async def watch(message: Message) -> None:
            if message["type"] == "http.response.start":
                async with reading() as session:
                    stored_when_sent.append([role.name for role in await role_service.list_roles(session)])
            await send(message)

        await app(scope, receive, watch)

    async with httpx.AsyncClient(transport=httpx.ASGITransport(watched), base_url="http://test") as client:
        yield client


def _bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


async def test_nobody_is_asked_to_log_in(client: httpx.AsyncClient) -> None:
    assert (await client.get("/api/me")).status_code == 401
    assert (await client.get("/api/maybe")).json() is None


async def test_a_cookie_or_a_bearer_token_says_who_is_asking(
    client: httpx.AsyncClient, make_user: MakeUser, log_in: LogIn
) -> None:
    ann = await make_user()
    assert (await client.get("/api/me", headers=_bearer(auth.api_token(ann)))).json() == "ann@example.com"
    log_in(client, ann)
    assert (await client.get("/api/me")).json() == "ann@example.com"


async def test_a_session_is_no_api_token_and_the_other_way_round(
    client: httpx.AsyncClient, make_user: MakeUser, log_in: LogIn
) -> None:
    ann = await make_user()
    log_in(client, ann)
    cookie = client.cookies[auth.COOKIE]
    client.cookies.clear()
    assert (await client.get("/api/me", headers=_bearer(cookie))).status_code == 401
    client.cookies.set(auth.COOKIE, auth.api_token(ann))
    assert (await client.get("/api/me")).status_code == 401


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "ü"])
async def test_nonsense_is_nobody(client: httpx.AsyncClient, database: str, token: str) -> None:
    headers = {"authorization": f"Bearer {token}".encode()}
    assert (await client.get("/api/me", headers=headers)).status_code == 401  # type: ignore[arg-type]


@pytest.mark.parametrize("change", ["password", "deactivation", "log out everywhere", "deletion"])
async def test_sessions_and_tokens_end_at_once(
    client: httpx.AsyncClient, make_user: MakeUser, log_in: LogIn, change: str
) -> None:
    ann = await make_user()
    log_in(client, ann)
    token = auth.api_token(ann)
    async with transaction() as session:
        if change == "password":
            await user_service.set_password(session, ann, "another fine password")
        elif change == "deactivation":
            await user_service.deactivate(session, ann)
        elif change == "deletion":
            await user_service.delete_user(session, ann)
        else:
            await user_service.end_sessions(session, ann)
    assert (await client.get("/api/me")).status_code == 401
    client.cookies.clear()
    assert (await client.get("/api/me", headers=_bearer(token))).status_code == 401


async def test_a_permission_is_asked_for(client: httpx.AsyncClient, make_user: MakeUser, log_in: LogIn) -> None:
    assert (await client.get("/api/change")).status_code == 401
    log_in(client, await make_user("view@example.com", "role.view", "user.*"))
    response = await client.get("/api/change")
    assert (response.status_code, response.json()["error"]["code"]) == (403, "not_allowed")
    for email, permissions, values in [
        ("change@example.com", ["role.change"], {}), ("all@example.com", ["*"], {}),
        ("root@example.com", [], {"is_superuser": True}),
    ]:  # fmt: skip
        log_in(client, await make_user(email, *permissions, **values))
        assert (await client.get("/api/change")).json() == email


async def test_a_permission_that_is_taken_away_is_gone_at_once(
    client: httpx.AsyncClient, make_user: MakeUser, log_in: LogIn
) -> None:
    ann = await make_user("ann@example.com", "role.change")
    log_in(client, ann)
    assert (await client.get("/api/change")).status_code == 200
    async with transaction() as session:
        await user_service.set_roles(session, ann, [])
    assert (await client.get("/api/change")).status_code == 403


def test_a_guard_names_its_permission() -> None:
    assert require("role.change").permission == "role.change"
    assert require("role.change") is require("role.change")
    assert require(ANY_VIEW).permission == ANY_VIEW
    with pytest.raises(ValueError, match=r"roles\.change"):
        require("roles.change")


async def test_a_change_is_stored_before_the_answer_is_sent(
    client: httpx.AsyncClient, stored_when_sent: list[list[str]]
) -> None:
    assert (await client.post("/api/roles/editors")).status_code == 200
    assert stored_when_sent == [["editors"]]


async def test_nothing_is_stored_when_the_route_fails(client: httpx.AsyncClient) -> None:
    assert (await client.post("/api/roles/refused")).status_code == 409
    assert (await client.get("/api/roles")).json() == []


async def test_a_read_session_leaves_no_transaction_open(database: str) -> None:
    async with reading() as session:
        await role_service.list_roles(session)
        async with transaction() as writing:
            writing.add(Role(name="editors"))
        assert [role.name for role in await role_service.list_roles(session)] == ["editors"]
