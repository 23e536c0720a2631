"""Every link and every form of every page leads somewhere."""

import re
from collections.abc import Awaitable, Callable
from datetime import timedelta
from decimal import Decimal
from html import unescape
from urllib.parse import urljoin

from fastapi import FastAPI
from httpx import AsyncClient

from webapp.db import now, transaction
from webapp.models import Product, Registration, User, Webinar

MakeUser = Callable[..., Awaitable[User]]
LogIn = Callable[[AsyncClient, User], None]


async def fill() -> None:
    async with transaction() as session:
        session.add_all(Product(name=f"Bowl {n}", price=Decimal(n), category="Kitchen") for n in range(21))
        webinar = Webinar(title="Knives", starts_at=now() + timedelta(days=1), capacity=5)
        session.add(webinar)
        await session.flush()
        session.add(Registration(webinar_id=webinar.id or 0, name="Grace", email="grace@example.com"))


async def crawl(client: AsyncClient, start: str = "/") -> set[str]:
    """The paths of all pages that links lead to. Each has to answer 200; `/admin` is a house of its own."""
    seen, waiting = {start}, [start]
    while waiting:
        here = waiting.pop()
        response = await client.get(here)
        assert response.status_code == 200, here
        if not response.headers["content-type"].startswith("text/html"):
            continue
        for found in re.findall(r'(?:href|src)="([^"]+)"', response.text):
            path = urljoin(here, unescape(found)).partition("#")[0]
            if path.startswith("/") and path not in seen and not path.startswith("/admin"):
                seen.add(path)
                waiting.append(path)
    return {path.partition("?")[0] for path in seen}


async def test_every_link_leads_to_a_page(client: AsyncClient, make_user: MakeUser, log_in: LogIn) -> None:
    await fill()
    paths = await crawl(client)
    assert {"/products/1", "/webinars/1", "/login", "/signup", "/docs", "/static/app.css"} <= paths
    assert not any(path.startswith("/dashboard") for path in paths)
    log_in(client, await make_user("sam@example.com", is_superuser=True))
    paths = await crawl(client)
    assert {"/account", "/dashboard", "/dashboard/webinars/1", "/dashboard/registrations/1"} <= paths


async def test_every_form_is_taken_by_a_route(
    client: AsyncClient, app: FastAPI, make_user: MakeUser, log_in: LogIn
) -> None:
    await fill()
    log_in(client, await make_user("sam@example.com", is_superuser=True))
    for page in ("/account", "/webinars/1", "/dashboard/webinars/1", "/dashboard/registrations/1"):
        html = (await client.get(page)).text
        for form in re.findall(r'<form[^>]*method="post"[^>]*>', html):
            target = (re.findall(r'action="([^"]+)"', form) or [page])[0]
            assert (await client.request("PROPFIND", target)).status_code == 405, target
