"""What people do with the app, from the first click to the last, in a browser."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image
from sqlmodel import Session, col, select

from webapp.db import now
from webapp.models import Product, Registration, RegistrationStatus, Webinar

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

expect = pytest.importorskip("playwright.sync_api").expect
pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("browser")]


def main(page: Page) -> Locator:
    return page.get_by_role("main")


def log_in(page: Page, email: str, password: str) -> None:
    page.goto("/login")
    page.get_by_label("Email address").fill(email)
    page.get_by_label("Password").fill(password)
    main(page).get_by_role("button", name="Log in").click()


def sign_up(page: Page, name: str) -> None:
    page.get_by_label("Your name").fill(name)
    page.get_by_label("Email address").fill(f"{name.lower()}@example.com")
    page.get_by_role("button", name="Sign up").click()


def test_people_sign_up_for_a_webinar_until_it_is_full_and_one_gives_the_place_back(page: Page, site: Any) -> None:
    site.add(Webinar(title="Sharpening knives", starts_at=now() + timedelta(days=3), capacity=2))
    page.goto("/")
    page.get_by_role("link", name="Book a place").click()

    sign_up(page, "Ada")
    expect(page.get_by_role("heading", name="Your place is booked")).to_be_visible()
    link = page.get_by_label("Your cancel link").input_value()

    page.goto("/webinars")
    page.get_by_role("link", name="Sharpening knives").click()
    sign_up(page, "Ada")
    expect(page.get_by_text("This address is signed up already.")).to_be_visible()
    expect(page.get_by_label("Email address")).to_be_focused()
    expect(page.get_by_label("Your name")).to_have_value("Ada")
    sign_up(page, "Bo")
    expect(page.get_by_role("heading", name="Your place is booked")).to_be_visible()

    page.goto("/webinars/1")
    expect(page.get_by_text("all 2 places are taken")).to_be_visible()
    expect(page.get_by_role("button", name="Sign up")).to_have_count(0)

    page.goto(link)
    expect(page.get_by_text("ada@example.com")).to_be_visible()
    page.get_by_role("button", name="Cancel my place").click()
    expect(page.get_by_role("heading", name="Your place is free again")).to_be_visible()
    page.get_by_role("link", name="Book again").click()
    expect(page.get_by_role("button", name="Sign up")).to_be_visible()


def test_a_person_makes_an_account_changes_the_password_and_logs_out_and_in(page: Page, site: Any) -> None:
    page.goto("/account")
    page.get_by_role("link", name="Make an account").click()
    page.get_by_label("Your name").fill("Ada Lovelace")
    page.get_by_label("Email address").fill("ada@example.com")
    page.get_by_label("Password").fill("short")
    page.get_by_role("button", name="Make my account").click()
    expect(page.get_by_text("Use at least 10 characters")).to_be_visible()
    page.get_by_label("Password").fill("correct horse battery")
    page.get_by_role("button", name="Make my account").click()
    expect(page.get_by_text("Your account is ready.")).to_be_visible()
    page.get_by_role("button", name="Dismiss").click()
    expect(page.get_by_text("Your account is ready.")).to_have_count(0)

    page.get_by_label("Current password").fill("wrong")
    page.get_by_label("New password").fill("staple thunder paper")
    page.get_by_role("button", name="Change password").click()
    expect(page.get_by_text("This is not your current password.")).to_be_visible()
    page.get_by_label("Current password").fill("correct horse battery")
    page.get_by_label("New password").fill("staple thunder paper")
    page.get_by_role("button", name="Change password").click()
    expect(page.get_by_text("Your password is changed.")).to_be_visible()

    page.get_by_text("Ada Lovelace", exact=True).click()
    page.get_by_role("button", name="Log out", exact=True).click()
    expect(page.get_by_text("You are logged out.")).to_be_visible()
    log_in(page, "ada@example.com", "correct horse battery")
    expect(page.get_by_text("do not fit")).to_be_visible()
    log_in(page, "ada@example.com", "staple thunder paper")
    expect(page.get_by_role("heading", name="My account")).to_be_visible()


def test_logging_out_everywhere_asks_first(page: Page, site: Any) -> None:
    site.add_user("ada@example.com")
    log_in(page, "ada@example.com", site.password)
    button = main(page).locator("form").get_by_role("button", name="Log out everywhere")
    button.first.click()
    page.get_by_role("dialog").get_by_role("button", name="Keep as it is").click()
    expect(page.get_by_role("dialog")).to_be_hidden()
    button.first.click()
    page.get_by_role("dialog").get_by_role("button", name="Log out everywhere").click()
    expect(page.get_by_text("You are logged out everywhere.")).to_be_visible()
    page.goto("/account")
    expect(page).to_have_url(re.compile(r"/login\?next=/account$"))


def test_the_staff_marks_who_came_and_adds_notes_and_a_photo(page: Page, site: Any, tmp_path: Path) -> None:
    site.add_user("sam@example.com", permissions=["registration.*"])
    webinar = Webinar(title="Sharpening knives", starts_at=now() + timedelta(days=3), capacity=20)
    site.add(webinar)
    site.add(Registration(webinar_id=webinar.id or 0, name="Grace Hopper", email="grace@example.com"))
    photo = tmp_path / "grace.png"
    Image.new("RGB", (300, 200), "teal").save(photo)

    page.goto("/dashboard")
    page.get_by_label("Email address").fill("sam@example.com")
    page.get_by_label("Password").fill(site.password)
    main(page).get_by_role("button", name="Log in").click()
    expect(page.get_by_role("heading", name="Dashboard")).to_be_visible()
    page.get_by_role("link", name="Who is coming").click()
    page.get_by_role("link", name="Sharpening knives").click()
    page.get_by_role("button", name="Mark attended").click()
    expect(page.get_by_text("The status of Grace Hopper is saved.")).to_be_visible()
    expect(page.get_by_role("row", name="Grace Hopper").get_by_text("Attended")).to_be_visible()

    page.get_by_role("link", name="Grace Hopper").click()
    page.get_by_label("Picture").set_input_files(photo)
    page.get_by_role("button", name="Upload photo").click()
    expect(page.get_by_text("The photo is saved.")).to_be_visible()
    shown = page.get_by_alt_text("Photo of Grace Hopper")
    assert shown.evaluate("image => image.decode().then(() => image.naturalWidth)") == 300
    page.get_by_label("Notes").fill("Wrote the first compiler.")
    page.get_by_role("button", name="Save notes").click()
    expect(page.get_by_label("Notes")).to_have_value("Wrote the first compiler.")

    with Session(site.engine) as session:
        stored = session.exec(select(Registration)).one()
    assert (stored.status, stored.notes) == (RegistrationStatus.ATTENDED, "Wrote the first compiler.")


def test_products_are_searched_filtered_sorted_and_paged(page: Page, site: Any) -> None:
    site.add(*(Product(name=f"Oak shelf {n:02}", price=Decimal(n), category="Office") for n in range(1, 26)))
    site.add(Product(name="Oak bowl", price=Decimal(7), category="Kitchen", in_stock=False))
    rows = page.get_by_role("row").filter(has=page.get_by_role("rowheader"))

    page.goto("/products")
    expect(rows).to_have_count(20)
    page.get_by_role("link", name="Next page").click()
    expect(rows).to_have_count(6)
    page.get_by_role("link", name="First page").click()
    expect(rows).to_have_count(20)

    page.get_by_label("Category").select_option("Kitchen")
    expect(rows).to_have_count(1)
    page.get_by_label("In stock only").check()
    expect(page.get_by_role("heading", name="Nothing matches")).to_be_visible()
    page.get_by_role("link", name="Show all products").click()

    page.get_by_label("Search").fill("shelf 2")
    page.get_by_role("button", name="Search").click()
    expect(rows).to_have_count(6)
    page.get_by_label("Sort by").select_option("Price, high to low")
    expect(rows.first).to_contain_text("$25.00")
    rows.first.get_by_role("link").click()
    expect(page.get_by_role("heading", name="Oak shelf 25")).to_be_visible()


def test_every_form_works_without_the_script(browser: Browser, site: Any) -> None:
    site.add(Webinar(title="Sharpening knives", starts_at=now() + timedelta(days=3), capacity=2))
    site.add(*(Product(name=f"Oak shelf {n}", price=Decimal(n)) for n in range(3)))
    site.add_user("ada@example.com")
    context = browser.new_context(base_url=site.url, java_script_enabled=False)
    page = context.new_page()
    page.goto("/webinars/1")
    sign_up(page, "Ada")
    page.get_by_role("link", name="Cancel my place").click()
    page.get_by_role("button", name="Cancel my place").click()
    expect(page.get_by_role("heading", name="Your place is free again")).to_be_visible()
    page.goto("/products")
    page.get_by_label("Search").fill("shelf 2")
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_role("rowheader")).to_have_count(1)
    log_in(page, "ada@example.com", site.password)
    page.get_by_role("button", name="Log out everywhere").first.click()
    expect(page.get_by_text("You are logged out everywhere.")).to_be_visible()
    context.close()
    with Session(site.engine) as session:
        statuses = session.exec(select(col(Registration.status))).all()
    assert statuses == [RegistrationStatus.CANCELLED]
