"""The migrations of a resource, beside what autogenerate writes for the same table."""

import ast
import re
import subprocess
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from autogenerate import added, created, operations
from oppman.errors import InvalidField, InvalidName, SeveralHeads, UsageError
from oppman.project import Project
from oppman.scaffold.fields import Field, parse_fields
from oppman.scaffold.kinds import TYPES, Kind
from oppman.scaffold.migration import add_columns, gaps, migration
from oppman.scaffold.models import Attribute, Model
from oppman.scaffold.naming import SQL_WORDS, Names
from oppman.scaffold.resource import Options, Resource
from oppman.scaffold.table import NAMING
from revision_files import FIRST, write_revision
from webapp.models import metadata

ROOT = Path(__file__).parents[3]
HERE = Project(ROOT)
FIELDS = (
    "name:str:max=100", "description:text:optional", "price:decimal:10.2:min=0", "category:str:max=50:optional:index",
    "in_stock:bool:default=true",
)  # fmt: skip
PATH = ROOT / "webapp/models.py"
MODELS = {
    name: Model(name, table, (), "name", PATH)
    for name, table in [("Author", "authors"), ("Tag", "tags"), ("Shelf", "shelves"), ("User", "users")]
}


def book(*fields: str) -> Resource:
    return Resource(Names.of("Book"), parse_fields(fields), "Something to read.", MODELS)


def test_constraints_are_named_as_in_the_web_app() -> None:
    assert metadata.naming_convention == NAMING


@pytest.mark.parametrize("function", ["upgrade", "downgrade"])
def test_the_products_table_is_written_as_autogenerate_wrote_it(function: str) -> None:
    product = Resource(Names.of("Product"), parse_fields(FIELDS), "Something that is sold.", {})
    path, text = migration(HERE, product)

    assert path.parent == ROOT / "migrations/versions"
    assert re.fullmatch(r"\d{8}_\d{4}_add_products\.py", path.name)
    assert not path.exists()
    assert about_products(text, function) == about_products(next(path.parent.glob("*.py")).read_text(), function)


