"""What a row is changed to: the example of a change in the API's documentation, and in the tests."""

import json
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from oppman.scaffold.examples import bounds, example, fitting, number
from oppman.scaffold.fields import Field
from oppman.scaffold.kinds import Kind
from oppman.scaffold.resource import Resource

_OTHERS = {
    Kind.BOOL: "False", Kind.JSON: '{"size": "small"}', Kind.UUID: '"0b1c2d3e-4f5a-4b6c-8d7e-9f0a1b2c3d4e"',
    Kind.EMAIL: '"bob@example.com"', Kind.URL: '"https://example.org/"', Kind.SLUG: '"ash-lamp"',
}  # fmt: skip


class Changed(NamedTuple):
    """A field, and another value than its example, as JSON has it, as Python source."""

    field: Field
    value: str


def changed_example(r: Resource) -> Changed | None:
    """A change that can be read back; None if no field has a second value that is known to keep to its rules.

    An amount is changed rather than a text, and that rather than a box that is ticked or not.
    """
    shown = [field for field in r.sent if not field.hidden]
    first, last = {Kind.DECIMAL}, {Kind.BOOL, Kind.JSON}
    for field in sorted(shown, key=lambda field: (field.type not in first, field.type in last)):
        if value := other(field):
            return Changed(field, value)
    return None


def other(field: Field) -> str | None:
    """A second value of the field, as JSON has it, as Python source; None if none is known."""
    if field.pattern:
        return None
    known = example(field)
    return next((value for value in _others(field) if value != known), None)


def _others(field: Field) -> Iterator[str]:
    match field.type:
        case Kind.STR | Kind.TEXT:
            for text in (f"Another {field.name.replace('_', ' ')}", "Something else"):
                yield json.dumps(fitting(field, text))
        case Kind.INT | Kind.FLOAT | Kind.DECIMAL:
            value = Decimal(example(field).strip('"'))
            low, high = bounds(field)
            for step in (-10, 1, -1) if field.type is Kind.DECIMAL and value > 10 else (1, -1):
                if low <= value + step <= high:
                    yield number(field, value + step)
        case Kind.ENUM:
            yield from (f'"{choice}"' for choice in field.choices)
        case Kind.DATE:
            value_then = date.fromisoformat(example(field).strip('"'))
            for days in (1, -1):
                day = value_then + timedelta(days)
                if (field.minimum is None or field.minimum <= day) and (field.maximum is None or day <= field.maximum):
                    yield f'"{day.isoformat()}"'
        case kind if kind in _OTHERS:
            yield _OTHERS[kind]
