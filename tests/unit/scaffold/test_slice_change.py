"""From one rendering of a file to another: in rows, by definitions, by attributes, as the owner's file allows."""

import ast
from pathlib import Path

import pytest

from command_line import ROOT
from oppman.errors import OppmanError
from oppman.scaffold.fields import parse_fields
from oppman.scaffold.insert import ChangedAttribute, ClassAttribute, Definition, ImportNames, Regenerate, TableArgument
from oppman.scaffold.insert.edit import Edit
from oppman.scaffold.naming import Names
from oppman.scaffold.resource import Resource
from oppman.scaffold.slice import FILES, INSERTED, render
from oppman.scaffold.slice_change import by_attribute, by_definition, change, whole

FIELDS = ("title:str:max=200:searchable", "price:decimal:10.2:min=0")
MORE = ("stock:int:min=0", "genre:enum:novel/poem:default=novel", "born:date:optional", "note:text:optional")
PYTHON = [stub for stub in (*FILES, *INSERTED) if stub.endswith(".py")]


def rendered(*fields: str) -> dict[str, str]:
    return render(ROOT, Resource(Names.of("Book"), parse_fields(fields), "A book.", {}), *PYTHON)


@pytest.fixture(scope="module")
def old() -> dict[str, str]:
    return rendered(*FIELDS)


@pytest.fixture(scope="module")
def new() -> dict[str, str]:
    return rendered(*FIELDS, *MORE)


def applied(edits: tuple[Edit, ...], source: str) -> str:
    for edit in edits:
        source = edit.apply(source)
    return source


def meaning(source: str) -> tuple[list[str], list[str]]:
    """What is imported, name by name, and every other statement in order."""
    imports: list[str] = []
    others: list[str] = []
    for node in ast.parse(source).body:
        if isinstance(node, ast.ImportFrom):
            imports += [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            others.append(ast.unparse(node))
    return sorted(imports), others


@pytest.mark.parametrize("stub", PYTHON)
def test_each_grain_leads_from_one_rendering_to_the_other(old: dict[str, str], new: dict[str, str], stub: str) -> None:
    before, after = old[stub], new[stub]
    finer = by_definition(before, after)
    assert applied(whole(before, after), before) == after
    assert finer is not None
    assert meaning(applied(finer, before)) == meaning(after)
    assert applied(finer, after) == after  # once it is there, nothing is added twice


def test_attributes_lead_from_one_model_to_the_other_in_whatever_order(
    old: dict[str, str], new: dict[str, str]
) -> None:
    before, after = old["webapp/models.py"], new["webapp/models.py"]
    edits = by_attribute(before, after, ["BookBase", "Book"])
    assert edits is not None
    assert {type(edit) for edit in edits} == {ImportNames, Definition, ClassAttribute, TableArgument}
    made = applied(edits, before)
    assert attributes(made, "BookBase") == attributes(after, "BookBase")
    assert attributes(made, "Book") == attributes(after, "Book")
    for edit in reversed(edits):
        made = edit.take_back(made)
    assert made == before


def attributes(source: str, name: str) -> set[str]:
    """The statements of a class; of `__table_args__` the elements, which have no order."""
    [found] = [node for node in ast.parse(source).body if isinstance(node, ast.ClassDef) and node.name == name]
    written = {ast.unparse(node) for node in found.body if not isinstance(node, ast.Assign)}
    tuples = (node.value for node in found.body if isinstance(node, ast.Assign) and isinstance(node.value, ast.Tuple))
    return written | {ast.unparse(element) for value in tuples for element in value.elts}


def test_two_renderings_that_are_the_same_need_nothing(old: dict[str, str]) -> None:
    for source in old.values():
        assert whole(source, source) == by_definition(source, source) == by_attribute(source, source, ["Book"]) == ()


CLASS = "class BookBase:\n    title: str\n\n\nclass Book(BookBase):\n    author: A = f()\n"


def test_a_field_of_the_base_goes_into_the_model_that_has_no_base() -> None:
    new = CLASS.replace("    title: str\n", "    title: str\n    stock: int\n")
    assert by_attribute(CLASS, new, ["BookBase", "Book"]) == (ClassAttribute("BookBase", "stock: int"),)
    assert by_attribute(CLASS, new, ["Book"]) == (ClassAttribute("Book", "stock: int"),)


def test_an_attribute_that_says_more_is_changed_and_its_name_stays() -> None:
    new = CLASS.replace("f()", "f(key=1)")
    edits = by_attribute(CLASS, new, ["BookBase", "Book"])
    assert edits == (ChangedAttribute("Book", "author: A = f()", "author: A = f(key=1)"),)


def test_a_rewritten_function_is_no_matter_of_attributes() -> None:
    old, new = "def f() -> int:\n    return 1\n", "def f() -> int:\n    return 2\n"
    assert by_attribute(old, new, []) is None
    assert by_definition(old, new) == (Regenerate(old.rstrip(), new.rstrip(), "f"),)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("import os as o\nX = 1\n", "import os as o\nX = 1\nprint(X)\n"),  # a statement without a name
        ("X = 1\nY = 2\n", "X = 1\n"),  # one that goes
        ("X = 1\n", "from a import b as c\n\nX = 1\n"),  # a name that is called otherwise
        ("X = 1\n", "from . import b\n\nX = 1\n"),
    ],
)
def test_what_has_no_name_or_goes_is_a_matter_of_rows(old: str, new: str) -> None:
    assert by_definition(old, new) is None
    assert by_attribute(old, new, []) is None
    assert whole(old, new) == (Regenerate(old, new),)


