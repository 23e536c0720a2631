"""Values that look real, by a field's name and type: for the API's documentation and for the tests."""

import json
from collections.abc import Callable
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from oppman.scaffold.fields import Field
from oppman.scaffold.kinds import Kind
from oppman.scaffold.masks import sample_of
from oppman.scaffold.model_code import INTEGER, length

_TEXTS = {
    "name": "Oak Lamp", "title": "Joinery without screws", "description": "Oiled wood.", "category": "Light",
    "isbn": "978-0-00-000000-2", "city": "Lisbon", "country": "Portugal", "phone": "+351 21 000 0000",
    "street": "Rua Nova 1", "summary": "In short.", "body": "Once upon a time.", "notes": "Handle with care.",
    "colour": "moss", "color": "moss", "sku": "OAK-LAMP-1", "code": "A-1", "first_name": "Ada", "last_name": "Lovelace",
}  # fmt: skip
_PLAIN = {
    Kind.INT: "12", Kind.FLOAT: "1.5", Kind.DECIMAL: '"89.00"', Kind.BOOL: "True", Kind.DATE: '"2030-01-31"',
    Kind.DATETIME: '"2030-05-01T18:00:00Z"', Kind.TIME: '"18:00:00"', Kind.REF: "7",
    Kind.UUID: '"6f1f9a2e-52d6-4b7e-9a3e-0c9d6f1b2a34"', Kind.JSON: '{"size": "large"}',
    Kind.FILE: f'"{"9f86d081" * 4}-manual.pdf"', Kind.IMAGE: f'"{"9f86d081" * 4}.jpg"',
    Kind.EMAIL: '"ada@example.com"', Kind.URL: '"https://example.com/"', Kind.SLUG: '"oak-lamp"',
}  # fmt: skip


def example(field: Field) -> str:
    """A value of the field as JSON has it, as Python source."""
    maker = _MAKERS.get(field.type)
    if field.type is Kind.REF and field.target_key == "UUID":
        return _PLAIN[Kind.UUID]
    return maker(field) if maker else _PLAIN[field.type]


def is_known(field: Field) -> bool:
    """Whether the example keeps to the field's rules: of a pattern it has to be guessed what matches."""
    return not field.pattern or sample_of(field) is not None


def _text(field: Field) -> str:
    if field.pattern and (sample := sample_of(field)) is not None:
        return json.dumps(sample, ensure_ascii=False)
    text = _TEXTS.get(field.name, field.name.replace("_", " ").capitalize())
    return f'"{fitting(field, text)}"'


def _secret(field: Field) -> str:
    return f'"{fitting(field, "correct horse battery")}"'


def fitting(field: Field, text: str) -> str:
    """The text in a length that the field allows."""
    most = field.maximum or 128 if field.type is Kind.SECRET else length(field)
    return text[:most].strip().ljust(int(field.minimum or 0), "x")


def _moment(field: Field) -> str:
    plain = _PLAIN[field.type].strip('"')
    read: dict[Kind, Any] = {Kind.DATE: date, Kind.DATETIME: datetime, Kind.TIME: time}
    value = read[field.type].fromisoformat(plain)
    if field.minimum is not None and value < field.minimum:
        value = field.minimum
    if field.maximum is not None and value > field.maximum:
        value = field.maximum
    return f'"{value.isoformat().replace("+00:00", "Z")}"'


def python_example(field: Field, enum: str, value: str = "") -> str:
    """The example, or another `value`, as a row of the model has it; `enum` is the name of the field's enum class."""
    value = value or example(field)
    match field.type:
        case Kind.ENUM:
            return f"{enum}({value})"
        case Kind.DECIMAL:
            return f"Decimal({value})"
        case Kind.UUID:
            return f"UUID({value})"
        case Kind.DATE | Kind.DATETIME | Kind.TIME:
            return f"{field.type}.fromisoformat({value})"
    return value


def _number(field: Field) -> str:
    low, high = bounds(field)
    return number(field, min(max(Decimal(_PLAIN[field.type].strip('"')), low), high))


def number(field: Field, value: Decimal) -> str:
    """The number as JSON has it in the field, as Python source."""
    match field.type:
        case Kind.DECIMAL:
            return f'"{value:.{field.places}f}"'
        case Kind.FLOAT:
            return repr(float(value))
    return str(int(value))


def bounds(field: Field) -> tuple[Decimal, Decimal]:
    """The least and the greatest number that the field holds."""
    greatest = {Kind.INT: Decimal(INTEGER[1]), Kind.FLOAT: Decimal("1e300")}
    most = greatest.get(field.type, Decimal(10**field.digits - 1).scaleb(-field.places))
    low, high = (None if bound is None else Decimal(str(bound)) for bound in (field.minimum, field.maximum))
    return -most if low is None else low, most if high is None else high


def _vector(field: Field) -> str:
    """Numbers that single precision has exactly."""
    steps = ", ".join(f"{step / 8}" for step in range(-4, 5))
    if field.dimensions <= 9:
        return f"[{', '.join(steps.split(', ')[: field.dimensions])}]"
    return f"[step % 9 / 8 for step in range({field.dimensions})]"


_MAKERS: dict[Kind, Callable[[Field], str]] = {
    Kind.MANY: lambda _field: "[]", Kind.ENUM: lambda field: f'"{field.default or field.choices[0]}"',
    Kind.SECRET: _secret, Kind.STR: _text, Kind.TEXT: _text, Kind.INT: _number, Kind.FLOAT: _number,
    Kind.VECTOR: _vector, Kind.DECIMAL: _number, Kind.DATE: _moment, Kind.DATETIME: _moment, Kind.TIME: _moment,
}  # fmt: skip
