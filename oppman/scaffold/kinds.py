"""What the grammar of a field knows: the types, the modifiers, and the names and values that a field cannot have.

The parser reads these tables, and `guide` prints them, so that what is explained is what is accepted.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from enum import StrEnum
from math import isfinite
from urllib.parse import urlsplit
from uuid import UUID

Value = str | bool | int | float | Decimal | date | time | UUID


class Kind(StrEnum):
    """The type of a field."""

    STR = "str"
    TEXT = "text"
    INT = "int"
    FLOAT = "float"
    DECIMAL = "decimal"
    BOOL = "bool"
    DATE = "date"
    DATETIME = "datetime"
    TIME = "time"
    UUID = "uuid"
    EMAIL = "email"
    URL = "url"
    SLUG = "slug"
    JSON = "json"
    ENUM = "enum"
    FILE = "file"
    IMAGE = "image"
    SECRET = "secret"  # noqa: S105
    VECTOR = "vector"
    REF = "ref"
    MANY = "many"


@dataclass(frozen=True)
class TypeRule:
    """What the grammar says of one type."""

    meaning: str
    example: str
    modifiers: tuple[str, ...]
    read: Callable[[str], Value] | None = None
    """Makes a value of its text, or raises ValueError."""
    value: str = ""
    """A value as it is written, for a hint."""
    longest: int = 0
    """The most characters that a text may be allowed; 0 for what is no text."""


def guide() -> str:
    """The grammar for a person to read: every type and modifier with an example."""
    lines = ["A field is name:type[:modifier...]. A name alone is a str. What is not optional has to be filled in.", ""]
    lines += ["Types"]
    for kind, about in TYPES.items():
        lines.append(f"  {kind:<10}{about.meaning}")
        lines.append(f"  {'':<10}{about.example}")
        lines.append(f"  {'':<10}[{' '.join(shown(word) for word in about.modifiers)}]")
    lines += ["", "Modifiers"]
    for word, (meaning, example) in MODIFIERS.items():
        lines.append(f"  {shown(word):<12}{meaning}")
        lines.append(f"  {'':<12}{example}")
    lines += [
        "",
        "In a value, : and % and whatever a shell would take for itself are written as in an address: %3A is :, %20 a",
        "space, %5B and %5D are [ and ]. A date and time is UTC. 2030-05-01T1800 needs no :.",
    ]
    return "\n".join(lines) + "\n"


def shown(word: str) -> str:
    """The modifier as it is written: `max=`."""
    return f"{word}=" if word in VALUED else word


def _boolean(text: str) -> bool:
    if text not in {"true", "false"}:
        raise ValueError(text)
    return text == "true"


def _finite(text: str) -> float:
    number = float(text)
    if not isfinite(number):
        raise ValueError(text)
    return number


def _exact(text: str) -> Decimal:
    if not re.fullmatch(r"[-+]?[0-9]{1,40}(\.[0-9]{1,40})?", text):
        raise ValueError(text)
    return Decimal(text)


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def _clock(text: str) -> time:
    clock = time.fromisoformat(text)
    if clock.tzinfo:
        raise ValueError(text)
    return clock


def _shaped(regex: str) -> Callable[[str], str]:
    """A reader of texts of this shape."""

    def read(text: str) -> str:
        if not re.fullmatch(regex, text):
            raise ValueError(text)
        return text

    return read


def _address(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname or " " in text:
        raise ValueError(text)
    return text


MOST_DIGITS = 15
"""SQLite keeps a NUMERIC of more digits as a float, which has only these exactly."""
MOST_DIMENSIONS = 16_000
"""What a column of pgvector holds."""
LONGEST_CHOICE = 20
"""What the web app's column for an enum holds."""

FLAGS = ("optional", "unique", "index", "searchable", "hidden")
ON_DELETE = ("cascade", "restrict", "null")
UPLOADS = frozenset({Kind.FILE, Kind.IMAGE})
"""Their column may always be empty, as the row is there before the file: `optional` is what a form says."""
VALUED = frozenset({"default", "min", "max", "pattern"})
"""The modifiers that say something after a =."""

