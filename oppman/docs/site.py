"""The folder of documentation: pages rendered from templates, a stylesheet, a small script and a picture."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from oppman.docs.commands import Command
from oppman.docs.diagram import Diagram
from oppman.docs.drawing import svg
from oppman.docs.models import Table
from oppman.docs.openapi import Api, slug
from oppman.inspect.routes import Route

if TYPE_CHECKING:
    from jinja2 import Environment

PAGES = Path(__file__).parent / "pages"
ASSETS = ("docs.css", "docs.js")


@dataclass(frozen=True)
class Content:
    """What the pages are made of. `downloads` are the files beside them that the overview offers."""

    api: Api
    tables: tuple[Table, ...]
    diagram: Diagram
    routes: tuple[Route, ...]
    commands: tuple[Command, ...]
    downloads: tuple[str, ...]


@dataclass(frozen=True)
class Area:
    """Routes whose paths begin alike."""

    anchor: str
    prefix: str
    routes: tuple[Route, ...]


def render(content: Content) -> dict[str, str]:
    """Every file of the site by its name; the models' page only where there are tables."""
    names = ["index.html", "api.html", *(["models.html"] if content.tables else []), "routes.html", "commands.html"]
    files = {name: (PAGES / name).read_text(encoding="utf-8") for name in ASSETS}
    if content.tables:
        files["models.svg"] = svg(content.diagram, alone=True)
    context = {
        "api": content.api,
        "tables": content.tables,
        "picture": svg(content.diagram),
        "referrers": _referrers(content.tables),
        "areas": _areas(content.routes),
        "permissions": _by_permission(content.routes),
        "panels": [(name, list(own)) for name, own in groupby(content.commands, key=lambda c: c.panel)],
        "commands": content.commands,
        "downloads": content.downloads,
        "pages": names,
    }
    environment = _environment()
    return files | {name: environment.get_template(name).render(context, page=name) for name in names}


def _environment() -> "Environment":
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    from oppman.docs import text

    environment = Environment(
        loader=FileSystemLoader(PAGES), autoescape=True, trim_blocks=True, lstrip_blocks=True,
        undefined=StrictUndefined, keep_trailing_newline=True,
    )  # fmt: skip
    environment.filters |= {
        "markdown": text.html,
        "inline": text.inline,
        "json_code": text.json_code,
        "path_code": text.path_code,
        "slug": slug,
        "file": lambda source: source.rpartition(":")[0] or source,  # a line number would change with every edit
    }
    return environment


def _referrers(tables: Iterable[Table]) -> dict[str, list[tuple[str, str]]]:
    """Who refers to each table: its name -> (table, column)."""
    found: dict[str, list[tuple[str, str]]] = {}
    for table in tables:
        for column in table.columns:
            if column.reference:
                found.setdefault(column.reference.table, []).append((table.name, column.name))
    return found


def _areas(routes: Iterable[Route]) -> list[Area]:
    grouped: dict[str, list[Route]] = {}
    for route in routes:
        segments = [part for part in route.path.split("/") if part]
        depth = 2 if segments[:1] == ["api"] else 1
        known = [part for part in segments[:depth] if not part.startswith("{")]
        grouped.setdefault("/" + "/".join(known), []).append(route)
    return [Area(slug("routes", prefix) or "routes", prefix, tuple(own)) for prefix, own in sorted(grouped.items())]


def _by_permission(routes: Iterable[Route]) -> list[tuple[str, list[Route]]]:
    grouped: dict[str, list[Route]] = {}
    for route in routes:
        for permission in route.permissions:
            grouped.setdefault(permission, []).append(route)
    return sorted(grouped.items())
