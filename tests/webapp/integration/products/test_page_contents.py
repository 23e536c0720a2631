"""What the pages of products show: the list with its filters, a product with its buttons, the form with mistakes."""

import re
from collections.abc import Awaitable, Callable
from decimal import Decimal
from html import unescape

import pytest
from httpx import AsyncClient
from sqlmodel import col, select

from webapp.db import reading, transaction
from webapp.models import AuditEntry, Product, User

MakeUser = Callable[..., Awaitable[User]]
LogIn = Callable[[AsyncClient, User], None]

LAMP = {"name": "Oak Lamp", "description": "Oiled wood.", "price": "89", "category": "Light", "in_stock": "true"}


async def add(*products: Product) -> None:
    async with transaction() as session:
        for product in products:
            session.add(product)
            await session.flush()


@pytest.fixture
async def staff(client: AsyncClient, keeper: User, log_in: LogIn) -> AsyncClient:
    """A client that a member of the staff is logged in with."""
    log_in(client, keeper)
    return client


async def stored() -> list[Product]:
    async with reading() as session:
        return list(await session.scalars(select(Product).order_by(col(Product.id))))


def field(html: str, name: str) -> str:
    """The field of a form with all that belongs to it."""
    found = re.search(rf'<div class="field">\s*<label for="{name}">.*?</div>', html, re.DOTALL)
    assert found
    return found[0]


def names(html: str) -> list[str]:
    return re.findall(r'<th scope="row"><a href="/products/\d+">([^<]+)</a>', html)


def next_page(html: str) -> str:
    return unescape(re.findall(r'href="([^"]+)" rel="next"', html)[0])


async def test_products_are_shown_newest_first_with_price_and_stock(client: AsyncClient) -> None:
    await add(
        Product(name="Bowl", price=Decimal("1234.5"), category="Kitchen", description="For soup & salad."),
        Product(name="Lamp", price=Decimal("5"), in_stock=False),
    )
    html = (await client.get("/products")).text
    assert names(html) == ["Lamp", "Bowl"]
    assert "$1,234.50" in html
    assert re.findall('<td data-label="In stock"><span class="badge ?(?:good)?">(Yes|No)', html) == ["No", "Yes"]
    assert "For soup &amp; salad." in html


async def test_paging_shows_every_product_once(client: AsyncClient) -> None:
    await add(*(Product(name=f"Product {number:02}", price=Decimal(number % 3)) for number in range(45)))
    for sort in ("", "name", "price", "-price"):
        address, seen = f"/products?sort={sort}", []
        for expected in (20, 20, 5):
            html = (await client.get(address)).text
            assert len(names(html)) == expected
            seen += names(html)
            if expected == 20:
                address = next_page(html)
        assert sorted(seen) == [f"Product {number:02}" for number in range(45)]
        assert 'rel="next"' not in html
        assert 'rel="first"' in html


async def test_the_next_page_keeps_the_filters(client: AsyncClient) -> None:
    await add(*(Product(name=f"Desk {n}", price=Decimal(1), category="Office & more") for n in range(21)))
    await add(Product(name="Desk out", price=Decimal(1), category="Office & more", in_stock=False))
    await add(Product(name="Desk other", price=Decimal(1), category="Garden"))
    html = (await client.get("/products", params={"q": "desk", "category": "Office & more", "in_stock": "true"})).text
    assert len(names(html)) == 20
    assert len(names((await client.get(next_page(html))).text)) == 1


async def test_search_finds_a_part_of_the_name_and_keeps_the_words(client: AsyncClient) -> None:
    await add(Product(name="Oak table", price=Decimal(1)), Product(name="100% wool", price=Decimal(1)))
    html = (await client.get("/products?q=TAB")).text
    assert names(html) == ["Oak table"]
    assert 'value="TAB"' in html
    assert names((await client.get("/products?q=%25")).text) == ["100% wool"]


async def test_a_search_without_a_hit_says_what_to_do(client: AsyncClient) -> None:
    await add(Product(name="Bowl", price=Decimal(1)))
    html = (await client.get("/products?q=lamp")).text
    assert "Nothing matches" in html
    assert "Show all products" in html


async def test_the_filter_offers_the_categories_in_use(client: AsyncClient) -> None:
    await add(*(Product(name=name, price=Decimal(1), category=name) for name in ("Garden", "Office", "")))
    html = (await client.get("/products?category=Office")).text
    assert re.findall(r'<option value="([^"]*)"', html)[:3] == ["", "Garden", "Office"]
    assert '<option value="Office" selected>' in html
    assert names(html) == ["Office"]


async def test_a_product_has_a_page_with_every_field(client: AsyncClient) -> None:
    await add(Product(name="Bowl", price=Decimal("9.9"), description="<b>Deep</b>"))
    html = (await client.get("/products/1")).text
    assert "<h1>Bowl</h1>" in html
    assert re.findall("<dt>(.+?)</dt>", html) == [
        "Description", "Price", "Category", "In stock", "Created", "Updated",
    ]  # fmt: skip
    assert "<dd>$9.90</dd>" in html
    assert "&lt;b&gt;Deep" in html


