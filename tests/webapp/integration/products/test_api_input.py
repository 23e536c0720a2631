"""What the API of products takes and what it refuses: values at their limits, broken bodies, odd queries."""

from typing import Any

import pytest
from httpx import AsyncClient
from sqlalchemy import func, select

from webapp.db import reading
from webapp.models import Product

ADDRESS = "/api/products"


async def count() -> int:
    async with reading() as session:
        return await session.scalar(select(func.count()).select_from(Product)) or 0


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "   "}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"name": "a\x00b"}, "name"),
        ({"name": None}, "name"),
        ({"name": 5}, "name"),
        ({"price": "-0.01"}, "price"),
        ({"price": "1.999"}, "price"),
        ({"price": "100000000"}, "price"),
        ({"price": "1e400"}, "price"),
        ({"price": "NaN"}, "price"),
        ({"price": "Infinity"}, "price"),
        ({"price": None}, "price"),
        ({"category": "x" * 51}, "category"),
        ({"description": "x" * 10_001}, "description"),
        ({"in_stock": "perhaps"}, "in_stock"),
    ],
)
async def test_a_value_out_of_bounds_is_told_and_nothing_is_stored(
    client: AsyncClient, token: dict[str, str], new: dict[str, Any], values: dict[str, Any], field: str
) -> None:
    address = (await client.post(ADDRESS, json=new, headers=token)).headers["location"]
    before = (await client.get(ADDRESS)).json()
    created = await client.post(ADDRESS, json=new | values, headers=token)
    changed = await client.patch(address, json=values, headers=token)
    for answer in (created, changed):
        assert answer.status_code == 422
        assert answer.json()["error"]["code"] == "invalid"
        assert list(answer.json()["error"]["fields"]) == [field]
    assert (await client.get(ADDRESS)).json() == before


@pytest.mark.parametrize("key", ["9" * 40, "NaN", "1e3"])
async def test_a_key_that_is_hardly_a_number_is_refused(client: AsyncClient, key: str) -> None:
    answer = await client.get(f"{ADDRESS}/{key}")
    assert answer.status_code == 422
    assert "product_id" in answer.json()["error"]["fields"]


@pytest.mark.parametrize(
    ("content", "statuses"),
    [
        (b'{"name": ', {422}),
        (b"", {422}),
        (b"[]", {422}),
        (b'"text"', {422}),
        (b'{"name": "x", "price": NaN}', {422}),
        (b'{"name": "x", "price": 1e999}', {422}),
        (b'{"name": "\\ud800", "price": 1}', {422}),
        (b'{"price": ' + b"9" * 5_000 + b"}", {400, 422}),
        (b"[" * 50_000, {400, 422}),
        (b"\xff\xfe\x00", {400, 422}),
    ],
)
async def test_a_body_that_is_no_product_is_refused_in_the_same_shape(
    client: AsyncClient, token: dict[str, str], content: bytes, statuses: set[int]
) -> None:
    answer = await client.post(ADDRESS, content=content, headers=token | {"Content-Type": "application/json"})
    assert answer.status_code in statuses
    assert set(answer.json()["error"]) == {"code", "message", "fields"}
    assert await count() == 0


@pytest.mark.parametrize("kind", ["text/plain", "application/xml", "application/x-www-form-urlencoded", ""])
async def test_another_content_type_is_refused(client: AsyncClient, token: dict[str, str], kind: str) -> None:
    answer = await client.post(ADDRESS, content=b'{"name": "x", "price": 1}', headers=token | {"Content-Type": kind})
    assert answer.status_code == 422
    assert answer.json()["error"]["code"] == "invalid"


@pytest.mark.parametrize(
    "query",
    [
        "limit=0", "limit=101", "limit=x", "limit=99999999999999999999", "sort=password", "sort=--id", "sort=",
        "after=x", "after=", "after=%00", "after=" + "A" * 3000, "in_stock=perhaps", "q=%00", "category=%00",
        "q=" + "x" * 101, "min_price=NaN", "min_price=-1", "max_price=1e400", "max_price=-1.4e%2B249", "max_price=x",
    ],
)  # fmt: skip
async def test_a_query_that_cannot_be_is_refused(
    client: AsyncClient, token: dict[str, str], new: dict[str, Any], query: str
) -> None:
    await client.post(ADDRESS, json=new, headers=token)
    answer = await client.get(f"{ADDRESS}?{query}")
    assert answer.status_code == 422
    assert list(answer.json()["error"]["fields"]) == [query.partition("=")[0]]