MODIFIERS: dict[str, tuple[str, str]] = {
    "optional": ("may be left empty", "published:date:optional"),
    "unique": ("no two rows have the same", "isbn:str:unique"),
    "index": ("quick to filter and sort by", "published:date:index"),
    "searchable": ("the search of the list looks in it", "title:str:searchable"),
    "hidden": ("the API never shows it", "notes:text:hidden"),
    "default": ("what a new row has if nothing is said", "in_stock:bool:default=true"),
    "min": ("the smallest value, or the fewest characters of a text", "price:decimal:min=0"),
    "max": ("the largest value, or the most characters of a text", "title:str:max=200"),
    "pattern": ("a regular expression that the whole text matches", "code:str:pattern=%5BA-Z%5D%7B3%7D"),
    "cascade": ("deleted together with what it belongs to", "author:ref:Author:cascade"),
    "restrict": ("what it belongs to cannot be deleted (usual if required)", "author:ref:Author:restrict"),
    "null": ("left empty when what it belongs to is deleted (usual if optional)", "author:ref:Author:optional:null"),
}
"""Each modifier with its meaning and an example."""

_ORDERED = ("optional", "unique", "index", "hidden", "default", "min", "max")
_LINE = ("optional", "unique", "index", "searchable", "hidden", "default", "min", "max")

TYPES: dict[Kind, TypeRule] = {
    Kind.STR: TypeRule("a line of text", "title:str:max=200", (*_LINE, "pattern"), str, "draft", 1_000),
    Kind.TEXT: TypeRule(
        "text of several lines", "description:text:optional",
        ("optional", "searchable", "hidden", "default", "min", "max"), str, "draft", 1_000_000,
    ),
    Kind.INT: TypeRule("a whole number", "pages:int:min=1", _ORDERED, int, "10"),
    Kind.FLOAT: TypeRule(
        "a number that need not be exact", "weight:float:min=0",
        ("optional", "index", "hidden", "default", "min", "max"), _finite, "0.5",
    ),
    Kind.DECIMAL: TypeRule("an exact number, such as money", "price:decimal:10.2:min=0", _ORDERED, _exact, "9.90"),
    Kind.BOOL: TypeRule(
        "yes or no", "in_stock:bool:default=true", ("optional", "index", "hidden", "default"), _boolean, "true"
    ),
    Kind.DATE: TypeRule("a day", "published:date:optional", _ORDERED, date.fromisoformat, "2030-05-01"),
    Kind.DATETIME: TypeRule("a moment, kept in UTC", "starts_at:datetime", _ORDERED, _moment, "2030-05-01T1800"),
    Kind.TIME: TypeRule("a time of the day", "opens_at:time:default=0930", _ORDERED, _clock, "0930"),
    Kind.UUID: TypeRule(
        "a UUID", "reference:uuid:unique", ("optional", "unique", "index", "hidden", "default"),
        UUID, "6f1c2a34-5b6d-4e7f-8a9b-0c1d2e3f4a5b",
    ),
    Kind.EMAIL: TypeRule(
        "an email address", "contact:email:unique", ("optional", "unique", "index", "searchable", "hidden", "default"),
        _shaped(r"[^@\s]{1,64}@[^@\s.]+(?:\.[^@\s.]+)+"), "ann@example.org", 254,
    ),
    Kind.URL: TypeRule("a web address", "website:url:optional", _LINE, _address, "https%3A//example.org", 2_000),
    Kind.SLUG: TypeRule(
        "a word for addresses: lower case, digits and -", "short_name:slug:unique", _LINE,
        _shaped("[a-z0-9]+(?:-[a-z0-9]+)*"), "first-steps", 200,
    ),
    Kind.JSON: TypeRule("any JSON value", "settings:json:optional", ("optional", "hidden")),
    Kind.ENUM: TypeRule(
        "one of these words", "status:enum:draft/live:default=draft", ("optional", "index", "hidden", "default")
    ),
    Kind.FILE: TypeRule(
        "an uploaded file, sent by itself once the row is there", "manual:file:optional", ("optional", "hidden")
    ),
    Kind.IMAGE: TypeRule(
        "an uploaded picture, sent by itself once the row is there", "cover:image:optional", ("optional", "hidden")
    ),
    Kind.SECRET: TypeRule(
        "like a password: it can be set and checked, never read", "door_code:secret:min=8",
        ("optional", "min", "max"), longest=128,
    ),
    Kind.VECTOR: TypeRule("an embedding of so many dimensions", "embedding:vector:64:optional", ("optional", "hidden")),
    Kind.REF: TypeRule(
        "belongs to one of another resource, or of its own (self)", "author:ref:Author",
        ("optional", "unique", "hidden", *ON_DELETE),
    ),
    Kind.MANY: TypeRule("has many of another resource, each of which has many of these", "tags:many:Tag", ("hidden",)),
}  # fmt: skip
"""What `parse_field` accepts and `guide` explains."""

