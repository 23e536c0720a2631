"""Insertions into the web app's own files and into what owners make of them: only what is ours comes and goes.

Most of the file is tables of sources, each before and after.
"""

import ast
import json
import subprocess
import sys
from textwrap import dedent

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from command_line import ROOT
from oppman.errors import OppmanError
from oppman.scaffold.insert import (
    CannotInsert,
    ChangedAttribute,
    ClassAttribute,
    Definition,
    Edit,
    HtmlAfter,
    ImportNames,
    ListItem,
    TableArgument,
    from_json,
)

ADMIN = """
class BookAdmin(View, model=Book):
    icon = "fa-solid fa-book"
    form_base_class = checked_by(BookCreate)

    async def remove(self, session: AsyncSession, row: Book, actor: User) -> None:
        await book_service.delete_book(session, row.id or 0, actor=actor)
"""
MODEL = '''
class Book(SQLModel, table=True):
    """Something to read."""

    __tablename__ = "books"

    id: int | None = Field(default=None, primary_key=True)
    sold_at: time = Field()
'''
STORY = '{"name": "books", "description": "What is written, what is printed, what is lent and what is not."}'

# The edits of one run for each file, in the order in which they are applied.
RUNS: dict[str, list[Edit]] = {
    "webapp/models.py": [
        ImportNames("datetime", ("time", "datetime")),
        ImportNames("uuid", ("UUID",)),
        ImportNames("pgvector.sqlalchemy", ("Vector",)),
        ImportNames("webapp.files", ("stored",)),
        Definition("# A word.\n" + 'CURRENCIES = ("EUR", "USD")', before="ProductBase"),
        Definition(MODEL),
        Definition("def _pages(count: int) -> UUID:\n    return stored(Vector(count))", after="_text_enum"),
        ClassAttribute("ProductBase", "pages: int = Field(default=1, ge=0)"),
        ClassAttribute("Webinar", 'books: list["Book"] = Relationship(back_populates="webinar")'),
        ClassAttribute("Product", "author_id: int = Field(\n    foreign_key=authors,\n)".replace("authors", '"a.id"')),
        ClassAttribute("UserRole", "since: datetime | None = None", after="user_id"),
        TableArgument("Product.__table_args__", 'CheckConstraint("pages >= 0", name="pages_not_negative")'),
        TableArgument("AuditEntry.__table_args__", 'Index(None, "action", "id")'),
        TableArgument("Role.__table_args__", 'Index(None, "name", "id")'),
        TableArgument("DemoBatch.__table_args__", 'Index(None, "first_id", "last_id")'),
    ],
    "webapp/main.py": [
        ImportNames("webapp.routes", ("book", "a_review_with_a_name_that_is_long_enough")),
        ListItem("create_app:for resource", "book", before="pages"),
        ListItem("create_app:for resource", "a_review_with_a_name_that_is_long_enough", after="book"),
    ],
    "webapp/routes/api/__init__.py": [
        ImportNames("webapp.routes.api", ("book",)),
        ListItem("TAGS", STORY, after='{"name": "me", "description": "The user who is asking."}'),
        ListItem("TAGS", STORY.replace("books", "the_papers_that_a_library_keeps")),
        ListItem("install:for resource", "book"),
    ],
    "webapp/admin.py": [
        ImportNames("webapp.models", ("Book", "Shelf", "ShelfPlaceOfBook", "Borrower", "BorrowedCopyOfABook")),
        ImportNames("webapp.schemas.book", ("BookUpdate", "BookCreate")),
        ImportNames("webapp.services", ("book_service",)),
        Definition(ADMIN, before="VIEWS"),
        Definition("class ShelfAdmin(View, model=Shelf):\n    kind = ShelfPlaceOfBook", before="VIEWS"),
        Definition("_KINDS = (BookUpdate, Borrower, BorrowedCopyOfABook)", before="VIEWS"),
        ListItem("VIEWS", "BookAdmin", before="UserAdmin"),
        ListItem("VIEWS", "ShelfAdmin"),
        ListItem("VIEWS", "PROOF_OF_A_LONG_LIST"),
        ListItem("ProductAdmin.form_columns", '"pages"'),
    ],
    "webapp/pages.py": [
        ListItem("NAVIGATION", '("Books", "/books", "")', before='("Dashboard", "/dashboard", ANY_VIEW)'),
        ListItem("_DAYS", '"Day of rest"', before='"Mon"'),
    ],
    "templates/product/detail.html": [HtmlAfter("{% block content %}", "<p>\n  {{ product.pages }}\n</p>")],
}
EDITS = [pytest.param(path, edit, id=f"{path}-{n}") for path, run in RUNS.items() for n, edit in enumerate(run)]


