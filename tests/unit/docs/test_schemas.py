from typing import Any

import pytest

from oppman.docs.schemas import Field, Part, fields, resolve, type_of

DOCUMENT: dict[str, Any] = {
    "components": {
        "schemas": {
            "Port": {"type": "object", "properties": {"name": {"type": "string"}}, "description": "Where boats lie."},
            "Alias": {"$ref": "#/components/schemas/Port"},
            "Loop": {"$ref": "#/components/schemas/Loop"},
            "Kind": {"type": "string", "enum": ["sail", "motor"]},
            "a/b~c": {"type": "null"},
        }
    }
}


def ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def words(schema: dict[str, Any]) -> str:
    return "".join(part.text for part in type_of(schema))


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({"type": "string"}, "string"),
        ({"type": "string", "format": "email"}, "string (email)"),
        ({"type": "string", "contentMediaType": "application/octet-stream"}, "string (binary)"),
        ({"type": "array", "items": {"type": "integer"}}, "array of integer"),
        ({"type": "array", "items": ref("Port")}, "array of Port"),
        ({"anyOf": [{"type": "integer"}, {"type": "null"}]}, "integer or null"),
        ({"anyOf": [{"type": "string"}, {"type": "string"}]}, "string"),
        ({"anyOf": [{"type": "number"}, {"type": "string", "pattern": "x"}, {"type": "null"}]}, "decimal or null"),
        ({"type": ["string", "null"]}, "string or null"),
        ({"allOf": [ref("Port")]}, "Port"),
        ({"type": "object", "additionalProperties": {"type": "integer"}}, "map of integer"),
        ({"properties": {}}, "object"),
        ({"const": 3}, "3"),
        ({}, "any"),
        (ref("Body_upload_post"), "object"),
    ],
)
def test_a_type_is_said_in_words(schema: dict[str, Any], expected: str) -> None:
    assert words(schema) == expected


def test_a_named_schema_is_linked() -> None:
    assert type_of({"anyOf": [ref("Port"), {"type": "null"}]}) == (Part("Port", "Port"), Part(" or "), Part("null"))


def test_a_reference_is_followed_and_what_stands_beside_it_wins() -> None:
    assert resolve(ref("Alias"), DOCUMENT)["type"] == "object"
    assert resolve({**ref("Port"), "description": "Home."}, DOCUMENT)["description"] == "Home."
    assert resolve(ref("a~1b~0c"), DOCUMENT) == {"type": "null"}


def test_a_reference_in_a_circle_or_to_nothing_ends() -> None:
    assert words(dict(resolve(ref("Loop"), DOCUMENT))) in {"any", "Loop"}
    assert resolve(ref("Missing"), DOCUMENT) == {}


def test_the_fields_of_an_inline_object_follow_it_and_those_of_a_named_one_do_not() -> None:
    boat = {
        "type": "object",
        "required": ["hull"],
        "properties": {
            "hull": {"type": "object", "properties": {"length": {"type": "number"}}},
            "port": ref("Port"),
            "crew": {"type": "array", "items": {"type": "object", "properties": {"name": {"type": "string"}}}},
        },
    }

    found = [(field.name, field.depth, field.required) for field in fields(boat, DOCUMENT)]

    assert found == [
        ("hull", 0, True),
        ("length", 1, False),
        ("port", 0, False),
        ("crew", 0, False),
        ("name", 1, False),
    ]


def test_the_fields_of_a_list_are_those_of_its_items() -> None:
    assert [field.name for field in fields({"type": "array", "items": ref("Port")}, DOCUMENT)] == ["name"]


def test_the_fields_of_a_combination_are_those_of_its_parts() -> None:
    whole = {"allOf": [ref("Port"), {"type": "object", "properties": {"depth": {"type": "number"}}}]}

    assert [field.name for field in fields(whole, DOCUMENT)] == ["name", "depth"]


def test_a_field_tells_its_rules_values_default_and_example() -> None:
    schema = {
        "anyOf": [{"type": "string", "minLength": 1, "maxLength": 9, "pattern": "^a"}, {"type": "null"}],
        "default": "abc",
        "examples": ["a"],
        "description": "A word.",
        "deprecated": True,
    }

    field = Field.of("word", schema, True, DOCUMENT)

    assert field.rules == ("not empty", "at most 9 characters", "matches `^a`")
    assert (field.default, field.example, field.description) == ("abc", "a", "A word.")
    assert (field.required, field.deprecated) == (True, True)


def test_a_field_with_a_named_enum_lists_its_values() -> None:
    assert Field.of("kind", ref("Kind"), False, DOCUMENT).values == ("sail", "motor")


def test_numbers_are_shown_without_a_needless_fraction() -> None:
    assert Field.of("n", {"type": "number", "exclusiveMinimum": 0.0, "maximum": 2.5}, False, {}).rules == (
        "> 0",
        "≤ 2.5",
    )


def test_an_empty_default_is_shown_and_none_is_not() -> None:
    assert Field.of("n", {"type": "string", "default": ""}, False, {}).default == '""'
    assert Field.of("n", {"type": "boolean", "default": False}, False, {}).default == "false"
    assert Field.of("n", {"type": "string", "default": None}, False, {}).default == ""