ARGUMENTS = {
    Kind.DECIMAL: "digits.places",
    Kind.ENUM: "its choices",
    Kind.VECTOR: "its number of dimensions",
    Kind.REF: "the model that it belongs to",
    Kind.MANY: "the model that it has many of",
}
"""What stands right after the type; decimal alone can do without."""

SLICE = frozenset({"id", "created_at", "updated_at", "deleted_at", "owner_id"})
"""What the generator writes itself."""
ANNOTATIONS = frozenset({"bool", "bytes", "date", "datetime", "float", "int", "list", "set", "str", "time", "tuple"})
"""`date: date | None = None` is an error of its own: inside the class the second `date` is the first."""
PARAMETERS = frozenset({"after", "limit", "owner_id", "page", "q", "request", "sent", "session", "sort"})
"""What the routes and services of a list take or call beside the filters, which are named after fields."""
ROW = frozenset({"count", "index", "main"})
"""What a row of a query answers itself when it is asked for it, and the part of a page with that id."""
OF_UPLOADS = frozenset({"data", "edit", "filename", "form", "read_session"})
"""What the routes of a file have for something else, among them its address beside `/books/3/edit`."""

BETTER_NAMES = {
    "class": "level", "copy": "wording", "count": "quantity", "data": "attachment", "date": "day",
    "datetime": "moment", "default": "fallback", "desc": "description", "end": "ends_on", "filename": "attachment",
    "form": "paper", "from": "starts_on", "group": "group_name",
    "index": "number", "json": "payload", "limit": "maximum", "main": "is_main", "metadata": "details",
    "order": "position", "page": "page_number", "query": "search_text", "schema": "layout", "session": "sitting",
    "time": "hour", "to": "ends_on", "user": "user_name", "when": "happens_on",
}  # fmt: skip

TYPE_SYNONYMS = {
    "attachment": "file", "belongs_to": "ref", "boolean": "bool", "char": "str", "double": "float", "fk": "ref",
    "foreign_key": "ref", "has_many": "many", "integer": "int", "jsonb": "json", "link": "url", "m2m": "many",
    "many_to_many": "many", "money": "decimal", "number": "int", "numeric": "decimal", "password": "secret",
    "photo": "image", "picture": "image", "references": "ref", "string": "str", "timestamp": "datetime",
    "upload": "file", "varchar": "str",
}  # fmt: skip
MODIFIER_SYNONYMS = {
    "blank": "optional", "ge": "min", "gt": "min", "indexed": "index", "le": "max", "lt": "max", "max_length": "max",
    "maximum": "max", "min_length": "min", "minimum": "min", "not_null": "required", "nullable": "optional",
    "private": "hidden", "regex": "pattern", "required": "required", "search": "searchable", "set_null": "null",
}  # fmt: skip

# Why a type does not take a modifier that others do.
UNFIT = {
    "text:unique": "a long text does not fit in an index; a str does",
    "text:index": "a long text does not fit in an index; a str does",
    "float:unique": "floats are seldom exactly equal; a decimal can be unique",
    "ref:index": "its column has an index already",
    "many:optional": "there may be none of them anyway",
    "secret:hidden": "it is never shown to anybody",
    "secret:default": "everybody would know it",
    "optional": "it may be empty anyway",
    "unique": "two rows may well have the same",
    "index": "nobody looks rows up by it",
    "searchable": "a search looks in readable text",
    "hidden": "there is nothing to hide",
    "default": "no value of it would suit every row",
    "min": "it has neither an order nor a length to choose",
    "max": "it has neither an order nor a length to choose",
    "pattern": "only a str has a shape of its own to say",
    "cascade": "it belongs to nothing that could be deleted",
    "restrict": "it belongs to nothing that could be deleted",
    "null": "it belongs to nothing that could be deleted",
}
