"""The search in a browser, with and without the script."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from webapp.models import Product

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

expect = pytest.importorskip("playwright.sync_api").expect
pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("browser")]


def test_a_product_is_found_from_any_page_and_opened_by_its_result(page: Page, site: Any) -> None:
    site.add(Product(name="Oak Lamp", price=Decimal(89), description="Oiled wood."))
    site.add(Product(name="Linen Cushion", price=Decimal(29)))
    page.goto("/products")
    page.get_by_role("link", name="Search", exact=True).click()
    page.get_by_label("What are you looking for?").fill("lamps of oak")
    page.keyboard.press("Enter")
    results = page.get_by_role("main").get_by_role("listitem")
    expect(results).to_have_count(1)
    expect(page.get_by_label("What are you looking for?")).to_have_value("lamps of oak")
    results.get_by_role("link", name="Oak Lamp").click()
    expect(page.get_by_role("heading", name="Oak Lamp", level=1)).to_be_visible()


def test_it_works_without_the_script(browser: Browser, site: Any) -> None:
    site.add(Product(name="Oak Lamp", price=Decimal(89)))
    context = browser.new_context(base_url=site.url, java_script_enabled=False)
    page = context.new_page()
    page.goto("/search")
    page.get_by_label("What are you looking for?").fill("lamp")
    page.get_by_label("Kind").select_option("Product")
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_role("link", name="Oak Lamp")).to_be_visible()
    page.get_by_label("What are you looking for?").fill("zebra")
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_role("heading", name="Nothing matches")).to_be_visible()
    context.close()
