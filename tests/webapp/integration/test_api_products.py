"""/api/products over HTTP: every status, paging, filters, and input that nobody sends by accident."""

from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import Any

import pytest
from httpx import AsyncClient
from sqlalchemy import func, select

from webapp import auth
from webapp.db import reading, transaction
from webapp.models import AuditEntry, Product, User
from webapp.schemas.product import ProductPage, ProductRead

MakeUser = Callable[..., Awaitable[User]]
LogIn = Callable[[AsyncClient, User], None]

NEW: dict[str, Any] = {
    "name": "Kettle",
    "description": "Whistles.",
    "price": "49.90",
    "category": "Kitchen",
    "in_stock": True,
}


async def add(*products: Product) -> None:
    async with transaction() as session:
        for product in products:
            session.add(product)
            await session.flush()


def bearer(user: User) -> dict[str, str]:
    return {"Authorization": f"Bearer {auth.api_token(user)}"}


async def count(model: type[Product] | type[AuditEntry] = Product) -> int:
    async with reading() as session:
        return await session.scalar(select(func.count()).select_from(model)) or 0


@pytest.fixture
async def seller(make_user: MakeUser) -> dict[str, str]:
    """The headers of somebody who may do everything with products."""
    return bearer(await make_user("seller@example.com", "product.*"))


async def names(client: AsyncClient, query: str = "") -> list[str]:
    answer = await client.get(f"/api/products?{query}")
    assert answer.status_code == 200, answer.text
    return [item["name"] for item in answer.json()["items"]]


async def test_a_product_is_created_read_changed_and_deleted(client: AsyncClient, seller: dict[str, str]) -> None:
    created = await client.post("/api/products", json=NEW, headers=seller)
    assert created.status_code == 201
    address = created.headers["location"]
    assert address == f"/api/products/{created.json()['id']}"
    read = await client.get(address)
    assert read.status_code == 200
    assert read.json() == created.json()
    assert {key: read.json()[key] for key in NEW} == NEW
    assert read.json()["created_at"].endswith("Z")

    changed = await client.patch(address, json={"price": "45"}, headers=seller)
    assert changed.status_code == 200
    assert changed.json()["price"] == "45.00"
    assert changed.json()["name"] == "Kettle"
    assert (await client.get(address)).json() == changed.json()

    deleted = await client.delete(address, headers=seller)
    assert (deleted.status_code, deleted.content) == (204, b"")
    assert (await client.get(address)).status_code == 404
    assert await count(AuditEntry) == 3


async def test_a_session_cookie_does_as_well_as_a_token(
    client: AsyncClient, make_user: MakeUser, log_in: LogIn
) -> None:
    log_in(client, await make_user("seller@example.com", "product.add"))
    assert (await client.post("/api/products", json=NEW)).status_code == 201


async def test_nobody_writes_without_logging_in(client: AsyncClient) -> None:
    await add(Product(name="Lamp", price=Decimal(1)))
    for answer in (
        await client.post("/api/products", json=NEW),
        await client.patch("/api/products/1", json={"name": "x"}),
        await client.delete("/api/products/1"),
        await client.delete("/api/products/1", headers={"Authorization": "Bearer nonsense"}),
    ):
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"] == "Bearer"
        assert answer.json()["error"]["code"] == "not_authenticated"
    assert await names(client) == ["Lamp"]


async def test_only_product_view_writes_nothing(client: AsyncClient, make_user: MakeUser) -> None:
    await add(Product(name="Lamp", price=Decimal(1)))
    headers = bearer(await make_user("ann@example.com", "product.view", "webinar.*"))
    for answer in (
        await client.post("/api/products", json=NEW, headers=headers),
        await client.patch("/api/products/1", json={"name": "x"}, headers=headers),
        await client.delete("/api/products/1", headers=headers),
    ):
        assert answer.status_code == 403
        assert answer.json()["error"]["code"] == "not_allowed"
    assert await names(client) == ["Lamp"]
    assert await count(AuditEntry) == 0


