"""The JSON API: one file for each resource, each with a `router`."""

from fastapi import FastAPI

from webapp.routes.api import auth, product, registration, search, webinar
from webapp.schemas.error import errors

DESCRIPTION = """
**Log in** with `POST /api/auth/token` and send the token as `Authorization: Bearer ...`; the cookie of a browser that
is logged in does as well. What a user may do follows from their roles.

**Lists** come in pages: `next` of an answer is the `after` of the next page's request, and null on the last page.

**Money** is a string of digits, such as `"19.99"`, so that no reader rounds it. **Times** are ISO 8601 with their zone.

**Errors** all have one shape: `{"error": {"code", "message", "fields"}}`.
"""

TAGS = [
    {"name": "auth", "description": "Get a token."},
    {"name": "me", "description": "The user who is asking."},
    {"name": "products", "description": "Something that is sold."},
    {"name": "webinars", "description": "Talks with a date, a host and a number of places."},
    {"name": "registrations", "description": "Who comes to which webinar."},
    {"name": "search", "description": "Everything at once, by what it is about."},
    {"name": "health", "description": "For whoever watches the app."},
]


def install(app: FastAPI) -> None:
    """Add the routes under /api. Each router is included by itself: a nested one would be searched twice as often."""
    for resource in (product, webinar, registration, search, auth):
        app.include_router(resource.router, responses=errors(422, 503))
