import json
from typing import Any

import yaml

from oppman.docs import openapi


def document(**paths: Any) -> dict[str, Any]:
    return {"openapi": "3.1.0", "info": {"title": "Harbour", "version": "2"}, "paths": paths}


def test_json_and_yaml_hold_the_same_document_in_its_own_order() -> None:
    written = document()
    written["info"]["description"] = "Two\nlines: é"
    written["x-shared"] = [written["info"], written["info"], "on", "1.0", None]

    as_json, as_yaml = openapi.as_json(written), openapi.as_yaml(written)

    assert json.loads(as_json) == yaml.safe_load(as_yaml) == written
    assert list(json.loads(as_json)) == list(written)
    assert "  description: |-\n    Two\n    lines: é\n" in as_yaml
    assert "&id" not in as_yaml


def test_operations_are_grouped_by_tag_in_the_order_of_the_document_described_tags_first() -> None:
    paths = {
        "/a": {"get": {"tags": ["boats"]}, "post": {"tags": ["ports"]}},
        "/api/tides/{id}": {"get": {}},
        "/": {"get": {}},
    }
    written = document(**paths) | {"tags": [{"name": "ports", "description": "Where."}, {"name": "unused"}]}

    groups = openapi.read(written, {}).groups

    assert [(group.name, group.description) for group in groups] == [
        ("Ports", "Where."), ("Boats", ""), ("Tides", ""), ("General", ""),
    ]  # fmt: skip
    assert [operation.anchor for group in groups for operation in group.operations] == [
        "post-a", "get-a", "get-api-tides-id", "get",
    ]  # fmt: skip


def test_an_operation_tells_who_may_call_it_and_how() -> None:
    paths = {"/boats": {"post": {"security": [{"cookie": []}, {"bearer": []}]}, "get": {"security": []}}}
    written = document(**paths) | {
        "security": [{"bearer": []}],
        "components": {
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer", "description": "Thirty minutes."}}
        },
    }

    api = openapi.read(written, {("POST", "/boats"): ("boat.add",)})

    get, post = api.groups[0].operations
    assert (post.permissions, post.security) == (("boat.add",), ("cookie", "bearer"))
    assert (get.permissions, get.security) == ((), ())
    assert api.security == (("bearer", "HTTP Bearer in the header `Authorization`. Thirty minutes."),)


def test_parameters_of_the_path_are_shared_and_may_be_overridden() -> None:
    paths = {
        "/boats/{id}": {
            "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}],
            "get": {
                "parameters": [
                    {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}},
                    {"name": "q", "in": "query", "schema": {"type": "string"}, "examples": {"one": {"value": "sloop"}}},
                ]
            },
        }
    }

    ((_, (identifier,)), (title, (query,))) = openapi.read(document(**paths), {}).groups[0].operations[0].parameters

    assert (identifier.type[0].text, identifier.required) == ("string", True)
    assert (title, query.name, query.example) == ("Query", "q", "sloop")


def test_bodies_and_responses_carry_the_authors_examples_or_made_up_ones() -> None:
    boat = {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]}
    reference = {"$ref": "#/components/schemas/Boat"}
    paths = {
        "/boats": {
            "post": {
                "requestBody": {
                    "content": {
                        "application/json": {
                            "schema": reference,
                            "examples": {"a": {"summary": "A sloop", "value": {"name": "Ada"}}, "b": {"value": {}}},
                        }
                    }
                },
                "responses": {
                    "201": {"description": "Made.", "content": {"application/json": {"schema": reference}}},
                    "409": {"$ref": "#/components/responses/Taken"},
                    "204": {"description": "Nothing."},
                },
            }
        }
    }
    written = document(**paths)
    written["components"] = {
        "schemas": {"Boat": boat, "Body_post": boat},
        "responses": {"Taken": {"description": "Taken.", "content": {"text/plain": {"example": "no"}}}},
    }

    api = openapi.read(written, {})
    (operation,) = api.groups[0].operations

    assert operation.bodies[0].samples == (("A sloop", '{\n  "name": "Ada"\n}'), ("b", "{}"))
    made, nothing, taken = operation.responses
    assert made.contents[0].samples == (("", '{\n  "name": "Name"\n}'),)
    assert (taken.description, taken.contents[0].samples) == ("Taken.", (("", "no"),))
    assert nothing.contents == ()
    assert [schema.name for schema in api.schemas] == ["Boat"]


def test_one_body_in_two_media_types_is_told_once() -> None:
    schema = {"type": "object", "properties": {"name": {"type": "string"}}}
    forms = {"application/x-www-form-urlencoded": {"schema": schema}, "application/json": {"schema": schema}}
    other = {"text/csv": {"schema": {"type": "string"}}}
    paths = {"/boats": {"post": {"requestBody": {"content": forms | other}}}}

    bodies = openapi.read(document(**paths), {}).groups[0].operations[0].bodies

    assert [body.media_type for body in bodies] == ["application/x-www-form-urlencoded or application/json", "text/csv"]
    assert bodies[0].samples == (("", '{\n  "name": "Name"\n}'),)
