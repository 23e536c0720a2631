"""Models in a package: how its `__init__.py` offers names, what imports what, and where the foundation comes from."""

from pathlib import Path

import pytest

from oppman.errors import OppmanError
from oppman.project import Project
from oppman.scaffold.definition_order import is_later
from oppman.scaffold.fields import parse_fields
from oppman.scaffold.insert import Edit, Exported, ImportAliases, ImportForTypes, ImportNames, from_json
from oppman.scaffold.model_home import home_of
from oppman.scaffold.models import Model, model_files, read_models
from oppman.scaffold.naming import Names
from oppman.scaffold.plan import Create, plan
from oppman.scaffold.reexports import Reexports
from oppman.scaffold.relationships import naming_their_keys
from oppman.scaffold.resource import Resource
from oppman.scaffold.slice import model_steps

BOOK = "webapp.models.book"
TABLE = "class {0}(SQLModel, table=True):\n    id: int | None = Field(default=None, primary_key=True)\n"


def package(root: Path, modules: dict[str, str]) -> Project:
    """A project with these modules of models."""
    folder = root / "webapp/models"
    for name, source in modules.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source, encoding="utf-8")
    return Project(root, {})


def applied(source: str, *edits: Edit) -> str:
    """The source after the edits, each of which is there then, and leaves nothing when it is taken back."""
    texts, recorded = [source], []
    for edit in edits:
        texts.append(edit.apply(texts[-1]))
        recorded.append(from_json(edit.recorded(*texts[-2:]).to_json()))
        assert edit.apply(texts[-1]) == texts[-1]
    back = texts[-1]
    for edit in reversed(recorded):
        back = edit.take_back(back)
    assert back == source
    return texts[-1]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(
            'from webapp.models.user import Role, User\n\n__all__ = ["Role", "User"]\n',
            "from webapp.models.book import Book\nfrom webapp.models.user import Role, User\n\n"
            '__all__ = ["Book", "Role", "User"]\n',
            id="a sorted list",
        ),
        pytest.param(
            'from webapp.models.user import Role, User\n\n__all__ = (\n    "User",\n    "Role",\n)\n',
            "from webapp.models.book import Book\nfrom webapp.models.user import Role, User\n\n"
            '__all__ = (\n    "User",\n    "Role",\n    "Book",\n)\n',
            id="a tuple in an order of its owner's",
        ),
        pytest.param(
            'from .user import User\n\n__all__ = ["User"]\n',
            'from .book import Book\nfrom .user import User\n\n__all__ = ["Book", "User"]\n',
            id="relative imports",
        ),
        pytest.param(
            "from webapp.models.user import Role as Role\nfrom webapp.models.user import User as User\n",
            "from webapp.models.book import Book as Book\nfrom webapp.models.user import Role as Role\n"
            "from webapp.models.user import User as User\n",
            id="names under their own names",
        ),
        pytest.param(
            "from webapp.models.user import Role as Role, User as User\n",
            "from webapp.models.book import Book as Book\nfrom webapp.models.user import Role as Role, User as User\n",
            id="several of them in one statement",
        ),
        pytest.param(
            "from webapp.models.user import Role, User\n",
            "from webapp.models.book import Book\nfrom webapp.models.user import Role, User\n",
            id="imports alone",
        ),
        pytest.param(
            "from webapp.models.user import Role, User  # noqa: F401\n",
            "from webapp.models.book import Book as Book\nfrom webapp.models.user import Role, User  # noqa: F401\n",
            id="imports alone, which a linter is told not to mind",
        ),
        pytest.param(
            "from webapp.models.user import *\n",
            "from webapp.models.book import *\nfrom webapp.models.user import *\n",
            id="all that a module has",
        ),
    ],
)
def test_a_name_is_offered_as_the_others_are(before: str, after: str) -> None:
    assert applied(before, *Reexports(before).edits(BOOK, "Book")) == after


@pytest.mark.parametrize(
    "source", ["", '__all__ = [name for name in dir() if name[0] != "_"]\n', '__all__ = ["User"] + others\n']
)
def test_where_no_way_is_clear_nothing_can_be_inserted(source: str) -> None:
    with pytest.raises(OppmanError, match="no __all__ that is written as a list"):
        applied(source, *Reexports(source).edits(BOOK, "Book"))


