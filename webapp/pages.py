"""Pages: one Jinja environment for the process, and `render()` that turns a template into a response.

Every macro of `components/` is at hand in every template, without an import. Templates write the addresses of pages as
they are (`/products/3`): the tests follow every link. Only files of `static/` go through `asset()`, whose addresses
change with the file, so that browsers may keep them for ever.
"""

import json
from collections import namedtuple
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from datetime import date as day_of_year
from decimal import Decimal
from enum import StrEnum
from functools import cache, lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template, Undefined
from markupsafe import Markup
from sqlalchemy import Row

from webapp import auth, flash
from webapp.embedded import subjects
from webapp.models import User
from webapp.permissions import ANY_VIEW, can
from webapp.settings import ROOT, get_settings
from webapp.uploads import original_name

STATIC = Path(__file__).parent / "static"
CURRENCY = "$"

LOGGED_IN = "logged in"
"""In place of a permission: whoever is logged in."""

# What the header links: name, address, and the permission that it takes to see the link ("": none).
NAVIGATION = [
    ("Products", "/products", ""),
    ("Webinars", "/webinars", ""),
    ("Dashboard", "/dashboard", ANY_VIEW),
]

# What a card of the dashboard links besides: the model as permissions name it, the text, and the address.
CARD_LINKS: tuple[tuple[str, str, str], ...] = (("registration", "Who is coming", "/dashboard/webinars"),)


def render(request: Request, template: str, status_code: int = 200, /, **context: Any) -> HTMLResponse:
    """The page, with what every page shows: who is logged in, and the message that was waiting for it.

    The user is known where `deps.visitor` ran; a router of pages has it among its dependencies. Where it did not
    (an address that does not exist), a page is `unsure` whether the browser's session is a valid one.
    """
    message = flash.take(request)
    user: User | None = getattr(request.state, "user", None)
    html = _template(template).render(
        user=user,
        unsure=not hasattr(request.state, "user") and auth.COOKIE in request.cookies,
        may=lambda permission: user is not None and (permission == LOGGED_IN or can(user, permission)),
        flashed=message,
        section=request.scope["path"].split("/", 2)[1],
        **context,
    )
    response = HTMLResponse(html, status_code, {"Cache-Control": "no-store" if user else "no-cache"})
    if message:
        flash.forget(response)
    return response


def link(request: Request, **changes: str | None) -> str:
    """The request's own path with its query changed; "" and None leave a name out. For the pages of a list."""
    query = {**request.query_params, **changes}
    text = urlencode({name: value for name, value in query.items() if value})
    path: str = request.scope["path"]
    return f"{path}?{text}" if text else path


def steps(request: Request, next_cursor: str | None) -> dict[str, str]:
    """The addresses for a list's `pager`: back to the first page, and on to the next; "" where there is none."""
    return {
        "first": link(request, after=None) if request.query_params.get("after") else "",
        "next": link(request, after=next_cursor) if next_cursor else "",
    }


def rows(found: Sequence[Row[Any]]) -> list[Any]:
    """Plain rows for a template, which reads every column by its name: ten times as fast from a named tuple."""
    return list(map(_named(found[0]._fields)._make, found)) if found else []


def redirect(address: str, message: str = "", kind: flash.Kind = "success") -> RedirectResponse:
    """After a form went through: look at that page (303), which shows the message."""
    response = RedirectResponse(address, 303)
    if message:
        flash.put(response, message, kind)
    return response


def local_path(address: str, otherwise: str) -> str:
    """The address if it is a path of this site, otherwise the other one.

    Browsers read a backslash as a slash and skip control characters, so `/\\evil` and `/<tab>/evil` lead elsewhere.
    """
    plain = all(sign > " " and sign not in "\\\x7f" for sign in address)
    return address if plain and address.startswith("/") and not address.startswith("//") else otherwise


