"""What a field is in a model and in its table."""

from collections.abc import Iterable
from datetime import date, time
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from oppman.scaffold.fields import Field
from oppman.scaffold.kinds import UPLOADS, Kind

if TYPE_CHECKING:
    from oppman.scaffold.resource import Link

TEXT = 10_000
STRING = 200
FILE_NAME = 100
INTEGER = (-(2**31), 2**31 - 1)
ON_DELETE = {"cascade": "CASCADE", "restrict": "", "null": "SET NULL"}
"""What a foreign key says. Restricted is what nothing is said of: checked when the statement is done, so that a row and
what belongs to it can go together with what both belong to. RESTRICT would refuse that."""

ANNOTATIONS = {
    Kind.STR: "str", Kind.TEXT: "str", Kind.EMAIL: "str", Kind.URL: "str", Kind.SLUG: "str",
    Kind.INT: "int", Kind.FLOAT: "float", Kind.DECIMAL: "Decimal", Kind.BOOL: "bool",
    Kind.DATE: "date", Kind.DATETIME: "AwareDatetime", Kind.TIME: "time", Kind.UUID: "UUID",
    Kind.JSON: "dict[str, Any]", Kind.SECRET: "str", Kind.FILE: "str", Kind.IMAGE: "str", Kind.VECTOR: "list[float]",
}  # fmt: skip
"""How the model writes each kind's type; an enum is written by its own name, a key by its type."""

TEXTS = {Kind.STR, Kind.TEXT, Kind.EMAIL, Kind.URL, Kind.SLUG}
NUMBERS = {Kind.INT, Kind.FLOAT, Kind.DECIMAL}

_LENGTHS = {Kind.STR: STRING, Kind.TEXT: TEXT, Kind.EMAIL: 254, Kind.URL: 2_000, Kind.SLUG: 100}


def quoted(names: Iterable[str]) -> str:
    """The names as the elements of a list."""
    return ", ".join(f'"{name}"' for name in names)


def length(field: Field) -> int:
    """The most characters that a text may have."""
    return int(field.maximum) if field.maximum is not None else _LENGTHS[field.type]


COLLECTION = frozenset(
    """
    add as_readonly clear compare contains_column corresponding_column extend get items keys remove update values
    """.split()  # noqa: SIM905
)
"""What the columns of a table answer themselves when they are asked for it as an attribute."""


def column(table: str, name: str) -> str:
    """The column as Python source: `books.c.title`."""
    return f'{table}.c["{name}"]' if name in COLLECTION else f"{table}.c.{name}"


def is_nullable(field: Field) -> bool:
    """Whether the column may hold NULL. A text that is not unique is "" when it is empty, the one kind of empty."""
    if field.type is Kind.MANY:
        return False
    if field.type in UPLOADS:
        return True
    if field.type in TEXTS:
        return field.optional and field.unique
    return field.optional and not field.has_default and field.type is not Kind.JSON


def annotation(field: Field, enum: str) -> str:
    """The type of the attribute; `enum` is the name of the field's enum class."""
    plain = plain_type(field, enum)
    return f"{plain} | None" if is_nullable(field) else plain


def plain_type(field: Field, enum: str) -> str:
    """The type of a value that is there."""
    types = {Kind.ENUM: enum, Kind.REF: field.target_key, Kind.MANY: f"list[{field.target_key}]"}
    return types.get(field.type) or ANNOTATIONS[field.type]


def attribute(name: str, kind: str, arguments: dict[str, str]) -> str:
    """The line of a class's attribute; `arguments` are those of `Field`, and a mere default stands by itself."""
    if list(arguments) in ([], ["default"]):
        return f"{name}: {kind}" + "".join(f" = {value}" for value in arguments.values())
    return f"{name}: {kind} = Field({', '.join(f'{key}={value}' for key, value in arguments.items())})"


def rules(field: Field) -> dict[str, str]:
    """What a value has to keep to, as keyword arguments of `Field`, in order."""
    if field.type is Kind.SECRET:
        longest = 128 if field.maximum is None else field.maximum
        return {"min_length": number(field.minimum or 1), "max_length": number(longest), "repr": "False"}
    if field.type is Kind.MANY:
        return {"max_length": "100"}
    if field.type is Kind.VECTOR:
        return {"min_length": number(field.dimensions), "max_length": number(field.dimensions)}
    if field.type in TEXTS:
        least = int(field.minimum) if field.minimum is not None else 0 if field.optional or field.has_default else 1
        return ({"min_length": str(least)} if least else {}) | {"max_length": number(length(field))}
    if field.type not in NUMBERS:
        return {}
    low, high = field.minimum, field.maximum
    if field.type is Kind.INT:
        low, high = INTEGER[0] if low is None else low, INTEGER[1] if high is None else high
    if field.type is Kind.FLOAT:  # what keeps "not a number" and infinity out
        low, high = "-1e300" if low is None else low, "1e300" if high is None else high
    found = {"ge": low, "le": high, "max_digits": None, "decimal_places": None}
    if field.type is Kind.DECIMAL:
        found |= {"max_digits": field.digits, "decimal_places": field.places}
    return {name: number(value) for name, value in found.items() if value is not None}


