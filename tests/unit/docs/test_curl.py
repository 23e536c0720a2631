import shlex
from typing import Any

import pytest

from oppman.docs.curl import command_line

BEARER = {"bearer": {"type": "http", "scheme": "bearer"}}


def call(method: str = "get", path: str = "/boats", **given: Any) -> list[str]:
    """The words of the command line as a shell would split it."""
    line = command_line(
        method, path, given.get("parameters", []), given.get("body", {}), given.get("security", []),
        given.get("schemes", {}), {},
    )  # fmt: skip
    return shlex.split(line.replace("\\\n", ""))


def test_reading_needs_no_more_than_the_address() -> None:
    assert call() == ["curl", "$BASE_URL/boats"]


def test_what_is_required_is_filled_in_and_the_rest_left_out() -> None:
    parameters = [
        {"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}},
        {"name": "q", "in": "query", "required": True, "schema": {"type": "string", "default": "a&b c"}},
        {"name": "limit", "in": "query", "schema": {"type": "integer"}},
        {"name": "X-Key", "in": "header", "required": True, "schema": {"type": "string"}, "example": "it's"},
    ]

    words = call("delete", "/boats/{id}", parameters=parameters)

    assert words == ["curl", "-X", "DELETE", "$BASE_URL/boats/1?q=a%26b%20c", "-H", "X-Key: it's"]


def test_a_json_body_survives_the_shell() -> None:
    body = {"content": {"application/json": {"example": {"name": 'Ada\'s "net" $HOME'}}}}

    words = call("post", body=body)

    assert words[4:6] == ["-H", "Content-Type: application/json"]
    assert __import__("json").loads(words[-1]) == {"name": 'Ada\'s "net" $HOME'}


def test_the_first_of_several_named_examples_is_sent() -> None:
    body = {"content": {"application/json": {"examples": {"least": {"value": [1]}, "all": {"value": [1, 2]}}}}}

    assert call("post", body=body)[-1].split() == ["[", "1", "]"]


def test_a_form_and_a_file_are_sent_as_such() -> None:
    schema = {
        "type": "object", "required": ["photo"],
        "properties": {"photo": {"type": "string", "format": "binary"}, "note": {"type": "string"}},
    }  # fmt: skip

    multipart = call("post", body={"content": {"multipart/form-data": {"schema": schema}}})
    encoded = call("post", body={"content": {"application/x-www-form-urlencoded": {"schema": schema}}})

    assert multipart[-2:] == ["-F", "photo=@file"]
    assert encoded[-2:] == ["--data-urlencode", "photo=@file"]


@pytest.mark.parametrize(
    ("scheme", "expected"),
    [
        ({"type": "http", "scheme": "bearer"}, ["-H", "Authorization: Bearer $TOKEN"]),
        ({"type": "oauth2"}, ["-H", "Authorization: Bearer $TOKEN"]),
        ({"type": "http", "scheme": "basic"}, ["-u", "$USER:$PASSWORD"]),
        ({"type": "apiKey", "in": "cookie", "name": "session"}, ["-b", "session=$KEY"]),
        ({"type": "apiKey", "in": "header", "name": "X-Key"}, ["-H", "X-Key: $KEY"]),
    ],
)
def test_the_credentials_go_where_the_scheme_says(scheme: dict[str, str], expected: list[str]) -> None:
    assert call(security=[{"it": []}], schemes={"it": scheme})[2:] == expected


def test_of_several_schemes_the_bearer_token_is_taken_and_none_where_none_is_needed() -> None:
    schemes = {"cookie": {"type": "apiKey", "in": "cookie", "name": "s"}, **BEARER}

    assert call(security=[{"cookie": []}, {"bearer": []}], schemes=schemes)[-1] == "Authorization: Bearer $TOKEN"
    assert len(call(security=[{"bearer": []}, {}], schemes=schemes)) == 2
