"""What surrounds every request: no orders from other sites, and headers that keep a browser careful.

Plain ASGI, without a task or a copy of the response: together they cost a few microseconds.
"""

from collections.abc import Collection, Iterable
from urllib.parse import urlsplit

from fastapi import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from webapp.errors import NotAllowed
from webapp.http_errors import respond
from webapp.settings import get_settings

CONTENT_SECURITY_POLICY = (
    "default-src 'self'; object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
)

_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})


class RefuseCrossSite:
    """Refuse unsafe requests that a page of another site has made a browser send.

    A browser says where a request comes from, in `Sec-Fetch-Site` or at least in `Origin`; a page cannot change either.
    Requests with neither come from programs. A request with a bearer token and no cookie is let through: a browser
    never adds a token by itself, so whoever sent it knows the token.
    """

    def __init__(self, app: ASGIApp, trusted_origins: Collection[str] = ()) -> None:
        self.app = app
        self.trusted = {origin.rstrip("/").lower() for origin in trusted_origins}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan" or (scope["type"] == "http" and scope["method"] in _SAFE_METHODS):
            await self.app(scope, receive, send)
        elif self._is_from_elsewhere(scope["headers"]):
            await self._refuse(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    def _is_from_elsewhere(self, headers: Iterable[tuple[bytes, bytes]]) -> bool:
        sent = {name: value.decode("latin-1").strip() for name, value in headers if name in _LOOKED_AT}
        origin = sent.get(b"origin", "").lower()
        if origin and origin in self.trusted:
            return False
        if b"cookie" not in sent and sent.get(b"authorization", "")[:7].lower() == "bearer ":
            return False
        site = sent.get(b"sec-fetch-site", "").lower()
        if site:
            return site not in ("same-origin", "none")
        return bool(origin) and urlsplit(origin).netloc != sent.get(b"host", "").lower()

    async def _refuse(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
            return
        error = NotAllowed("This request came from another site.", "Open the page here and try again.")
        await respond(Request(scope), error)(scope, receive, send)


_LOOKED_AT = frozenset({b"origin", b"sec-fetch-site", b"host", b"authorization", b"cookie"})


class SecurityHeaders:
    """Add the security headers. A response that brings a policy of its own keeps that one."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        headers = security_headers()
        self._policy = (b"content-security-policy", headers.pop("content-security-policy").encode())
        self._others = [(name.encode(), value.encode()) for name, value in headers.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = message["headers"] = list(message.get("headers", ()))
                if not any(name == b"content-security-policy" for name, _ in headers):
                    headers.append(self._policy)
                headers += self._others
            await send(message)

        await self.app(scope, receive, send_with_headers)


def security_headers() -> dict[str, str]:
    """The headers by name, in lower case."""
    headers = {
        "content-security-policy": CONTENT_SECURITY_POLICY,
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
        "referrer-policy": "same-origin",
        "cross-origin-opener-policy": "same-origin",
    }
    if get_settings().is_production:
        headers["strict-transport-security"] = "max-age=31536000"
    return headers
