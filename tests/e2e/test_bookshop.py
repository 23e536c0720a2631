"""A bookshop in a project of its own: scaffolded, migrated, tested on both databases, served, undone and redone."""

import json
import shutil
import urllib.request
from pathlib import Path

import pytest

from command_line import Result, call, python
from servers import Server
from tree import files

pytestmark = [pytest.mark.e2e]

PASSWORD = "correct horse battery"
RESOURCES = (
    ("Author", "name:str:max=100", "contact:email:unique", "bio:text:optional", "born:date:optional"),
    ("Tag", "name:str:max=30:unique"),
    (
        "Book", "title:str:max=200:searchable", "isbn:str:unique", "price:decimal:10.2:min=0", "bought:date:optional",
        "status:enum:draft/live:default=draft", "summary:text:optional", "pages:int:min=1", "weight:float:optional",
        "in_print:bool:default=true", "seen_at:datetime", "opens_at:time:optional", "reference:uuid:optional",
        "contact:email:optional", "website:url:optional", "short_name:slug:optional", "extras:json:optional",
        "notes:text:hidden:optional", "door_code:secret:min=8", "cover:image:optional", "manual:file:optional",
        "embedding:vector:8:optional", "author:ref:Author", "editor:ref:User:optional", "sequel_of:ref:self:optional",
        "tags:many:Tag",
    ),
    ("Review", "title:str:max=80:unique", "rating:int:min=1:max=5", "book:ref:Book:cascade", "--owned"),
)  # fmt: skip
TESTS = tuple(f"tests/integration/{name}" for name in ("authors", "tags", "books", "reviews"))


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project with the four resources, and beside it, as `before`, the one without them."""
    folder = tmp_path_factory.mktemp("bookshop")
    oppman(folder, "new", "shop", "--no-git")
    shutil.copytree(folder / "shop", folder / "before")
    for arguments in RESOURCES:
        oppman(folder / "shop", "scaffold", "resource", *arguments)
    return folder / "shop"


def test_what_is_written_passes_every_check(shop: Path) -> None:
    for command in (["ruff", "check", "--no-cache"], ["ruff", "format", "--check", "--no-cache"]):
        python(shop, *command)
    python(shop, "mypy", "--cache-dir", str(shop.parent / "mypy"))
    assert "agree" in oppman(shop, "db", "check").stderr


@pytest.mark.parametrize("database", ["sqlite", "postgres"])
def test_its_own_tests_are_green(shop: Path, database: str) -> None:
    done = python(shop, "pytest", "-q", "-n", "2", "-p", "no:cacheprovider", *TESTS, env={"TEST_DATABASE": database})
    assert " passed" in done.stdout
    assert "skipped" not in done.stdout


def test_the_api_answers_as_its_document_says(shop: Path) -> None:
    done = python(shop, "pytest", "-q", "-n", "2", "-p", "no:cacheprovider", "tests/e2e/test_schemathesis.py")
    assert " passed" in done.stdout


def test_pages_api_and_documentation_have_the_new_slices(shop: Path) -> None:
    oppman(shop, "init", "--yes")
    oppman(shop, "demo", "load", "--rows", "30", env={"OPPMAN_PASSWORD": PASSWORD})
    with Server("runserver", "--no-reload", cwd=shop) as server:
        address = f"http://127.0.0.1:{server.port}"
        for page in ("books", "books/1", "authors", "authors/1", "tags"):
            assert "<h1" in fetch(f"{address}/{page}")
        books = json.loads(fetch(f"{address}/api/books?limit=20"))
        assert len(books["items"]) == 20
        assert not {"notes", "door_code", "door_code_hash"} & books["items"][0].keys()
        assert "/login" in fetch(f"{address}/reviews")
    oppman(shop, "docs", "export", "--output", str(shop.parent / "docs"))
    exported = "".join(path.read_text() for path in (shop.parent / "docs").rglob("*.html"))
    for word in ("book_tags", "/api/reviews", "book.add"):
        assert word in exported


def test_more_fields_leave_its_own_tests_green(shop: Path) -> None:
    made = tree(shop)
    oppman(shop, "scaffold", "field", "Book", "subtitle:str:optional", "translator:ref:Author:optional")
    oppman(shop, "db", "migrate")
    assert "agree" in oppman(shop, "db", "check").stderr
    tests = ("tests/integration/books", "tests/integration/test_migrations.py")
    assert " passed" in python(shop, "pytest", "-q", "-n", "2", "-p", "no:cacheprovider", *tests).stdout
    oppman(shop, "scaffold", "undo", "--rollback", "--yes")
    assert tree(shop) == made


def test_it_is_undone_to_the_byte_and_redone(shop: Path) -> None:
    made = tree(shop)
    for _ in RESOURCES:
        oppman(shop, "scaffold", "undo", "--rollback", "--yes")
    left, before = tree(shop), tree(shop.parent / "before")
    assert left.keys() ^ before.keys() == set()
    assert [path for path in left if left[path] != before[path]] == []
    for _ in RESOURCES:
        oppman(shop, "scaffold", "redo")
    oppman(shop, "db", "migrate")
    assert "agree" in oppman(shop, "db", "check").stderr
    for path, content in made.items():
        if not path.startswith("migrations/"):  # a migration that is redone follows the one before it
            assert tree(shop)[path] == content, path


def tree(folder: Path) -> dict[str, bytes]:
    """What stands in a project, without what it keeps for itself."""
    database = ("app.db", "app.db-wal", "app.db-shm")
    return files(
        folder, ".oppman", ".hypothesis", "backups", "uploads", ".env", "__pycache__", "server.log", *database
    )  # fmt: skip


def oppman(cwd: Path, *args: str, env: dict[str, str] | None = None) -> Result:
    result = call(args, cwd, "", env, 180)
    assert result.code == 0, result.stdout + result.stderr
    return result


def fetch(address: str) -> str:
    with urllib.request.urlopen(address, timeout=30) as answer:
        text: str = answer.read().decode()
        return text if "/login" not in answer.geturl() else f"{answer.geturl()} {text}"