@pytest.mark.parametrize(("permission", "method"), [("add", "POST"), ("change", "PATCH"), ("delete", "DELETE")])
async def test_each_permission_allows_its_own_method(
    client: AsyncClient, make_user: MakeUser, permission: str, method: str
) -> None:
    await add(Product(name="Lamp", price=Decimal(1)))
    path = "/api/products" if method == "POST" else "/api/products/1"
    body = None if method == "DELETE" else NEW
    others = [f"product.{action}" for action in ("view", "add", "change", "delete") if action != permission]
    without = bearer(await make_user("without@example.com", *others))
    assert (await client.request(method, path, json=body, headers=without)).status_code == 403
    having = bearer(await make_user("having@example.com", f"product.{permission}"))
    assert (await client.request(method, path, json=body, headers=having)).status_code in (200, 201, 204)


@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
async def test_a_product_that_is_not_there_is_not_found(
    client: AsyncClient, seller: dict[str, str], method: str
) -> None:
    body = {"name": "x"} if method == "PATCH" else None
    answer = await client.request(method, "/api/products/12345", json=body, headers=seller)
    assert answer.status_code == 404
    assert answer.json() == {"error": {"code": "not_found", "message": "There is no product 12345.", "fields": {}}}


@pytest.mark.parametrize("key", ["0", "-1", "2147483648", "9" * 40, "abc", "1.5", "NaN", "%00", "1e3"])
@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
async def test_a_key_that_cannot_be_is_refused(
    client: AsyncClient, seller: dict[str, str], method: str, key: str
) -> None:
    body = {"name": "x"} if method == "PATCH" else None
    answer = await client.request(method, f"/api/products/{key}", json=body, headers=seller)
    assert answer.status_code == 422
    assert "product_id" in answer.json()["error"]["fields"]


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
async def test_a_wrong_value_is_told_by_the_name_of_its_field(
    client: AsyncClient, seller: dict[str, str], values: dict[str, Any], field: str
) -> None:
    await add(Product(name="Lamp", price=Decimal(1)))
    created = await client.post("/api/products", json=NEW | values, headers=seller)
    changed = await client.patch("/api/products/1", json=values, headers=seller)
    for answer in (created, changed):
        assert answer.status_code == 422
        assert answer.json()["error"]["code"] == "invalid"
        assert list(answer.json()["error"]["fields"]) == [field]
    assert await names(client) == ["Lamp"]


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
    client: AsyncClient, seller: dict[str, str], content: bytes, statuses: set[int]
) -> None:
    headers = seller | {"Content-Type": "application/json"}
    answer = await client.post("/api/products", content=content, headers=headers)
    assert answer.status_code in statuses
    assert set(answer.json()["error"]) == {"code", "message", "fields"}
    assert await count() == 0


@pytest.mark.parametrize("kind", ["text/plain", "application/xml", "application/x-www-form-urlencoded", ""])
async def test_another_content_type_is_refused(client: AsyncClient, seller: dict[str, str], kind: str) -> None:
    answer = await client.post(
        "/api/products", content=b'{"name": "x", "price": 1}', headers=seller | {"Content-Type": kind}
    )
    assert answer.status_code == 422
    assert answer.json()["error"]["code"] == "invalid"


async def test_a_method_that_is_not_there_is_told(client: AsyncClient) -> None:
    answer = await client.put("/api/products/1", json=NEW)
    assert answer.status_code == 405
    assert answer.json()["error"]["code"] == "method_not_allowed"
    assert answer.headers["allow"] == "GET, PATCH, DELETE"


async def test_an_address_that_is_not_there_is_told_in_json(client: AsyncClient) -> None:
    answer = await client.get("/api/nothing")
    assert answer.status_code == 404
    assert answer.json()["error"]["code"] == "not_found"


