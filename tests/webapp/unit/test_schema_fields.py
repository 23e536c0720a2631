"""The types of values that a body or a form is checked with."""

from datetime import time
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from webapp.schemas.fields import Clock, Email, Json, Slug, WebAddress


@pytest.mark.parametrize(
    ("kind", "given", "kept"),
    [
        (Clock, "18:30", time(18, 30)),
        (Email, "Ann@Example.com", "ann@example.com"),
        (Email, "", ""),
        (WebAddress, "https://example.com/a?b=c", "https://example.com/a?b=c"),
        (WebAddress, "", ""),
        (Slug, "oak-lamp-2", "oak-lamp-2"),
        (Slug, "", ""),
        (Json, {"a": [1, {"b": None}]}, {"a": [1, {"b": None}]}),
        (Json, {"a": "a backslash and digits: \\u0000"}, {"a": "a backslash and digits: \\u0000"}),
    ],
)
def test_a_value_is_kept(kind: Any, given: Any, kept: Any) -> None:
    assert TypeAdapter(kind).validate_python(given) == kept


@pytest.mark.parametrize(
    ("kind", "given"),
    [
        (Clock, "18:30Z"), (Clock, "25:00"), (Email, "ann"), (Email, "a@b@c"), (WebAddress, "javascript:alert(1)"),
        (WebAddress, "https://"), (WebAddress, "https://a b"), (Slug, "Oak"), (Slug, "-oak"), (Slug, "oak--lamp"),
        (Json, {"a": float("nan")}), (Json, {"a": "\x00"}), (Json, {"a": "\ud800"}), (Json, [1]),
    ],
)  # fmt: skip
def test_a_value_that_cannot_be_stored_or_shown_is_refused(kind: Any, given: Any) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(kind).validate_python(given)
