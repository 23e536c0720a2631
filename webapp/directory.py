"""Where the rows of each model are found, and what they are called there: read from what the app has."""

from collections.abc import Iterator
from dataclasses import dataclass

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from sqlmodel import SQLModel

from webapp.labels import plural_label
from webapp.pages import CARD_LINKS, NAVIGATION
from webapp.permissions import guarded_models, model_name


@dataclass(frozen=True, slots=True)
class Place:
    """What several rows of a model are called, and the addresses of their lists; "" where there is none."""

    label: str
    page: str = ""
    admin: str = ""
    links: tuple[tuple[str, str], ...] = ()
    """What else there is about them: pairs of (text, address)."""


def directory(app: FastAPI) -> dict[type[SQLModel], Place]:
    """The place of each model that has permissions: in the order of the header, then in that of the admin's menu."""
    if not hasattr(app.state, "directory"):
        app.state.directory = dict(_places(app))
    found: dict[type[SQLModel], Place] = app.state.directory
    return found


def _places(app: FastAPI) -> Iterator[tuple[type[SQLModel], Place]]:
    pages = {route.path for route in iter_route_contexts(app.routes) if "GET" in (route.methods or ())}
    header = {address: name for name, address, _ in NAVIGATION}
    admin = app.state.admin
    views = {view.model: view for view in admin.views if hasattr(view, "model")}
    places = {}
    for model in (*views, *(model for model in guarded_models() if model not in views)):
        address, view = f"/{str(model.__tablename__).replace('_', '-')}", views.get(model)
        places[model] = Place(
            label=header.get(address) or (view.name_plural if view else plural_label(model)),
            page=address if address in pages else "",
            admin=f"{admin.base_url}/{view.identity}/list" if view else "",
            links=tuple((text, link) for name, text, link in CARD_LINKS if name == model_name(model)),
        )
    order = {address: place for place, address in enumerate(header)}
    yield from sorted(places.items(), key=lambda item: order.get(item[1].page, len(order)))