def real(path: str) -> str:
    return (ROOT / path).read_text()


def ruff(path: str, source: str) -> str:
    """What the lint and the formatter say against a source."""
    said = ""
    for command in (["check"], ["format", "--check"]):
        arguments = [sys.executable, "-m", "ruff", *command, "--no-cache", "--config", str(ROOT / "pyproject.toml")]
        if command == ["check"]:
            arguments += ["--ignore", "F821"]
        process = subprocess.run(
            [*arguments, "--stdin-filename", str(ROOT / path), "-"], input=source, capture_output=True, text=True
        )
        said += process.stdout + process.stderr if process.returncode else ""
    return said


@pytest.mark.parametrize(("path", "edit"), EDITS)
def test_an_edit_of_a_file_of_the_web_app_is_idempotent_and_comes_back_from_json(path: str, edit: Edit) -> None:
    source = real(path)

    after = edit.apply(source)
    recorded = edit.recorded(source, after)

    assert after != source
    assert edit.apply(after) == after
    kept = from_json(json.loads(json.dumps(recorded.to_json())))
    assert kept == recorded
    assert kept.apply(source) == after


@pytest.mark.parametrize("path", RUNS)
def test_a_run_leaves_a_clean_file_and_taking_it_back_gives_the_same_bytes(path: str) -> None:
    source = text = real(path)
    recorded: list[Edit] = []

    for edit in RUNS[path]:
        after = edit.apply(text)
        recorded.append(edit.recorded(text, after))
        text = after

    if path.endswith(".py"):
        ast.parse(text)
        assert ruff(path, text) == ""
    for edit in reversed(recorded):
        text = edit.take_back(text)
    assert text == source


@pytest.mark.parametrize(("path", "edit"), [c for c in EDITS if not isinstance(c.values[1], ImportNames)])
def test_every_edit_alone_is_taken_back_byte_for_byte(path: str, edit: Edit) -> None:
    source = real(path)
    after = edit.apply(source)
    recorded = edit.recorded(source, after)

    assert recorded.take_back(after) == source
    assert recorded.take_back(source) == source


