"""A project whose owner has split `webapp/models.py` into a package: models have a module each, and all else works."""

import ast
import shutil
from pathlib import Path

import pytest

from command_line import Run, call, python
from split_models import MODULES, split
from tree import files

AUTHOR = ("Author", "name:str:max=100")
TAG = ("Tag", "label:str:unique")
BOOK = ("Book", "title:str", "status:enum:draft/live:default=draft", "author:ref:Author", "tags:many:Tag")
REVIEW = ("Review", "text:text", "book:ref:Book", "--owned")
FIELD = (
    "scaffold", "field", "Author", "favourite:ref:Book:optional", "mood:enum:good/bad:default=good", "read:many:Book",
)  # fmt: skip
INIT, BASE = "webapp/models/__init__.py", "webapp/models/base.py"


def new(folder: Path, *options: str) -> Path:
    assert call(("new", "shop", "--yes", "--no-git", *options), folder, "", None, 120).code == 0
    return folder / "shop"


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new project with its models split, and nothing else."""
    root = new(tmp_path_factory.mktemp("package"))
    split(root)
    return root


@pytest.fixture(scope="module")
def made(plain: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same with four resources."""
    root = Path(shutil.copytree(plain, tmp_path_factory.mktemp("made") / "shop"))
    for resource in (AUTHOR, TAG, BOOK, REVIEW):
        result = call(("scaffold", "resource", *resource), root, "", None, 120)
        assert (result.code, "manual" in result.stderr) == (0, False), result.stderr
    return root


@pytest.fixture
def split_shop(plain: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(plain, tmp_path / "shop"))


@pytest.fixture
def shop(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "shop"))


def tree(root: Path) -> dict[str, bytes]:
    return files(root, "__pycache__", ".oppman", "backups", "app.db", "app.db-shm", "app.db-wal")


def passes(root: Path, run: Run, *, types: bool = True) -> None:
    """Lint, layout, types, migrations; the app can be imported."""
    python(root, "ruff", "check", "--no-cache")
    python(root, "ruff", "format", "--check", "--no-cache")
    if types:
        python(root, "mypy", "--cache-dir", str(root.parents[1] / "mypy"))  # what is not the project's is read once
    checked = run("db", "check", cwd=root)
    assert (checked.code, "Warning" in checked.stderr) == (0, False), checked.stderr
    assert run("routes", cwd=root).code == 0


def run_tests(root: Path, *paths: str) -> None:
    python(root, "pytest", "-q", "-n", "2", "-p", "no:cacheprovider", *paths)


def exported(root: Path) -> list[str]:
    for node in ast.parse((root / INIT).read_text()).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            return list(ast.literal_eval(node.value))
    return []


def test_the_project_passes_before_anything_is_generated(run: Run, split_shop: Path) -> None:
    passes(split_shop, run)
    run_tests(split_shop, "tests/integration/test_admin.py", "tests/integration/products")


