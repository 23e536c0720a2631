"""/api/products over HTTP: who may do what, wrong values, paging."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from httpx import AsyncClient

from webapp import auth
from webapp.models import User

ADDRESS = "/api/products"


async def test_product_is_created_read_changed_and_deleted(
    client: AsyncClient, token: dict[str, str], new: dict[str, Any]
) -> None:
    created = await client.post(ADDRESS, json=new, headers=token)
    assert created.status_code == 201, created.text
    address = created.headers["location"]
    read = await client.get(address)
    assert read.json() == created.json()
    assert read.json() | new == read.json()

    changed = await client.patch(address, json={"price": "79.00"}, headers=token)
    assert changed.status_code == 200, changed.text
    assert changed.json() == read.json() | {"price": "79.00", "updated_at": changed.json()["updated_at"]}
    assert (await client.get(address)).json() == changed.json()
    assert (await client.delete(address, headers=token)).status_code == 204
    assert (await client.get(address)).status_code == 404


async def test_product_is_written_only_by_those_who_may(
    client: AsyncClient, make_user: Callable[..., Awaitable[User]], token: dict[str, str], new: dict[str, Any]
) -> None:
    address = (await client.post(ADDRESS, json=new, headers=token)).headers["location"]
    before = (await client.get(ADDRESS)).json()
    ways = {
        "product.add": ("POST", ADDRESS),
        "product.change": ("PATCH", address),
        "product.delete": ("DELETE", address),
    }

    async def attempt(method: str, path: str, *permissions: str) -> int:
        user = await make_user(f"{method.lower()}{len(permissions)}@example.com", *permissions)
        headers = {"Authorization": f"Bearer {auth.api_token(user)}"}
        return (await client.request(method, path, json=new, headers=headers)).status_code

    for permission, (method, path) in ways.items():
        assert (await client.request(method, path, json=new)).status_code == 401, method
        assert await attempt(method, path, "product.view", *(ways.keys() - {permission})) == 403, method
    assert (await client.get(ADDRESS)).json() == before
    for permission, (method, path) in ways.items():
        assert await attempt(method, path, permission) not in {401, 403}, method


@pytest.mark.parametrize("field", ["name", "description", "price", "category", "in_stock"])
async def test_product_with_a_wrong_value_is_refused_by_the_name_of_the_field(
    client: AsyncClient, token: dict[str, str], new: dict[str, Any], field: str
) -> None:
    address = (await client.post(ADDRESS, json=new, headers=token)).headers["location"]
    for method, path in (("POST", ADDRESS), ("PATCH", address)):
        answer = await client.request(method, path, json=new | {field: ["wrong"]}, headers=token)
        assert answer.status_code == 422, method
        assert field in " ".join(answer.json()["error"]["fields"])


@pytest.mark.parametrize("field", ["name", "price"])
async def test_product_without_a_value_that_it_needs_is_refused(
    client: AsyncClient, token: dict[str, str], new: dict[str, Any], field: str
) -> None:
    del new[field]
    answer = await client.post(ADDRESS, json=new, headers=token)
    assert answer.status_code == 422
    assert field in answer.json()["error"]["fields"]


async def test_product_that_is_not_there_is_told(client: AsyncClient, token: dict[str, str]) -> None:
    for method in ("GET", "PATCH", "DELETE"):
        answer = await client.request(method, f"{ADDRESS}/7", json={}, headers=token)
        assert answer.status_code == 404, f"{method} {answer.text}"


async def test_a_key_of_product_that_cannot_be_is_refused(client: AsyncClient, token: dict[str, str]) -> None:
    for key in ("0", "-1", "2147483648", "1.5", "abc", "%00"):
        for method in ("GET", "PATCH", "DELETE"):
            answer = await client.request(method, f"{ADDRESS}/{key}", json={}, headers=token)
            assert answer.status_code == 422, f"{method} {key} {answer.text}"
            assert "product_id" in answer.json()["error"]["fields"]


@pytest.mark.parametrize("sort", ["id", "name", "price", "created_at"])
async def test_products_are_listed_in_pages(
    client: AsyncClient, token: dict[str, str], new: dict[str, Any], sort: str
) -> None:
    for _ in range(3):
        await client.post(ADDRESS, json=new, headers=token)
    first = (await client.get(f"{ADDRESS}?sort={sort}&limit=2")).json()
    second = (await client.get(f"{ADDRESS}?sort={sort}&limit=2&after={first['next']}")).json()
    keys = [item["id"] for item in first["items"] + second["items"]]
    assert keys == sorted(set(keys))
    assert (len(keys), second["next"]) == (3, None)


async def test_products_are_filtered(client: AsyncClient, token: dict[str, str], new: dict[str, Any]) -> None:
    await client.post(ADDRESS, json=new, headers=token)
    queries = (
        ("q=ak+Lamp", "q=no+such+words"),
        ("category=Light", "category=-"),
        ("in_stock=true", "in_stock=false"),
        ("min_price=89.00&max_price=89.00", "min_price=90.00"),
    )
    for found, missed in queries:
        for query, count in ((found, 1), (missed, 0)):
            listed = await client.get(f"{ADDRESS}?{query}")
            assert len(listed.json()["items"]) == count, query