def test_more_names_of_a_module_join_those_that_are_there() -> None:
    source = "from webapp.models.book import Book as Book, Tag as Tag\n"
    assert applied(source, ImportAliases(BOOK, ("BookTag",))) == (
        "from webapp.models.book import Book as Book, BookTag as BookTag, Tag as Tag\n"
    )


def test_a_name_in_the_list_is_no_matter_of_how_it_is_quoted() -> None:
    source = "__all__ = ['Book', 'User']\n"
    assert Exported.of("Book").apply(source) == source
    assert Exported.of("BookTag").apply(source) == "__all__ = ['Book', \"BookTag\", 'User']\n"


CLASS = "from typing import Any\n\nfrom sqlmodel import SQLModel\n\n\nclass A:\n    b: int\n"


def test_what_is_imported_for_types_alone_has_a_block() -> None:
    guarded = applied(CLASS, ImportNames("typing", ("TYPE_CHECKING",)), ImportForTypes(BOOK, ("Book",)))
    assert guarded.startswith(
        "from typing import TYPE_CHECKING, Any\n\nfrom sqlmodel import SQLModel\n\nif TYPE_CHECKING:\n"
        "    from webapp.models.book import Book\n\n\nclass A:\n"
    )
    both = applied(guarded, ImportForTypes("webapp.models.author", ("Author",)), ImportForTypes(BOOK, ("Tag",)))
    assert (
        "if TYPE_CHECKING:\n    from webapp.models.author import Author\n"
        "    from webapp.models.book import Book, Tag\n\n\nclass A:\n" in both
    )


def test_what_a_quoted_annotation_needs_is_not_taken_out() -> None:
    edit = ImportForTypes(BOOK, ("Book",))
    source = edit.apply(CLASS).replace("b: int", 'b: "Book | None"')
    assert edit.take_back(source) == source


def test_what_is_imported_anyway_needs_no_block() -> None:
    source = f"from {BOOK} import Book\n\n\n{CLASS.partition('class')[2]}".replace(" A:", "class A:", 1)
    assert ImportForTypes(BOOK, ("Book",)).apply(source) == source


class TestOrder:
    def read(self, tmp_path: Path, **modules: str) -> dict[str, Model]:
        sources = {f"{name}.py": text + "\n\n\n" + TABLE.format(name.capitalize()) for name, text in modules.items()}
        return dict(read_models(package(tmp_path, {"__init__.py": ""} | sources)))

    def test_a_module_that_imports_the_other_comes_later(self, tmp_path: Path) -> None:
        models = self.read(tmp_path, author="", book="from webapp.models.author import Author")
        assert is_later(models["Book"], models["Author"], models)
        assert not is_later(models["Author"], models["Book"], models)

    @pytest.mark.parametrize(
        "statement",
        [
            "from webapp.models.author import Author", "from .author import Author", "from . import author",
            "from webapp.models import Author", "import webapp.models.author",
        ],
    )  # fmt: skip
    def test_it_may_do_so_through_others_and_in_any_words(self, tmp_path: Path, statement: str) -> None:
        models = self.read(tmp_path, author="", book="from .shelf import Shelf", shelf=statement)
        assert is_later(models["Book"], models["Author"], models)

    @pytest.mark.parametrize(
        "text",
        [
            "from typing import TYPE_CHECKING\n\nif TYPE_CHECKING:\n    from webapp.models.author import Author",
            "def load():\n    from webapp.models.author import Author\n\n    return Author",
        ],
    )
    def test_what_is_not_imported_with_the_module_does_not_count(self, tmp_path: Path, text: str) -> None:
        models = self.read(tmp_path, author="", book=text)
        assert not is_later(models["Book"], models["Author"], models)

    def test_in_one_module_it_is_the_order_of_the_classes(self, tmp_path: Path) -> None:
        project = package(tmp_path, {"__init__.py": "", "all.py": TABLE.format("A") + "\n\n" + TABLE.format("B")})
        models = read_models(project)
        assert is_later(models["B"], models["A"], models)
        assert not is_later(models["A"], models["B"], models)

    def test_for_a_new_module_the_init_comes_later_as_it_imports_that(self, tmp_path: Path) -> None:
        models = read_models(package(tmp_path, {"__init__.py": TABLE.format("User"), "a.py": TABLE.format("A")}))
        assert is_later(models["User"], None, models)
        assert not is_later(models["A"], None, models)


