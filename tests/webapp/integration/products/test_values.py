"""The values of a product: prices are exact and ordered as numbers, texts are trimmed, a change has its time."""

from decimal import Decimal
from typing import Any

from httpx import AsyncClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from webapp.db import transaction
from webapp.models import Product
from webapp.schemas.product import ProductCreate, ProductUpdate
from webapp.services import product_service
from webapp.services.product_service import products


async def test_a_text_is_stored_without_spaces_around_it_and_a_change_has_its_time(session: AsyncSession) -> None:
    made = await product_service.create_product(session, ProductCreate(name=" Cup ", price=Decimal("9.90")))
    created, updated = made.created_at, made.updated_at
    await product_service.update_product(session, made.id or 0, ProductUpdate(price=Decimal("8.50")))
    row = await product_service.get_product(session, made.id or 0)
    assert (row.name, row.price, row.description) == ("Cup", Decimal("8.50"), "")
    assert row.created_at == created
    assert row.updated_at > updated


async def test_money_is_exact(client: AsyncClient, token: dict[str, str], new: dict[str, Any]) -> None:
    for sent, stored in (("0.10", "0.10"), (0.1, "0.10"), (19, "19.00"), ("99999999.99", "99999999.99"), (0, "0.00")):
        answer = await client.post("/api/products", json=new | {"price": sent}, headers=token)
        assert answer.json()["price"] == stored
        assert (await client.get(answer.headers["location"])).json()["price"] == stored


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(prices=st.lists(st.decimals(0, Decimal("99999999.99"), places=2), min_size=1, max_size=30))
async def test_prices_are_exact_and_sort_and_compare_as_numbers(database: str, prices: list[Decimal]) -> None:
    async with transaction() as session:
        await session.execute(products.delete())
        await session.execute(insert(Product), [{"name": "x", "price": price} for price in prices])
        stored = list(await session.scalars(select(products.c.price).order_by(products.c.price)))
        assert stored == sorted(prices)
        middle = sorted(prices)[len(prices) // 2]
        below = await session.scalar(select(func.count()).where(products.c.price < middle))
        equal = await session.scalar(select(func.count()).where(products.c.price == middle))
        assert (below, equal) == (sum(price < middle for price in prices), prices.count(middle))
