"""What the stubs make of the product's fields is what the web app has, byte for byte."""

import ast
from pathlib import Path

import pytest

from oppman.project import Project
from oppman.scaffold.fields import parse_fields
from oppman.scaffold.migration import migration
from oppman.scaffold.naming import Names
from oppman.scaffold.plan import Change
from oppman.scaffold.resource import Resource
from oppman.scaffold.slice import FILES, INSERTED, place, render, steps
from oppman.scaffold.starter import FOLDERS

ROOT = Path(__file__).parents[3]
STUBS = ROOT / "oppman/scaffold/stubs/resource"
FIELDS = (
    "name:str:max=100", "description:text:optional", "price:decimal:10.2:min=0", "category:str:max=50:optional:index",
    "in_stock:bool:default=true",
)  # fmt: skip


@pytest.fixture
def product() -> Resource:
    return Resource(Names.of("Product"), parse_fields(FIELDS), "Something that is sold.", {})


def in_the_checkout(path: str) -> Path:
    """Where a file of a new project lies here."""
    folder = next(name for name, target in FOLDERS.items() if path.startswith(f"{target}/"))
    return ROOT / folder / path.removeprefix(f"{FOLDERS[folder]}/")


@pytest.mark.parametrize("stub", FILES)
def test_a_whole_file_is_that_of_the_web_app(product: Resource, stub: str) -> None:
    there = in_the_checkout(place(stub, product.names))
    assert render(ROOT, product, stub)[stub] == there.read_text(encoding="utf-8")


def test_each_stub_of_a_resource_is_compared() -> None:
    stubs = {path.relative_to(STUBS).as_posix().removesuffix(".jinja") for path in STUBS.rglob("*.jinja")}
    assert stubs == {*FILES, *INSERTED, "migrations/REVISION.py"}  # the starter's one revision makes all its tables


@pytest.mark.parametrize(
    ("path", "classes"), [("webapp/models.py", ["ProductBase", "Product"]), ("webapp/admin.py", ["ProductAdmin"])]
)
def test_the_classes_are_those_of_the_web_app(product: Resource, path: str, classes: list[str]) -> None:
    source = (ROOT / path).read_text(encoding="utf-8")
    made = render(ROOT, product, path)[path]
    assert definitions(made, classes) == definitions(source, classes)


def test_whatever_is_inserted_into_a_file_of_the_web_app_is_there(product: Resource) -> None:
    changes = [step for step in steps(Project(ROOT), product) if isinstance(step, Change)]
    assert {step.path for step in changes} == {
        "webapp/models.py", "webapp/admin.py", "webapp/main.py", "webapp/pages.py", "webapp/routes/api/__init__.py",
    }  # fmt: skip
    for step in changes:
        source = (ROOT / step.path).read_text(encoding="utf-8")
        for edit in step.edits:
            assert edit.apply(source) == source, f"{step.path}: {edit}"


def test_the_migration_s_statements_are_those_of_the_first_revision(product: Resource) -> None:
    [first] = (ROOT / "migrations/versions").glob("*_create_tables.py")
    made = statements(migration(Project(ROOT), product)[1])
    assert made == [one for one in statements(first.read_text(encoding="utf-8")) if "'products'" in one]
    assert len(made) == 10


def definitions(source: str, names: list[str]) -> list[str]:
    found = [node for node in ast.parse(source).body if isinstance(node, ast.ClassDef) and node.name in names]
    assert [node.name for node in found] == names
    return [ast.get_source_segment(source, node) or "" for node in found]


def statements(revision: str) -> list[str]:
    """What the revision does on the way up and down, in order."""
    functions = [node for node in ast.parse(revision).body if isinstance(node, ast.FunctionDef)]
    return [ast.unparse(statement) for function in functions for statement in function.body]