# What an owner may do to a file between a run and its undo: before and after it, the same edit.
OWNERS = {
    "a loop over several rows, with a comment": (
        ListItem("f:for x", "book", before="b"),
        "def f():\n    for x in (\n        a,  # 1\n        book,\n        # last\n        b,\n    ):\n        x()\n",
        "def f():\n    for x in (\n        a,  # 1\n        # last\n        b,\n    ):\n        x()\n",
    ),
    "an item of another run next to it": (ListItem("X", "B"), "X = [A, B, C]\n", "X = [A, C]\n"),
    "reordered items": (ListItem("X", "B"), "X: list[T] = [B, A]\n", "X: list[T] = [A]\n"),
    "a tuple of which one is left": (ListItem("X", "B"), "X = (A, B)\n", "X = (A,)\n"),
    "a tuple of which the last is left": (ListItem("X", "B"), "X = (B, A)\n", "X = (A,)\n"),
    "an item laid out in another way": (
        ListItem("X", '{"name": "books"}'),
        'X = [\n    {\n        "name": "books",\n    },\n    A,\n]\n',
        "X = [\n    A,\n]\n",
    ),
    "a comment beside an item stays": (
        ListItem("X", "B"),
        "X = [\n    A,\n    B,  # since May\n]\n",
        "X = [\n    A,\n    # since May\n]\n",
    ),
    "a name of another run in the import": (
        ImportNames("m", ("B",)),
        "from m import A, B, C\n\nprint(A, C)\n",
        "from m import A, C\n\nprint(A, C)\n",
    ),
    "an import that the owner uses too": (ImportNames("m", ("B",)), "from m import B\n\nx: 'list[B]'\n", None),
    "an import under another name": (ImportNames("m", ("B",)), "from m import B as C\n", None),
    "a class that moved": (
        Definition("class B:\n    x = 1", after="A"),
        "class B:\n    x = 1\n\n\nclass A:\n    pass\n\n\nclass C:\n    pass\n",
        "class A:\n    pass\n\n\nclass C:\n    pass\n",
    ),
    "a constant that moved away from its neighbour": (
        Definition("B = 1", before="C", gap=1),
        "A = 1\n\nC = 1\n\n\ndef f(): ...\n\n\nB = 1\n\n\ndef g(): ...\n",
        "A = 1\n\nC = 1\n\n\ndef f(): ...\n\n\ndef g(): ...\n",
    ),
    "a class of another run behind it": (
        Definition("class B:\n    x = 1"),
        "class A:\n    pass\n\n\nclass B:\n    x = 1\n\n\nclass C:\n    pass\n",
        "class A:\n    pass\n\n\nclass C:\n    pass\n",
    ),
    "a class that was changed": (Definition("class B:\n    x = 1"), "class B:\n    x = 2\n", None),
    "a class with a comment": (Definition("class B:\n    x = 1"), "class B:\n    x = 1  # one\n", None),
    "a field that moved": (
        ClassAttribute("A", "b: int = 1"),
        'class A:\n    """An A."""\n\n    b: int = 1\n\n    def f(self): ...\n',
        'class A:\n    """An A."""\n\n    def f(self): ...\n',
    ),
    "a field that was changed": (ClassAttribute("A", "b: int = 1"), "class A:\n    b: int = 2\n", None),
    "a field that was changed twice": (
        ChangedAttribute("A", "b: int", "b: int = 1"),
        "class A:\n    b: int = 2\n",
        None,
    ),
    "a changed field that has a comment now": (
        ChangedAttribute("A", "b: int", "b: int = 1"),
        "class A:\n    b: int = 1  # one\n",
        None,
    ),
    "a changed field that moved": (
        ChangedAttribute("A", "b: int", "b: int = 1"),
        "class A:\n    c: int\n\n    # two\n    b: int = 1\n",
        "class A:\n    c: int\n\n    # two\n    b: int\n",
    ),
    "lines that moved and are indented": (HtmlAfter("x", "<p>\n</p>"), "<b>\n  <p>\n  </p>\n", "<b>\n"),
    "lines that were changed": (HtmlAfter("x", "<p>\n</p>"), "x\n<p>\nmine\n</p>\n", None),
}


@pytest.mark.parametrize("case", OWNERS)
def test_only_its_own_is_taken_back_from_what_an_owner_has_edited(case: str) -> None:
    edit, source, expected = OWNERS[case]

    assert edit.take_back(source) == (source if expected is None else expected)