def test_nothing_heavy_is_imported() -> None:
    code = (
        "import sys; from pathlib import Path; from oppman.project import Project\n"
        "from oppman.scaffold.fields import parse_fields; from oppman.scaffold.naming import Names\n"
        "from oppman.scaffold.resource import Resource; from oppman.scaffold.migration import add_columns, migration\n"
        "book = Resource(Names.of('Book'), parse_fields(['title:str', 'pages:int:default=1']), '', {})\n"
        "migration(Project(Path.cwd()), book); add_columns(Project(Path.cwd()), book, book.fields[1:])\n"
        "print({'sqlalchemy', 'alembic', 'mako', 'jinja2', 'pydantic'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("set()\n", "")


def test_the_revision_follows_the_only_head(project: Path) -> None:
    first, second = (migration(Project(project), book("title:str"))[1] for _ in range(2))
    assert f'down_revision = "{FIRST}"' in first
    assert f", after {FIRST}, written 20" in first
    assert undated(first) == undated(second)
    assert first != second

    write_revision(project, "aaaaaaaaaaaa", after=FIRST)
    assert 'down_revision = "aaaaaaaaaaaa"' in migration(Project(project), book("title:str"))[1]
    write_revision(project, "bbbbbbbbbbbb", after=FIRST)
    with pytest.raises(SeveralHeads, match="2 heads: aaaaaaaaaaaa, bbbbbbbbbbbb"):
        migration(Project(project), book("title:str"))


def test_the_first_revision_follows_nothing(project: Path) -> None:
    for path in (project / "migrations/versions").glob("*.py"):
        path.unlink()
    text = migration(Project(project), book("title:str"))[1]
    assert "\ndown_revision = None\n" in text
    assert ", after nothing, written 20" in text


@pytest.mark.parametrize(
    ("option", "name"),
    [
        ('file_template = "%%(rev)s_%%(slug)s"', r"[0-9a-f]{12}_add_books\.py"),
        ('timezone = "Asia/Tokyo"', r"\d{8}_\d{4}_add_books\.py"),
        ("truncate_slug_length = 5", r"\d{8}_\d{4}_add_\.py"),
    ],
)
def test_options_of_a_projects_own_are_obeyed(project: Path, option: str, name: str) -> None:
    usual = migration(Project(project), book("title:str", "tags:many:Tag"))[1]
    with (project / "pyproject.toml").open("a") as file:
        file.write(option + "\n")
    path, text = migration(Project(project), book("title:str", "tags:many:Tag"))
    assert re.fullmatch(name, path.name)
    assert undated(text) == undated(usual)


def test_a_template_of_the_projects_own_is_used(project: Path) -> None:
    template = project / "migrations/script.py.mako"
    template.write_text("# (c) Shop Ltd.\n" + template.read_text())
    path, text = add_columns(
        Project(project), book("title:str", "pages:int"), book("pages:int").fields, values={"books.pages": "1"}
    )
    assert path.name.endswith("_add_pages_to_books.py")
    assert text.startswith('# (c) Shop Ltd.\n"""add pages to books\n')
    assert '    with op.batch_alter_table("books") as batch_op:\n        batch_op.add_column(' in text


def test_a_long_message_is_cut_in_the_files_name(project: Path) -> None:
    resource = Resource(Names.of("ContinuousIntegrationServiceAgent"), parse_fields(["kind:str"]), "", {})
    ours = migration(Project(project), resource)[0].name
    with (project / "pyproject.toml").open("a") as file:
        file.write("truncate_slug_length = 40\n")  # Alembic's own number, which it takes as an unusual option
    assert ours.partition("_")[2][5:] == migration(Project(project), resource)[0].name.partition("_")[2][5:]
    assert ours.endswith("_add_continuous_integration_service_.py")


def test_a_name_that_postgresql_would_refuse_is_refused() -> None:
    names = Names.of("ProjectMembershipInvitation")
    resource = Resource(names, parse_fields(["invited_by_somebody_else:ref:User"]), "", MODELS)
    with pytest.raises(
        InvalidName, match=r"'fk_project_membership_invitations_invited_by_.*' would have 67 characters"
    ):
        migration(HERE, resource)


def test_two_links_to_one_model_are_told_apart() -> None:
    text = migration(HERE, book("authors:many:Author", "editors:many:Author", "tags:many:Tag"))[1]
    assert re.findall(r'create_table\(\n +"(\w+)"', text) == ["books", "book_authors", "book_editors", "book_tags"]


def test_a_vector_brings_its_type_and_the_extension_of_postgresql() -> None:
    resource = book("title:str", "embedding:vector:64", "taste:vector:3:optional")
    text = migration(HERE, resource)[1]
    assert "\nfrom alembic import op\n\nimport webapp.vector\n\nrevision = " in text
    assert 'sa.Column("embedding", webapp.vector.Vector(64), nullable=False),' in text
    before, extension, after = text.partition('op.execute("CREATE EXTENSION IF NOT EXISTS vector")')
    assert before.endswith('if op.get_context().dialect.name == "postgresql":\n        ')
    assert "create_table" in after
    assert extension in add_columns(HERE, resource, resource.fields[2:])[1]
    for without in (migration(HERE, book("title:str"))[1], add_columns(HERE, resource, resource.fields[:1], ROW)[1]):
        assert "vector" not in without


ROW = {"books.title": "x"}


def test_a_new_vector_has_to_be_optional() -> None:
    resource = book("title:str", "embedding:vector:64")
    for act in (gaps, partial(add_columns, HERE)):
        with pytest.raises(UsageError, match="embedding has no vector for the rows that are there") as caught:
            act(resource, resource.fields[1:])
        assert "`embedding:vector:64:optional`" in str(caught.value.hint)


def test_a_file_is_no_value_that_rows_need() -> None:
    resource = book("title:str", "cover:image", "manual:file:optional")
    assert gaps(resource, resource.fields[1:]) == []
    text = add_columns(HERE, resource, resource.fields[1:])[1]
    assert text.count("sa.String(length=100), nullable=True") == 2


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({}, "books.pages may not be NULL and has no default."),
        ({"books.pages": "many"}, "'many' is no value for books.pages, which is int."),
        ({"books.pages": "1", "books.title": "x"}, "books.title needs no value for existing rows."),
        ({"books.pages": "1", "books.blurb": "x"}, "books.blurb needs no value for existing rows."),
    ],
)
def test_rows_that_are_there_need_a_value_that_fits(values: dict[str, str], message: str) -> None:
    resource = book("title:str", "pages:int", "blurb:str:optional:unique")
    assert [gap.name for gap in gaps(resource, resource.fields[1:])] == ["books.pages"]
    with pytest.raises(UsageError) as caught:
        add_columns(HERE, resource, resource.fields[1:], values=values)
    assert str(caught.value) == message
    assert caught.value.hint