class TestPlace:
    def test_a_package_wins_over_a_module_of_the_same_name(self, tmp_path: Path) -> None:
        project = package(tmp_path, {"__init__.py": "", "a.py": "", "shop/b.py": ""})
        (tmp_path / "webapp/models.py").write_text("")
        assert [path.name for path in model_files(project)] == ["__init__.py", "a.py", "b.py"]

    def test_a_folder_without_an_init_is_no_place_to_write_to(self, tmp_path: Path) -> None:
        project = package(tmp_path, {"a.py": TABLE.format("A")})
        resource = Resource(Names.of("Book"), parse_fields(["title:str"]), "A book.", read_models(project))
        [action, *_] = plan(tmp_path, model_steps(project, resource)).actions
        assert (action.path, action.outcome) == ("webapp/models.py", "manual")

    def test_what_a_stub_of_the_project_uses_is_imported_as_well(self, tmp_path: Path) -> None:
        package(tmp_path, {"__init__.py": "", "mixins.py": "class Audited:\n    by: str\n"})
        source = "class Book(BookBase, Audited, table=True):\n    pass\n"
        made = home_of(tmp_path).completed(source, Names.of("Book"), {})
        assert "from webapp.models.mixins import Audited\n" in made

    def test_a_model_that_is_there_keeps_its_module(self, tmp_path: Path) -> None:
        text = f"from sqlmodel import Field, SQLModel\n\n\n{TABLE.format('Book')}"
        project = package(tmp_path, {"__init__.py": "from webapp.models.shop import Book as Book\n", "shop.py": text})
        resource = Resource(Names.of("Book"), parse_fields(["title:str"]), "A book.", read_models(project))
        steps = model_steps(project, resource)
        assert not [step for step in steps if isinstance(step, Create)]
        assert steps[0].path == "webapp/models/shop.py"


def test_relationships_name_their_key_once_there_are_two(tmp_path: Path) -> None:
    """The list that the other end has, written by hand, too."""
    author = (
        'class Author(SQLModel, table=True):\n    __tablename__ = "authors"\n\n'
        "    id: int | None = Field(default=None, primary_key=True)\n\n"
        '    books: list["Book"] = Relationship(back_populates="author")\n'
        '    friends: list["Author"] = Relationship(link_model=Friend)\n'
    )
    book = (
        'class Book(SQLModel, table=True):\n    __tablename__ = "books"\n\n'
        "    id: int | None = Field(default=None, primary_key=True)\n"
        '    author_id: int = Field(foreign_key="authors.id")\n\n'
        '    author: Author = Relationship(back_populates="books", sa_relationship_kwargs=_EAGER_ONLY)\n'
    )
    models = read_models(package(tmp_path, {"__init__.py": "", "author.py": author, "book.py": book}))
    changes = list(naming_their_keys(tmp_path, models["Author"], models["Book"], {}))

    texts = {change.path: (tmp_path / change.path).read_text() for change in changes}
    for change in changes:
        for edit in change.edits:
            after = edit.apply(texts[change.path])
            assert edit.take_back(after) == texts[change.path]
            texts[change.path] = after
    assert (
        '    books: list["Book"] = Relationship(\n'
        '        back_populates="author", sa_relationship_kwargs={"foreign_keys": "Book.author_id"}\n    )\n'
        in texts["webapp/models/author.py"]
    )
    assert '_EAGER_ONLY | {"foreign_keys": "Book.author_id"}' in texts["webapp/models/book.py"]
    assert 'friends: list["Author"] = Relationship(link_model=Friend)' in texts["webapp/models/author.py"]


def test_relationships_that_name_their_key_stay_as_they_are(tmp_path: Path) -> None:
    book = (
        'class Book(SQLModel, table=True):\n    __tablename__ = "books"\n\n'
        '    a_id: int = Field(foreign_key="authors.id")\n    b_id: int = Field(foreign_key="authors.id")\n\n'
        '    a: Author = Relationship(sa_relationship_kwargs={"foreign_keys": "Book.a_id"})\n'
    )
    author = 'class Author(SQLModel, table=True):\n    __tablename__ = "authors"\n'
    models = read_models(package(tmp_path, {"__init__.py": "", "author.py": author, "book.py": book}))
    assert list(naming_their_keys(tmp_path, models["Author"], models["Book"], {})) == []
