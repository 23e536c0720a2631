"""Made-up requests against the running API: whatever comes, it answers as its OpenAPI document says, and never 500."""

from typing import Any

import httpx
import pytest

pytest.importorskip("schemathesis")
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from jsonschema_rs import validator_for
from pydantic import TypeAdapter, ValidationError
from schemathesis import Case
from schemathesis.checks import CheckFunction
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance

from webapp.main import app

pytestmark = [pytest.mark.e2e]

DOCUMENT = app.openapi()
schema = schemathesis.openapi.from_dict(DOCUMENT)

BEYOND_A_SCHEMA = {
    "after",  # an opaque cursor
    "current", "password",  # must fit, must not be easy to guess
    "capacity",  # must not be less than the places that are taken
}  # fmt: skip
"""Values that can fit the schema and still break a rule of the app: a 422 that names no others is right."""


@pytest.fixture(scope="module")
def token(server: Any) -> str:
    """A superuser's token."""
    server.clear()
    server.add_user("boss@example.com", is_superuser=True)
    form = {"username": "boss@example.com", "password": server.password}
    answer = httpx.post(f"{server.url}/api/auth/token", data=form)
    return str(answer.json()["access_token"])


@pytest.fixture(scope="module", autouse=True)
def rows(server: Any, token: str) -> None:
    """Rows of each kind, so that there is something to find, to change and to refer to."""
    server.load_demo(30)


@schema.parametrize()
@settings(
    max_examples=15,
    derandomize=True,  # the same requests each time: a failure can be looked into
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_the_api_answers_as_its_document_says(case: Case[Any], server: Any, token: str) -> None:
    response = case.call(base_url=server.url, headers={"Authorization": f"Bearer {token}"})
    excluded: list[CheckFunction] = []
    if response.status_code == 422 and all(may_be_refused(case, name) for name in response.json()["error"]["fields"]):
        excluded.append(positive_data_acceptance)
    if response.status_code < 300 and fits_when_read_like_a_form(case):
        excluded.append(negative_data_rejection)
    case.validate_response(response, excluded_checks=excluded)


def may_be_refused(case: Case[Any], name: str) -> bool:
    """Whether a value of this name can fit the schema and still be wrong: a row that is not there, a file of noise."""
    is_file = case.media_type == "multipart/form-data"
    return is_file or name.endswith(("_id", "_ids")) or name in BEYOND_A_SCHEMA | blank_texts(case) | formatted(case)


def formatted(case: Case[Any]) -> set[str]:
    """The values with a `format`, which says less than the rule: addresses have more to keep to, dates have a range."""
    if not isinstance(case.body, dict) or case.media_type != "application/json":
        return set()
    properties = body_schema_of(case).get("properties", {})
    return {
        name for name, value in properties.items()
        if any("format" in part for part in (value, *value.get("anyOf", ())))
    }  # fmt: skip


def blank_texts(case: Case[Any]) -> set[str]:
    """The values that hold a NUL, which PostgreSQL cannot store, or that are empty without the spaces around them."""
    body = case.body if isinstance(case.body, dict) else {}
    sent = {**body, **(case.query or {})}
    return {name for name, value in sent.items() if isinstance(value, str) and ("\x00" in value or not value.strip())}


def fits_when_read_like_a_form(case: Case[Any]) -> bool:
    """Whether the body fits once "5" is read as 5, 1 as true, false as 0, a number as the text of it and a text without
    the spaces around it.

    The API reads it so: the same schemas read HTML forms, whose values are all texts.
    """
    if not isinstance(case.body, dict) or case.media_type != "application/json":
        return False
    body_schema = body_schema_of(case)
    read = {name: _read(value, body_schema["properties"].get(name, {})) for name, value in case.body.items()}
    return bool(validator_for({**body_schema, "components": DOCUMENT["components"]}).is_valid(read))


def body_schema_of(case: Case[Any]) -> dict[str, Any]:
    content = DOCUMENT["paths"][case.path][case.method.lower()]["requestBody"]["content"]["application/json"]
    found: dict[str, Any] = content["schema"]
    reference = found.get("$ref", "").rpartition("/")[2]
    return DOCUMENT["components"]["schemas"][reference] if reference else found


def _read(value: Any, value_schema: dict[str, Any]) -> Any:
    if "pattern" in value_schema and isinstance(value, int | float):
        return str(value)  # money
    if isinstance(value, str):
        value = value.strip()
    types = {part.get("type") for part in (value_schema, *value_schema.get("anyOf", ()))}
    for kind, python in (("boolean", bool), ("integer", int), ("number", float)):
        if kind in types:
            try:
                return TypeAdapter(python).validate_python(value)
            except ValidationError:
                pass
    return value
