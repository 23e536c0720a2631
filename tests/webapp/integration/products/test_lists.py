"""Lists of products: every row once and in order, filters together, search; in the service and over HTTP."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from httpx import AsyncClient
from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from webapp.db import transaction
from webapp.errors import Invalid
from webapp.models import Product
from webapp.schemas.product import ProductCreate, ProductFilters
from webapp.services import product_service
from webapp.services.product_service import SORTS, list_products, products


async def _fill(session: AsyncSession, count: int = 25) -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    rows = [
        {
            "name": f"Product {i % 4}", "price": Decimal(i % 5) + Decimal("0.99"), "category": "abc"[i % 3],
            "in_stock": i % 2 == 0, "created_at": start + timedelta(hours=i % 6),
        }
        for i in range(count)
    ]  # fmt: skip
    await session.execute(insert(Product), rows)


async def _walk(session: AsyncSession, sort: str, limit: int, filters: ProductFilters | None = None) -> list[Any]:
    rows: list[Any] = []
    after: str | None = None
    for _ in range(1000):
        page = await list_products(session, filters, sort=sort, limit=limit, after=after)
        rows += page.items
        after = page.next
        if after is None:
            return rows
    raise AssertionError("The list has no end.")


@pytest.mark.parametrize("sort", SORTS.sorts)
@pytest.mark.parametrize("limit", [1, 7, 25])
async def test_the_pages_hold_every_row_once_and_in_order(session: AsyncSession, sort: str, limit: int) -> None:
    await _fill(session)
    rows = await _walk(session, sort, limit)
    name = sort.removeprefix("-")
    keys = [(getattr(row, name), row.id) for row in rows]
    assert sorted(row.id for row in rows) == list(range(1, 26))
    assert keys == sorted(keys, reverse=sort.startswith("-"))


async def test_a_page_is_found_without_a_walk_through_the_rows_with_the_same_value(session: AsyncSession) -> None:
    if session.get_bind().dialect.name != "sqlite":
        pytest.skip("The plan is SQLite's.")
    statement = SORTS.order(select(*products.c), "price", paged=True).compile(dialect=session.get_bind().dialect)
    connection = await session.connection()
    values = tuple(0 for _ in statement.positiontup or ())
    plan = (await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)).all()
    searches = [row.detail.partition("ix_products_price_id ")[2] for row in plan]
    assert [search for search in searches if search] == ["(price=? AND id>?)", "(price>?)"]


async def test_a_row_that_appears_meanwhile_shifts_nothing(session: AsyncSession) -> None:
    await _fill(session)
    page = await list_products(session, sort="-id", limit=10)
    await product_service.create_product(session, ProductCreate(name="New", price=Decimal(1)))
    following = await list_products(session, sort="-id", limit=10, after=page.next)
    assert [row.id for row in following.items] == list(range(15, 5, -1))


async def test_filters_are_combined(session: AsyncSession) -> None:
    await _fill(session)
    filters = ProductFilters(q="duct 1", category="b", in_stock=False)
    rows = await _walk(session, "name", 2, filters)
    assert [row.id for row in rows] == [2, 14]
    assert {(row.name, row.category, row.in_stock) for row in rows} == {("Product 1", "b", False)}


@pytest.mark.parametrize(("q", "found"), [("50%", 1), ("%", 1), ("_", 1), ("/", 1), ("FIFTY", 1), ("'", 0), ("\\", 0)])
async def test_search_takes_signs_as_they_are(session: AsyncSession, q: str, found: int) -> None:
    for name in ("50% off", "under_score", "a/b", "fifty"):
        await product_service.create_product(session, ProductCreate(name=name, price=Decimal(1)))
    assert len((await list_products(session, ProductFilters(q=q))).items) == found


async def test_categories_are_listed_once_without_the_empty_one(session: AsyncSession) -> None:
    await _fill(session)
    await product_service.create_product(session, ProductCreate(name="None", price=Decimal(1)))
    assert await product_service.categories(session) == ["a", "b", "c"]


async def test_there_are_no_categories_without_products(session: AsyncSession) -> None:
    assert await product_service.categories(session) == []


async def test_a_cursor_of_another_list_is_invalid(session: AsyncSession) -> None:
    await _fill(session)
    page = await list_products(session, sort="name", limit=1)
    with pytest.raises(Invalid):
        await list_products(session, sort="price", after=page.next)


async def _add(*rows: Product) -> None:
    async with transaction() as session:
        for row in rows:
            session.add(row)
            await session.flush()


async def _names(client: AsyncClient, query: str = "") -> list[str]:
    answer = await client.get(f"/api/products?{query}")
    assert answer.status_code == 200, answer.text
    return [item["name"] for item in answer.json()["items"]]


@pytest.mark.parametrize("sort", SORTS.sorts)
async def test_paging_over_http_meets_every_product_once_in_order(client: AsyncClient, sort: str) -> None:
    await _add(*(Product(name=f"Lamp {n % 4}", price=Decimal(n % 3)) for n in range(11)))
    seen, query = [], f"sort={sort}&limit=4"
    pages = 0
    while query:
        content = (await client.get(f"/api/products?{query}")).json()
        seen += content["items"]
        pages += 1
        query = f"sort={sort}&limit=4&after={content['next']}" if content["next"] else ""
    assert pages == 3
    assert len({item["id"] for item in seen}) == 11
    column = sort.removeprefix("-")
    keys = [(Decimal(item[column]) if column == "price" else item[column], item["id"]) for item in seen]
    assert keys == sorted(keys, reverse=sort.startswith("-"))


async def test_filters_go_together_over_http(client: AsyncClient) -> None:
    await _add(
        Product(name="Oak Lamp", price=Decimal("10.00"), category="Light"),
        Product(name="Oak Desk", price=Decimal("200.00"), category="Office"),
        Product(name="Steel Lamp", price=Decimal("30.00"), category="Light", in_stock=False),
        Product(name="100%_wool", price=Decimal("5.00")),
    )
    assert await _names(client, "category=Light") == ["Oak Lamp", "Steel Lamp"]
    assert await _names(client, "in_stock=false") == ["Steel Lamp"]
    assert await _names(client, "q=LAMP&in_stock=true") == ["Oak Lamp"]
    assert await _names(client, "q=%25") == ["100%_wool"]
    assert await _names(client, "q=_") == ["100%_wool"]
    assert await _names(client, "min_price=10&max_price=30") == ["Oak Lamp", "Steel Lamp"]
    assert await _names(client, "min_price=30.01") == ["Oak Desk"]
    assert await _names(client, "category=None") == []
    assert await _names(client, "q=oak&sort=-price&limit=1") == ["Oak Desk"]


async def test_a_cursor_belongs_to_its_own_sort_over_http(client: AsyncClient) -> None:
    await _add(*(Product(name=f"Lamp {n}", price=Decimal(n)) for n in range(3)))
    cursor = (await client.get("/api/products?limit=1&sort=name")).json()["next"]
    answer = await client.get(f"/api/products?limit=1&sort=price&after={cursor}")
    assert answer.status_code == 422
