"""The staff's dashboard: a card for each model that one may view, and nothing of the others."""

import re
from collections.abc import Awaitable, Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest
from httpx import AsyncClient
from sqlalchemy import Engine, event, insert

from webapp.db import now, transaction
from webapp.models import AuditEntry, Product, User

MakeUser = Callable[..., Awaitable[User]]
LogIn = Callable[[AsyncClient, User], None]


@pytest.fixture
def counts() -> Iterator[list[str]]:
    """The statements with a count that the database is sent from here on."""
    sent: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if "count(" in statement.lower():
            sent.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    yield sent
    event.remove(Engine, "before_cursor_execute", note)


def cards(html: str) -> dict[str, str]:
    """The HTML of each card by its heading."""
    found = re.findall(r'<article class="card figures">(.*?)</article>', html, re.DOTALL)
    return {re.sub("<.*", "", re.findall("<h2>(.*?)</h2>", card)[0]).strip(): card for card in found}


def links(card: str) -> list[str]:
    return re.findall('href="([^"]+)"', card)


async def test_a_visitor_is_sent_to_the_log_in(client: AsyncClient) -> None:
    response = await client.get("/dashboard")
    assert (response.status_code, response.headers["location"]) == (303, "/login?next=/dashboard")
    assert 'href="/dashboard"' not in (await client.get("/login")).text


@pytest.mark.parametrize("permissions", [[], ["user.add", "role.change"]])
async def test_whoever_may_view_nothing_is_refused(
    client: AsyncClient, make_user: MakeUser, log_in: LogIn, permissions: list[str]
) -> None:
    log_in(client, await make_user("bo@example.com", *permissions))
    assert (await client.get("/dashboard")).status_code == 403
    assert 'href="/dashboard"' not in (await client.get("/account")).text


@pytest.mark.parametrize("permission", ["user.view", "user.*"])
async def test_a_viewer_sees_the_models_that_may_be_viewed(
    client: AsyncClient, make_user: MakeUser, log_in: LogIn, permission: str
) -> None:
    log_in(client, await make_user("vi@example.com", permission))
    assert 'href="/dashboard"' in (await client.get("/account")).text
    found = cards((await client.get("/dashboard")).text)
    assert list(found) == ["Users"]
    assert '<p class="figure">1</p>' in found["Users"]
    assert "1 new in 7 days" in found["Users"]
    assert links(found["Users"]) == ["/admin/user/list"]


async def test_a_superuser_sees_every_model_in_the_words_of_the_admin(
    client: AsyncClient, make_user: MakeUser, log_in: LogIn
) -> None:
    log_in(client, await make_user("sam@example.com", is_superuser=True))
    found = cards((await client.get("/dashboard")).text)
    assert list(found)[-3:] == ["Users", "Roles", "Audit log"]
    assert "new in" not in found["Roles"]
    assert not {"User roles", "Demo batches"} & found.keys()


async def test_every_link_of_it_opens(client: AsyncClient, make_user: MakeUser, log_in: LogIn) -> None:
    log_in(client, await make_user("sam@example.com", is_superuser=True))
    addresses = links((await client.get("/dashboard")).text.partition("<main")[2])
    assert {"/admin/", "/admin/user/list", "/admin/audit-entry/list"} <= set(addresses)
    for address in addresses:
        assert (await client.get(address)).status_code == 200, address


async def test_many_rows_are_not_counted_to_the_end(
    client: AsyncClient, make_user: MakeUser, log_in: LogIn, counts: list[str]
) -> None:
    entries = [{"at": now(), "action": "tried", "target": "", "actor_email": "", "details": {}} for _ in range(1_001)]
    async with transaction() as session:
        await session.execute(insert(AuditEntry), entries)
    log_in(client, await make_user("sam@example.com", is_superuser=True))
    found = cards((await client.get("/dashboard")).text)
    assert '<p class="figure">1,000+</p>' in found["Audit log"]
    assert len(counts) == 1


async def test_products_have_their_page_and_their_admin(
    client: AsyncClient, make_user: MakeUser, log_in: LogIn
) -> None:
    async with transaction() as session:
        session.add(Product(name="Bowl", price=Decimal(3)))
    log_in(client, await make_user("pat@example.com", "product.view"))
    found = cards((await client.get("/dashboard")).text)
    assert list(found) == ["Products"]
    assert '<p class="figure">1</p>' in found["Products"]
    assert links(found["Products"]) == ["/products", "/admin/product/list"]


async def test_registrations_lead_to_who_is_coming(client: AsyncClient, make_user: MakeUser, log_in: LogIn) -> None:
    log_in(client, await make_user("reg@example.com", "registration.view"))
    found = cards((await client.get("/dashboard")).text)
    assert links(found["Registrations"]) == ["/dashboard/webinars", "/admin/registration/list"]
