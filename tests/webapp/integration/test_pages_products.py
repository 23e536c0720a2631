"""The product pages."""

import re
from decimal import Decimal
from html import unescape

from httpx import AsyncClient

from webapp.db import transaction
from webapp.models import Product


async def add(*products: Product) -> None:
    async with transaction() as session:
        for product in products:
            session.add(product)
            await session.flush()


def names(html: str) -> list[str]:
    return re.findall(r'<th scope="row"><a href="/products/\d+">([^<]+)</a>', html)


def next_page(html: str) -> str:
    return unescape(re.findall(r'href="([^"]+)" rel="next"', html)[0])


async def test_an_empty_catalogue_says_so(client: AsyncClient) -> None:
    response = await client.get("/products")
    assert response.status_code == 200
    assert "The catalogue is empty" in response.text


async def test_products_are_shown_newest_first_with_price_and_stock(client: AsyncClient) -> None:
    await add(
        Product(name="Bowl", price=Decimal("1234.5"), category="Kitchen", description="For soup & salad."),
        Product(name="Lamp", price=Decimal("5"), in_stock=False),
    )
    html = (await client.get("/products")).text
    assert names(html) == ["Lamp", "Bowl"]
    assert "$1,234.50" in html
    assert "Sold out" in html
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


async def test_a_product_has_a_page(client: AsyncClient) -> None:
    await add(Product(name="Bowl", price=Decimal("9.9"), description="<b>Deep</b>"))
    html = (await client.get("/products/1")).text
    assert "<h1>Bowl</h1>" in html
    assert "$9.90" in html
    assert "&lt;b&gt;Deep" in html


async def test_a_product_that_is_not_there_is_a_page_of_404(client: AsyncClient) -> None:
    response = await client.get("/products/7")
    assert response.status_code == 404
    assert response.headers["content-type"].startswith("text/html")
    assert "There is no product 7." in response.text


async def test_a_cursor_that_is_not_ours_is_refused(client: AsyncClient) -> None:
    assert (await client.get("/products?after=nonsense")).status_code == 422
    assert (await client.get("/products?sort=password")).status_code == 422
