"""Values that look real, by a field's name and type: for the API's documentation and for the tests."""

import json
from collections.abc import Callable
from datetime import date, datetime, time
from typing import Any

from oppman.scaffold.fields import Field
from oppman.scaffold.kinds import Kind
from oppman.scaffold.masks import sample_of
from oppman.scaffold.model_code import length

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
    return f'"{_fitting(text, field.minimum, length(field))}"'


def _secret(field: Field) -> str:
    return f'"{_fitting("correct horse battery", field.minimum, field.maximum or 128)}"'


def _fitting(text: str, least: Any, most: int) -> str:
    """The text in a length that is allowed."""
    return text.ljust(int(least or 0), "x")[:most].strip()


def _moment(field: Field) -> str:
    plain = _PLAIN[field.type].strip('"')
    read: dict[Kind, Any] = {Kind.DATE: date, Kind.DATETIME: datetime, Kind.TIME: time}
    value = read[field.type].fromisoformat(plain)
    if field.minimum is not None and value < field.minimum:
        value = field.minimum
    if field.maximum is not None and value > field.maximum:
        value = field.maximum
    return f'"{value.isoformat().replace("+00:00", "Z")}"'


def python_example(field: Field, enum: str) -> str:
    """The same value as Python source, for a row of the model; `enum` is the name of the field's enum class."""
    value = example(field)
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
    plain = _PLAIN[field.type].strip('"')
    value = float(plain)
    if field.minimum is not None and value < field.minimum:
        plain = str(field.minimum)
    if field.maximum is not None and value > field.maximum:
        plain = str(field.maximum)
    if field.type is not Kind.DECIMAL:
        return plain
    return f'"{float(plain):.{field.places}f}"'


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
