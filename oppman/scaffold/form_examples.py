"""What the tests of a form type into it, right and wrong."""

import ast
import json

from oppman.scaffold.examples import example
from oppman.scaffold.fields import Field
from oppman.scaffold.kinds import Kind
from oppman.scaffold.model_code import length

_WRONG = {
    Kind.INT: "many", Kind.FLOAT: "much", Kind.DECIMAL: "cheap", Kind.DATE: "soon", Kind.DATETIME: "soon",
    Kind.TIME: "early", Kind.UUID: "seven", Kind.EMAIL: "ada@", Kind.URL: "javascript:alert(1)", Kind.SLUG: "Oak lamp",
    Kind.JSON: "{", Kind.ENUM: "no such word", Kind.REF: "2000000000",
}  # fmt: skip


def typed(field: Field) -> str:
    """The example as a browser sends it."""
    value = ast.literal_eval(example(field))
    match field.type:
        case Kind.BOOL:
            return "true"
        case Kind.JSON:
            return json.dumps(value)
        case Kind.DATETIME:
            return str(value)[:16]
        case Kind.TIME:
            return str(value)[:5]
        case _:
            return str(value)


def refused(field: Field) -> str:
    """What the form refuses, as Python source."""
    if field.type in {Kind.STR, Kind.TEXT}:
        return f'"x" * {length(field) + 1}'
    if field.type is Kind.REF and field.target_key == "UUID":
        return '"01900000-0000-7000-8000-000000000007"'
    return f'"{_WRONG.get(field.type, "perhaps")}"'