async def test_the_buttons_of_a_product_are_for_those_who_may(
    client: AsyncClient, make_user: MakeUser, log_in: LogIn
) -> None:
    await add(Product(name="Bowl", price=Decimal(1)))
    marks = {"product.add": "New product", "product.change": ">Edit<", "product.delete": ">Delete product<"}

    async def offered() -> set[str]:
        html = (await client.get("/products")).text + (await client.get("/products/1")).text
        return {permission for permission, mark in marks.items() if mark in html}

    assert await offered() == set()
    for permission in marks:
        log_in(client, await make_user(f"{permission}@example.com", permission))
        assert await offered() == {permission}


async def test_the_form_of_a_product_shows_what_is_stored(staff: AsyncClient) -> None:
    assert 'name="in_stock" value="true" checked' in (await staff.get("/products/new")).text
    await staff.post("/products", data=LAMP)
    html = (await staff.get("/products/1")).text
    assert "Oak Lamp is added." in html
    assert "$89.00" in html

    html = (await staff.get("/products/1/edit")).text
    assert "<h1>Edit Oak Lamp</h1>" in html
    assert 'value="89.00"' in field(html, "price")
    assert ">\nOiled wood.</textarea>" in field(html, "description")
    await staff.post("/products/1", data=LAMP | {"name": "Ash Lamp", "price": "79"})
    html = (await staff.get("/products/1")).text
    assert "Ash Lamp is saved." in html
    assert "$79.00" in html


async def test_what_is_done_with_the_form_has_a_name_in_the_audit_log(staff: AsyncClient) -> None:
    for path in ("/products", "/products/1", "/products/1/delete"):
        await staff.post(path, data=LAMP)
    trail = select(AuditEntry.action, AuditEntry.actor_email).order_by(col(AuditEntry.id))
    async with reading() as session:
        entries = (await session.execute(trail)).all()
    assert entries == [(f"product.{what}", "keeper@example.com") for what in ("created", "changed", "deleted")]


@pytest.mark.parametrize("path", ["/products", "/products/1", "/products/1/delete"])
async def test_what_nobody_may_changes_no_product(
    client: AsyncClient, make_user: MakeUser, log_in: LogIn, path: str
) -> None:
    await add(Product(name="Bowl", price=Decimal(1)))
    assert (await client.post(path, data=LAMP)).status_code == 303
    log_in(client, await make_user("bo@example.com", "product.view"))
    refused = await client.post(path, data=LAMP)
    assert refused.status_code == 403
    assert refused.headers["content-type"].startswith("text/html")
    assert [product.name for product in await stored()] == ["Bowl"]


async def test_an_unticked_box_and_emptied_fields_of_a_product_are_stored_so(staff: AsyncClient) -> None:
    emptied = {"name": "Oak Lamp", "description": "", "price": "89", "category": ""}
    await staff.post("/products", data=emptied)
    await staff.post("/products", data=LAMP)
    assert [product.in_stock for product in await stored()] == [False, True]
    assert (await staff.post("/products/2", data=emptied)).status_code == 303
    first, second = await stored()
    for name in (*emptied, "in_stock"):
        assert getattr(second, name) == getattr(first, name)
    assert (second.description, second.category, second.in_stock) == ("", "", False)
    assert 'name="in_stock" value="true">' in (await staff.get("/products/2/edit")).text


@pytest.mark.parametrize("path", ["/products", "/products/1"])
async def test_every_mistake_in_a_product_stands_at_its_field(staff: AsyncClient, path: str) -> None:
    await add(Product(name="Bowl", price=Decimal(1)))
    wrong = {"name": " ", "description": "Oiled <wood>.", "price": "cheap", "category": "X" * 51}
    response = await staff.post(path, data=wrong)
    assert response.status_code == 422
    html = response.text
    assert "Fill this in." in field(html, "name")
    assert "Enter a number, such as 19.99." in field(html, "price")
    assert "Use at most 50 characters." in field(html, "category")
    assert 'value="cheap"' in field(html, "price")
    assert "Oiled &lt;wood&gt;.</textarea>" in field(html, "description")
    assert 'name="in_stock" value="true">' in html
    assert f'action="{path}"' in html
    assert [product.name for product in await stored()] == ["Bowl"]


async def test_a_product_form_says_which_values_are_out_of_bounds(staff: AsyncClient) -> None:
    advice = {"": "Fill this in.", "-1": "Enter 0 or more.", "1.999": "Use at most 2 decimal places."}
    for price, text in advice.items():
        assert text in field((await staff.post("/products", data=LAMP | {"price": price})).text, "price")
    assert await stored() == []


async def test_a_cursor_that_is_not_ours_is_refused(client: AsyncClient) -> None:
    assert (await client.get("/products?after=nonsense")).status_code == 422
    assert (await client.get("/products?sort=password")).status_code == 422
