"""What is scaffolded stands on the dashboard without being told: in its own words, and for whoever may see it."""

from pathlib import Path

import pytest

from command_line import Run, python

RESOURCES = (
    ("Person", "name:str"),
    ("BookReview", "title:str", "tags:many:Person", "--owned"),
    ("Category", "name:str", "--soft-delete", "--no-pages"),
    ("APIKey", "name:str", "--api-only"),
    ("News", "title:str", "--uuid", "--no-admin"),
)
PROBE = """
import re
from datetime import timedelta

import pytest

from webapp.db import now, transaction
from webapp.models import APIKey, BookReview, Category, News, Person


async def cards(client):
    html = (await client.get("/dashboard")).text
    found = re.findall(r'<article class="card figures">(.*?)</article>', html, re.DOTALL)
    read = {}
    for card in found:
        name, figure = re.findall(r"<h2>([^<]+?) *<", card)[0], re.findall('"figure">(.*?)<', card)[0]
        recent = re.findall('class="fresh.*?>(.*?) new', card)
        read[name] = (figure, *recent, *re.findall('href="([^"]+)"', card))
    return read


@pytest.fixture
async def users(make_user):
    ann = await make_user("ann@example.com", "book_review.view", "person.view", "news.view")
    boss = await make_user("boss@example.com", is_superuser=True)
    async with transaction() as session:
        old = now() - timedelta(days=9)
        session.add_all([Person(name="Eve"), Person(name="Max", created_at=old), News(title="Up")])
        session.add_all([Category(name="Old", deleted_at=now()), Category(name="New"), APIKey(name="key")])
        session.add_all(BookReview(title=f"Review {n}", owner_id=ann.id or 0) for n in range(3))
    return ann, boss


async def test_each_model_has_a_card(client, log_in, users):
    log_in(client, users[1])
    found = await cards(client)
    assert found["People"] == ("2", "1", "/people", "/admin/person/list")
    assert found["Book reviews"] == ("0", "None", "/book-reviews", "/admin/book-review/list")  # they are Ann's
    assert found["Categories"] == ("1", "1", "/admin/category/list")
    assert found["API keys"] == ("1", "1")
    assert found["News"] == ("1", "1", "/news")
    assert [name for name in found if name not in {"Products", "Webinars", "Registrations"}] == [
        "People", "Book reviews", "News", "Categories", "Users", "Roles", "Audit log", "API keys",
    ]
    for name in ("person", "book-review", "category"):
        assert (await client.get(f"/admin/{name}/list")).status_code == 200
    menu = (await client.get("/admin/")).text
    assert "People" in menu and "Categories" in menu and "Book reviews" in menu


async def test_whoever_owns_them_has_their_own_counted(client, log_in, users):
    log_in(client, users[0])
    assert await cards(client) == {
        "People": ("2", "1", "/people", "/admin/person/list"),
        "Book reviews": ("3", "3", "/book-reviews", "/admin/book-review/list"),
        "News": ("1", "1", "/news"),
    }
"""


@pytest.mark.parametrize("options", [(), ("--minimal",)])
def test_a_resource_has_a_card_without_being_told(run: Run, tmp_path: Path, options: tuple[str, ...]) -> None:
    assert run("new", "shop", "--no-git", *options).code == 0
    shop = tmp_path / "shop"
    pages = (shop / "webapp/pages.py").read_text()
    for arguments in RESOURCES:
        result = run("scaffold", "resource", *arguments, cwd=shop)
        assert result.code == 0, result.stderr

    (shop / "tests/integration/test_probe.py").write_text(PROBE)
    python(shop, "pytest", "-q", "-n", "0", "-p", "no:cacheprovider", "tests/integration/test_probe.py")

    python(shop, "ruff", "format", "--check", "--no-cache", "webapp")
    for _ in RESOURCES:
        assert run("scaffold", "undo", "--yes", cwd=shop).code == 0
    assert (shop / "webapp/pages.py").read_text() == pages
