"""`oppman scaffold field`: fields for a resource that its owner has had in their hands."""

import json
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from command_line import Run, call, clean_environment
from terminal import talk
from tree import files

AUTHOR = ("Author", "name:str:max=100")
BOOK = ("Book", "title:str:max=200:searchable", "isbn:str:unique", "price:decimal:10.2:min=0", "author:ref:Author")
REVIEW = ("Review", "rating:int", "book:ref:Book")
ADDED = (
    "stock:int:min=0", "subtitle:str:optional", "genre:enum:novel/poem:default=novel", "editor:ref:User:optional",
)  # fmt: skip
FIELD = ("scaffold", "field", "Book", *ADDED, "--backfill", "books.stock=0")
PROBE = """
from webapp.models import Book, BookGenre


async def test_the_list_and_the_form_have_the_new_columns(client, make_user, log_in, new, keeper):
    log_in(client, keeper)
    page = (await client.get("/books/new")).text
    for name in ("stock", "subtitle", "genre", "editor_id"):
        assert f'name="{name}"' in page
    assert (await client.post("/books", data=new | {"genre": "poem", "editor_id": ""})).status_code == 303
    assert "Poem" in (await client.get("/books?genre=poem")).text
    assert "Stock" in (await client.get("/books/1")).text
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new project with authors, their books, and reviews of these."""
    folder = tmp_path_factory.mktemp("field")
    assert call(("new", "shop", "--yes"), folder, "", None, 120).code == 0
    for resource in (AUTHOR, BOOK, REVIEW):
        assert call(("scaffold", "resource", *resource), folder / "shop", "", None, 120).code == 0
    (folder / "shop/app.db").unlink(missing_ok=True)
    return folder / "shop"


@pytest.fixture
def shop(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "shop", ignore=shutil.ignore_patterns("__pycache__", ".venv")))


def tree(root: Path) -> dict[str, bytes]:
    beside = ("__pycache__", ".oppman", "backups", ".mypy_cache", "app.db", "app.db-shm", "app.db-wal")
    return files(root, *beside)


def complaint(shop: Path, *arguments: str) -> str:
    """What a program said; "" if it had nothing to complain of."""
    done = subprocess.run(
        [sys.executable, "-m", *arguments], cwd=shop, env=clean_environment(), capture_output=True, text=True
    )
    return done.stdout + done.stderr if done.returncode else ""


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_every_file_becomes_what_it_would_have_been_from_the_start(run: Run, made: Path, shop: Path) -> None:
    result = run(*FIELD, cwd=shop)

    assert result.code == 0, result.stderr
    assert "manual" not in result.stderr
    other = shop.with_name("other")
    shutil.copytree(made, other)
    for number in ("3", "2"):
        assert run("scaffold", "undo", number, cwd=other).code == 0
    assert run("scaffold", "resource", *BOOK, *ADDED, cwd=other).code == 0
    assert run("scaffold", "resource", *REVIEW, cwd=other).code == 0
    ours, theirs = tree(shop), tree(other)
    written = {path for path in ours if any(word in path for word in ("/book", "author", "integration/reviews"))}
    assert len(written) > 25
    assert {path for path in written if ours[path] != theirs[path]} == set()
    models = ours["webapp/models.py"].decode(), theirs["webapp/models.py"].decode()
    assert models[0] == models[1]


def test_rows_that_are_there_get_their_values_and_all_stays_clean(run: Run, shop: Path) -> None:
    assert run("db", "migrate", cwd=shop).code == 0
    with closing(sqlite3.connect(shop / "app.db")) as database:
        now = "2030-01-01 00:00:00"
        database.execute("INSERT INTO authors (id, name, created_at, updated_at) VALUES (1, 'Jane', ?, ?)", (now, now))
        database.execute(
            "INSERT INTO books (title, isbn, price, author_id, created_at, updated_at) VALUES (?, '1', 9, 1, ?, ?)",
            ("Emma", now, now),
        )
        database.commit()

    assert run(*FIELD, cwd=shop).code == 0

    assert run("db", "migrate", cwd=shop).code == 0
    assert run("db", "check", cwd=shop).code == 0
    with closing(sqlite3.connect(shop / "app.db")) as database:
        row = database.execute("SELECT title, stock, subtitle, genre, editor_id FROM books").fetchone()
    assert row == ("Emma", 0, "", "novel", None)
    assert complaint(shop, "ruff", "check", "--no-cache", ".") == ""
    assert complaint(shop, "ruff", "format", "--no-cache", "--check", ".") == ""