class TestResources:
    def test_each_has_a_module_that_imports_from_where_things_are(self, made: Path) -> None:
        book, review = ((made / f"webapp/models/{name}.py").read_text() for name in ("book", "review"))

        assert not (made / "webapp/models.py").exists()
        assert book.startswith('"""Books in the database."""\n\nfrom enum import StrEnum\n')
        assert "from webapp.models.author import Author\n" in book
        assert "from webapp.models.base import _EAGER_ONLY, Timestamped, _text_enum\n" in book
        assert "from webapp.models.tag import Tag\n" in book
        assert "from webapp.models.user import User\n" in review
        assert {"Book", "BookBase", "BookStatus", "BookTag"} <= set(exported(made))
        assert exported(made) == sorted(exported(made))

    def test_they_pass_with_their_tests(self, run: Run, shop: Path) -> None:
        passes(shop, run)
        run_tests(shop, *(f"tests/integration/{name}" for name in ("books", "reviews")))

    def test_a_second_time_nothing_is_to_be_done(self, run: Run, shop: Path) -> None:
        before = tree(shop)

        result = run("scaffold", "resource", *REVIEW, cwd=shop)

        assert "Nothing to do: every file is as it would be made." in result.stderr
        assert "  identical  webapp/models/review.py\n" in result.stderr
        assert tree(shop) == before

    def test_a_dry_run_shows_both_files_and_writes_nothing(self, run: Run, split_shop: Path) -> None:
        before = tree(split_shop)

        result = run("scaffold", "model", "Note", "title:str", "--dry-run", cwd=split_shop)

        assert "+++ b/webapp/models/note.py\n" in result.stdout
        assert "+from webapp.models.note import Note, NoteBase\n" in result.stdout
        assert tree(split_shop) == before

    def test_undone_in_any_order_they_leave_the_tree_as_it_was(self, run: Run, plain: Path, shop: Path) -> None:
        made = tree(shop)
        for number in ("4", "3", "1", "2"):
            result = run("scaffold", "undo", number, cwd=shop)
            assert result.code == 0, result.stderr

        assert tree(shop) == tree(plain)
        for number in ("1", "2", "3", "4"):
            assert run("scaffold", "redo", number, cwd=shop).code == 0
        assert tree(shop).keys() == made.keys()
        assert {path for path, text in tree(shop).items() if text != made[path]} <= {
            path for path in made if path.startswith("migrations/")
        }

    def test_a_name_whose_module_is_there_is_refused(self, run: Run, split_shop: Path) -> None:
        before = tree(split_shop)

        result = run("scaffold", "model", "Batch", "title:str", cwd=split_shop)

        assert result.code == 2
        assert "the project has a 'models/batch' already, which would be its module" in result.stderr
        assert tree(split_shop) == before

    def test_where_names_are_offered_in_another_way_the_lines_are_to_be_pasted(
        self, run: Run, split_shop: Path
    ) -> None:
        init = split_shop / INIT
        init.write_text(init.read_text().replace("__all__ = [", "__all__ = [] + ["))
        before = init.read_bytes()

        result = run("scaffold", "resource", *AUTHOR, cwd=split_shop)

        assert f"! {INIT} was left alone: it has changed too much. Add this to it:\n" in result.stderr
        assert "    from webapp.models.author import Author\n" in result.stderr
        assert '    in __all__:\n        "Author",\n' in result.stderr
        assert init.read_bytes() == before
        assert (split_shop / "webapp/models/author.py").is_file()

    def test_without_a_list_they_are_offered_under_their_own_names(self, run: Run, tmp_path: Path) -> None:
        shop = new(tmp_path)
        split(shop, aliases=True)
        before = tree(shop)
        for resource in (AUTHOR, TAG, BOOK):
            assert run("scaffold", "resource", *resource, cwd=shop).code == 0

        assert "from webapp.models.book import BookStatus as BookStatus\n" in (shop / INIT).read_text()
        passes(shop, run)
        for name in ("Book", "Tag", "Author"):
            assert run("scaffold", "destroy", name, "--yes", cwd=shop).code == 0
        assert tree(shop) == before


class TestFoundation:
    @pytest.fixture
    def small(self, tmp_path: Path) -> Path:
        """A minimal project, whose models have no enum."""
        root = new(tmp_path, "--minimal")
        split(root)
        assert "_text_enum" not in (root / BASE).read_text()
        return root

    def test_what_is_missing_goes_to_the_rest_and_stays_as_long_as_it_is_needed(self, run: Run, small: Path) -> None:
        before = tree(small)
        for name in ("Job", "Task"):
            assert run("scaffold", "resource", name, "title:str", "state:enum:new/done", cwd=small).code == 0

        assert "def _text_enum(" in (small / BASE).read_text()
        assert (
            "from webapp.models.base import Timestamped, _text_enum\n" in (small / "webapp/models/job.py").read_text()
        )
        passes(small, run, types=False)
        assert run("scaffold", "undo", "1", cwd=small).code == 0
        passes(small, run, types=False)
        assert run("scaffold", "undo", "2", cwd=small).code == 0
        assert tree(small) == before

    def test_without_any_a_module_has_its_own_and_keeps_it_for_others(self, run: Run, small: Path) -> None:
        user, init = small / "webapp/models/user.py", small / INIT
        user.write_text(
            user.read_text()
            .replace("from webapp.models.base import _EAGER_ONLY\n", "")
            .replace("=_EAGER_ONLY", '={"lazy": "raise"}')
        )
        text = init.read_text().replace("from webapp.models.base import Timestamped\n", "")
        init.write_text(text.replace('"Timestamped", ', ""))
        (small / BASE).unlink()
        python(small, "ruff", "format", "--no-cache", "-q", "webapp/models")
        for name in ("Job", "Task"):
            assert run("scaffold", "resource", name, "title:str", "state:enum:new/done", cwd=small).code == 0
        passes(small, run, types=False)

        undone = run("scaffold", "undo", "1", cwd=small)
        destroyed = run("scaffold", "destroy", "Job", "--yes", cwd=small)

        assert undone.code == 1
        assert "Other models import Timestamped, _text_enum from webapp/models/job.py" in undone.stderr
        assert destroyed.code == 0, destroyed.stderr
        assert "class Job" not in (small / "webapp/models/job.py").read_text()
        passes(small, run, types=False)