def number(value: Any) -> str:
    """A number as Python source: 10_000."""
    if isinstance(value, str):
        return value
    if isinstance(value, Decimal):
        return number(int(value)) if value == value.to_integral_value() else f'Decimal("{value}")'
    return f"{value:_}" if isinstance(value, int) and abs(value) >= 10_000 else repr(value)


def literal(field: Field, enum: str) -> str:
    """The field's default as Python source."""
    return f"{enum}.{field.default.upper()}" if field.type is Kind.ENUM else source(field.default)


def source(value: Any) -> str:
    """A value as Python source."""
    if isinstance(value, Decimal):
        return f'Decimal("{value}")'
    if isinstance(value, date | time):
        return repr(value).removeprefix("datetime.").replace("datetime.timezone.utc", "UTC")
    return number(value) if isinstance(value, int | float) and not isinstance(value, bool) else repr(value)


def default(field: Field, enum: str) -> str:
    """What stands for a value that is not given, as Python source; "" if one has to be given."""
    if field.has_default:
        return literal(field, enum)
    if is_nullable(field):
        return "None"
    return '""' if field.optional and field.type in TEXTS else ""


def line(field: Field, enum: str = "") -> str:
    """The attribute's line in the class of the columns that the schemas share."""
    arguments: dict[str, str] = {}
    if field.type is Kind.JSON:
        arguments["default_factory"] = "dict"
    elif value := default(field, enum):
        arguments["default"] = value
    arguments |= rules(field)
    types = {
        Kind.TEXT: "Text", Kind.DATETIME: "UTCDateTime", Kind.ENUM: f"_text_enum({enum})", Kind.JSON: "JSON",
        Kind.VECTOR: f"Vector({number(field.dimensions)})",
    }  # fmt: skip
    if field.type in types:
        arguments["sa_type"] = types[field.type]
    return attribute(field.name, annotation(field, enum), arguments)


def secret_line(field: Field) -> str:
    """The attribute with the hash of a secret."""
    unset = {"default": "None"} if field.optional else {}
    kind = "str | None" if field.optional else "str"
    return attribute(field.column, kind, unset | {"max_length": "255", "repr": "False"})


def upload_line(field: Field) -> str:
    """The attribute with the name of a stored file."""
    return attribute(field.column, "str | None", {"default": "None", "max_length": str(FILE_NAME)})


def checks(field: Field) -> list[tuple[str, str]]:
    """The table's own rules for a number: SQL and the constraint's name."""
    if field.type not in NUMBERS:
        return []
    found = []
    if field.minimum is not None:
        name = "not_negative" if field.minimum == 0 else "minimum"
        found.append((f"{field.name} >= {field.minimum}", f"{field.name}_{name}"))
    if field.maximum is not None:
        found.append((f"{field.name} <= {field.maximum}", f"{field.name}_maximum"))
    return found


def ref_line(field: Field, table: str) -> str:
    """The attribute with the key of the row that this one belongs to."""
    arguments = {"default": "None"} if field.optional else {}
    arguments["foreign_key"] = f'"{table}.id"'
    if on_delete := ON_DELETE[field.on_delete]:
        arguments["ondelete"] = f'"{on_delete}"'
    return attribute(field.column, annotation(field, ""), arguments)


def link_relationship(link: "Link", class_name: str, *, later: bool) -> str:
    """The attribute with the rows at the other end of a many-to-many relation, whose model may be defined `later`."""
    name, model = link.field.name, link.model.name
    options, shown = "_EAGER_ONLY", f'"{model}"' if later else model
    if model == class_name:
        joins = f'"primaryjoin": "{model}.id == {link.class_name}.{link.own}", '
        joins += f'"secondaryjoin": "{model}.id == {link.class_name}.{link.theirs}"'
        options, shown = f"_EAGER_ONLY | {{{joins}}}", f'"{model}"'
    arguments = f"link_model={link.class_name}, passive_deletes=True, sa_relationship_kwargs={options}"
    return f"{name}: list[{shown}] = Relationship({arguments})"


def relationship(field: Field, class_name: str, model: str, *, several: bool, later: bool) -> str:
    """The attribute with that row itself, which a query loads or nothing does.

    `several` keys join the two tables; the `model` may be defined `later` than the class.
    """
    to_itself = model == class_name
    is_quoted = to_itself or later
    kind = f"{model} | None" if field.optional else model
    more = [f'"remote_side": "{class_name}.id"'] * to_itself
    more += ['"post_update": True'] * (to_itself and field.optional)  # a row that refers to itself can be deleted
    more += [f'"foreign_keys": "{class_name}.{field.column}"'] * several
    options = f"_EAGER_ONLY | {{{', '.join(more)}}}" if more else "_EAGER_ONLY"
    shown = f'Optional["{model}"]' if is_quoted and field.optional else f'"{model}"' if is_quoted else kind
    return f"{field.name}: {shown} = Relationship(sa_relationship_kwargs={options})"
