"""The admin in a browser: its scripts run under its policy, and it asks nobody else for anything."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from sqlmodel import Session, col, select

from webapp.db import now
from webapp.models import AuditEntry, Product, Registration, Role, Webinar

if TYPE_CHECKING:
    from playwright.sync_api import Page

expect = pytest.importorskip("playwright.sync_api").expect
pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("browser")]

BOSS = "boss@example.com"


def enter(page: Page, site: Any, path: str = "/admin/") -> None:
    """Open a page of the admin as somebody who is not logged in yet."""
    page.goto(path)
    page.get_by_label("Email address").fill(BOSS)
    page.get_by_label("Password").fill(site.password)
    page.get_by_role("main").get_by_role("button", name="Log in").click()
    page.wait_for_url(lambda url: "/login" not in url)  # and its scripts: a click before them would do nothing


@pytest.fixture
def filled(site: Any) -> Any:
    site.add_user(BOSS, is_superuser=True)
    site.add(*(Product(name=f"Oak Lamp {n:02}", price=Decimal(n), category="Light") for n in range(1, 31)))
    site.add(Webinar(title="Joinery", starts_at=now() + timedelta(days=3), capacity=20))
    site.add(Registration(webinar_id=1, name="Eve", email="eve@example.com"), AuditEntry(action="tried", target="x"))
    site.add(Role(name="sales", permissions=["product.*"]))
    return site


def test_the_log_in_leads_to_the_page_one_wanted_and_the_log_out_closes_it(page: Page, filled: Any) -> None:
    enter(page, filled, "/admin/product/list")
    expect(page).to_have_url(f"{filled.url}/admin/product/list")
    page.get_by_role("button", name="Log out").click()
    page.goto("/admin/product/list")
    expect(page).to_have_url(re.compile("/login"))


def test_every_page_runs_without_a_complaint(page: Page, filled: Any) -> None:
    enter(page, filled)
    for model in ("product", "webinar", "registration", "user", "role", "audit-entry"):
        paths = ["list", "details/1"] + ([] if model == "audit-entry" else ["create", "edit/1"])
        for path in paths:
            answer = page.goto(f"/admin/{model}/{path}")
            assert answer is not None
            assert answer.status == 200, path
            page.wait_for_load_state("networkidle")


def test_a_product_is_made_found_changed_and_deleted(page: Page, filled: Any) -> None:
    enter(page, filled, "/admin/product/create")
    page.get_by_label("Name").fill("Steel Kettle")
    page.get_by_label("Price").fill("-1")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(".invalid-feedback")).to_contain_text("greater than or equal to 0")
    page.get_by_label("Price").fill("49.90")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page).to_have_url(re.compile("/admin/product/list"))

    page.get_by_placeholder("Search").fill("kettle")
    page.keyboard.press("Enter")
    rows = page.locator("tbody tr")
    expect(rows).to_have_count(1)
    rows.locator("a[href*='/edit/']").click()
    page.get_by_label("Category").fill("Kitchen")
    page.get_by_role("button", name="Save", exact=True).click()
    with Session(filled.engine) as session:
        kettle = session.exec(select(Product).where(col(Product.name) == "Steel Kettle")).one()
        assert (kettle.category, kettle.price) == ("Kitchen", Decimal("49.90"))

    rows.first.locator("a[data-bs-target='#modal-delete']").click()
    page.get_by_role("button", name="Delete", exact=True).click()
    expect(page.get_by_text("Steel Kettle")).to_have_count(0)
    with Session(filled.engine) as session:
        assert len(session.exec(select(Product)).all()) == 30


def test_several_rows_are_deleted_at_once(page: Page, filled: Any) -> None:
    enter(page, filled, "/admin/product/list?sortBy=id&sort=asc")
    boxes = page.get_by_role("checkbox", name="Select item")
    boxes.nth(0).check()
    boxes.nth(1).check()
    page.get_by_role("button", name="Actions").click()
    page.get_by_text("Delete selected items").click()
    page.get_by_role("button", name="Delete", exact=True).click()
    expect(page.get_by_text("of 28 items")).to_be_visible()


def test_dates_and_hosts_are_chosen_with_the_script(page: Page, filled: Any) -> None:
    enter(page, filled, "/admin/webinar/edit/1")
    page.get_by_label("Starts at").click()
    expect(page.locator(".flatpickr-calendar.open")).to_be_visible()
    page.keyboard.press("Escape")
    page.locator(".select2-selection").click()
    page.locator(".select2-search__field").fill("boss")
    page.locator(".select2-results__option", has_text=BOSS).click()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("link", name=BOSS)).to_be_visible()


def test_roles_and_permissions_are_ticked(page: Page, filled: Any) -> None:
    enter(page, filled, "/admin/role/edit/1")
    expect(page.get_by_label("product.*")).to_be_checked()
    page.get_by_label("webinar.view").check()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page).to_have_url(re.compile("/admin/role/list"))
    with Session(filled.engine) as session:
        assert session.exec(select(Role)).one().permissions == ["product.*", "webinar.view"]


def test_a_deactivated_user_is_out_at_the_next_click(page: Page, filled: Any) -> None:
    enter(page, filled)
    with filled.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE users SET is_active = 0")
    page.get_by_role("navigation", name="Admin").get_by_role("link", name="Products").click()
    expect(page).to_have_url(re.compile("/login"))


def test_an_export_is_a_file_with_every_row(page: Page, filled: Any) -> None:
    enter(page, filled, "/admin/product/list")
    with page.expect_download() as download:
        page.get_by_role("link", name="Export").click()
    assert len(download.value.path().read_text().splitlines()) == 31