def test_what_it_wrote_passes_the_tests_that_came_with_the_resource(run: Run, shop: Path) -> None:
    assert run(*FIELD, cwd=shop).code == 0

    (shop / "tests/integration/books/test_probe.py").write_text(PROBE, encoding="utf-8")

    tests = ("tests/integration/books", "tests/integration/reviews/test_service.py")
    assert complaint(shop, "pytest", "-q", "-p", "no:cacheprovider", *tests) == ""


def test_undo_leaves_the_tree_as_it_was_and_redo_brings_all_back(run: Run, shop: Path) -> None:
    before = tree(shop)
    run(*FIELD, cwd=shop)
    after = tree(shop)
    assert run("db", "migrate", cwd=shop).code == 0

    assert run("scaffold", "undo", cwd=shop).code == 1  # its migration is applied
    undone = run("scaffold", "undo", "--rollback", cwd=shop)

    assert undone.code == 0, undone.stderr
    assert tree(shop) == before
    assert run("scaffold", "redo", cwd=shop).code == 0
    assert tree(shop) == after
    [*_, last] = json.loads(run("scaffold", "history", "--json", cwd=shop).stdout)
    assert last["command"].startswith("oppman scaffold field Book stock:int:min=0")


def test_two_models_may_refer_to_each_other(run: Run, shop: Path) -> None:
    """The one that is defined below is named in quotes, and both relationships name their key."""
    before = tree(shop)

    result = run("scaffold", "field", "Author", "favourite:ref:Book:optional", "read:many:Book", cwd=shop)

    assert (result.code, "manual" in result.stderr) == (0, False), result.stderr
    models = (shop / "webapp/models.py").read_text()
    assert 'favourite: Optional["Book"] = Relationship(' in models
    assert 'read: list["Book"] = Relationship(' in models
    assert (
        'author: Author = Relationship(sa_relationship_kwargs=_EAGER_ONLY | {"foreign_keys": "Book.author_id"})'
        in models
    )
    assert run("db", "migrate", cwd=shop).code == 0
    checked = run("db", "check", cwd=shop)
    assert (checked.code, "Warning" in checked.stderr) == (0, False), checked.stderr
    assert complaint(shop, "ruff", "check", "--no-cache", ".") == ""
    assert complaint(shop, "ruff", "format", "--no-cache", "--check", ".") == ""
    assert complaint(shop, "mypy", "--cache-dir", str(shop.parent / "mypy")) == ""
    tests = ("tests/integration/authors", "tests/integration/books")
    assert complaint(shop, "pytest", "-q", "-n", "2", "-p", "no:cacheprovider", *tests) == ""
    loaded = run("demo", "load", "--rows", "20", cwd=shop)
    assert (loaded.code, "Warning" in loaded.stderr) == (0, False), loaded.stderr
    with closing(sqlite3.connect(shop / "app.db")) as database:
        assert database.execute("SELECT count(*) FROM books").fetchone() == (20,)
    assert run("demo", "unload", "--yes", cwd=shop).code == 0
    destroyed = run("scaffold", "destroy", "Author", "--yes", cwd=shop)
    assert destroyed.code == 1
    assert "Error: Book and Author refer to each other.\n" in destroyed.stderr
    assert run("scaffold", "undo", "--rollback", cwd=shop).code == 0
    assert tree(shop) == before


def test_what_the_owner_has_edited_is_kept_before_and_after(run: Run, shop: Path) -> None:
    service, page = shop / "webapp/services/book_service.py", shop / "templates/book/detail.html"
    models = shop / "webapp/models.py"
    edit(page, "{% block", "{# ours #}\n{% block")
    edit(models, "    isbn: str", "    pages: int | None = None\n    isbn: str")
    sale = '\n\ndef sale(price: float) -> float:\n    """Half."""\n    return price / 2\n'
    service.write_text(service.read_text() + sale)
    before = tree(shop)

    assert "manual" not in run(*FIELD, cwd=shop).stderr
    assert "{# ours #}" in page.read_text()
    assert "<dt>Stock</dt>" in page.read_text()
    assert "def sale" in service.read_text()
    assert 'bindparam("min_stock")' in service.read_text()
    assert "    pages: int | None = None\n    isbn: str" in models.read_text()
    edit(service, "price / 2", "price / 3")
    edit(page, "{# ours #}", "{# still ours #}")

    assert run("scaffold", "undo", cwd=shop).code == 0
    assert {path for path, content in tree(shop).items() if before.get(path) != content} == {
        "webapp/services/book_service.py", "templates/book/detail.html",
    }  # fmt: skip
    assert service.read_bytes() == before["webapp/services/book_service.py"].replace(b"/ 2", b"/ 3")
    assert page.read_bytes() == before["templates/book/detail.html"].replace(b"# ours", b"# still ours")


