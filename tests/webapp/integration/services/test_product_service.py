"""Products: paging, search, exact prices."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, insert, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from webapp.db import transaction
from webapp.errors import Invalid, NotFound
from webapp.models import AuditEntry, Product
from webapp.schemas.product import ProductCreate, ProductFilters, ProductUpdate
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


async def test_a_product_is_created_changed_and_deleted_with_an_audit_trail(session: AsyncSession) -> None:
    made = await product_service.create_product(session, ProductCreate(name=" Cup ", price=Decimal("9.90")))
    before = made.updated_at
    await product_service.update_product(session, made.id or 0, ProductUpdate(price=Decimal("8.50")))
    row = await product_service.get_product(session, made.id or 0)
    assert (row.name, row.price, row.description) == ("Cup", Decimal("8.50"), "")
    assert row.updated_at > before
    assert row.created_at == made.created_at
    await product_service.delete_product(session, made.id or 0)
    with pytest.raises(NotFound):
        await product_service.get_product(session, made.id or 0)
    actions = list(await session.scalars(select(col(AuditEntry.action)).order_by(col(AuditEntry.id))))
    assert actions == ["product.created", "product.changed", "product.deleted"]


@pytest.mark.parametrize("product_id", [-1, 0, 999, 2**31, 2**63, 10**30])
async def test_a_product_that_is_not_there_is_not_found(session: AsyncSession, product_id: int) -> None:
    for attempt in (
        product_service.get_product(session, product_id),
        product_service.update_product(session, product_id, ProductUpdate(name="x")),
        product_service.delete_product(session, product_id),
    ):
        with pytest.raises(NotFound):
            await attempt


async def test_a_cursor_of_another_list_is_invalid(session: AsyncSession) -> None:
    await _fill(session)
    page = await list_products(session, sort="name", limit=1)
    with pytest.raises(Invalid):
        await list_products(session, sort="price", after=page.next)


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
