"""No orders from other sites, and headers that keep a browser careful."""

from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI, Response, WebSocket
from starlette.types import Message

from webapp.middleware import CONTENT_SECURITY_POLICY, RefuseCrossSite, SecurityHeaders
from webapp.settings import get_settings

COOKIE = {"cookie": "session=x"}
BEARER = {"authorization": "Bearer x"}


@pytest.fixture
def guarded() -> FastAPI:
    app = FastAPI()

    @app.api_route("/api/orders", methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
    async def order() -> str:
        return "done"

    @app.get("/own")
    async def own() -> Response:
        return Response(headers={"content-security-policy": "default-src 'none'"})

    @app.websocket("/talk")
    async def talk(socket: WebSocket) -> None:
        await socket.accept()
        await socket.close()

    app.add_middleware(RefuseCrossSite, trusted_origins=["https://shop.example/"])
    app.add_middleware(SecurityHeaders)
    return app


@pytest.fixture
async def client(guarded: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(guarded), base_url="http://test:8000") as client:
        yield client


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "cross-site", "origin": "http://test:8000"},
        {"sec-fetch-site": "nonsense"},
        {"origin": "https://evil.example"},
        {"origin": "http://test"},
        {"origin": "http://test:8000.evil.example"},
        {"origin": "null"},
        {"origin": "https://evil.example", **COOKIE},
        {"origin": "https://evil.example", **COOKIE, **BEARER},
        {"sec-fetch-site": "cross-site", **COOKIE, **BEARER},
        {"origin": "https://evil.example", "authorization": "Basic x"},
    ],
)
async def test_an_unsafe_request_from_another_site_is_refused(
    client: httpx.AsyncClient, method: str, headers: dict[str, str]
) -> None:
    response = await client.request(method, "/api/orders", headers=headers)
    assert response.status_code == 403
    assert response.json()["error"]["code"] == "not_allowed"


@pytest.mark.parametrize(
    "headers",
    [
        {},
        COOKIE,
        {"sec-fetch-site": "same-origin", **COOKIE},
        {"sec-fetch-site": "none", **COOKIE},
        {"sec-fetch-site": "same-origin", "origin": "https://behind-a-proxy.example", **COOKIE},
        {"origin": "http://test:8000", **COOKIE},
        {"origin": "HTTP://TEST:8000", **COOKIE},
        {"origin": "https://shop.example", "sec-fetch-site": "cross-site", **COOKIE},
        {"origin": "https://evil.example", **BEARER},
    ],
)
async def test_a_request_of_our_own_or_of_a_program_passes(client: httpx.AsyncClient, headers: dict[str, str]) -> None:
    assert (await client.post("/api/orders", headers=headers)).status_code == 200


async def test_looking_is_allowed_from_anywhere(client: httpx.AsyncClient) -> None:
    headers = {"sec-fetch-site": "cross-site", "origin": "https://evil.example", **COOKIE}
    assert (await client.get("/api/orders", headers=headers)).status_code == 200


async def test_a_refusal_off_the_api_is_a_page(client: httpx.AsyncClient) -> None:
    response = await client.post("/own", headers={"origin": "https://evil.example"})
    assert response.status_code == 403
    assert response.headers["content-type"].startswith("text/html")


@pytest.mark.parametrize(("origin", "answer"), [(b"https://evil.example", "close"), (b"http://test:8000", "accept")])
async def test_a_websocket_from_another_site_is_refused(guarded: FastAPI, origin: bytes, answer: str) -> None:
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "websocket.connect"}

    async def send(message: Message) -> None:
        sent.append(message)

    headers = [(b"host", b"test:8000"), (b"origin", origin), (b"cookie", b"session=x")]
    scope = {"type": "websocket", "path": "/talk", "query_string": b"", "headers": headers, "subprotocols": []}
    await guarded(scope, receive, send)
    assert sent[0]["type"] == f"websocket.{answer}"


async def test_every_answer_carries_the_security_headers(client: httpx.AsyncClient) -> None:
    for path in ("/api/orders", "/nothing"):
        headers = (await client.get(path)).headers
        assert headers["content-security-policy"] == CONTENT_SECURITY_POLICY
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert headers["referrer-policy"] == "same-origin"
        assert "strict-transport-security" not in headers


def test_the_policy_allows_nothing_inline_and_nothing_from_elsewhere() -> None:
    assert "default-src 'self'" in CONTENT_SECURITY_POLICY
    assert "unsafe" not in CONTENT_SECURITY_POLICY
    assert "http" not in CONTENT_SECURITY_POLICY


async def test_a_response_may_bring_a_policy_of_its_own(client: httpx.AsyncClient) -> None:
    response = await client.get("/own")
    assert response.headers.get_list("content-security-policy") == ["default-src 'none'"]
    assert response.headers["x-content-type-options"] == "nosniff"


async def test_production_insists_on_encryption(guarded: FastAPI, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENVIRONMENT", "production")
    get_settings.cache_clear()
    async with httpx.AsyncClient(transport=httpx.ASGITransport(guarded), base_url="https://test") as client:
        assert "max-age=" in (await client.get("/own")).headers["strict-transport-security"]
