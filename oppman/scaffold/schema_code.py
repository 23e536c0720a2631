"""What a field is in the schemas of the API: to create, to change, to read and to filter with."""

from oppman.scaffold.fields import Field, Kind
from oppman.scaffold.layout import fit
from oppman.scaffold.model_code import ANNOTATIONS, NUMBERS, TEXTS, default, is_nullable, rules

_INPUT = {
    Kind.DATETIME: "Moment", Kind.TIME: "Clock", Kind.EMAIL: "Email", Kind.URL: "WebAddress", Kind.SLUG: "Slug",
    Kind.JSON: "Json", Kind.REF: "Key",
}  # fmt: skip
"""Kinds that a schema checks more closely than the model does, with the type of `schemas/fields.py` that does it."""

RANGED = {Kind.INT, Kind.DECIMAL}


def input_type(field: Field, enum: str) -> str:
    """The type of the field in a body or a form."""
    if field.type is Kind.DECIMAL:
        return f"Annotated[Decimal, Exact({field.digits}, {field.places})]"
    if field.type is Kind.ENUM:
        return enum
    return _INPUT.get(field.type, ANNOTATIONS[field.type])


def needs_own_line(field: Field) -> bool:
    """Whether the schema that creates a row has to say more than the model's columns do."""
    return field.type is Kind.DECIMAL or field.type in _INPUT


def create_line(field: Field, enum: str) -> str:
    """The field in the schema that creates a row."""
    arguments = {"default_factory": "dict"} if field.type is Kind.JSON else {}
    if value := default(field, enum):
        arguments["default"] = value
    return _line(field.column, input_type(field, enum), is_nullable(field), arguments | _rules(field))


def update_line(field: Field, enum: str) -> str:
    """The field in the schema that changes a row: what is not sent stays as it is."""
    if is_nullable(field):
        return _line(field.column, input_type(field, enum), True, {"default": "None"} | _rules(field))
    return _line(field.column, input_type(field, enum), False, {"default_factory": "unset"} | _rules(field))


def read_type(field: Field, enum: str) -> str:
    """The type of the field in an answer."""
    plain = enum if field.type is Kind.ENUM else ANNOTATIONS[field.type].replace("AwareDatetime", "datetime")
    return f"{plain} | None" if is_nullable(field) else plain


def filter_lines(field: Field, enum: str) -> list[str]:
    """The filters that a list has for the field."""
    if field.type in RANGED:
        return [_line(f"{end}_{field.name}", input_type(field, enum), True, _no_value(field)) for end in ("min", "max")]
    if field.type in TEXTS:
        return [_line(field.column, "str", True, {"default": "None", "max_length": rules(field)["max_length"]})]
    return [f"{field.column}: {input_type(field, enum)} | None = None"]


def _no_value(field: Field) -> dict[str, str]:
    return {"default": "None"} | _rules(field)


def _rules(field: Field) -> dict[str, str]:
    """The rules that `input_type` has not said already."""
    found = rules(field)
    if field.type is Kind.DECIMAL or (field.type in _INPUT and field.type in TEXTS):
        for name in ("max_digits", "decimal_places"):
            found.pop(name, None)
    return found if field.type in TEXTS or field.type in NUMBERS else {}


def _line(name: str, kind: str, nullable: bool, arguments: dict[str, str]) -> str:
    head = f"{name}: {kind}{' | None' if nullable else ''}"
    if list(arguments) == ["default"]:
        return f"{head} = {arguments['default']}"
    if not arguments:
        return head
    return fit(f"{head} = Field(", [f"{key}={value}" for key, value in arguments.items()], ")", 4)