class TestFields:
    def test_two_models_refer_to_each_other_without_importing_in_a_circle(self, run: Run, shop: Path) -> None:
        before = tree(shop)

        result = run(*FIELD, cwd=shop)

        assert (result.code, "manual" in result.stderr) == (0, False), result.stderr
        author, book = ((shop / f"webapp/models/{name}.py").read_text() for name in ("author", "book"))
        assert "if TYPE_CHECKING:\n    from webapp.models.book import Book\n\n\nclass AuthorMood(StrEnum)" in author
        assert '    favourite: Optional["Book"] = Relationship(\n' in author
        assert '{"foreign_keys": "Book.author_id"}' in book
        assert '    read: list["Book"] = Relationship(link_model=AuthorBook,' in author
        assert {"AuthorBook", "AuthorMood"} <= set(exported(shop))
        passes(shop, run)
        run_tests(shop, *(f"tests/integration/{name}/test_service.py" for name in ("authors", "books")))
        after = tree(shop)
        assert run("scaffold", "undo", cwd=shop).code == 0
        assert tree(shop) == before
        assert run("scaffold", "redo", cwd=shop).code == 0
        assert tree(shop) == after


class TestDestroy:
    @pytest.mark.parametrize("journal", [True, False])
    def test_resources_go_with_their_modules_and_come_back(
        self, run: Run, plain: Path, shop: Path, journal: bool
    ) -> None:
        if not journal:
            shutil.rmtree(shop / ".oppman")
        before = tree(shop)

        for name in ("Review", "Book", "Tag", "Author"):
            result = run("scaffold", "destroy", name, "--yes", *([] if journal else ["--force"]), cwd=shop)
            assert result.code == 0, result.stderr
            assert f"     remove  webapp/models/{name.lower()}.py\n" in result.stderr

        assert tree(shop) == tree(plain)
        for _ in range(4):
            assert run("scaffold", "undo", cwd=shop).code == 0
        assert tree(shop) == before

    def test_a_module_with_something_else_stays_with_that(self, run: Run, shop: Path) -> None:
        module = shop / "webapp/models/review.py"
        module.write_text(module.read_text() + "\n\nMOST_STARS = 5\n")

        result = run("scaffold", "destroy", "Review", "--yes", cwd=shop)

        assert result.code == 0, result.stderr
        assert "        cut  webapp/models/review.py\n" in result.stderr
        assert module.read_text() == '"""Reviews in the database."""\n\nMOST_STARS = 5\n'
        passes(shop, run, types=False)

    def test_is_refused_while_a_file_imports_the_name_from_the_package(self, run: Run, shop: Path) -> None:
        (shop / "webapp/commands/praise.py").write_text("from webapp.models import Review\n\nprint(Review)\n")
        (shop / "webapp/models/extra.py").write_text("from .review import ReviewBase as Rated\n")

        result = run("scaffold", "destroy", "Review", "--yes", cwd=shop)

        assert result.code == 1
        assert "Review is still used: webapp/commands/praise.py, webapp/models/extra.py.\n" in result.stderr

    @pytest.mark.parametrize("together", [False, True])
    def test_the_slices_of_the_starter_go_and_come_back(self, run: Run, tmp_path: Path, together: bool) -> None:
        shop = new(tmp_path)
        others = {name: names for name, names in MODULES.items() if name not in {"product", "webinar"}}
        split(shop, others | {"demo": MODULES["product"] + MODULES["webinar"]} if together else MODULES)
        before = tree(shop)

        for name, module in (("Product", "product"), ("Webinar", "webinar")):
            result = run("scaffold", "destroy", name, "--yes", cwd=shop)
            assert result.code == 0, result.stderr
            gone = "remove" if not together or name == "Webinar" else "cut"
            assert f"{gone}  webapp/models/{'demo' if together else module}.py\n" in result.stderr
            passes(shop, run, types=False)

        assert not {"Product", "Webinar", "RegistrationStatus"} & set(exported(shop))
        assert run("scaffold", "undo", cwd=shop).code == run("scaffold", "undo", cwd=shop).code == 0
        assert tree(shop) == before

    def test_what_the_owner_has_added_to_them_is_asked_about(self, run: Run, split_shop: Path) -> None:
        module = split_shop / "webapp/models/product.py"
        module.write_text(module.read_text().replace("        return self.name", "        return self.name.upper()"))

        result = run("scaffold", "destroy", "Product", "--yes", cwd=split_shop)

        assert result.code == 1
        assert "   conflict  webapp/models/product.py\n" in result.stderr


