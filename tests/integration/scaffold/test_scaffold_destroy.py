"""`oppman scaffold destroy`: a slice goes as if it had never been made, with a question before anything is lost."""

import json
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from command_line import Run, call
from terminal import talk
from tree import files

AUTHOR = ("Author", "name:str:max=100", "born:date:optional")
BOOK = ("Book", "title:str", "status:enum:draft/live:default=draft", "author:ref:Author", "related:many:self")


def scaffold(*args: str, cwd: Path) -> None:
    result = call(("scaffold", *args), cwd, "", None, 120)
    assert result.code == 0, result.stderr


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new project under git, committed, then two resources."""
    root = tmp_path_factory.mktemp("destroy") / "shop"
    assert call(("new", "shop", "--yes"), root.parent, "", None, 120).code == 0
    for args in (["add", "-A"], ["-c", "user.name=a", "-c", "user.email=a@b.c", "commit", "-qm", "x"]):
        subprocess.run(["git", *args], cwd=root, check=True)
    scaffold("resource", *AUTHOR, cwd=root)
    scaffold("resource", *BOOK, cwd=root)
    return root


@pytest.fixture
def shop(made: Path, tmp_path: Path) -> Path:
    return shutil.copytree(made, tmp_path / "shop", symlinks=True)


def changed(root: Path) -> str:
    done = subprocess.run(["git", "status", "--short"], cwd=root, capture_output=True, text=True, check=True)
    return done.stdout


def tree(root: Path) -> dict[str, bytes]:
    """The files of the project, without what a run or a tool leaves beside them."""
    return files(root, ".git", ".oppman", "__pycache__", "backups", "app.db")


def tables(root: Path) -> set[str]:
    with closing(sqlite3.connect(root / "app.db")) as database:
        return {name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}


class TestGenerated:
    def test_goes_without_a_trace_and_comes_back_byte_for_byte(self, run: Run, shop: Path) -> None:
        before = tree(shop)

        book = run("scaffold", "destroy", "Book", "--yes", cwd=shop)
        author = run("scaffold", "destroy", "author", "--yes", cwd=shop)

        assert (book.code, author.code, book.stdout) == (0, 0, ""), book.stderr + author.stderr
        assert "     remove  webapp/services/book_service.py\n" in book.stderr
        assert "        cut  webapp/models.py\n" in book.stderr
        assert "✓ Run 3 is done; `oppman scaffold undo` brings Book back.\n" in book.stderr
        assert changed(shop) == ""
        assert run("scaffold", "undo", cwd=shop).code == run("scaffold", "undo", cwd=shop).code == 0
        assert tree(shop) == before
        assert run("scaffold", "redo", "3", cwd=shop).code == 0
        assert not (shop / "webapp/services/book_service.py").exists()

    def test_goes_with_all_its_pieces_that_were_made_one_by_one(self, run: Run, shop: Path) -> None:
        before = tree(shop)
        scaffold("model", "Note", "title:str", "author:ref:Author:optional", cwd=shop)
        for piece in ("service", "route", "page", "admin", "test"):
            scaffold(piece, "Note", cwd=shop)
        assert (shop / "tests/integration/notes/test_admin.py").is_file()

        result = run("scaffold", "destroy", "Note", "--yes", cwd=shop)

        assert result.code == 0, result.stderr
        assert tree(shop) == before

    def test_goes_although_other_code_has_come_around_it(self, run: Run, shop: Path) -> None:
        models = shop / "webapp/models.py"
        models.write_text(models.read_text() + "\n\nLIMIT = 3\n")
        scaffold("resource", "Tag", "label:str", cwd=shop)

        assert run("scaffold", "destroy", "Book", "--yes", cwd=shop).code == 0

        text = models.read_text()
        assert "LIMIT = 3" in text
        assert "class Tag(" in text
        assert "Book" not in text
        assert run("db", "check", cwd=shop).code == 0

    def test_is_refused_while_a_model_refers_to_it(self, run: Run, shop: Path) -> None:
        before = tree(shop)

        result = run("scaffold", "destroy", "Author", "--yes", cwd=shop)

        assert (result.code, result.stdout) == (1, "")
        assert "Error: Book refers to Author.\n" in result.stderr
        assert "Hint: Take it out first: `oppman scaffold destroy Book`. Nothing was changed.\n" in result.stderr
        assert tree(shop) == before

    def test_is_refused_while_a_file_imports_it(self, run: Run, shop: Path) -> None:
        (shop / "webapp/commands/count_books.py").write_text("from webapp.services import book_service as service\n")

        result = run("scaffold", "destroy", "Book", "--yes", "--force", cwd=shop)

        assert result.code == 1
        assert "Error: Book is still used: webapp/commands/count_books.py.\n" in result.stderr

    def test_asks_before_it_removes(self, run: Run, shop: Path) -> None:
        before = tree(shop)

        result = run("scaffold", "destroy", "Book", cwd=shop)
        declined = talk(oppman("scaffold", "destroy", "Book"), shop, ("(y/N)", "n\r"))

        assert (result.code, result.stdout) == (2, "")
        assert "Hint: There is no terminal to ask on; give --yes.\n" in result.stderr
        assert declined.code == 1
        assert tree(shop) == before

    def test_a_dry_run_shows_the_difference_and_writes_nothing(self, run: Run, shop: Path) -> None:
        before = tree(shop)

        result = run("scaffold", "destroy", "Book", "--dry-run", cwd=shop)

        assert result.code == 0
        assert "\n-class Book(BookBase, Timestamped, table=True):\n" in result.stdout
        assert tree(shop) == before

    def test_can_be_made_again_otherwise(self, run: Run, shop: Path) -> None:
        run("scaffold", "destroy", "Book", "--yes", cwd=shop)

        assert run("scaffold", "resource", "Book", "title:str", "pages:int", cwd=shop).code == 0
        assert run("scaffold", "destroy", "Book", "--yes", cwd=shop).code == 0

    def test_undone_behind_a_newer_migration_its_own_follows_that(self, run: Run, shop: Path) -> None:
        run("scaffold", "destroy", "Book", "--yes", cwd=shop)
        scaffold("resource", "Tag", "label:str", cwd=shop)

        undone = run("scaffold", "undo", "3", cwd=shop)

        assert undone.code == 0, undone.stderr
        assert len(json.loads(run("db", "status", "--json", cwd=shop).stdout)["heads"]) == 1
        assert run("db", "check", cwd=shop).code == 0

    def test_of_which_no_journal_tells_is_found_by_its_model(self, run: Run, shop: Path) -> None:
        shutil.rmtree(shop / ".oppman")

        refused = run("scaffold", "destroy", "Book", "--yes", cwd=shop)
        assert refused.code == 1
        for name in ("Book", "Author"):
            assert run("scaffold", "destroy", name, "--yes", "--force", cwd=shop).code == 0

        assert changed(shop) == ""


class TestEdited:
    @pytest.fixture
    def edited(self, shop: Path) -> Path:
        service = shop / "webapp/services/book_service.py"
        service.write_text(service.read_text() + "\n\nMINE = 1\n")
        models = shop / "webapp/models.py"
        models.write_text(models.read_text().replace("class Book(BookBase", "# Mine.\nclass Book(BookBase", 1))
        return shop

    def test_is_refused_as_a_whole_without_a_terminal(self, run: Run, edited: Path) -> None:
        before = tree(edited)

        result = run("scaffold", "destroy", "Book", "--yes", cwd=edited)

        assert (result.code, result.stdout) == (1, "")
        assert "   conflict  webapp/models.py\n   conflict  webapp/services/book_service.py\n" in result.stderr
        assert "Error: 2 files have code that may be your own and would be lost." in result.stderr
        assert tree(edited) == before

    def test_goes_with_force_and_comes_back(self, run: Run, edited: Path) -> None:
        before = tree(edited)

        assert run("scaffold", "destroy", "Book", "--yes", "--force", cwd=edited).code == 0
        assert "Mine" not in (edited / "webapp/models.py").read_text()
        assert run("scaffold", "undo", cwd=edited).code == 0
        assert tree(edited) == before

    def test_is_kept_or_removed_as_the_person_says(self, edited: Path) -> None:
        asked = "has code that may be your own"

        done = talk(
            oppman("scaffold", "destroy", "Book", "--yes"), edited,
            (f"book_service.py {asked}", "d\r"), (f"book_service.py {asked}", "k\r"),
            (f"webapp/models.py {asked}", "r\r"),
        )  # fmt: skip

        assert done.code == 0, done.output
        assert "MINE = 1" in (edited / "webapp/services/book_service.py").read_text()
        assert "class Book" not in (edited / "webapp/models.py").read_text()
        assert "webapp/services/book_service.py stays as it is" in done.output

    def test_quitting_leaves_all_as_it_was(self, edited: Path) -> None:
        before = tree(edited)

        done = talk(oppman("scaffold", "destroy", "Book"), edited, ("book_service.py has code", "q\r"))

        assert done.code == 1
        assert tree(edited) == before


class TestApplied:
    def test_its_tables_are_dropped_by_a_new_migration_and_come_back_with_a_rollback(
        self, run: Run, shop: Path
    ) -> None:
        run("db", "migrate", cwd=shop)

        result = run("scaffold", "destroy", "Book", "--yes", cwd=shop)

        assert result.code == 0, result.stderr
        assert "remove_books.py\n" in result.stderr
        assert result.stderr.endswith("`oppman db migrate` copies the database first.\n\nNext:\n  oppman db migrate\n")
        migrated = run("db", "migrate", cwd=shop)
        assert "The database was copied to backups/" in migrated.stderr
        assert not {"books", "book_related"} & tables(shop)
        assert run("db", "check", cwd=shop).code == 0
        assert run("db", "rollback", "--yes", cwd=shop).code == 0
        assert {"books", "book_related"} <= tables(shop)

    def test_redoing_does_not_remove_a_migration_that_is_applied_by_now(self, run: Run, shop: Path) -> None:
        run("scaffold", "destroy", "Book", "--yes", cwd=shop)
        run("scaffold", "undo", cwd=shop)
        run("db", "migrate", cwd=shop)

        result = run("scaffold", "redo", cwd=shop)

        assert result.code == 1
        assert "which is applied to the database by now." in result.stderr
        assert (shop / "webapp/services/book_service.py").exists()


class TestOfTheStarter:
    def test_products_go_and_come_back_byte_for_byte(self, run: Run, shop: Path) -> None:
        before = tree(shop)

        result = run("scaffold", "destroy", "Product", "--yes", cwd=shop)

        assert result.code == 0, result.stderr
        assert run("db", "check", cwd=shop).code == 0
        for command in (["ruff", "check"], ["ruff", "format", "--check"]):
            done = subprocess.run([sys.executable, "-m", *command, "--no-cache"], cwd=shop, capture_output=True)
            assert done.returncode == 0, done.stdout
        assert "products" not in run("routes", cwd=shop).stdout
        assert not (shop / "tests/integration/products").exists()
        assert run("scaffold", "undo", cwd=shop).code == 0
        assert tree(shop) == before

    def test_what_was_added_to_its_files_is_not_lost_without_a_question(self, run: Run, shop: Path) -> None:
        service, home = shop / "webapp/services/product_service.py", shop / "templates/home.html"
        service.write_text(service.read_text() + "\n\nMINE = 1\n")
        home.write_text(home.read_text().replace("Good things", "Better things"))

        refused = run("scaffold", "destroy", "Product", "--yes", cwd=shop)
        done = run("scaffold", "destroy", "Product", "--yes", "--force", cwd=shop)

        assert refused.code == 1
        assert "   conflict  webapp/services/product_service.py\n" in refused.stderr
        assert done.code == 0
        assert "! templates/home.html stays as it is. Look at these lines\n" in done.stderr
        assert '    {{ button("Browse products", "", "/products") }}\n' in done.stderr
        assert "Better things" in home.read_text()

    def test_a_part_of_a_slice_or_of_every_project_is_refused(self, run: Run, shop: Path) -> None:
        part = run("scaffold", "destroy", "Registration", "--yes", cwd=shop)
        user = run("scaffold", "destroy", "User", "--yes", cwd=shop)
        unknown = run("scaffold", "destroy", "Boook", "--yes", cwd=shop)

        assert (part.code, user.code, unknown.code) == (1, 1, 1)
        assert "Registration is a part of the slice of Webinar." in part.stderr
        assert "User is a part of every project." in user.stderr
        assert "Hint: Did you mean Book?" in unknown.stderr

    @pytest.mark.parametrize(
        "order",
        [("Product", "Webinar"), ("Webinar", "Product")],
    )
    def test_both_leave_what_a_minimal_project_has(self, run: Run, tmp_path: Path, order: tuple[str, str]) -> None:
        run("new", "full/shop", "--yes", "--no-git", cwd=tmp_path)
        run("new", "minimal/shop", "--minimal", "--yes", "--no-git", cwd=tmp_path)
        full, minimal = tmp_path / "full/shop", tmp_path / "minimal/shop"

        for name in order:
            result = run("scaffold", "destroy", name, "--yes", cwd=full)
            assert result.code == 0, result.stderr

        assert compared(full) == compared(minimal)


def compared(root: Path) -> dict[str, bytes]:
    """All but the migrations and the secrets."""
    return {name: text for name, text in tree(root).items() if not name.startswith(("migrations/", ".env"))}


def oppman(*args: str) -> list[str]:
    return [sys.executable, "-m", "oppman", *args]
