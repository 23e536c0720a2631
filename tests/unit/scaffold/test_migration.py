"""The migration of a resource, beside what autogenerate wrote for the same table."""

import ast
from pathlib import Path

import pytest

from oppman.project import Project
from oppman.scaffold.fields import parse_fields
from oppman.scaffold.migration import NAMING, migration
from oppman.scaffold.naming import Names
from oppman.scaffold.resource import Resource
from webapp.models import metadata

ROOT = Path(__file__).parents[3]
FIELDS = (
    "name:str:max=100", "description:text:optional", "price:decimal:10.2:min=0", "category:str:max=50:optional:index",
    "in_stock:bool:default=true",
)  # fmt: skip


def test_constraints_are_named_as_in_the_web_app() -> None:
    assert metadata.naming_convention == NAMING


@pytest.mark.parametrize("function", ["upgrade", "downgrade"])
def test_the_products_table_is_written_as_autogenerate_wrote_it(function: str) -> None:
    product = Resource(Names.of("Product"), parse_fields(FIELDS), "Something that is sold.", {})
    path, text = migration(Project(ROOT), product)

    assert path.parent == ROOT / "migrations/versions"
    assert path.name.endswith("_add_products.py")
    assert not path.exists()
    assert statements(text, function) == statements(next(path.parent.glob("*.py")).read_text(), function)


def statements(source: str, function: str) -> list[str]:
    """The statements of the function that are about the products."""
    [body] = [
        node.body for node in ast.parse(source).body if isinstance(node, ast.FunctionDef) and node.name == function
    ]
    lines = [ast.get_source_segment(source, node) or "" for node in body]
    return [line for line in lines if '"products"' in line]
