"""The words of a resource."""

import ast

import pytest

from command_line import ROOT
from oppman.scaffold.fields import parse_fields
from oppman.scaffold.naming import Names
from oppman.scaffold.resource import Resource
from oppman.scaffold.slice import FILES, INSERTED, render


@pytest.mark.parametrize("name", ["admin", "base", "filters", "read", "status"])
def test_no_two_classes_of_a_resource_have_the_same_name(name: str) -> None:
    resource = Resource(Names.of("Book"), parse_fields([f"{name}:enum:a/b"]), "A book.", {})
    made = render(ROOT, resource, *FILES, *INSERTED)
    classes = [
        node.name
        for stub, source in made.items()
        if stub.endswith(".py")
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.ClassDef)
    ]
    assert len(classes) > 8
    assert len(set(classes)) == len(classes)
