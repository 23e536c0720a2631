"""What the tests of a form type into it, right and wrong."""

import ast
import json
from pprint import pformat

from oppman.scaffold.examples import example
from oppman.scaffold.fields import Field
from oppman.scaffold.kinds import Kind
from oppman.scaffold.model_code import rules

_WRONG = {
    Kind.INT: "many", Kind.FLOAT: "much", Kind.DECIMAL: "cheap", Kind.DATE: "soon", Kind.DATETIME: "soon",
    Kind.TIME: "early", Kind.UUID: "seven", Kind.EMAIL: "ada@", Kind.URL: "javascript:alert(1)", Kind.SLUG: "Oak lamp",
    Kind.JSON: "{", Kind.ENUM: "no such word", Kind.REF: "2000000000",
}  # fmt: skip


def typed(field: Field, source: str = "") -> str:
    """The example, or another value in the `source` of Python, as a browser sends it."""
    value = ast.literal_eval(source or example(field))
    match field.type:
        case Kind.BOOL:
            return str(value).lower()
        case Kind.JSON:
            return json.dumps(value)
        case Kind.DATETIME:
            return str(value)[:16]
        case Kind.TIME:
            return str(value)[:5]
        case _:
            return str(value)


def typed_source(field: Field) -> str:
    """The same as Python source. A vector is too long for a line."""
    return f'",".join(map(str, {example(field)}))' if field.type is Kind.VECTOR else pformat(typed(field))


def refused(field: Field) -> str:
    """What the form refuses, as Python source."""
    if field.type in {Kind.STR, Kind.TEXT, Kind.SECRET}:
        return f'"x" * {int(rules(field)["max_length"].replace("_", "")) + 1}'
    return f'"{_WRONG.get(field.type, "perhaps")}"'