@pytest.mark.parametrize(
    ("kind", "shape"), [("datetime", r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.0{6}"), ("date", r"\d{4}-\d\d-\d\d")]
)
def test_now_is_stored_as_sqlite_reads_it(kind: str, shape: str) -> None:
    resource = book(f"seen:{kind}")
    text = add_columns(HERE, resource, resource.fields, values={"books.seen": "now"})[1]
    assert re.search(f'server_default="{shape}"', text)


def test_a_new_secret_has_to_be_optional() -> None:
    resource = book("title:str", "door_code:secret", "pin:secret:optional")
    for act in (gaps, partial(add_columns, HERE)):
        with pytest.raises(UsageError, match="door_code has no secret for the rows that are there") as caught:
            act(resource, resource.fields[1:2])
        assert "`door_code:secret:optional`" in str(caught.value.hint)
    assert '"pin_hash", sa.String(length=255), nullable=True' in add_columns(HERE, resource, resource.fields[2:])[1]


def test_a_value_chosen_goes_before_the_default() -> None:
    resource = book("pages:int:default=3")
    assert 'server_default="3"' in add_columns(HERE, resource, resource.fields)[1]
    assert 'server_default="4"' in add_columns(HERE, resource, resource.fields, values={"books.pages": "4"})[1]


# Letters that make names which sort differently from their quotes and commas, and few of them: columns resemble others.
NAMES = st.from_regex(r"[a-d]{1,3}(_[a-d0-2]{1,3}){0,2}", fullmatch=True).filter(lambda name: name not in SQL_WORDS)
VALUES: dict[Kind, st.SearchStrategy[str]] = {
    Kind.STR: st.sampled_from(["draft", "a%20b", "%22", "it%27s ok", "%22it%27s%22", "back%5Cslash"]),
    Kind.TEXT: st.sampled_from(["x", "long%20" * 30, "%C3%A9"]),
    Kind.INT: st.integers(-20, 99).map(str),
    Kind.FLOAT: st.sampled_from(["0.5", "1e9", "-3"]),
    Kind.DECIMAL: st.sampled_from(["0", "0.5", "12.00", "-1"]),
    Kind.BOOL: st.sampled_from(["true", "false"]),
    Kind.DATE: st.dates().map(str),
    Kind.DATETIME: st.sampled_from(["2030-05-01T1800", "1999-12-31T235959.5"]),
    Kind.TIME: st.sampled_from(["0930", "235959.25"]),
    Kind.UUID: st.uuids().map(str),
    Kind.EMAIL: st.just("ann@example.org"),
    Kind.URL: st.just("https%3A//example.org"),
    Kind.SLUG: st.just("first-steps"),
    Kind.ENUM: st.sampled_from(["draft", "live"]),
}
FOR_ROWS = {
    Kind.BOOL: "true", Kind.DATE: "2030-05-01", Kind.DATETIME: "2030-05-01 18:00:00.000000",
    Kind.TIME: "09:30:00.000000", Kind.UUID: "6f1c2a345b6d4e7f8a9b0c1d2e3f4a5b",
    Kind.EMAIL: "ann@example.org", Kind.URL: "https://example.org",
    Kind.SLUG: "first-steps", Kind.ENUM: "live",
}  # fmt: skip
"""What rows that are there get, written as the database stores it: the existing way takes it as it is."""
ARGUMENTS = {
    Kind.DECIMAL: st.sampled_from(["10.2", "15.0", "4.4"]),
    Kind.ENUM: st.just("draft/live"),
    Kind.VECTOR: st.just("64"),
    Kind.REF: st.sampled_from(["Author", "Tag", "Shelf", "self"]),
    Kind.MANY: st.sampled_from(["Author", "Tag", "Shelf", "self"]),
}
LENGTHS = {Kind.STR, Kind.TEXT, Kind.URL, Kind.SLUG, Kind.SECRET}


@st.composite
def fields_of_a_book(draw: st.DrawFn) -> tuple[Field, ...]:
    """Fields that the grammar takes, at most one `many` for each model."""
    texts: list[str] = []
    targets: set[str] = set()
    for name in draw(st.lists(NAMES, min_size=1, max_size=8, unique=True)):
        kind = draw(st.sampled_from(Kind))
        words = [name, kind.value]
        if kind in ARGUMENTS:
            words.append(draw(ARGUMENTS[kind]))
        if kind is Kind.MANY:
            if words[-1] in targets:
                continue
            targets.add(words[-1])
        for word in draw(st.lists(st.sampled_from(TYPES[kind].modifiers), max_size=4, unique=True)):
            if word in {"min", "max"}:
                bound = st.integers(1, 90).map(str) if kind in LENGTHS else VALUES[kind]
                words.append(f"{word}={draw(bound)}")
            elif word == "default":
                words.append(f"default={draw(VALUES[kind])}")
            elif word != "pattern":
                words.append(word)
        try:
            parse_fields([*texts, ":".join(words)])
        except InvalidField:
            continue
        texts.append(":".join(words))
    return parse_fields(texts)


@st.composite
def options_of_a_book(draw: st.DrawFn, fields: tuple[Field, ...]) -> Options:
    columns = [field.column for field in fields if field.type not in {Kind.SECRET, Kind.VECTOR, Kind.MANY}]
    groups: st.SearchStrategy[list[tuple[str, ...]]] = st.just([])
    if len(columns) > 1:
        some = st.lists(st.sampled_from(columns), min_size=2, max_size=3, unique=True).map(tuple)
        groups = st.lists(some, max_size=2, unique_by="_".join)
    return Options(
        uuid=draw(st.booleans()),
        owned=draw(st.booleans()),
        soft_delete=draw(st.booleans()),
        uniques=tuple(draw(groups)),
        indexes=tuple(draw(groups)),
    )


@st.composite
def models_with_keys(draw: st.DrawFn) -> dict[str, Model]:
    """The models, each with a number or a UUID as its key."""
    uuid = Attribute("id", "UUID", False, "uuid7()", {})
    return {name: replace(model, attributes=(uuid,) * draw(st.booleans())) for name, model in MODELS.items()}


RESOURCES = st.sampled_from(["Book", "News", "AudioBookChapter"])
PATIENT = settings(
    deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow], report_multiple_bugs=False,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)  # fmt: skip
"""Alembic takes a tenth of a second for a resource: finding the smallest that fails would take many minutes."""


@PATIENT
@given(st.data(), RESOURCES, fields_of_a_book())
def test_a_new_table_is_what_autogenerate_would_write(data: Any, name: str, fields: tuple[Field, ...]) -> None:
    names, options = Names.of(name, "News" if name == "News" else None), data.draw(options_of_a_book(fields))
    resource = Resource(names, fields, "Something.", data.draw(models_with_keys()), options)
    text = migration_or_none(resource)
    if text is not None:
        assert undated(text) == undated(created(HERE, resource))
        assert text == formatted(text)


@PATIENT
@given(st.data(), fields_of_a_book())
def test_new_columns_are_what_autogenerate_would_write(data: Any, fields: tuple[Field, ...]) -> None:
    options = data.draw(options_of_a_book(fields))
    resource = Resource(Names.of("Book"), fields, "Something to read.", data.draw(models_with_keys()), options)
    new = [field for field in resource.fields if data.draw(st.booleans())] or list(resource.fields[-1:])
    new = [field for field in new if field.type not in {Kind.SECRET, Kind.VECTOR} or field.optional]
    if migration_or_none(resource) is None or not new:
        return
    kinds = {field.column: field.type for field in new}
    chosen = {gap.name: FOR_ROWS.get(kinds[gap.column], "1") for gap in gaps(resource, new)}
    text = add_columns(HERE, resource, new, chosen)[1]
    assert operations(text) == operations(added(HERE, resource, new, chosen))
    assert text == formatted(text)


def migration_or_none(resource: Resource) -> str | None:
    """The text; None for a resource with a name in it that PostgreSQL would refuse."""
    try:
        return migration(HERE, resource)[1]
    except InvalidName:
        return None


def undated(text: str) -> str:
    """The text without the revision's own identifier and its day."""
    own = re.findall(r'^revision = "([0-9a-f]{12})"$', text, re.MULTILINE)
    assert len(own) == 1
    assert own[0] != FIRST
    return re.sub(r"written \d{4}-\d\d-\d\d", "written", text.replace(own[0], "ID"))


def formatted(text: str) -> str:
    command = [sys.executable, "-m", "ruff", "format", "--line-length=120", "--stdin-filename=a.py", "-"]
    return subprocess.run(command, input=text, capture_output=True, text=True, check=True).stdout


def about_products(source: str, function: str) -> list[str]:
    """The statements of the function that are about the products."""
    [body] = [
        node.body for node in ast.parse(source).body if isinstance(node, ast.FunctionDef) and node.name == function
    ]
    lines = [ast.get_source_segment(source, node) or "" for node in body]
    return [line for line in lines if '"products"' in line]
