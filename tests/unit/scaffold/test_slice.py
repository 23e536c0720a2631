"""What the stubs make of the product's fields is what the web app has, byte for byte."""

import ast
from pathlib import Path

import pytest

from oppman.scaffold.fields import parse_fields
from oppman.scaffold.naming import Names
from oppman.scaffold.resource import Resource
from oppman.scaffold.slice import render

ROOT = Path(__file__).parents[3]
FIELDS = (
    "name:str:max=100", "description:text:optional", "price:decimal:10.2:min=0", "category:str:max=50:optional:index",
    "in_stock:bool:default=true",
)  # fmt: skip


@pytest.fixture
def product() -> Resource:
    return Resource(Names.of("Product"), parse_fields(FIELDS), "Something that is sold.", {})


@pytest.mark.parametrize(
    ("stub", "path"),
    [
        ("webapp/schemas/NAME.py", "webapp/schemas/product.py"),
        ("webapp/services/NAME_service.py", "webapp/services/product_service.py"),
        ("webapp/routes/api/NAME.py", "webapp/routes/api/product.py"),
        ("webapp/demo/NAMES.py", "webapp/demo/products.py"),
        ("webapp/routes/NAME.py", "webapp/routes/product.py"),
        ("templates/NAME/list.html", "templates/product/list.html"),
        ("templates/NAME/detail.html", "templates/product/detail.html"),
        ("templates/NAME/form.html", "templates/product/form.html"),
    ],
)
def test_a_whole_file_is_that_of_the_web_app(product: Resource, stub: str, path: str) -> None:
    assert render(ROOT, product, stub)[stub] == (ROOT / path).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("path", "classes"), [("webapp/models.py", ["ProductBase", "Product"]), ("webapp/admin.py", ["ProductAdmin"])]
)
def test_the_classes_are_those_of_the_web_app(product: Resource, path: str, classes: list[str]) -> None:
    source = (ROOT / path).read_text(encoding="utf-8")
    made = render(ROOT, product, path)[path]
    assert definitions(made, classes) == definitions(source, classes)


def definitions(source: str, names: list[str]) -> list[str]:
    found = [node for node in ast.parse(source).body if isinstance(node, ast.ClassDef) and node.name in names]
    assert [node.name for node in found] == names
    return [ast.get_source_segment(source, node) or "" for node in found]
