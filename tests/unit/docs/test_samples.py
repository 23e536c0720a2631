from typing import Any

import pytest
from pydantic import TypeAdapter

from oppman.docs.samples import sample


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({"type": "string", "examples": ["mine"], "default": "other"}, "mine"),
        ({"type": "string", "example": "mine", "enum": ["a"]}, "mine"),
        ({"type": "string", "default": ""}, ""),
        ({"type": "string", "enum": ["a", "b"]}, "a"),
        ({"const": 7}, 7),
        ({"type": "boolean", "default": False}, False),
        ({"type": "string", "format": "email"}, "ada@example.com"),
        ({"type": "string", "minLength": 9}, "stringxxx"),
        ({"type": "string", "maxLength": 3}, "str"),
        ({"type": "integer", "minimum": 5}, 5),
        ({"type": "integer", "exclusiveMinimum": 5}, 6),
        ({"type": "integer", "maximum": -2}, -2),
        ({"type": "string", "pattern": r"^\d+$"}, "1"),
        ({"type": "string", "pattern": "(?<unknown"}, "string"),
        ({"anyOf": [{"type": "null"}, {"type": "integer"}]}, 1),
        ({"anyOf": [{"type": "number"}, {"type": "string"}]}, "19.90"),
        ({"type": ["integer", "null"]}, 1),
        ({"type": "array", "items": {"type": "integer"}}, [1]),
        ({"type": "array"}, []),
        ({"type": "object"}, {}),
        ({"type": "null"}, None),
        ({}, None),
    ],
)
def test_a_value_is_the_authors_or_made_to_fit(schema: dict[str, Any], expected: object) -> None:
    assert sample(schema, {}) == expected


def test_a_property_lends_its_name_and_a_deprecated_one_is_left_out() -> None:
    schema = {
        "type": "object",
        "properties": {"first_name": {"type": "string"}, "old": {"type": "string", "deprecated": True}},
    }

    assert sample(schema, {}) == {"first_name": "First name"}


def test_the_parts_of_a_combination_come_together() -> None:
    parts = [
        {"type": "object", "properties": {"a": {"const": 1}}},
        {"type": "object", "properties": {"b": {"const": 2}}},
    ]

    assert sample({"allOf": parts, "properties": {"c": {"const": 3}}}, {}) == {"a": 1, "b": 2, "c": 3}


def test_a_schema_that_holds_itself_ends() -> None:
    node = {"type": "object", "properties": {
        "name": {"type": "string"},
        "parent": {"anyOf": [{"$ref": "#/components/schemas/Node"}, {"type": "null"}]},
        "children": {"type": "array", "items": {"$ref": "#/components/schemas/Node"}},
    }}  # fmt: skip
    document = {"components": {"schemas": {"Node": node}}}

    assert sample({"$ref": "#/components/schemas/Node"}, document) == {"name": "Name", "parent": None, "children": []}


def test_a_text_that_is_a_decimal_elsewhere_is_one_here_too() -> None:
    asked = {"properties": {"price": {"anyOf": [{"type": "number"}, {"type": "string"}]}}}
    answered = {"type": "object", "properties": {"price": {"type": "string"}, "name": {"type": "string"}}}
    document = {"components": {"schemas": {"Asked": asked, "Answered": answered}}}

    assert sample(answered, document) == {"price": "19.90", "name": "Name"}


def test_what_is_made_up_passes_the_validation_that_it_was_made_for() -> None:
    from datetime import date, datetime, time, timedelta
    from decimal import Decimal
    from typing import Annotated, Literal
    from uuid import UUID

    from annotated_types import Ge, Gt, Le, Len
    from pydantic import AwareDatetime, BaseModel, EmailStr, HttpUrl

    class Boat(BaseModel):
        name: Annotated[str, Len(8, 20)]
        price: Annotated[Decimal, Ge(0)]
        kind: Literal["sail", "motor"]
        length: Annotated[float, Gt(0), Le(0.5)]
        crew: list[EmailStr]
        built: date
        seen: AwareDatetime
        left: datetime
        opens: time
        stay: timedelta
        id: UUID
        page: HttpUrl
        port: str | None
        log: dict[str, int]

    schema = TypeAdapter(Boat).json_schema()

    Boat.model_validate(sample(schema, schema))
