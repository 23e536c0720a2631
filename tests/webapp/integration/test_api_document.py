"""The OpenAPI document: what a generator of clients and a reader of /docs rely on."""

from typing import Any

import pytest
from fastapi import FastAPI

METHODS = ("get", "post", "patch", "delete", "put")


@pytest.fixture
def document(app: FastAPI) -> dict[str, Any]:
    return app.openapi()


def operations(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {
        f"{method.upper()} {path}": operation
        for path, item in document["paths"].items()
        for method, operation in item.items()
        if method in METHODS
    }


def test_every_operation_has_a_short_name_of_its_own(document: dict[str, Any]) -> None:
    names = {key: operation["operationId"] for key, operation in operations(document).items()}
    assert len(set(names.values())) == len(names)
    assert names["GET /api/me"] == "get_me"
    assert names["PATCH /api/me"] == "update_me"
    assert all(name.isidentifier() for name in names.values())


def test_every_operation_has_a_summary_and_a_described_tag(document: dict[str, Any]) -> None:
    described = {tag["name"] for tag in document["tags"]}
    for key, operation in operations(document).items():
        assert operation["summary"], key
        assert set(operation["tags"]) <= described, key
        assert operation["tags"], key


def test_every_error_has_the_one_schema(document: dict[str, Any]) -> None:
    for key, operation in operations(document).items():
        if "/api/" not in key:
            continue
        for status, answer in operation["responses"].items():
            if int(status) >= 400:
                schema = answer["content"]["application/json"]["schema"]
                assert schema == {"$ref": "#/components/schemas/Error"}, (key, status)
    assert "HTTPValidationError" not in document["components"]["schemas"]


def test_what_takes_a_log_in_says_so(document: dict[str, Any]) -> None:
    assert set(document["components"]["securitySchemes"]) == {"Bearer", "Cookie"}
    for key, operation in operations(document).items():
        guarded = "401" in operation["responses"] and key != "POST /api/auth/token"
        assert operation.get("security") == ([{"Bearer": []}, {"Cookie": []}] if guarded else None), key


def test_money_is_a_string(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    assert schemas["ProductRead"]["properties"]["price"]["type"] == "string"


def test_bodies_have_examples(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    for name in ("ProductCreate", "ProductRead", "WebinarCreate", "WebinarRead", "RegistrationCreate", "Error"):
        assert schemas[name].get("examples"), name
