"""The search over HTTP: the page and the API."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from httpx import AsyncClient
from sqlalchemy import insert

from webapp.db import now, transaction
from webapp.models import Product, User, Webinar
from webapp.services.embedding_service import AT_ONCE

MakeUser = Callable[..., Awaitable[User]]
LogIn = Callable[[AsyncClient, User], None]


@pytest.fixture
async def filled(database: str) -> None:
    async with transaction() as session:
        session.add(Product(name="Oak <b>Lamp</b>", price=Decimal(9), category="Light", description="Oiled wood.\n\n"))
        session.add(Product(name="Linen Cushion", price=Decimal(9)))
        starts = now() + timedelta(days=1)
        session.add(Webinar(title="Which lamp for which room", starts_at=starts, capacity=3))


async def _load(count: int) -> None:
    async with transaction() as session:
        rows = [{"name": f"Cushion {number}", "price": Decimal(9)} for number in range(count)]
        await session.execute(insert(Product), rows)


async def test_the_api_answers_with_what_is_found_the_best_first(client: AsyncClient, filled: None) -> None:
    response = await client.get("/api/search", params={"q": "oak lamps"})
    assert response.status_code == 200
    answer = response.json()
    assert answer["complete"] is True
    assert [(hit["kind"], hit["id"], hit["title"]) for hit in answer["items"]] == [
        ("product", 1, "Oak <b>Lamp</b>"),
        ("webinar", 1, "Which lamp for which room"),
    ]
    assert answer["items"][0]["text"] == "Light · Oiled wood."
    assert set(answer["items"][0]) == {"kind", "id", "title", "text", "score"}


async def test_the_api_keeps_to_a_kind_and_a_limit(client: AsyncClient, filled: None) -> None:
    found = (await client.get("/api/search?q=lamp&kind=webinar")).json()
    assert [hit["kind"] for hit in found["items"]] == ["webinar"]
    assert len((await client.get("/api/search?q=lamp&limit=1")).json()["items"]) == 1


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("", "q"), ("q=lamp&kind=user", "kind"), ("q=lamp&limit=0", "limit"), ("q=lamp&limit=51", "limit"),
        (f"q={'x' * 501}", "q"), ("q=%00", "q"),
    ],
)  # fmt: skip
async def test_the_api_says_what_is_wrong(client: AsyncClient, filled: None, query: str, field: str) -> None:
    response = await client.get(f"/api/search?{query}")
    assert response.status_code == 422
    assert set(response.json()["error"]["fields"]) == {field}


async def test_the_api_finds_nothing_for_no_words(client: AsyncClient, filled: None) -> None:
    assert (await client.get("/api/search?q=")).json() == {"items": [], "complete": True}


async def test_the_page_shows_what_is_found_with_links_to_it(client: AsyncClient, filled: None) -> None:
    page = (await client.get("/search?q=oak+lamp")).text
    assert '<a href="/products/1">Oak &lt;b&gt;Lamp&lt;/b&gt;</a>' in page
    assert '<a href="/webinars/1">Which lamp for which room</a>' in page
    assert 'value="oak lamp"' in page
    assert "Linen Cushion" not in page
    only = (await client.get("/search?q=oak+lamp&kind=webinar")).text
    assert "/products/1" not in only
    assert '<option value="webinar" selected>Webinar</option>' in only


async def test_the_page_asks_when_nothing_was_asked_and_says_when_nothing_is_found(
    client: AsyncClient, filled: None
) -> None:
    for address in ("/search", "/search?q=", "/search?q=++"):
        page = (await client.get(address)).text
        assert "What are you looking for?" in page
        assert "Nothing matches" not in page
    assert "Nothing matches" in (await client.get("/search?q=chromodynamics")).text
    assert (await client.get("/search", params={"q": "lamp " * 500})).status_code == 200
    assert (await client.get("/search?q=%00lamp")).status_code == 200


async def test_the_page_refuses_a_kind_that_there_is_not(client: AsyncClient, filled: None) -> None:
    response = await client.get("/search?q=lamp&kind=user")
    assert response.status_code == 422
    assert "Search for one of: product, webinar." in response.text


async def test_the_header_leads_to_the_search(client: AsyncClient, filled: None) -> None:
    assert '<a href="/search">Search</a>' in (await client.get("/")).text


async def test_a_superuser_is_told_that_rows_wait_for_the_command(
    client: AsyncClient, database: str, make_user: MakeUser, log_in: LogIn
) -> None:
    await _load(AT_ONCE * 3)
    assert (await client.get("/api/search?q=cushion")).json()["complete"] is False
    assert "oppman embed" not in (await client.get("/search?q=cushion")).text
    log_in(client, await make_user("sam@example.com", is_superuser=True))
    assert "oppman embed" not in (await client.get("/search?q=cushion")).text  # those were the last
    await _load(AT_ONCE + 1)
    assert "oppman embed" in (await client.get("/search?q=cushion")).text
