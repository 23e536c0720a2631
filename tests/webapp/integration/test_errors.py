"""Every error answers in one shape: JSON under /api, a page elsewhere."""

from collections.abc import AsyncIterator
from typing import Annotated

import httpx
import pytest
from fastapi import FastAPI, HTTPException, Query
from pydantic import BaseModel, Field

from webapp import http_errors
from webapp.deps import SessionDep
from webapp.errors import Conflict, DomainError, Invalid, NotAllowed, NotAuthenticated, NotFound, TooManyAttempts
from webapp.middleware import SecurityHeaders
from webapp.models import User


class Order(BaseModel):
    amount: int = Field(ge=1)
    names: list[str] = []


RAISED: dict[str, Exception] = {
    "invalid": Invalid("Bad.", "Do better.", {"price": "Too low."}),
    "not_authenticated": NotAuthenticated(),
    "not_allowed": NotAllowed("No."),
    "not_found": NotFound("Nothing."),
    "conflict": Conflict("Taken."),
    "too_many_attempts": TooManyAttempts("Slow down.", retry_after=60),
    "crash": RuntimeError("a secret in a traceback"),
    "teapot": HTTPException(418, "Short and stout"),
}


STATUS = {
    "invalid": 422,
    "not_authenticated": 401,
    "not_allowed": 403,
    "not_found": 404,
    "conflict": 409,
    "too_many_attempts": 429,
}


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    app = FastAPI()
    http_errors.install(app)
    app.add_middleware(SecurityHeaders)

    @app.get("/api/raise/{name}")
    @app.get("/raise/{name}")
    async def fail(name: str) -> None:
        raise RAISED[name]

    @app.post("/api/orders")
    @app.post("/orders")
    async def order(order: Order, page: Annotated[int, Query(ge=1)] = 1) -> Order:
        return order

    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        yield client


@pytest.mark.parametrize("name", [name for name, error in RAISED.items() if isinstance(error, DomainError)])
async def test_a_domain_error_under_api_is_json(client: httpx.AsyncClient, name: str) -> None:
    error = RAISED[name]
    assert isinstance(error, DomainError)
    response = await client.get(f"/api/raise/{name}")
    assert response.status_code == STATUS[name]
    assert response.json() == {"error": {"code": name, "message": error.message, "fields": error.fields}}


@pytest.mark.parametrize("name", ["invalid", "not_allowed", "not_found", "conflict", "too_many_attempts"])
async def test_a_domain_error_elsewhere_is_a_page(client: httpx.AsyncClient, name: str) -> None:
    error = RAISED[name]
    assert isinstance(error, DomainError)
    response = await client.get(f"/raise/{name}")
    assert response.status_code == STATUS[name]
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert error.message in response.text


async def test_a_page_that_needs_a_user_leads_to_the_log_in_and_back(client: httpx.AsyncClient) -> None:
    response = await client.get("/raise/not_authenticated?a=b&c=%2F")
    assert response.status_code == 303
    assert response.headers["location"] == "/login?next=/raise/not_authenticated%3Fa%3Db%26c%3D%252F"


async def test_too_many_attempts_say_when_to_come_back(client: httpx.AsyncClient) -> None:
    assert (await client.get("/api/raise/too_many_attempts")).headers["retry-after"] == "60"


async def test_missing_authentication_names_the_scheme(client: httpx.AsyncClient) -> None:
    assert (await client.get("/api/raise/not_authenticated")).headers["www-authenticate"] == "Bearer"


async def test_validation_errors_name_their_fields(client: httpx.AsyncClient) -> None:
    response = await client.post("/api/orders?page=0", json={"amount": 0, "names": ["a", 5]})
    assert response.status_code == 422
    error = response.json()["error"]
    assert error["code"] == "invalid"
    assert error["fields"].keys() == {"page", "amount", "names.1"}


@pytest.mark.parametrize("content", [b"", b"{", b"\xff", b"[]"])
async def test_a_body_that_cannot_be_read_is_invalid(client: httpx.AsyncClient, content: bytes) -> None:
    response = await client.post("/api/orders", content=content, headers={"content-type": "application/json"})
    assert response.status_code in (400, 422)
    assert response.json()["error"].keys() == {"code", "message", "fields"}


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/api/nothing", 404, "not_found"),
        ("DELETE", "/api/orders", 405, "method_not_allowed"),
        ("GET", "/api/raise/teapot", 418, "error"),
        ("GET", "/api/raise/crash", 500, "internal"),
    ],
)
async def test_the_frameworks_errors_have_the_same_shape(
    client: httpx.AsyncClient, method: str, path: str, status: int, code: str
) -> None:
    response = await client.request(method, path)
    assert response.status_code == status
    assert response.json()["error"]["code"] == code
    assert response.json()["error"].keys() == {"code", "message", "fields"}


async def test_a_wrong_method_says_which_are_right(client: httpx.AsyncClient) -> None:
    assert (await client.delete("/api/orders")).headers["allow"] == "POST"


@pytest.mark.parametrize("path", ["/api/raise/crash", "/raise/crash"])
async def test_a_crash_leaks_nothing_and_keeps_the_security_headers(client: httpx.AsyncClient, path: str) -> None:
    response = await client.get(path)
    assert response.status_code == 500
    assert "secret" not in response.text
    assert "Traceback" not in response.text
    assert "default-src 'self'" in response.headers["content-security-policy"]


async def test_a_path_that_only_begins_like_the_api_is_a_page(client: httpx.AsyncClient) -> None:
    assert (await client.get("/apiary")).headers["content-type"].startswith("text/html")


async def test_what_a_person_sent_is_escaped_on_the_page(client: httpx.AsyncClient) -> None:
    RAISED["script"] = NotFound("There is no <script>alert(1)</script>.")
    assert "<script>alert" not in (await client.get("/raise/script")).text


async def test_what_a_table_refuses_is_a_conflict_that_names_no_value(app: FastAPI) -> None:
    @app.post("/api/twice")
    async def twice(session: SessionDep) -> None:
        session.add_all(User(email="ann@example.com", password_hash="x") for _ in range(2))
        await session.flush()

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        answer = await client.post("/api/twice")
    assert answer.status_code == 409
    assert answer.json()["error"]["code"] == "conflict"
    assert "ann@" not in answer.text
