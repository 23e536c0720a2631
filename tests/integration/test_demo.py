"""`oppman demo load`, `status` and `unload`, on SQLite and on PostgreSQL."""

import json
import re
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from command_line import Run, clean_environment
from postgres import execute

Ask = Callable[[str], list[Any]]

TABLES = ("products", "users", "webinars", "registrations")
SMALL = {"products": 200, "users": 15, "webinars": 30, "registrations": 360}


def ask_sqlite(project: Path) -> Ask:
    def ask(statement: str) -> list[Any]:
        with closing(sqlite3.connect(project / "app.db", timeout=30)) as database, database:
            return database.execute(statement).fetchall()

    return ask


@pytest.fixture
def shop(project: Path, run: Run) -> Path:
    """A migrated project on SQLite."""
    assert run("db", "migrate", cwd=project).code == 0
    return project


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.xdist_group("postgres"))])
def shop_on(request: pytest.FixtureRequest, project: Path, run: Run) -> tuple[Path, Ask]:
    """A migrated project on each database, and a way to ask that database."""
    ask = ask_sqlite(project)
    if request.param == "postgres":
        url = request.getfixturevalue("postgres_url")
        (project / ".env").write_text(f"DATABASE_URL={url}\n")

        def ask(statement: str) -> list[Any]:
            return execute(url, statement)

    assert run("db", "migrate", cwd=project).code == 0
    return project, ask


def test_load_shows_the_logins_and_their_password_once(shop: Path, run: Run) -> None:
    first = run("demo", "load", cwd=shop)
    assert first.code == 0, first.stderr
    assert [line.split() for line in first.stdout.splitlines()[1:5]] == [[t, str(n), "0"] for t, n in SMALL.items()]
    assert "superuser@demo.example.com  superuser\n" in first.stdout
    assert first.stderr.endswith("Loaded 605 rows.\n")
    password = re.search(r"shown this once: (\S{16})\n", first.stdout)
    assert password

    again = run("demo", "load", cwd=shop)
    assert again.code == 0
    assert again.stdout == ""
    assert "Everything was there already; nothing was added.\n" in again.stderr
    assert "oppman users set-password superuser@demo.example.com\n" in again.stderr
    assert password[1] not in again.stderr
    assert password[1] not in (shop / "app.db").read_bytes().decode("latin-1")

    status = run("demo", "status", "--json", cwd=shop)
    assert json.loads(status.stdout) == [{"table": t, "demo": n, "total": n} for t, n in SMALL.items()]


@pytest.mark.parametrize(
    ("arguments", "env"),
    [(("--password", "quiet copper lantern"), {}), ((), {"OPPMAN_PASSWORD": "quiet copper lantern"})],
    ids=["argument", "variable"],
)
def test_a_password_that_is_given_works_and_is_not_shown(
    shop: Path, run: Run, arguments: tuple[str, ...], env: dict[str, str]
) -> None:
    refused = run("demo", "load", "--password-stdin", input="short\n", cwd=shop)
    assert (refused.code, refused.stdout) == (1, "")
    assert "at least 10 characters" in refused.stderr
    assert ask_sqlite(shop)("SELECT count(*) FROM products") == [(0,)]

    done = run("demo", "load", "--json", *arguments, env=env, cwd=shop)
    assert done.code == 0, done.stderr
    assert "copper" not in done.stdout + done.stderr
    report = json.loads(done.stdout)
    assert (report["added"], report["password"]) == (SMALL, None)
    code = (
        "from webapp.passwords import verify_password\n"
        "print(await verify_password('quiet copper lantern',"
        " (await session.scalar(select(User).where(User.email == 'sales@demo.example.com'))).password_hash))"
    )
    assert run("shell", "-c", code, cwd=shop).stdout == "(True, None)\n"


def test_the_same_seed_and_day_give_the_same_rows(shop: Path, run: Run) -> None:
    def contents() -> list[Any]:
        loaded = run("demo", "load", "--rows", "40", "--seed", "7", "--day", "2031-05-01", cwd=shop)
        assert loaded.code == 0, loaded.stderr
        ask = ask_sqlite(shop)
        rows = ask("SELECT name, price, description, created_at FROM products ORDER BY id")
        rows += ask("SELECT title, starts_at, capacity FROM webinars ORDER BY id")
        rows += ask("SELECT name, email, status, notes, created_at FROM registrations ORDER BY id")
        assert run("demo", "unload", "--yes", cwd=shop).code == 0
        return rows

    first = contents()
    assert ("2031-05-04 09:30:00.000000",) in [row[1:2] for row in first[40:70]]
    assert contents() == first