def test_a_file_without_room_is_left_alone_and_told(run: Run, shop: Path) -> None:
    schema, form = shop / "webapp/schemas/book.py", shop / "templates/book/form.html"
    schema.write_text("# mine\n")
    form.unlink()

    result = run(*FIELD, cwd=shop)

    assert result.code == 0
    assert "manual  webapp/schemas/book.py\n" in result.stderr
    assert "+    stock: int = Field(default_factory=unset" in result.stderr
    assert schema.read_text() == "# mine\n"
    assert not form.exists()
    assert "form.html" not in result.stderr


def test_a_field_that_its_owner_put_at_the_end_of_the_model_is_no_obstacle(run: Run, shop: Path) -> None:
    edit(shop / "webapp/models.py", "\n\nclass Book(BookBase", "    weight: int | None = None\n\n\nclass Book(BookBase")

    result = run(*FIELD, cwd=shop)

    assert result.code == 0, result.stderr
    assert "insert  webapp/models.py" in result.stderr
    text = (shop / "webapp/models.py").read_text()
    assert text.index("weight: int") < text.index("stock: int") < text.index("class Book(BookBase")


OWNED = """    author: Author = Relationship(sa_relationship_kwargs=_EAGER_ONLY)

    def __str__(self) -> str:
        return self.title
"""
LAST = """    author: Author = Relationship(sa_relationship_kwargs=_EAGER_ONLY)
    shelf: ClassVar[int] = 3

    def __str__(self) -> str:
        return self.title

    def shout(self) -> str:
        return self.title.upper()
"""


@pytest.mark.parametrize("edited", [OWNED, LAST], ids=["as it was generated", "edited at the end of the class"])
def test_a_second_field_that_refers_to_the_same_model_makes_both_name_their_key(
    run: Run, shop: Path, edited: str
) -> None:
    models = shop / "webapp/models.py"
    edit(models, OWNED, edited)
    before = tree(shop)

    result = run("scaffold", "field", "Book", "editor:ref:Author:optional", cwd=shop)

    assert (result.code, "manual" in result.stderr) == (0, False), result.stderr
    for name in ("author: Author", "editor: Author | None"):
        key = f'{{"foreign_keys": "Book.{name.partition(":")[0]}_id"}}'
        assert f"    {name} = Relationship(sa_relationship_kwargs=_EAGER_ONLY | {key})\n" in models.read_text()
    undone = run("scaffold", "undo", cwd=shop)
    assert (undone.code, tree(shop)) == (0, before), undone.stderr
    assert run("scaffold", "redo", cwd=shop).code == 0
    assert run("db", "check", cwd=shop).code == 0
    assert complaint(shop, "pytest", "-q", "-p", "no:cacheprovider", "tests/integration/books") == ""


def test_a_model_without_room_is_told_and_nothing_is_written(run: Run, shop: Path) -> None:
    edit(shop / "webapp/models.py", OWNED, OWNED.replace("_EAGER_ONLY", '{"lazy": "joined"}'))
    before = tree(shop)

    result = run("scaffold", "field", "Book", "editor:ref:Author:optional", cwd=shop)

    assert (result.code, result.stdout) == (1, "")
    assert "Error: webapp/models.py has no place for what the migration is about" in result.stderr
    assert "Hint: Nothing was written." in result.stderr
    assert "+    editor_id: int | None = Field(default=None, foreign_key=" in result.stderr
    assert tree(shop) == before
    assert len(json.loads(run("scaffold", "history", "--json", cwd=shop).stdout)) == 3


