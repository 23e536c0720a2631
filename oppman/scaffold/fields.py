"""The grammar of a field: `name:type[:modifier...]`, such as `price:decimal:10.2:min=0`.

No character of it means anything to bash, zsh, fish or PowerShell; one that would is written %XX, as in an address.
The file is longer than most because every mistake has an answer of its own. The tables that it reads are in `kinds`.
"""

import re
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from decimal import Decimal
from difflib import get_close_matches
from typing import Any
from urllib.parse import quote, unquote

from oppman.errors import InvalidField, InvalidName
from oppman.scaffold.kinds import (
    ANNOTATIONS,
    ARGUMENTS,
    BETTER_NAMES,
    FLAGS,
    LONGEST_CHOICE,
    MODIFIER_SYNONYMS,
    MODIFIERS,
    MOST_DIGITS,
    MOST_DIMENSIONS,
    OF_UPLOADS,
    ON_DELETE,
    PARAMETERS,
    ROW,
    SLICE,
    TYPE_SYNONYMS,
    TYPES,
    UNFIT,
    UPLOADS,
    VALUED,
    Kind,
    Value,
    shown,
)
from oppman.scaffold.naming import LONGEST, SQL_WORDS, attribute_problem, class_name_of, singular_of


@dataclass(frozen=True)
class Field:
    """One field of a resource, as its owner said it."""

    name: str
    """The attribute of the model; `column` is what the table calls it."""
    type: Kind = Kind.STR
    optional: bool = False
    unique: bool = False
    index: bool = False
    searchable: bool = False
    hidden: bool = False
    default: Any = None
    """A value of the type (one of `Value`; a `datetime` is in UTC); None if there is no default."""
    minimum: Any = None
    """The smallest value, or the least number of characters of a text."""
    maximum: Any = None
    pattern: str | None = None
    """A regular expression for the whole value, as the `pattern` of an HTML input is; use `regex` for a search."""
    digits: int = 0
    """decimal: how many digits there are in all, `places` of them after the point."""
    places: int = 0
    choices: tuple[str, ...] = ()
    dimensions: int = 0
    target: str = ""
    """ref, many: the class that it leads to, or "self"."""
    on_delete: str = ""
    """ref: what becomes of this row when the one that it belongs to is deleted, one of ON_DELETE."""
    target_key: str = "int"
    """ref, many: the type of the target's key, int or UUID; the model says it, not the grammar."""

    @property
    def has_default(self) -> bool:
        return self.default is not None

    @property
    def column(self) -> str:
        """The name in the table; "" for `many`, which has a table of its own."""
        ends = {Kind.REF: f"{self.name}_id", Kind.SECRET: f"{self.name}_hash", Kind.MANY: ""}
        return ends.get(self.type, self.name)

    @property
    def key(self) -> str:
        """The name in the API: `author_id` and `tag_ids` for what it refers to, otherwise the field's own."""
        ends = {Kind.REF: f"{self.name}_id", Kind.MANY: f"{singular_of(self.name)}_ids"}
        return ends.get(self.type, self.name)

    @property
    def regex(self) -> str | None:
        """`pattern` with its two ends, for a library that searches."""
        return None if self.pattern is None else f"^(?:{self.pattern})$"

    @property
    def source(self) -> str:
        """The field in the words of the grammar: `parse_field` makes an equal one of it."""
        words = [self.name, self.type.value, *self._argument()]
        words += [word for word in FLAGS if getattr(self, word)]
        if self.on_delete and self.on_delete != _usual(self.optional):
            words.append(self.on_delete)
        said = {"default": self.default, "min": self.minimum, "max": self.maximum, "pattern": self.pattern}
        return ":".join(words + [f"{word}={_written(value)}" for word, value in said.items() if value is not None])

    def _argument(self) -> list[str]:
        match self.type:
            case Kind.DECIMAL:
                return [f"{self.digits}.{self.places}"]
            case Kind.ENUM:
                return ["/".join(self.choices)]
            case Kind.VECTOR:
                return [str(self.dimensions)]
            case Kind.REF | Kind.MANY:
                return [self.target]
        return []


