"""What the API of products answers, to the letter: rows, refusals, and what is not there."""

from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import Any

import pytest
from httpx import AsyncClient
from sqlalchemy import func, select

from webapp.db import reading, transaction
from webapp.models import AuditEntry, Product, User
from webapp.schemas.product import ProductPage, ProductRead

LogIn = Callable[[AsyncClient, User], None]

ADDRESS = "/api/products"
PRICES = ["0.00", "0.10", "19.99", "99999999.99"]


async def test_an_answer_is_what_its_model_would_write(client: AsyncClient) -> None:
    async with transaction() as session:
        for price in PRICES:
            session.add(Product(name=f"Ünï {price}", price=Decimal(price), in_stock=price > "1"))
            await session.flush()

    page = (await client.get(f"{ADDRESS}?limit=3")).content
    one = (await client.get(f"{ADDRESS}/4")).content

    assert page == ProductPage.model_validate_json(page).model_dump_json().encode()
    assert one == ProductRead.model_validate_json(one).model_dump_json().encode()
    assert [item.price for item in ProductPage.model_validate_json(page).items] == [Decimal(p) for p in PRICES[:3]]


async def test_a_new_row_has_its_address_and_times_in_utc(
    client: AsyncClient, token: dict[str, str], new: dict[str, Any]
) -> None:
    created = await client.post(ADDRESS, json=new, headers=token)
    assert created.headers["location"] == f"{ADDRESS}/{created.json()['id']}"
    assert created.json()["created_at"].endswith("Z")
    deleted = await client.delete(created.headers["location"], headers=token)
    assert deleted.content == b""


async def test_an_empty_list_is_a_page_without_items(client: AsyncClient) -> None:
    assert (await client.get(ADDRESS)).json() == {"items": [], "next": None}


async def test_what_is_not_there_is_told_in_words(client: AsyncClient) -> None:
    answer = await client.get(f"{ADDRESS}/12345")
    assert answer.json() == {"error": {"code": "not_found", "message": "There is no product 12345.", "fields": {}}}
    nowhere = await client.get("/api/nothing")
    assert nowhere.status_code == 404
    assert nowhere.json()["error"]["code"] == "not_found"


async def test_a_method_that_is_not_there_is_told(client: AsyncClient, new: dict[str, Any]) -> None:
    answer = await client.put(f"{ADDRESS}/1", json=new)
    assert answer.status_code == 405
    assert answer.json()["error"]["code"] == "method_not_allowed"
    assert answer.headers["allow"] == "GET, PATCH, DELETE"


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer nonsense"}])
async def test_whoever_is_not_logged_in_is_told_how_to(
    client: AsyncClient, new: dict[str, Any], headers: dict[str, str]
) -> None:
    answer = await client.post(ADDRESS, json=new, headers=headers)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert answer.json()["error"]["code"] == "not_authenticated"


async def test_a_session_cookie_does_as_well_as_a_token(
    client: AsyncClient, keeper: User, log_in: LogIn, new: dict[str, Any]
) -> None:
    log_in(client, keeper)
    assert (await client.post(ADDRESS, json=new)).status_code == 201


async def test_another_site_cannot_write_with_the_browser_s_cookie(
    client: AsyncClient, keeper: User, log_in: LogIn, new: dict[str, Any]
) -> None:
    log_in(client, keeper)
    answer = await client.post(ADDRESS, json=new, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403
    assert answer.json()["error"]["code"] == "not_allowed"
    assert (await client.get(ADDRESS)).json()["items"] == []


async def test_what_is_refused_is_not_in_the_audit_log(
    client: AsyncClient, make_user: Callable[..., Awaitable[User]], log_in: LogIn, new: dict[str, Any]
) -> None:
    log_in(client, await make_user("ann@example.com", "product.view"))
    answer = await client.post(ADDRESS, json=new)
    assert answer.status_code == 403
    assert answer.json()["error"]["code"] == "not_allowed"
    async with reading() as session:
        assert await session.scalar(select(func.count()).select_from(AuditEntry)) == 0
