"""Every page in a real browser: no script fails, nothing is fetched from elsewhere, nothing sticks out on a phone."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from webapp.db import now
from webapp.models import Product, Registration, Webinar

if TYPE_CHECKING:
    from playwright.sync_api import Page

expect = pytest.importorskip("playwright.sync_api").expect
pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("browser")]

PAGES = ["/", "/login", "/signup", "/account", "/dashboard", "/docs", "/search", "/no/such/page"]
_PAGES_OF_SLICES = [
    "/", "/products", "/products?q=nothing", "/products/1", "/webinars", "/webinars/1", "/webinars?when=past",
    "/dashboard/webinars", "/dashboard/webinars/1", "/dashboard/registrations/1", "/products?sort=nonsense",
    "/search?q=uncommonly+long", "/search?q=nothing",
]  # fmt: skip
_LONG = "An uncommonly long name without an end, Donaudampfschifffahrtselektrizitätenhauptbetriebswerk"[:95]


@pytest.fixture
def filled(site: Any) -> Any:
    """The site with something on every page, some of it long."""
    site.add(*(_product(n) for n in range(21)))
    webinar = Webinar(title=_LONG, description=f"{_LONG} " * 9, starts_at=now() + timedelta(days=3), capacity=20)
    site.add(webinar)
    email = f"{'a' * 60}@{'b' * 60}.example.com"
    site.add(Registration(webinar_id=webinar.id or 0, name=_LONG, email=email, notes=f"{_LONG} " * 9))
    return site


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("logged_in", [False, True])
def test_no_page_sticks_out_or_complains(page: Page, site: Any, width: int, logged_in: bool) -> None:
    _look_at(page, site, PAGES, width, logged_in)


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("logged_in", [False, True])
def test_no_page_of_products_and_webinars_sticks_out_or_complains(
    page: Page, filled: Any, width: int, logged_in: bool
) -> None:
    _look_at(page, filled, _PAGES_OF_SLICES, width, logged_in)


def _look_at(page: Page, site: Any, paths: list[str], width: int, logged_in: bool) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    if logged_in:
        site.add_user("sam@example.com", is_superuser=True)
        page.goto("/login")
        page.get_by_label("Email address").fill("sam@example.com")
        page.get_by_label("Password").fill(site.password)
        page.get_by_role("main").get_by_role("button", name="Log in").click()
        expect(page.get_by_role("heading", name="My account")).to_be_visible()
    for path in paths:
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        assert page.locator("h1").count() == 1 or path == "/docs", path


def test_the_reference_of_the_api_works_without_a_network(page: Page, site: Any) -> None:
    page.goto("/docs")
    expect(page.get_by_text("/api/auth/token").first).to_be_visible()


def test_the_chosen_theme_stays(page: Page, site: Any) -> None:
    page.emulate_media(color_scheme="light")
    page.goto("/")
    light = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.get_by_role("button", name="Use the dark theme").click()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") != light
    page.goto("/login")
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    page.get_by_role("button", name="Use the light theme").click()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == light


def test_the_keyboard_reaches_the_content_first(page: Page, site: Any) -> None:
    page.goto("/login")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    focused = page.get_by_label("Email address")
    expect(focused).to_be_focused()
    assert focused.evaluate("element => getComputedStyle(element).outlineStyle") == "solid"


def _product(number: int) -> Product:
    price = Decimal(99_999 * number)
    return Product(name=f"{_LONG[:90]} {number}", price=price, description=_LONG, category="X" * 50)