def parse_fields(texts: Sequence[str]) -> tuple[Field, ...]:
    """The fields of one resource, in their order; InvalidField for a mistake in one, or two of one name or column."""
    fields = tuple(parse_field(text) for text in texts)
    names = Counter(name for one in fields for name in {one.name, one.column, one.key} - {""})
    for one in fields:
        if other := next((name for name in (one.column, one.name, one.key) if names[name] > 1), ""):
            raise _wrong(one.name, f"{other!r} is there twice", f"Give one of them another name, such as `{other}_2`.")
    return fields


def parse_field(text: str) -> Field:
    """The field that `text` says; InvalidField, with what is wrong and what would be right, if it says none."""
    name, *words = text.split(":")
    if not text.isprintable():
        raise _wrong(name, "there is an invisible character in it", "Write it as %XX, or leave it out.")
    _check_shape(name)
    kind = _kind(name, words.pop(0)) if words else Kind.STR
    start = _with_argument(Field(name, kind), words)
    _check_name(start)
    said = _modifiers(start, words)
    flagged = replace(
        start,
        optional="optional" in said,
        unique="unique" in said,
        index="index" in said,
        searchable="searchable" in said,
        hidden="hidden" in said,
        on_delete=_on_delete(start, said) if kind is Kind.REF else "",
    )
    return _with_values(flagged, said)


