"""The pages of two resources in a new project: they are clean, pass the tests that come with them, and work."""

import subprocess
import sys
from pathlib import Path

import pytest

from command_line import Run, clean_environment
from oppman.project import Project
from oppman.scaffold import journal
from oppman.scaffold.fields import parse_fields
from oppman.scaffold.migration import migration
from oppman.scaffold.models import read_models
from oppman.scaffold.naming import Names
from oppman.scaffold.plan import Create, plan
from oppman.scaffold.resource import Resource
from oppman.scaffold.slice import steps

AUTHOR = ("name:str:max=100", "email:email:unique", "bio:text:optional", "born:date:optional")
BOOK = (
    "title:str:max=200:searchable", "isbn:str:unique", "price:decimal:10.2:min=0", "published:date:optional",
    "status:enum:draft/in_review/live:default=draft", "summary:text:optional", "pages:int:min=1",
    "website:url:optional", "in_print:bool:default=true", "author:ref:Author", "editor:ref:User:optional",
    "sequel_of:ref:self:optional", "settings:json:optional", "weight:float", "opens:time:optional",
    "seen_at:datetime", "ref_no:uuid:optional", "slug:slug:optional", "genre:str:index:optional",
    "loaned:bool:optional", "notes:text:optional:hidden",
)  # fmt: skip
PROBE = """
import re
from collections.abc import Awaitable, Callable

import pytest
from httpx import AsyncClient
from sqlmodel import select

from webapp.db import reading, transaction
from webapp.models import Author, Book, User

BOOK = {
    "title": "Emma", "isbn": "1", "price": "9.90", "status": "in_review", "pages": "300", "author_id": "1",
    "settings": '{"size": [1]}', "weight": "1.5", "seen_at": "2030-05-01T18:00", "loaned": "false", "notes": "secret",
    "opens": "", "published": "", "ref_no": "", "editor_id": "", "sequel_of_id": "", "genre": "Crime",
}


async def add_authors(count: int) -> None:
    async with transaction() as session:
        for n in range(count):
            session.add(Author(name=f"Author {n:03}", email=f"{n}@example.com"))
            await session.flush()


async def stored() -> Book:
    async with reading() as session:
        return (await session.scalars(select(Book))).one()


@pytest.fixture
async def staff(client: AsyncClient, make_user: Callable[..., Awaitable[User]], log_in: Callable[..., None]):
    log_in(client, await make_user("keeper@example.com", "book.*", "author.*"))
    return client


async def test_a_book_is_saved_as_it_was_typed_and_shown_again(staff):
    await add_authors(2)
    assert (await staff.post("/books", data=BOOK)).headers["location"] == "/books/1"
    book = await stored()
    assert (book.settings, book.loaned, book.in_print, book.opens) == ({"size": [1]}, False, False, None)

    html = (await staff.get("/books/1/edit")).text
    fields = dict(re.findall(r'name="([^"]+)" type="[^"]+" value="([^"]*)"', html))
    chosen = re.findall(r'<select class="select" id="([^"]+)".*?<option value="([^"]*)" selected', html, re.DOTALL)
    assert "secret</textarea>" in html
    again = BOOK | fields | dict(chosen)
    assert again.items() >= BOOK.items()
    assert (await staff.post("/books/1", data=again)).status_code == 303
    assert (await stored()).model_dump(exclude={"updated_at"}) == book.model_dump(exclude={"updated_at"})


async def test_a_list_names_what_a_book_belongs_to_and_hides_what_is_hidden(staff):
    await add_authors(2)
    await staff.post("/books", data=BOOK)
    await staff.post("/books", data=BOOK | {"title": "Sequel", "isbn": "2", "author_id": "2", "sequel_of_id": "1"})
    html = (await staff.get("/books")).text
    assert '<a href="/authors/2">Author 001</a>' in html
    assert "secret" not in html + (await staff.get("/books/1")).text
    assert '<a href="/books/1">Emma</a>' in (await staff.get("/books/2")).text
    assert "/books?author_id=1" in (await staff.get("/authors/1")).text
    for query, titles in {
        "author_id=1": ["Emma"], "sequel_of_id=1": ["Sequel"], "status=live": [], "genre=Crime&q=emm": ["Emma"],
        "author_id=&status=&in_print=&editor_id=": ["Sequel", "Emma"],
    }.items():
        html = (await staff.get(f"/books?{query}")).text
        assert re.findall(r'<th scope="row"><a[^>]*>([^<]*)', html) == titles, query


async def test_many_authors_are_looked_up_and_nothing_that_was_typed_is_lost(staff):
    await add_authors(101)
    assert "Author 014" not in (await staff.get("/books/new")).text
    found = await staff.post("/books", data=BOOK | {"author_id": "", "author_id-words": "014", "price": "cheap"})
    assert found.status_code == 200
    assert '<option value="15">Author 014</option>' in found.text
    assert 'value="cheap"' in found.text
    assert "author_id=" not in (await staff.get("/books")).text
    html = (await staff.get("/books?author_id=15")).text
    assert 'name="author_id" value="15" checked> Author: Author 014' in html


async def test_an_author_is_created_before_the_first_book(staff):
    assert '<a href="/authors/new">Create the first one</a>' in (await staff.get("/books/new")).text
    html = (await staff.post("/books", data=BOOK)).text
    assert "There is no author 1." in html
"""


@pytest.fixture
def shop(run: Run, tmp_path: Path) -> Path:
    assert run("new", "shop", "--no-git").code == 0
    for name, fields in (("Author", AUTHOR), ("Book", BOOK)):
        project = Project(tmp_path / "shop")
        resource = Resource(Names.of(name), parse_fields(fields), f"Some {name.lower()}.", read_models(project))
        path, text = migration(project, resource)
        created = Create(path.relative_to(project.root).as_posix(), text)
        journal.apply(project.root, plan(project.root, [*steps(project, resource), created]), [name], {})
    return tmp_path / "shop"


def call(shop: Path, *arguments: str) -> str:
    """What the command said; "" if it had nothing to complain of."""
    done = subprocess.run(
        [sys.executable, "-m", *arguments], cwd=shop, env=clean_environment(), capture_output=True, text=True,
        encoding="utf-8",
    )  # fmt: skip
    return done.stdout + done.stderr if done.returncode else ""


def test_the_pages_of_new_resources_are_clean_and_work(shop: Path) -> None:
    pages = ["webapp/routes/author.py", "webapp/routes/book.py", "webapp/main.py", "webapp/pages.py"]
    tests = ["tests/integration/authors/test_pages.py", "tests/integration/books/test_pages.py"]
    assert call(shop, "ruff", "check", "--no-cache", *pages, *tests) == ""
    assert call(shop, "ruff", "format", "--no-cache", "--check", *pages, *tests) == ""
    (shop / "tests/integration/test_probe.py").write_text(PROBE, encoding="utf-8")
    links = "tests/integration/test_pages_links.py"
    assert call(shop, "pytest", "-q", "-p", "no:cacheprovider", "tests/integration/test_probe.py", *tests, links) == ""