def test_fields_are_added_twice_and_taken_back_in_that_order_only(run: Run, shop: Path) -> None:
    before = tree(shop)
    run(*FIELD, cwd=shop)
    assert run("scaffold", "field", "Book", "pages:int:optional", cwd=shop).code == 0

    refused = run("scaffold", "undo", "4", cwd=shop)

    assert refused.code == 1
    assert "Run 5 has added fields to Book since: pages:int:optional." in refused.stderr
    assert run("scaffold", "undo", "2", cwd=shop).code == 1
    assert run("scaffold", "undo", cwd=shop).code == 0
    assert run("scaffold", "undo", cwd=shop).code == 0
    assert tree(shop) == before
    for number in ("3", "2"):
        assert run("scaffold", "undo", number, cwd=shop).code == 0
    gone = run("scaffold", "redo", "4", cwd=shop)
    assert gone.code == 1
    assert "Run 4 added fields to Book, which is not there any more." in gone.stderr


def test_a_model_written_by_hand_gets_its_column_and_the_rest_is_told(run: Run, shop: Path) -> None:
    result = run("scaffold", "field", "Webinar", "room:str:optional", "level:enum:easy/hard:default=easy", cwd=shop)

    assert result.code == 0, result.stderr
    assert "insert  webapp/models.py" in result.stderr
    assert "manual  webapp/services/webinar_service.py" in result.stderr
    assert run("db", "check", cwd=shop).code == 0
    assert complaint(shop, "ruff", "check", "--no-cache", "webapp") == ""


def test_the_resource_is_read_from_its_model_where_no_run_is_recorded(run: Run, shop: Path) -> None:
    shutil.rmtree(shop / ".oppman")

    result = run("scaffold", "field", "book", "stock:int:min=0", "--backfill", "books.stock=0", cwd=shop)

    assert result.code == 0, result.stderr
    assert "manual" not in result.stderr
    assert "<dt>Stock</dt>" in (shop / "templates/book/detail.html").read_text()
    assert run("db", "check", cwd=shop).code == 0


def test_a_dry_run_shows_the_difference_and_writes_nothing(run: Run, shop: Path) -> None:
    before = tree(shop)

    result = run(*FIELD, "--dry-run", cwd=shop)

    assert result.code == 0
    assert "\n+    stock: int = Field(ge=0" in result.stdout
    assert tree(shop) == before


@pytest.mark.parametrize(
    ("args", "code", "message", "hint"),
    [
        (["Bok", "stock:int"], 2, "The project has no model Bok.", "`Book` is one."),
        (["Zebra", "stock:int"], 2, "The project has no model Zebra.", "It has: AuditEntry, Author"),
        (["Book", "price:int"], 2, "Book has a field 'price' already.", "`price_2`"),
        (["Book", "author:str"], 2, "Book has a field 'author' already.", "`author_2`"),
        (["Book", "stock:itn"], 2, "there is no type 'itn'", "`int` is one"),
        (["Book", "pin:secret"], 2, "pin has no secret for the rows that are there", "pin:secret:optional"),
        (["Book", "stock:int"], 2, "books.stock may not be NULL", "--backfill books.stock=VALUE"),
        (["Book", "stock:int", "--backfill", "books.stock=x"], 2, "'x' is no value for books.stock", "As in"),
        (["Book", "stock:int", "--backfill", "stock"], 2, "cannot be understood", "TABLE.COLUMN=VALUE"),
        (["Book", "shop:ref:Shop:optional"], 2, "the project has no model Shop", "It has:"),
        (["Author", "best:ref:Book"], 2, "Book needs its Author already, and neither of two rows", "best:ref:Book:opt"),
        (["Author", "best:ref:Review"], 2, "Book needs its Author already, and neither", "best:ref:Review:optional"),
    ],
)
def test_a_mistake_is_told_before_anything_is_written(
    run: Run, made: Path, args: list[str], code: int, message: str, hint: str
) -> None:
    before = tree(made)

    result = run("scaffold", "field", *args, cwd=made)

    assert (result.code, result.stdout) == (code, "")
    assert message in result.stderr
    assert hint in result.stderr
    assert tree(made) == before


def test_the_value_for_rows_that_are_there_is_asked_for(shop: Path) -> None:
    command = [sys.executable, "-m", "oppman", "scaffold", "field", "Book", "stock:int:min=0"]

    result = talk(command, shop, ("may not be NULL", "7\r"))

    assert result.code == 0, result.output
    [revision] = (shop / "migrations/versions").glob("*_add_stock_to_books.py")
    assert 'server_default="7"' in revision.read_text()