class TestSplitAfterwards:
    @pytest.fixture
    def later(self, run: Run, tmp_path: Path) -> Path:
        """A project whose models were split when two resources were in them, both in one module."""
        shop = new(tmp_path)
        for resource in (AUTHOR, TAG, BOOK):
            assert run("scaffold", "resource", *resource, cwd=shop).code == 0
        own = ("AuthorBase", "Author", "TagBase", "Tag", "BookStatus", "BookBase", "BookTag", "Book")
        split(shop, {**MODULES, "library": own})
        return shop

    def test_what_was_made_before_is_found_where_it_is(self, run: Run, later: Path) -> None:
        again = run("scaffold", "resource", *TAG, cwd=later)
        field = run("scaffold", "field", "Author", "favourite:ref:Book:optional", cwd=later)

        assert "Nothing to do" in again.stderr
        assert "     insert  webapp/models/library.py\n" in field.stderr
        assert "manual" not in field.stderr
        assert "TYPE_CHECKING" not in (later / "webapp/models/library.py").read_text()
        passes(later, run, types=False)

    def test_it_is_destroyed_and_not_undone(self, run: Run, later: Path) -> None:
        undone = run("scaffold", "undo", "3", cwd=later)
        destroyed = run("scaffold", "destroy", "Book", "--yes", cwd=later)

        assert undone.code == 1
        assert "Run 3 changed webapp/models.py, which is not there any more" in undone.stderr
        assert "Hint: `oppman scaffold destroy Book` takes it out" in undone.stderr
        assert destroyed.code == 0, destroyed.stderr
        assert "Book" not in (later / "webapp/models/library.py").read_text()
        assert "Author" in exported(later)
        passes(later, run, types=False)


NOTE = '''"""What people write down."""

from enum import StrEnum

from sqlmodel import Field, Relationship, SQLModel

from webapp.models.base import _EAGER_ONLY, _text_enum
from webapp.models.webinar import Webinar


class Mood(StrEnum):
    """How it felt."""

    GOOD = "good"
    BAD = "bad"


class NoteBase(SQLModel):
    title: str = Field(min_length=1, max_length=80)
    mood: Mood = Field(default=Mood.GOOD, sa_type=_text_enum(Mood))


class Note(NoteBase, table=True):
    """Something that somebody wrote down."""

    __tablename__ = "notes"

    id: int | None = Field(default=None, primary_key=True)
    webinar_id: int | None = Field(default=None, foreign_key="webinars.id", ondelete="SET NULL")

    webinar: Webinar | None = Relationship(sa_relationship_kwargs=_EAGER_ONLY)
'''


def test_pieces_are_written_for_a_model_of_its_owner(run: Run, split_shop: Path) -> None:
    """The `__init__.py` offers the model alone; what the pieces need beside it is added."""
    (split_shop / "webapp/models/notes.py").write_text(NOTE)
    init = split_shop / INIT
    text = init.read_text().replace('    "Product",\n', '    "Note",\n    "Product",\n')
    init.write_text(
        text.replace("from webapp.models.product", "from webapp.models.notes import Note\nfrom webapp.models.product")
    )
    assert run("db", "makemigrations", "-m", "notes", cwd=split_shop).code == 0
    passes(split_shop, run, types=False)

    for piece in ("service", "route", "page", "admin", "test"):
        result = run("scaffold", piece, "Note", cwd=split_shop)
        assert (result.code, "manual" in result.stderr) == (0, False), result.stderr

    assert "from webapp.models.notes import Mood, Note, NoteBase\n" in init.read_text()
    passes(split_shop, run)
    run_tests(split_shop, "tests/integration/notes")
