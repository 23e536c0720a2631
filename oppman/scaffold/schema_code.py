"""What a field is in the schemas of the API: to create, to change, to read and to filter with."""

from oppman.scaffold.fields import Field
from oppman.scaffold.kinds import Kind
from oppman.scaffold.model_code import TEXTS, attribute, default, is_nullable, plain_type, rules, source

_INPUT = {
    Kind.DATE: "Day", Kind.DATETIME: "Moment", Kind.TIME: "Clock", Kind.EMAIL: "Email", Kind.URL: "WebAddress",
    Kind.SLUG: "Slug", Kind.JSON: "Json", Kind.SECRET: "Secret", Kind.VECTOR: "Embedding",
}  # fmt: skip
"""Kinds that a schema checks more closely than the model does, with the type of `schemas/fields.py` that does it."""

_OUTPUT = {
    Kind.DATETIME: "datetime", Kind.TIME: "Clock", Kind.FILE: "StoredFile", Kind.IMAGE: "StoredFile",
}  # fmt: skip
"""Kinds that an answer has otherwise than the model."""

RANGED = {Kind.INT, Kind.DECIMAL}


def input_type(field: Field, enum: str) -> str:
    """The type of the field in a body or a form."""
    if field.type is Kind.DECIMAL:
        return f"Annotated[Decimal, Exact({field.digits}, {field.places})]"
    return _keys(field) or _INPUT.get(field.type) or plain_type(field, enum)


def _keys(field: Field) -> str:
    """The type of a key, or of several, that refer to other rows; "" for a field that does not."""
    key = "Key" if field.target_key == "int" else field.target_key
    return {Kind.REF: key, Kind.MANY: f"list[{key}]"}.get(field.type, "")


def needs_own_line(field: Field) -> bool:
    """Whether the schema that creates a row has to say more than the model's columns do."""
    return field.type is Kind.DECIMAL or field.type in _INPUT or bool(_keys(field)) or bool(_own_rules(field))


def create_line(field: Field, enum: str) -> str:
    """The field in the schema that creates a row."""
    arguments = {Kind.JSON: {"default_factory": "dict"}, Kind.MANY: {"default_factory": "list"}}.get(field.type, {})
    if value := default(field, enum):
        arguments["default"] = value
    return _line(field, enum, arguments | _rules(field))


def update_line(field: Field, enum: str) -> str:
    """The field in the schema that changes a row: what is not sent stays as it is."""
    unsent = {"default": "None"} if is_nullable(field) else {"default_factory": "unset"}
    return _line(field, enum, unsent | _rules(field))


def read_type(field: Field, enum: str) -> str:
    """The type of the field in an answer."""
    plain = _OUTPUT.get(field.type) or plain_type(field, enum)
    return f"{plain} | None" if is_nullable(field) else plain


def filter_lines(field: Field, enum: str) -> list[str]:
    """The filters that a list has for the field."""
    if field.type in RANGED:
        given = {"default": "None"} | _rules(field)
        return [_line(field, enum, given, f"{end}_{field.name}") for end in ("min", "max")]
    if field.type is Kind.MANY:
        return [attribute(field.key[:-1], f"{_keys(field)[5:-1]} | None", {"default": "None"})]
    if field.type in TEXTS:
        return [attribute(field.column, "str | None", {"default": "None", "max_length": rules(field)["max_length"]})]
    return [_line(field, enum, {"default": "None"})]


def _rules(field: Field) -> dict[str, str]:
    """The rules that `input_type` has not said already."""
    said = {name: value for name, value in rules(field).items() if name not in {"max_digits", "decimal_places"}}
    return said | _own_rules(field)


def _own_rules(field: Field) -> dict[str, str]:
    """The rules that the model's columns do not have."""
    if field.regex is not None:
        raw = "\\" in field.regex and '"' not in field.regex
        return {"pattern": f'r"{field.regex}"' if raw else repr(field.regex)}
    if field.type not in {Kind.DATE, Kind.DATETIME, Kind.TIME}:
        return {}
    bounds = {"ge": field.minimum, "le": field.maximum}
    return {name: source(value) for name, value in bounds.items() if value is not None}


def _line(field: Field, enum: str, arguments: dict[str, str], name: str = "") -> str:
    kind = input_type(field, enum) + (" | None" if arguments.get("default") == "None" else "")
    return attribute(name or field.key, kind, arguments)
