"""How the staff looks after the products, in a browser."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from sqlmodel import Session, select

from webapp.models import Product

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

expect = pytest.importorskip("playwright.sync_api").expect
pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("browser")]


def log_in(page: Page, site: Any) -> None:
    """Look for the form to add a product, and log in on the way to it."""
    site.add_user("sam@example.com", permissions=["product.*"])
    page.goto("/products/new")
    page.get_by_label("Email address").fill("sam@example.com")
    page.get_by_label("Password").fill(site.password)
    page.get_by_role("main").get_by_role("button", name="Log in").click()
    expect(page.get_by_role("heading", name="New product")).to_be_visible()


def test_a_product_is_added_with_a_mistake_corrected_edited_and_deleted(page: Page, site: Any) -> None:
    log_in(page, site)
    page.get_by_role("link", name="Cancel").click()
    page.get_by_role("link", name="New product").first.click()

    page.get_by_label("Name").fill("Oak Lamp")
    page.get_by_label("Price").fill("cheap")
    page.get_by_role("button", name="Save product").click()
    expect(page.get_by_text("Enter a number, such as 19.99.")).to_be_visible()
    expect(page.get_by_label("Price")).to_be_focused()
    expect(page.get_by_label("Price")).to_have_value("cheap")
    expect(page.get_by_label("Name")).to_have_value("Oak Lamp")
    page.get_by_label("Price").fill("89")
    page.get_by_role("button", name="Save product").click()
    expect(page.get_by_text("Oak Lamp is added.")).to_be_visible()
    expect(page.get_by_text("$89.00")).to_be_visible()

    page.get_by_role("link", name="Edit").click()
    page.get_by_label("Description").fill("Oiled wood.\nMade to last.")
    page.get_by_label("In stock").uncheck()
    page.get_by_role("button", name="Save product").click()
    expect(page.get_by_text("Oak Lamp is saved.")).to_be_visible()
    with Session(site.engine) as session:
        product = session.exec(select(Product)).one()
    assert (product.description, product.in_stock) == ("Oiled wood.\nMade to last.", False)

    page.get_by_role("button", name="Delete").click()
    dialog = page.get_by_role("dialog", name="Delete Oak Lamp?")
    expect(dialog.get_by_role("button", name="Keep it")).to_be_focused()
    page.keyboard.press("Enter")
    expect(dialog).to_be_hidden()
    page.get_by_role("button", name="Delete").click()
    dialog.get_by_role("button", name="Delete product").click()
    expect(page.get_by_text("The product is deleted.")).to_be_visible()
    expect(page.get_by_role("heading", name="There are no products yet")).to_be_visible()


def test_without_the_script_products_are_added_edited_and_deleted_after_a_question(browser: Browser, site: Any) -> None:
    context = browser.new_context(base_url=site.url, java_script_enabled=False)
    page = context.new_page()
    log_in(page, site)
    page.get_by_label("Name").fill("Oak Lamp")
    page.get_by_label("Price").fill("89")
    page.get_by_role("button", name="Save product").click()
    page.get_by_role("link", name="Edit").click()
    page.get_by_label("Price").fill("79")
    page.get_by_role("button", name="Save product").click()
    expect(page.get_by_text("$79.00")).to_be_visible()

    page.get_by_role("button", name="Delete").click()
    question = page.get_by_role("dialog", name="Delete Oak Lamp?")
    question.get_by_role("button", name="Keep it").click()
    expect(question).to_be_hidden()
    expect(page).to_have_url(re.compile(r"/products/1$"))
    page.get_by_role("button", name="Delete").click()
    question.get_by_role("button", name="Delete product").click()
    expect(page.get_by_text("The product is deleted.")).to_be_visible()
    context.close()


@pytest.mark.parametrize("width", [360, 1280])
def test_the_forms_of_products_do_not_stick_out(page: Page, site: Any, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    log_in(page, site)
    site.add(Product(name="W" * 100, description="W" * 300, price=Decimal(99_999_999), category="W" * 50))
    for path in ("/products/new", "/products/1", "/products/1/edit"):
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
    page.goto("/products/1")
    page.get_by_role("button", name="Delete").click()
    question = page.get_by_role("dialog")
    assert question.evaluate("element => element.scrollWidth <= element.clientWidth")