@lru_cache
def environment() -> Environment:
    """The templates of this process; outside production a name that a template misspells is an error."""
    settings = get_settings()
    development = settings.environment == "development"
    made = Environment(
        loader=FileSystemLoader(ROOT / "templates"),
        autoescape=True,
        auto_reload=development,
        undefined=Undefined if settings.is_production else StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(
        choices=choices, date=date, filename=original_name, label=label, money=money, number=number, pretty=pretty,
        time=time,
    )  # fmt: skip
    made.globals.update(
        site_name=settings.app_name, navigation=NAVIGATION, asset=asset if development else lru_cache(asset),
        icon=icon if development else lru_cache(icon), searchable=bool(subjects()),
    )  # fmt: skip
    _add_components(made)
    return made


def _template(name: str) -> Template:
    """The template; in development as its file is now."""
    templates = environment()
    if not templates.auto_reload:
        return _loaded(templates, name)
    _add_components(templates)
    return templates.get_template(name)


@cache
def _loaded(templates: Environment, name: str) -> Template:
    template = templates.get_template(name)
    template.globals = dict(template.globals)  # each page copies them, and a chain of mappings is slow to copy
    return template


def _add_components(templates: Environment) -> None:
    """Have every macro of `components/` at hand in every template: importing six files anew for a page takes time."""
    for name in templates.list_templates(filter_func=lambda name: name.startswith("components/")):
        module = templates.get_template(name).module
        templates.globals.update((key, value) for key, value in vars(module).items() if not key.startswith("_"))


@lru_cache
def _named(columns: tuple[str, ...]) -> Any:
    return namedtuple("Row", columns)


def asset(name: str) -> str:
    """The address of a file of `static/`, with a version that changes when the file does."""
    return f"/static/{name}?v={sha256((STATIC / name).read_bytes()).hexdigest()[:12]}"


def icon(name: str) -> Markup:
    """A symbol of `static/icons.svg`. It is decoration: the words beside it carry the meaning."""
    address = f"{asset('icons.svg')}#{name}"
    return Markup('<svg class="icon" aria-hidden="true"><use href="{}"></use></svg>').format(address)


@lru_cache(maxsize=1024)
def money(amount: Decimal) -> str:
    return f"{CURRENCY}{amount:,.2f}"


def number(value: Decimal) -> str:
    """The figure with all its places, however small it is."""
    return f"{value:f}"


def pretty(value: object) -> str:
    """JSON for a person to read."""
    return json.dumps(value, indent=2, ensure_ascii=False)


def label(word: str) -> str:
    """A word of an enum as a person reads it: "In review" for in_review."""
    return word.replace("_", " ").capitalize()


@lru_cache
def options(words: type[StrEnum], empty: str | None = None) -> tuple[tuple[str, str], ...]:
    """The pairs (value, label) of an enum for a select; `empty` is the label of choosing none of them."""
    none = () if empty is None else (("", empty),)
    return (*none, *((word.value, label(word.value)) for word in words))


def choices(options: Iterable[tuple[str, str]], chosen: str | None) -> Markup:
    """The <option> elements of pairs (value, label)."""
    return _choices(tuple(options), chosen)


@lru_cache  # a list's filters are the same on every page of it
def _choices(options: tuple[tuple[str, str], ...], chosen: str | None) -> Markup:
    option = Markup('<option value="{}"{}>{}</option>')
    mark = {True: Markup(" selected"), False: ""}
    return Markup("\n").join(option.format(value, mark[value == chosen], label) for value, label in options)


def time(when: datetime, *, local: bool = False) -> Markup:
    """Day and time in UTC. With `local`, the script adds the time of the reader's own zone."""
    when = when.astimezone(UTC)
    clock = f"{when.hour:02}:{when.minute:02}"
    text = f"{_DAYS[when.weekday()]} {_day(when.year, when.month, when.day)}, {clock} UTC"
    mark = " data-local" if local else ""
    return Markup(f'<time datetime="{when:%Y-%m-%d}T{clock}Z"{mark}>{text}</time>')  # noqa: S704


def date(when: datetime | day_of_year) -> Markup:
    """The day alone; that of a time in UTC."""
    if isinstance(when, datetime):
        when = when.astimezone(UTC)
    return _date(when.year, when.month, when.day)


@lru_cache(maxsize=1024)  # the rows of a list share their days
def _date(year: int, month: int, day: int) -> Markup:
    return Markup(f'<time datetime="{year}-{month:02}-{day:02}">{_day(year, month, day)}</time>')  # noqa: S704


def _day(year: int, month: int, day: int) -> str:  # %b would follow the locale of the machine
    return f"{day} {_MONTHS[month - 1]} {year}"


_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