INSERTED = {
    "empty list": (ListItem("X", "A"), "X = []\n", "X = [A]\n"),
    "empty tuple": (ListItem("X", "A"), "X = ()\n", "X = (A,)\n"),
    "empty list with a comment": (
        ListItem("X", "A"),
        "X = [\n    # none yet\n]\n",
        "X = [\n    # none yet\n    A,\n]\n",
    ),
    "tuple of one": (ListItem("X", "B"), "X = (A,)\n", "X = (A, B)\n"),
    "rows without a last comma": (ListItem("X", "B"), "X = [\n    A  # one\n]\n", "X = [\n    A,  # one\n    B\n]\n"),
    "several in a row": (ListItem("X", "B", after="A"), "X = [\n    A, C,\n]\n", "X = [\n    A, B, C,\n]\n"),
    "letters of several bytes": (ListItem("X", "B"), 'X = ["ü", "日本"]\n', 'X = ["ü", "日本", B]\n'),
    "row that is long only with its pragma": (
        ListItem("X", "B"),
        f"X = [{'A' * 100}]  # noqa: RUF012\n",
        f"X = [{'A' * 100}, B]  # noqa: RUF012\n",
    ),
    "dict": (ListItem("X", '"b": 2'), 'X = {"a": 1}\n', 'X = {"a": 1, "b": 2}\n'),
    "neighbour in brackets": (ListItem("X", "B"), "X = [(A)]\n", "X = [(A), B]\n"),
    "file without imports": (
        ImportNames("m", ("A",)),
        '"""Doc."""\n\n\nclass B: ...\n',
        '"""Doc."""\n\nfrom m import A\n\n\nclass B: ...\n',
    ),
    "file without anything": (ImportNames("m", ("A",)), "", "from m import A\n"),
    "file that begins with code": (ImportNames("m", ("A",)), "x = 1\n", "from m import A\n\nx = 1\n"),
    "first of its block": (
        ImportNames("webapp.a", ("A",)),
        "import os\n\n# why\nfrom webapp.b import B\n",
        "import os\n\nfrom webapp.a import A\n# why\nfrom webapp.b import B\n",
    ),
    "between two blocks": (
        ImportNames("fastapi", ("A",)),
        "import os\n\nfrom webapp.b import B\n",
        "import os\n\nfrom fastapi import A\n\nfrom webapp.b import B\n",
    ),
    "import with an alias": (
        ImportNames("m", ("A",)),
        "from m import B as C\n",
        "from m import A\nfrom m import B as C\n",
    ),
    "first definition": (Definition("class A:\n    x = 1"), "", "class A:\n    x = 1\n"),
    "between two constants": (
        Definition("B = 1", before="C"),
        "A = 1\n\nC = 1\n",
        "A = 1\n\n\nB = 1\n\n\nC = 1\n",
    ),
    "before a decorated and commented function": (
        Definition("B = 1", before="f"),
        "A = 1\n\n\n# why\n@g\ndef f(): ...\n",
        "A = 1\n\n\nB = 1\n\n\n# why\n@g\ndef f(): ...\n",
    ),
    "class of nothing": (ClassAttribute("A", "b: int"), "class A:\n    pass\n", "class A:\n    b: int\n"),
    "class of methods": (
        ClassAttribute("A", "b: int"),
        "class A:\n    def f(self): ...\n",
        "class A:\n    b: int\n\n    def f(self): ...\n",
    ),
    "relationship": (
        ClassAttribute("A", "b: B = Relationship()"),
        "class A:\n    x: int\n\n    def f(self): ...\n",
        "class A:\n    x: int\n\n    b: B = Relationship()\n\n    def f(self): ...\n",
    ),
    "field that says more": (
        ChangedAttribute("A", "b: B = f()", "b: B = f(x=1)"),
        "class A:\n    a: int\n    # why\n    b: B = f(\n    )\n\n    def g(self): ...\n",
        "class A:\n    a: int\n    # why\n    b: B = f(x=1)\n\n    def g(self): ...\n",
    ),
    "last line without an end": (HtmlAfter("<p>", "<b>"), "  <p>", "  <p>\n  <b>"),
}


@pytest.mark.parametrize("case", INSERTED)
def test_an_insertion_looks_like_its_surroundings_and_comes_out_again(case: str) -> None:
    edit, source, expected = INSERTED[case]
    assert edit.apply(source) == expected
    recorded = edit.recorded(source, expected)

    assert recorded.take_back(expected) == source


LOST: dict[str, tuple[Edit, str, str]] = {
    "list": (ListItem("VIEWS", "B"), "PAGES = [A]\n", "in VIEWS:"),
    "list that is computed": (ListItem("VIEWS", "B"), "VIEWS = list(A)\n", "in VIEWS:"),
    "tuple without brackets": (ListItem("VIEWS", "B"), "VIEWS = (1, 2), (3, 4)\n", "in VIEWS:"),
    "options that are no tuple": (
        TableArgument("A.__table_args__", "Index()"),
        "class A:\n    __table_args__ = {'x': 1}\n",
        "in A.__table_args__:",
    ),
    "loop": (
        ListItem("f:for x", "B"),
        "def f():\n    for y in (A,):\n        pass\n",
        "in the loop `for x in (…)` of f:",
    ),
    "neighbour of a class": (Definition("class B: ...", before="VIEWS"), "PAGES = [A]\n", "before VIEWS:"),
    "class that is another one": (Definition("class B: ..."), "class B:\n    x = 1\n", "at the end of the file:"),
    "class of a field": (ClassAttribute("A", "b: int"), "class B: ...\n", "in the class A:"),
    "field that is another one": (ClassAttribute("A", "b: int"), "class A:\n    b: str\n", "in the class A:"),
    "body in the row of the head": (ClassAttribute("A", "b: int"), "class A: ...\n", "in the class A:"),
    "field that has changed": (
        ChangedAttribute("A", "b: int", "b: int = 1"),
        "class A:\n    b: int = 2\n",
        "in the class A, in the place of b:",
    ),
    "field that has a comment": (
        ChangedAttribute("A", "b: int", "b: int = 1"),
        "class A:\n    b: int  # mine\n",
        "in the class A, in the place of b:",
    ),
    "field that is gone": (
        ChangedAttribute("A", "b: int", "b: int = 1"),
        "class A:\n    c: int\n",
        "in the class A, in the place of b:",
    ),
    "line of a template": (HtmlAfter("<p>", "<b>"), "<div>\n", "after the line with <p>:"),
    "one line of two": (HtmlAfter("<p>", "<b>"), "<p>\n<p>\n", "after the line with <p>:"),
    "Python": (ImportNames("m", ("A",)), "def f(:\n", "among the imports:"),
}