def test_unload_asks_and_leaves_what_the_owner_added(shop_on: tuple[Path, Ask], run: Run) -> None:
    shop, ask = shop_on
    assert run("demo", "load", cwd=shop).code == 0
    ((webinar,),) = ask("SELECT max(id) FROM webinars")
    at = "'2030-01-01 10:00:00+00:00'"
    insert = "INSERT INTO registrations (name, email, webinar_id, status, notes, created_at) VALUES"
    ask(f"{insert} ('Guest', 'guest@example.com', {webinar}, 'registered', '', {at})")

    unasked = run("demo", "unload", cwd=shop)
    assert (unasked.code, unasked.stdout) == (2, "")
    assert "Remove the demo's 200 products, 15 users, 30 webinars and 360 registrations?" in unasked.stderr
    assert "--yes" in unasked.stderr
    assert ask("SELECT count(*) FROM products") == [(200,)]

    done = run("demo", "unload", "--yes", cwd=shop)
    assert done.code == 0, done.stderr
    rows = [line.split() for line in done.stdout.splitlines()]
    assert rows == [
        ["table", "removed", "kept"],
        ["registrations", "360", "0"],
        ["webinars", "29", "1"],
        ["users", "15", "0"],
        ["products", "200", "0"],
    ]
    assert "Removed 604 rows." in done.stderr
    assert "Kept, because rows of yours need them, and yours from now on: 1 of webinars." in done.stderr
    assert "`oppman createsuperuser` makes one" in done.stderr
    assert ask("SELECT name FROM registrations") == [("Guest",)]
    assert ask("SELECT id FROM webinars") == [(webinar,)]
    assert ask("SELECT count(*) FROM demo_batches") == [(0,)]

    again = run("demo", "unload", cwd=shop)
    assert (again.code, again.stdout) == (0, "")
    assert "There is no demo data; nothing was removed." in again.stderr