def test_an_import_that_is_there_already_is_no_matter_however_it_is_written() -> None:
    old = "from . import a\nfrom b import c as d\n\nX = 1\n"
    assert by_definition(old, old.replace("1", "2")) == (Regenerate("X = 1", "X = 2", "X"),)


def test_a_new_definition_stands_in_front_of_the_one_that_follows_it() -> None:
    old, new = "A = 1\n\n\nC = 3\n", "A = 1\n\n\nB = 2\n\n\nC = 3\n"
    assert by_definition(old, new) == (Definition("B = 2", before="C"),)
    assert by_definition("A = 1\n", "A = 1\n\n\nB = 2\n") == (Definition("B = 2"),)


class TestChange:
    """The first grain that the owner's file takes is the one that is used."""

    OLD = "from a import b\n\nX = (b,)\n\n\ndef f() -> int:\n    one = 1\n    return one\n"
    NEW = OLD.replace("    return one", "    two = 2\n    return one + two")

    @pytest.fixture
    def grains(self) -> list[tuple[Edit, ...] | None]:
        return [whole(self.OLD, self.NEW), None, (), by_definition(self.OLD, self.NEW)]

    def made(self, root: Path, source: str, grains: list[tuple[Edit, ...] | None]) -> tuple[Edit, ...]:
        (root / "m.py").write_bytes(source.encode())
        found = change(root, "m.py", grains)
        assert found.path == "m.py"
        return found.edits  # type: ignore[return-value]

    def test_an_untouched_file_takes_its_rows(self, tmp_path: Path, grains: list[tuple[Edit, ...] | None]) -> None:
        assert self.made(tmp_path, self.OLD, grains) == grains[0]

    def test_a_file_with_windows_line_ends_does_too(
        self, tmp_path: Path, grains: list[tuple[Edit, ...] | None]
    ) -> None:
        assert self.made(tmp_path, self.OLD.replace("\n", "\r\n"), grains) == grains[0]

    def test_a_file_that_is_another_one_takes_the_definition(
        self, tmp_path: Path, grains: list[tuple[Edit, ...] | None]
    ) -> None:
        other = self.OLD.replace("from a import b\n\nX = (b,)", "Y = 3")
        assert self.made(tmp_path, other, grains) == grains[3]
        assert "two = 2" in applied(grains[3] or (), other)

    def test_a_file_that_takes_none_gets_the_first_whose_rows_are_told(
        self, tmp_path: Path, grains: list[tuple[Edit, ...] | None]
    ) -> None:
        edits = self.made(tmp_path, "MINE = 1\n", grains)
        assert edits == grains[0]
        with pytest.raises(OppmanError):
            applied(edits, "MINE = 1\n")

    def test_a_file_that_is_not_there_is_like_an_empty_one(
        self, tmp_path: Path, grains: list[tuple[Edit, ...] | None]
    ) -> None:
        assert change(tmp_path, "m.py", grains).edits == grains[0]
        assert change(tmp_path, "m.py", []).edits == ()