@pytest.mark.parametrize("case", LOST)
def test_a_place_that_is_gone_gives_the_lines_to_paste(case: str) -> None:
    edit, source, where = LOST[case]

    with pytest.raises(CannotInsert) as raised:
        edit.apply(source)

    assert raised.value.lines[0] == where
    assert len(raised.value.lines) > 1
    assert raised.value.detail == "\n".join(raised.value.lines)


def test_a_name_of_views_that_changed_says_what_to_paste() -> None:
    source = real("webapp/admin.py").replace("VIEWS", "MENU")

    with pytest.raises(CannotInsert) as raised:
        Definition(ADMIN, before="VIEWS").apply(source)

    assert raised.value.lines[:2] == ("before VIEWS:", "    class BookAdmin(View, model=Book):")


def test_an_edit_of_an_unknown_kind_is_told() -> None:
    with pytest.raises(OppmanError, match="no edit that oppman knows"):
        from_json({"edit": "Teleport", "target": "VIEWS"})


NAMES = st.lists(st.from_regex(r"[A-Za-z_]{1,30}", fullmatch=True), max_size=8, unique=True)
COMMENTS = st.sampled_from(["", "  # why", "  # noqa: F401"])


@settings(deadline=None, max_examples=80)
@given(st.data())
def test_any_list_gets_an_item_and_loses_it_again(data: st.DataObject) -> None:
    names = [f"v_{name}" for name in data.draw(NAMES)]
    opening, closing = data.draw(st.sampled_from([("[", "]"), ("(", ")")]))
    lonely = "," if opening == "(" and len(names) == 1 else ""
    if data.draw(st.booleans()) and names:
        rows = "".join(f"    {name},{data.draw(COMMENTS)}\n" for name in names)
        source = f"X = {opening}\n{rows}{closing}\n"
    else:
        source = f"X = {opening}{', '.join(names)}{lonely}{closing}\n"
    neighbour = data.draw(st.sampled_from(names)) if names else None
    behind = data.draw(st.booleans())
    edit = ListItem("X", "new", after=neighbour) if behind else ListItem("X", "new", before=neighbour)

    after = edit.apply(source)
    recorded = edit.recorded(source, after)

    place = names.index(neighbour) + behind if neighbour else 0
    [assignment] = ast.parse(after).body
    assert isinstance(assignment, ast.Assign)
    assert isinstance(assignment.value, ast.List if opening == "[" else ast.Tuple)
    assert [ast.unparse(element) for element in assignment.value.elts] == [*names[:place], "new", *names[place:]]
    assert recorded.take_back(after) == source


@settings(deadline=None, max_examples=60)
@given(above=st.lists(st.sampled_from(["# a comment", "X = 1", "def f(): ...", ""])), more=NAMES)
def test_what_an_owner_writes_around_a_run_stays(above: list[str], more: list[str]) -> None:
    before = dedent(
        """
        from webapp.services import a_service

        {more}
        VIEWS = [AAdmin]
        print(a_service)
        """
    )
    run: list[Edit] = [
        ImportNames("webapp.services", ("book_service",)),
        Definition("class BookAdmin:\n    service = book_service", before="VIEWS"),
        ListItem("VIEWS", "BookAdmin"),
    ]
    clean = before.format(more="\n".join(above) + "\n")
    text = clean
    for edit in run:
        text = edit.apply(text)
    for name in more:
        owned = ListItem("VIEWS", f"v_{name}", before="AAdmin")
        text, clean = owned.apply(text), owned.apply(clean)
    extra = "\n".join(above) + "\n"
    text, clean = extra + text, extra + clean

    for edit in reversed(run):
        text = edit.take_back(text)

    assert ast.dump(ast.parse(text)) == ast.dump(ast.parse(clean))
    assert text.count("# a comment") == 2 * above.count("# a comment")
    assert more or text.split() == clean.split()