def test_a_load_that_was_killed_is_completed_by_the_next(shop_on: tuple[Path, Ask], run: Run) -> None:
    shop, ask = shop_on
    command = [sys.executable, "-m", "oppman", "demo", "load", "--rows", "70000"]
    process = subprocess.Popen(
        command, cwd=shop, env=clean_environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        end = time.monotonic() + 90
        while not (found := ask("SELECT count(*) FROM products")[0][0]):
            assert time.monotonic() < end
            assert process.poll() is None
            time.sleep(0.02)
    finally:
        process.send_signal(signal.SIGKILL if sys.platform != "win32" else signal.SIGTERM)
        process.wait()
    ((noted,),) = ask("SELECT sum(last_id - first_id + 1) FROM demo_batches")
    assert 0 < found <= noted < 70_000
    assert ask("SELECT count(*) FROM products") == [(noted,)]

    done = run("demo", "load", "--rows", "70000", "--json", cwd=shop)
    assert done.code == 0, done.stderr
    report = json.loads(done.stdout)
    assert (report["present"]["products"], report["added"]["products"]) == (noted, 70_000 - noted)
    expected = {"products": 70_000, "users": 85, "webinars": 700, "registrations": 8_400}
    for table, count in expected.items():
        assert ask(f"SELECT count(*), count(DISTINCT id) FROM {table}") == [(count, count)]


def test_load_needs_the_migrations(project: Path, run: Run) -> None:
    done = run("demo", "load", cwd=project)
    assert (done.code, done.stdout) == (1, "")
    assert "oppman db migrate" in done.stderr


def test_production_is_asked_about(shop: Path, run: Run) -> None:
    production = {"ENVIRONMENT": "production", "SECRET_KEY": "a-secret-of-this-test-that-is-long-enough-0123456789"}
    done = run("demo", "load", cwd=shop, env=production)
    assert (done.code, done.stdout) == (2, "")
    assert "This is a production environment" in done.stderr
    assert ask_sqlite(shop)("SELECT count(*) FROM users") == [(0,)]
    assert run("demo", "load", "--yes", cwd=shop, env=production).code == 0


def test_a_demo_module_that_lacks_a_function_is_told_by_name(shop: Path, run: Run) -> None:
    (shop / "webapp/demo/__init__.py").write_text('"""Nothing yet."""\n')
    done = run("demo", "status", cwd=shop)
    assert (done.code, done.stdout) == (1, "")
    assert "webapp.demo has no 'status'" in done.stderr


MODELS = """

from uuid import UUID, uuid4


class BookTag(SQLModel, table=True):
    __tablename__ = "book_tags"

    book_id: int = Field(foreign_key="books.id", ondelete="CASCADE", primary_key=True)
    tag_id: UUID = Field(foreign_key="tags.id", ondelete="CASCADE", primary_key=True)


class Tag(SQLModel, table=True):
    __tablename__ = "tags"

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    name: str = Field(max_length=50, unique=True)


class Author(SQLModel, table=True):
    __tablename__ = "authors"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(max_length=100)
    teacher_id: int | None = Field(default=None, foreign_key="authors.id", ondelete="CASCADE")


class Book(SQLModel, table=True):
    __tablename__ = "books"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: int | None = Field(default=None, primary_key=True)
    title: str = Field(max_length=100)
    author_id: int = Field(foreign_key="authors.id", ondelete="CASCADE")
    tags: list[Tag] = Relationship(link_model=BookTag, passive_deletes=True)
"""
FACTORIES = {
    "authors.py": """
from webapp.models import Author

model = Author


def count(rows):
    return rows // 10


def row(draw):
    return {"name": draw.person()[0], "teacher_id": draw.some(Author)}
""",
    "books.py": """
from webapp.models import Author, Book, Tag

model = Book


def row(draw):
    return {"title": draw.words(3).title(), "author_id": draw.some(Author), "tags": draw.several(Tag)}
""",
    "tags.py": """
from webapp.models import Tag

model = Tag


def count(rows):
    return 8


def row(draw):
    return {"name": f"{draw.words(1)} {draw.number}"}
""",
}


@pytest.fixture
def bookshop(shop_on: tuple[Path, Ask], run: Run) -> tuple[Path, Ask]:
    """The shop with authors, books and tags."""
    shop, ask = shop_on
    models = shop / "webapp/models.py"
    models.write_text(models.read_text(encoding="utf-8") + MODELS, encoding="utf-8")
    for name, source in FACTORIES.items():
        (shop / "webapp/demo" / name).write_text(source)
    assert run("db", "makemigrations", "-m", "books", cwd=shop).code == 0
    assert run("db", "migrate", cwd=shop).code == 0
    return shop, ask


def test_a_new_resource_is_loaded_and_unloaded_without_being_told(bookshop: tuple[Path, Ask], run: Run) -> None:
    shop, ask = bookshop
    assert run("demo", "load", cwd=shop).code == 0
    ((books, authors, tags, links),) = ask(
        "SELECT (SELECT count(*) FROM books), (SELECT count(DISTINCT author_id) FROM books),"
        " (SELECT count(DISTINCT tag_id) FROM book_tags), (SELECT count(*) FROM book_tags)"
    )
    assert (books, authors, tags) == (200, 20, 8)
    assert 100 < links < 600
    assert ask("SELECT count(*) FROM authors WHERE teacher_id IS NOT NULL") == [(19,)]
    assert ask("SELECT count(*) FROM authors WHERE teacher_id >= id") == [(0,)]

    # A book of the owner's needs its author, who needs a teacher, who needs one too.
    ((author,),) = ask("SELECT max(id) FROM authors")
    ask(f"INSERT INTO books (title, author_id) VALUES ('Mine', {author})")
    chain = ask(
        f"WITH RECURSIVE up AS (SELECT id, teacher_id FROM authors WHERE id = {author}"
        " UNION SELECT a.id, a.teacher_id FROM authors a JOIN up ON a.id = up.teacher_id) SELECT id FROM up ORDER BY id"
    )
    done = run("demo", "unload", "--yes", "--json", cwd=shop)
    assert done.code == 0, done.stderr
    assert json.loads(done.stdout)["kept"]["authors"] == len(chain) > 1
    assert ask("SELECT id FROM authors ORDER BY id") == chain
    assert ask("SELECT title FROM books") == [("Mine",)]
    assert ask("SELECT count(*) FROM tags") == ask("SELECT count(*) FROM book_tags") == [(0,)]