async def test_another_site_cannot_write_with_the_browser_s_cookie(
    client: AsyncClient, make_user: MakeUser, log_in: LogIn
) -> None:
    log_in(client, await make_user("seller@example.com", "product.*"))
    answer = await client.post("/api/products", json=NEW, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403
    assert answer.json()["error"]["code"] == "not_allowed"
    assert await count() == 0


PRICES = ["0.00", "0.10", "19.99", "99999999.99"]


async def test_an_answer_is_what_its_model_would_write(client: AsyncClient) -> None:
    await add(*(Product(name=f"Ünï {price}", price=Decimal(price), in_stock=price > "1") for price in PRICES))

    page = (await client.get("/api/products?limit=3")).content
    one = (await client.get("/api/products/4")).content

    assert page == ProductPage.model_validate_json(page).model_dump_json().encode()
    assert one == ProductRead.model_validate_json(one).model_dump_json().encode()
    assert [item.price for item in ProductPage.model_validate_json(page).items] == [Decimal(p) for p in PRICES[:3]]


async def test_money_is_exact(client: AsyncClient, seller: dict[str, str]) -> None:
    for sent, stored in (("0.10", "0.10"), (0.1, "0.10"), (19, "19.00"), ("99999999.99", "99999999.99"), (0, "0.00")):
        answer = await client.post("/api/products", json=NEW | {"price": sent}, headers=seller)
        assert answer.json()["price"] == stored
        assert (await client.get(answer.headers["location"])).json()["price"] == stored


@pytest.mark.parametrize("sort", ["id", "-id", "name", "-name", "price", "-price", "created_at", "-created_at"])
async def test_paging_meets_every_product_once_in_order(client: AsyncClient, sort: str) -> None:
    await add(*(Product(name=f"Lamp {n % 4}", price=Decimal(n % 3)) for n in range(11)))
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


async def test_filters_go_together(client: AsyncClient) -> None:
    await add(
        Product(name="Oak Lamp", price=Decimal("10.00"), category="Light"),
        Product(name="Oak Desk", price=Decimal("200.00"), category="Office"),
        Product(name="Steel Lamp", price=Decimal("30.00"), category="Light", in_stock=False),
        Product(name="100%_wool", price=Decimal("5.00")),
    )
    assert await names(client, "category=Light") == ["Oak Lamp", "Steel Lamp"]
    assert await names(client, "in_stock=false") == ["Steel Lamp"]
    assert await names(client, "q=LAMP&in_stock=true") == ["Oak Lamp"]
    assert await names(client, "q=%25") == ["100%_wool"]
    assert await names(client, "q=_") == ["100%_wool"]
    assert await names(client, "min_price=10&max_price=30") == ["Oak Lamp", "Steel Lamp"]
    assert await names(client, "min_price=30.01") == ["Oak Desk"]
    assert await names(client, "category=None") == []
    assert await names(client, "q=oak&sort=-price&limit=1") == ["Oak Desk"]


@pytest.mark.parametrize(
    "query",
    [
        "limit=0", "limit=101", "limit=x", "limit=99999999999999999999", "sort=password", "sort=--id", "sort=",
        "after=x", "after=", "after=%00", "after=" + "A" * 3000, "in_stock=perhaps", "q=%00", "category=%00",
        "q=" + "x" * 101, "min_price=NaN", "min_price=-1", "max_price=1e400", "max_price=-1.4e%2B249", "max_price=x",
    ],
)  # fmt: skip
async def test_a_query_that_cannot_be_is_refused(client: AsyncClient, query: str) -> None:
    await add(Product(name="Lamp", price=Decimal(1)))
    answer = await client.get(f"/api/products?{query}")
    assert answer.status_code == 422
    assert list(answer.json()["error"]["fields"]) == [query.partition("=")[0]]


async def test_a_cursor_belongs_to_its_own_sort(client: AsyncClient) -> None:
    await add(*(Product(name=f"Lamp {n}", price=Decimal(n)) for n in range(3)))
    cursor = (await client.get("/api/products?limit=1&sort=name")).json()["next"]
    answer = await client.get(f"/api/products?limit=1&sort=price&after={cursor}")
    assert answer.status_code == 422


async def test_an_empty_list_is_a_page_without_items(client: AsyncClient) -> None:
    assert (await client.get("/api/products")).json() == {"items": [], "next": None}
