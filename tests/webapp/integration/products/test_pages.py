"""The pages of products."""

import re
from collections.abc import Awaitable, Callable
from decimal import Decimal
from itertools import count
from typing import Any

import pytest
from httpx import AsyncClient
from sqlalchemy import select
from sqlmodel import col

from webapp.db import reading
from webapp.models import Product, User

LogIn = Callable[[AsyncClient, User], None]

FORM: dict[str, Any] = {
    "name": "Oak Lamp",
    "description": "Oiled wood.",
    "price": "89.00",
    "category": "Light",
    "in_stock": "true",
}


@pytest.fixture
async def staff(client: AsyncClient, keeper: User, log_in: LogIn) -> AsyncClient:
    """A client that somebody is logged in with who may do everything with products."""
    log_in(client, keeper)
    return client


@pytest.fixture
def form(new: dict[str, Any]) -> dict[str, Any]:
    """What a browser sends."""
    return FORM


async def add(client: AsyncClient, form: dict[str, Any]) -> str:
    """The address of the page of a new product."""
    added = await client.post("/products", data=form)
    assert added.status_code == 303, re.findall('class="error".*?<span>(.*?)</span>', added.text)
    return added.headers["location"]


def field(html: str, name: str) -> str:
    """The field of a form with all that belongs to it."""
    found = re.search(rf'<label for="{name}">.*?(?=<label|</form>)', html, re.DOTALL)
    assert found, name
    return found[0]


async def test_an_empty_list_of_products_says_what_to_do_first(staff: AsyncClient) -> None:
    html = (await staff.get("/products")).text
    assert "There are no products yet" in html
    assert html.count('href="/products/new"') == 2


async def test_product_is_added_edited_and_deleted(staff: AsyncClient, form: dict[str, Any]) -> None:
    assert "<h1>New product</h1>" in (await staff.get("/products/new")).text
    page = await add(staff, form)
    assert "is added." in (await staff.get(page)).text
    assert f'href="{page}"' in (await staff.get("/products")).text

    html = (await staff.get(f"{page}/edit")).text
    values = dict(re.findall(r'name="([^"]+)" type="(?!checkbox)[^"]+" value="([^"]*)"', html))
    assert values.items() <= form.items()
    edited = await staff.post(page, data=form | {"price": "79.00"})
    assert (edited.status_code, edited.headers.get("location")) == (303, page), edited.text
    assert "is saved." in (await staff.get(page)).text
    async with reading() as session:
        assert await session.scalar(select(col(Product.price))) == Decimal("79.00")

    deleted = await staff.post(f"{page}/delete")
    assert (deleted.status_code, deleted.headers["location"]) == (303, "/products")
    assert "is deleted." in (await staff.get("/products")).text
    assert (await staff.get(page)).status_code == 404


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("name", "x" * 101),
        ("description", "x" * 10001),
        ("price", "cheap"),
        ("category", "x" * 51),
    ],
)
async def test_a_mistake_in_product_stands_at_its_field(
    staff: AsyncClient, form: dict[str, Any], name: str, value: str
) -> None:
    page = await add(staff, form)
    for path in ("/products", page):
        response = await staff.post(path, data=form | {name: value})
        assert response.status_code == 422
        assert f'id="{name}-error"' in field(response.text, name)


async def test_products_are_changed_by_those_who_may(
    client: AsyncClient,
    staff: AsyncClient,
    make_user: Callable[..., Awaitable[User]],
    log_in: LogIn,
    form: dict[str, Any],
) -> None:
    page = await add(staff, form)
    shown = {"/products/new": "product.add", f"{page}/edit": "product.change"}
    sent = {"/products": "product.add", page: "product.change", f"{page}/delete": "product.delete"}
    ways, numbers = shown | sent, count()

    async def attempt(path: str, *permissions: str) -> int:
        log_in(client, await make_user(f"ann{next(numbers)}@example.com", *permissions))
        answer = await client.get(path) if path in shown else await client.post(path, data=form)
        return answer.status_code

    for path, permission in ways.items():
        assert await attempt(path, *(set(ways.values()) - {permission})) == 403, path
    client.cookies.clear()
    for path in shown:
        assert (await client.get(path)).headers["location"] == f"/login?next={path}"
    for path in sent:
        assert (await client.post(path)).headers["location"] == "/login"
    for path in ("/products", page):
        assert not re.search('="/products/(new|[^/"]+/(edit|delete))"', (await client.get(path)).text)
    for path, permission in ways.items():
        assert await attempt(path, permission) != 403, path


async def test_product_that_is_not_there_is_a_page_of_404(staff: AsyncClient, form: dict[str, Any]) -> None:
    for key in ["7", "100000000000000000000"]:
        page = f"/products/{key}"
        answers = [await staff.get(path) for path in (page, f"{page}/edit")]
        answers += [await staff.post(path, data=data) for path in (page, f"{page}/delete") for data in (form, {})]
        for answer in answers:
            assert answer.status_code == 404, answer.request
            assert f"There is no product {key}." in answer.text