def _check_shape(name: str) -> None:
    if not re.fullmatch(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*", name):
        parts = re.findall(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z0-9]+|[A-Z]+", re.sub(r"[^A-Za-z0-9]+", "_", name))
        better = "_".join(parts).lower().lstrip("0123456789_") or "title"
        what = "a name is lower-case ASCII letters and digits, with one _ between words"
        raise _wrong(name, what, f"`{better[:LONGEST].rstrip('_')}:str` would do.")
    if len(name) > LONGEST:
        raise _wrong(name, f"a name has at most {LONGEST} characters", "Say it in fewer words.")


def _check_name(field: Field) -> None:
    name, column = field.name, field.column
    if reason := attribute_problem(name):
        raise _wrong(name, f"that {reason}", _other_name(name, field.type))
    if name in SLICE or column in SLICE:
        hint = "Leave it out; `--owned` writes owner_id, and `--soft-delete` deleted_at."
        raise _wrong(name, f"the generator writes {column!r} itself", hint)
    if column in SQL_WORDS:
        what = f"{column!r} is a reserved word of SQL, which has to stand in quotes there"
        raise _wrong(name, what, _other_name(name, field.type))
    if name in ANNOTATIONS:
        what = "in the model's class the name would hide the type that its annotations mean"
        raise _wrong(name, what, _other_name(name, field.type))
    if name in PARAMETERS:
        raise _wrong(name, "the list's address has a parameter of that name", _other_name(name, field.type))
    if field.type in UPLOADS and name in OF_UPLOADS:
        raise _wrong(name, "the routes of a file have that name for something else", _other_name(name, field.type))
    if name in ROW:
        raise _wrong(name, "it means something else already in the rows that pages show", _other_name(name, field.type))
    if field.type is Kind.REF and name.endswith("_id"):
        rest = name.removesuffix("_id")
        what = "a ref is named after what it leads to; the column gets its _id"
        raise _wrong(name, what, f"`{rest}:ref:{field.target}` makes the column {name}.")


def _other_name(name: str, kind: Kind) -> str:
    better = BETTER_NAMES.get(name, f"{name}_value")
    return f"`{better}:{TYPES[kind].example.partition(':')[2]}` would do."


def _kind(name: str, word: str) -> Kind:
    if word in TYPES:
        return Kind(word)
    plain = word.partition("=")[0].lower()
    if plain in TYPES[Kind.STR].modifiers:
        raise _wrong(name, f"{word!r} is no type", f"The type comes first: `{name}:str:{word}`.")
    if plain in MODIFIERS:
        raise _wrong(name, f"{word!r} is no type", f"The type comes first, as in `{MODIFIERS[plain][1]}`.")
    if near := TYPE_SYNONYMS.get(plain) or _nearest(plain, TYPES):
        raise _wrong(name, f"there is no type {word!r}", f"`{near}` is one, as in `{TYPES[Kind(near)].example}`.")
    raise _wrong(name, f"there is no type {word!r}", f"There are {', '.join(TYPES)}.")


def _with_argument(field: Field, words: list[str]) -> Field:
    """The field with what stands right after its type, which is taken off the words."""
    name, kind = field.name, field.type
    if kind not in ARGUMENTS:
        return field
    if kind is Kind.DECIMAL and not (words and words[0][:1].isdigit()):
        return replace(field, digits=10, places=2)
    example = TYPES[kind].example
    if not words or not words[0] or words[0].partition("=")[0] in MODIFIERS:
        raise _wrong(name, f"{kind} needs {ARGUMENTS[kind]} right after it", f"As in `{example}`.")
    word = words.pop(0)
    if kind is Kind.DECIMAL:
        digits, places = _precision(name, word)
        return replace(field, digits=digits, places=places)
    if kind is Kind.ENUM:
        return replace(field, choices=_choices(name, word))
    if kind is Kind.VECTOR:
        return replace(field, dimensions=_dimensions(name, word))
    return replace(field, target=_target(field, word))


def _precision(name: str, word: str) -> tuple[int, int]:
    found = re.fullmatch(r"([1-9][0-9]?)\.(0|[1-9][0-9]?)", word)
    if not found:
        raise _wrong(name, f"{word!r} is no digits.places", f"`{name}:decimal:10.2` has 10 digits, 2 of them places.")
    digits, places = int(found[1]), int(found[2])
    if places > digits:
        what = f"{digits} digits cannot have {places} of them after the point"
        raise _wrong(name, what, f"`{name}:decimal:10.2` has 10 digits, 2 of them after the point.")
    if digits > MOST_DIGITS:
        what = f"SQLite keeps {MOST_DIGITS} digits of a number exactly, and not {digits}"
        raise _wrong(name, what, f"`{name}:decimal:{MOST_DIGITS}.{min(places, MOST_DIGITS)}` is the longest.")
    return digits, places


def _choices(name: str, word: str) -> tuple[str, ...]:
    choices = tuple(word.split("/"))
    for choice in choices:
        if not re.fullmatch(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*", choice) or len(choice) > LONGEST_CHOICE:
            what = f"the choice {choice!r} is not one lower-case word of at most {LONGEST_CHOICE} letters, digits and _"
            raise _wrong(name, what, f"As in `{name}:enum:draft/in_review/live`.")
        if choices.count(choice) > 1:
            rest = "/".join(dict.fromkeys(choices))
            raise _wrong(name, f"the choice {choice!r} is there twice", f"`{name}:enum:{rest}` has it once.")
    return choices


def _dimensions(name: str, word: str) -> int:
    if not re.fullmatch(r"[1-9][0-9]{0,4}", word) or int(word) > MOST_DIMENSIONS:
        what = f"{word!r} is no number of dimensions between 1 and {MOST_DIMENSIONS}"
        raise _wrong(name, what, f"As in `{name}:vector:64`.")
    return int(word)


def _target(field: Field, word: str) -> str:
    try:
        return "self" if word.lower() == "self" else class_name_of(word)
    except InvalidName:
        example = TYPES[field.type].example
        raise _wrong(field.name, f"{word!r} cannot be the name of a model", f"As in `{example}`.") from None


def _modifiers(field: Field, words: list[str]) -> dict[str, str]:
    """What was said: the modifiers with their values, "" for a flag. Only those that the type takes, each once."""
    name, about = field.name, TYPES[field.type]
    said: dict[str, str] = {}
    for given in words:
        word, equals, value = given.partition("=")
        if word not in MODIFIERS:
            raise _wrong(name, f"there is no modifier {word!r}", _fitting(field.type, word, said))
        if word not in about.modifiers:
            why = UNFIT.get(f"{field.type}:{word}") or UNFIT[word]
            raise _wrong(name, f"{field.type} does not take {shown(word)}: {why}", _fitting(field.type))
        if word in said:
            raise _wrong(name, f"{shown(word)} is there twice", "Say it once.")
        if word in VALUED and not equals:
            raise _wrong(name, f"{word} needs a value", f"`{word}=...`, as in `{MODIFIERS[word][1]}`.")
        if word not in VALUED and equals:
            raise _wrong(name, f"{word} takes no value", f"`{word}` alone, as in `{MODIFIERS[word][1]}`.")
        said[word] = _decoded(name, value)
    if "unique" in said and "index" in said:
        raise _wrong(name, "unique and index say the same: what is unique has an index", "Leave `index` out.")
    return said


def _fitting(kind: Kind, word: str = "", said: Collection[str] = ()) -> str:
    """What to write after the type instead of `word`."""
    about = TYPES[kind]
    near = MODIFIER_SYNONYMS.get(word.lower()) or _nearest(word.lower(), about.modifiers)
    if VALUED & set(said):
        return "A : inside the value before it is written %3A."
    if near == "required":
        return "Leave it out: what is not `optional` is required."
    if near in about.modifiers:
        return f"`{shown(near)}` is one, as in `{MODIFIERS[near][1]}`."
    return f"{kind} takes {', '.join(map(shown, about.modifiers))}, as in `{about.example}`."


def _decoded(name: str, text: str) -> str:
    if re.search(r"%(?![0-9A-Fa-f]{2})", text):
        raise _wrong(name, f"a % in {text!r} has no two hexadecimal digits after it", "The % itself is written %25.")
    try:
        value = unquote(text, errors="strict")
    except UnicodeDecodeError:
        raise _wrong(name, f"{text!r} is not UTF-8", "%C3%A9 is an é.") from None
    if not value.isprintable():
        raise _wrong(name, f"there is an invisible character in {text!r}", "Only %20, the space, can be written.")
    return value


def _on_delete(field: Field, said: Collection[str]) -> str:
    name, optional = field.name, "optional" in said
    words = [word for word in ON_DELETE if word in said]
    if len(words) > 1:
        raise _wrong(name, f"{' and '.join(words)} cannot both happen", "Say one of them.")
    if not optional and (words == ["null"] or field.target == "self"):
        null = ":null" if words == ["null"] else ""
        what = "null leaves it empty, and it is required" if null else "the first row would need one before it"
        raise _wrong(name, what, f"`{name}:ref:{field.target}:optional{null}` may be empty.")
    return words[0] if words else _usual(optional)


def _usual(optional: bool) -> str:
    return "null" if optional else "restrict"


def _with_values(field: Field, said: dict[str, str]) -> Field:
    """The field with its default, bounds and pattern, each checked against the others."""
    low, high = (_bound(field, word, said[word]) if word in said else None for word in ("min", "max"))
    if low is not None and high is not None and _above(low, high):
        what = f"min={_shown_value(low)} is more than max={_shown_value(high)}"
        raise _wrong(field.name, what, "The smaller one is `min`.")
    matches = _matcher(field, said["pattern"]) if "pattern" in said else None
    field = replace(field, minimum=low, maximum=high, pattern=said.get("pattern"))
    if "default" not in said:
        return field
    if field.unique:
        raise _wrong(field.name, "a unique field has no default, as no second row could have it", "Leave one out.")
    default = _value(field, "default", said["default"])
    _check_default(field, default)
    if matches and not matches(said["default"]):
        raise _wrong(field.name, f"the default {default!r} does not match the pattern", "Change one of the two.")
    return replace(field, default=default)


def _bound(field: Field, word: str, text: str) -> Value:
    longest = TYPES[field.type].longest
    if not longest:
        return _value(field, word, text)
    least = 1 if word == "max" else 0
    if not re.fullmatch(r"[0-9]{1,9}", text) or not least <= int(text) <= longest:
        what = f"{word}={text} is no number of characters between {least} and {longest}"
        other = " A `text` may be longer." if field.type is Kind.STR and text.isdigit() else ""
        raise _wrong(field.name, what, f"As in `{field.name}:{field.type}:{word}={min(100, longest)}`.{other}")
    return int(text)


def _value(field: Field, word: str, text: str) -> Value:
    """The value of `word` as the field's type has it."""
    name, about = field.name, TYPES[field.type]
    if field.type is Kind.ENUM:
        if text not in field.choices:
            near = _nearest(text, field.choices) or field.choices[0]
            raise _wrong(name, f"{word}={text} is none of {', '.join(field.choices)}", f"`{word}={near}` is one.")
        return text
    try:
        value = about.read(text) if about.read else text
    except (ValueError, OverflowError):
        raise _wrong(name, f"{word}={text} is no {field.type}", f"As in `{word}={about.value}`.") from None
    if isinstance(value, Decimal):
        whole, places = field.digits - field.places, field.places
        if not re.fullmatch(rf"-?0*[0-9]{{0,{whole}}}(\.[0-9]{{0,{places}}}0*)?", format(value, "f")):
            what = f"{word}={text} does not fit in {field.digits} digits with {places} after the point"
            raise _wrong(name, what, f"Choose a smaller one, or more digits: `{name}:decimal:{MOST_DIGITS}.{places}`.")
    elif isinstance(value, int) and abs(value) >= 2**31:
        what = f"{word}={text} does not fit in an int, which PostgreSQL keeps in 32 bits"
        raise _wrong(name, what, f"The largest is {2**31 - 1}; `{name}:decimal:{MOST_DIGITS}.0` is longer.")
    return value


def _check_default(field: Field, default: Value) -> None:
    longest = TYPES[field.type].longest
    size = len(str(default)) if longest else default
    low = field.minimum
    high = longest if longest and field.maximum is None else field.maximum
    what = f"the default has {size} characters" if longest else f"the default is {_shown_value(default)}"
    if low is not None and _above(low, size):
        raise _wrong(field.name, f"{what}, less than min={_shown_value(low)}", "Change one of the two.")
    if high is not None and _above(size, high):
        raise _wrong(field.name, f"{what}, more than max={_shown_value(high)}", "Change the default or `max`.")


def _above(one: Any, other: Any) -> bool:
    """Whether `one` is more than `other`, which is of the same type."""
    return bool(one > other)


def _matcher(field: Field, pattern: str) -> Callable[[str], bool]:
    """Whether a text matches, by the engine that the model will use; InvalidField if it does not know the pattern."""
    from pydantic_core import SchemaError, SchemaValidator, core_schema

    if not pattern:
        raise _wrong(field.name, "the pattern is empty", "Leave it out, and every text matches.")
    regex = str(replace(field, pattern=pattern).regex)
    try:
        for part in (pattern, regex):
            validator = SchemaValidator(core_schema.str_schema(pattern=part))
    except SchemaError:
        what = f"{pattern!r} is no regular expression that Pydantic knows (it has no look-around)"
        raise _wrong(field.name, what, "Three capitals are `pattern=%5BA-Z%5D%7B3%7D`, or quoted '[A-Z]{3}'.") from None
    return validator.isinstance_python


def _shown_value(value: Value) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime):
        return value.replace(tzinfo=None).isoformat()
    if isinstance(value, date | time):
        return value.isoformat()
    return format(value, "f") if isinstance(value, Decimal) else str(value)


def _written(value: Value) -> str:
    """A value in the grammar's characters. A time goes without its colons, which ISO 8601 allows."""
    text = _shown_value(value)
    if isinstance(value, datetime | time):
        text = text.replace(":", "")
    return quote(text, safe="/").replace("~", "%7E")


def _nearest(word: str, known: Collection[str]) -> str:
    return next(iter(get_close_matches(word, list(known), n=1)), "")


def _wrong(name: str, what: str, hint: str) -> InvalidField:
    return InvalidField(f"Field {name!r}: {what}.", hint)
