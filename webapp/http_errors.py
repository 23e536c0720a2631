"""The one place that turns errors into HTTP.

Under /api every error, ours or the framework's, is `{"error": {"code", "message", "fields"}}`; elsewhere it is a page,
and a page that needs a log-in sends the browser there.
"""

import logging
from collections.abc import Mapping
from html import escape
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.routing import Match

from webapp.errors import (
    Conflict,
    DomainError,
    Invalid,
    NotAllowed,
    NotAuthenticated,
    NotFound,
    TooManyAttempts,
)
from webapp.settings import ROOT

LOGIN_PATH = "/login"
STATUS: Mapping[type[DomainError], int] = {
    Invalid: 422,
    NotAuthenticated: 401,
    NotAllowed: 403,
    NotFound: 404,
    Conflict: 409,
    TooManyAttempts: 429,
}

logger = logging.getLogger("webapp.errors")


def install(app: Starlette) -> None:
    """Let every error of the app answer in the one shape."""
    app.add_exception_handler(DomainError, _domain_error)
    app.add_exception_handler(RequestValidationError, _validation_error)
    app.add_exception_handler(HTTPException, _http_exception)
    app.add_exception_handler(IntegrityError, _integrity_error)
    app.add_exception_handler(OperationalError, _database_error)
    app.add_exception_handler(PoolTimeout, _database_error)
    app.add_exception_handler(Exception, _unexpected)


def respond(request: Request, error: DomainError) -> Response:
    """The HTTP answer to a domain error: JSON under /api, a page elsewhere."""
    if isinstance(error, NotAuthenticated) and not _wants_json(request):
        return _to_login(request)
    return _answer(request, error, status_of(error), error.code, _headers_of(error))


def status_of(error: DomainError) -> int:
    """The status code that says the same over HTTP; 400 for an error of no kind that is known here."""
    return next((status for kind, status in STATUS.items() if isinstance(error, kind)), 400)


def invalid_fields(error: RequestValidationError) -> dict[str, str]:
    """The framework's validation errors as field name -> message, the first message of each field."""
    fields: dict[str, str] = {}
    for item in error.errors():
        location = item["loc"][1:] if len(item["loc"]) > 1 else item["loc"]  # without "body", "query" ...
        fields.setdefault(".".join(map(str, location)), item["msg"].removeprefix("Value error, "))
    return fields


def _headers_of(error: DomainError) -> dict[str, str]:
    if isinstance(error, NotAuthenticated):
        return {"WWW-Authenticate": "Bearer"}
    if isinstance(error, TooManyAttempts):
        return {"Retry-After": str(error.retry_after)}
    return {}


async def _domain_error(request: Request, error: Any) -> Response:
    return respond(request, error)


async def _validation_error(request: Request, error: Any) -> Response:
    return respond(request, Invalid("Some values are not right.", "Correct them and try again.", invalid_fields(error)))


async def _http_exception(request: Request, error: Any) -> Response:
    if error.status_code in (204, 304):
        return Response(status_code=error.status_code, headers=error.headers)
    message = "There is nothing at this address." if error.status_code == 404 else f"{error.detail.rstrip('.')}."
    code = _CODES.get(error.status_code, "error")
    headers = dict(error.headers or {})
    if error.status_code == 405 and "Allow" in headers:
        headers["Allow"] = ", ".join(_methods_at(request))
    return _answer(request, DomainError(message), error.status_code, code, headers)


def _methods_at(request: Request) -> list[str]:
    """Every method of the address. The framework names only those of the first route that it finds there."""
    routes = request.app.router.routes
    methods = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
    scopes = {method: {**request.scope, "method": method} for method in methods}
    return [m for m, scope in scopes.items() if any(route.matches(scope)[0] is Match.FULL for route in routes)]


async def _integrity_error(request: Request, error: Any) -> Response:
    """What a rule of a table refused: somebody was quicker, or rows refer to one that was to be deleted."""
    logger.info("Refused by the database: %s %s: %s", request.method, request.url.path, error.orig)
    return respond(request, Conflict("This does not go with what is stored.", "The value is taken, or still in use."))


async def _database_error(request: Request, error: Any) -> Response:
    if not isinstance(error, PoolTimeout) and "database is locked" not in str(error):
        raise error
    logger.warning("The database was busy for too long: %s %s", request.method, request.url.path)
    busy = DomainError("The database is busy at the moment.", "Try again in a few seconds.")
    return _answer(request, busy, 503, "busy", {"Retry-After": "2"})


async def _unexpected(request: Request, error: Any) -> Response:
    from webapp.middleware import security_headers  # this answer is made outside of the middleware

    unexpected = DomainError("Something went wrong on our side.", "It has been logged. Try again later.")
    return _answer(request, unexpected, 500, "internal", security_headers())


def _answer(request: Request, error: DomainError, status: int, code: str, headers: Mapping[str, str]) -> Response:
    if _wants_json(request):
        content = {"error": {"code": code, "message": error.message, "fields": error.fields}}
        return JSONResponse(content, status, headers=dict(headers))
    response = _page(request, error, status)
    response.status_code = status
    response.headers.update(headers)
    return response


def _wants_json(request: Request) -> bool:
    path: str = request.scope["path"]
    return path == "/api" or path.startswith("/api/")


def _to_login(request: Request) -> Response:
    url = LOGIN_PATH
    if request.method in ("GET", "HEAD"):
        target = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        url += f"?next={quote(target, safe='/')}"
    return RedirectResponse(url, 303)


def _page(request: Request, error: DomainError, status: int) -> Response:
    title = HTTPStatus(status).phrase
    if (ROOT / "templates" / "error.html").is_file():
        try:
            from webapp import pages

            context = {"status": status, "title": title, "message": error.message, "hint": error.hint}
            return pages.render(request, "error.html", **context, fields=error.fields)
        except Exception:  # an error page that fails would hide the error it is about
            logger.exception("The error page could not be rendered.")
    return HTMLResponse(
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title>'
        f'<h1>{title}</h1><p>{escape(error.message)} {escape(error.hint)}</p><p><a href="/">Home</a></p></html>'
    )


_CODES = {400: "bad_request", 405: "method_not_allowed", 413: "too_large", 500: "internal", 503: "unavailable"} | {
    status: kind.code for kind, status in STATUS.items()
}
