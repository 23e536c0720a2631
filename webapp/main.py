"""The app object: wiring and nothing else."""

import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles
from starlette.middleware.trustedhost import TrustedHostMiddleware

from webapp import admin, http_errors
from webapp.db import dispose
from webapp.embedding import embedder
from webapp.middleware import RefuseCrossSite, SecurityHeaders
from webapp.routes import api, auth, dashboard, docs, health, pages, product, registrants, search, webinar
from webapp.settings import ROOT, get_settings


def create_app() -> FastAPI:
    """A new app with the settings of this process."""
    settings = get_settings()
    app = FastAPI(
        title=settings.app_name,
        description=api.DESCRIPTION,
        openapi_tags=api.TAGS,
        generate_unique_id_function=lambda route: route.name,  # the operation ids: short, and stable
        debug=settings.debug,
        lifespan=_lifespan,
        docs_url=None,  # the built-in pages load their scripts from other people's servers
        redoc_url=None,
        telemetry={} if settings.telemetry else {"tracing": False, "metrics": False, "logs": False},
    )
    http_errors.install(app)

    api.install(app)
    app.include_router(health.router)
    # What is asked for most is looked for first.
    for resource in (product, webinar, pages, search, auth, dashboard, registrants, docs):
        app.include_router(resource.pages)

    admin.install(app)
    app.mount("/static", StaticFiles(directory=ROOT / "webapp" / "static", check_dir=False), name="static")

    # The last one added is the outermost.
    app.add_middleware(RefuseCrossSite, trusted_origins=settings.trusted_origins)
    app.add_middleware(SecurityHeaders)
    if settings.trusted_hosts != ["*"]:
        app.add_middleware(TrustedHostMiddleware, allowed_hosts=settings.trusted_hosts)
    return app


@asynccontextmanager
async def _lifespan(_app: FastAPI) -> AsyncIterator[None]:
    embedder()  # reads its files, if it has any, before anybody waits for it
    gc.freeze()  # what is loaded stays: looking through all of it for garbage stops every request for some 50 ms
    yield
    gc.unfreeze()
    await dispose()


app = create_app()
