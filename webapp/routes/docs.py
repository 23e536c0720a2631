"""/docs: Swagger UI over the app's OpenAPI document, from the files of an installed package: it needs no network."""

from functools import lru_cache
from importlib.resources import files
from typing import Literal

from fastapi import Depends, Request, Response
from fastapi.responses import HTMLResponse

from webapp import pages as page
from webapp.deps import visitor
from webapp.middleware import CONTENT_SECURITY_POLICY
from webapp.routing import Router

pages = Router(prefix="/docs", dependencies=[Depends(visitor)], include_in_schema=False)

_PACKAGE = "fastapi_swagger.resources"
_TYPES = {"swagger-ui-bundle.js": "text/javascript; charset=utf-8", "swagger-ui.css": "text/css; charset=utf-8"}


@pages.get("", name="docs")
async def show_docs(request: Request) -> HTMLResponse:
    response = page.render(request, "docs.html", openapi_url=request.app.openapi_url)
    response.headers["Content-Security-Policy"] = f"{CONTENT_SECURITY_POLICY}; img-src 'self' data:"  # its stylesheet
    return response


@pages.get("/assets/{name}", name="docs-asset")
def send_asset(name: Literal["swagger-ui-bundle.js", "swagger-ui.css"]) -> Response:
    return Response(_read(name), headers={"Cache-Control": "public, max-age=86400"}, media_type=_TYPES[name])


@lru_cache
def _read(name: str) -> bytes:
    return files(_PACKAGE).joinpath(name).read_bytes()
