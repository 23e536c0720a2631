import re
import subprocess
import sys
from contextlib import suppress
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import SQLModel

from oppman.errors import InvalidField
from oppman.scaffold.fields import Field, parse_field, parse_fields
from oppman.scaffold.kinds import ARGUMENTS, MODIFIERS, TYPES, Kind, guide


def refused(text: str) -> InvalidField:
    """The error that this field is."""
    with pytest.raises(InvalidField) as caught:
        parse_field(text)
    return caught.value


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("title", Field("title", Kind.STR)),
        ("title:str:max=200", Field("title", Kind.STR, maximum=200)),
        ("isbn:str:unique", Field("isbn", Kind.STR, unique=True)),
        ("price:decimal:min=0", Field("price", Kind.DECIMAL, digits=10, places=2, minimum=Decimal(0))),
        ("price:decimal:8.3", Field("price", Kind.DECIMAL, digits=8, places=3)),
        ("published:date:optional", Field("published", Kind.DATE, optional=True)),
        ("status:enum:a/b:default=b", Field("status", Kind.ENUM, choices=("a", "b"), default="b")),
        ("author:ref:Author", Field("author", Kind.REF, target="Author", on_delete="restrict")),
        ("author:ref:Author:cascade", Field("author", Kind.REF, target="Author", on_delete="cascade")),
        ("review:ref:book_review", Field("review", Kind.REF, target="BookReview", on_delete="restrict")),
        ("parent:ref:self:optional", Field("parent", Kind.REF, target="self", optional=True, on_delete="null")),
        ("tags:many:Tag:hidden", Field("tags", Kind.MANY, target="Tag", hidden=True)),
        ("cover:image:optional", Field("cover", Kind.IMAGE, optional=True)),
        ("embedding:vector:64:optional", Field("embedding", Kind.VECTOR, dimensions=64, optional=True)),
        ("in_stock:bool:default=false", Field("in_stock", Kind.BOOL, default=False)),
        ("pin:secret:min=8", Field("pin", Kind.SECRET, minimum=8)),
        ("order:ref:Order", Field("order", Kind.REF, target="Order", on_delete="restrict")),
    ],
)
def test_a_field_says_what_its_owner_wrote(text: str, field: Field) -> None:
    assert parse_field(text) == field


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("int", "-3", -3),
        ("float", "1e20", 1e20),
        ("decimal:10.2", "1.50", Decimal("1.5")),
        ("date", "2030-05-01", date(2030, 5, 1)),
        ("datetime", "2030-05-01T1800", datetime(2030, 5, 1, 18, tzinfo=UTC)),
        ("datetime", "2030-05-01T18%3A00%2B02%3A00", datetime(2030, 5, 1, 16, tzinfo=UTC)),
        ("time", "0930", time(9, 30)),
        ("uuid", "6f1c2a345b6d4e7f8a9b0c1d2e3f4a5b", UUID("6f1c2a34-5b6d-4e7f-8a9b-0c1d2e3f4a5b")),
        ("email", "ann@example.org", "ann@example.org"),
        ("url", "https%3A//example.org/a", "https://example.org/a"),
        ("slug", "first-steps", "first-steps"),
        ("str", "hello%20there", "hello there"),
        ("str", "", ""),
    ],
)
def test_a_default_is_a_value_of_the_type(kind: str, text: str, value: Any) -> None:
    field = parse_field(f"x:{kind}:default={text}")

    assert field.has_default
    assert field.default == value
    assert type(field.default) is type(value)


def test_a_pattern_is_meant_for_the_whole_text() -> None:
    field = parse_field("code:str:pattern=%5BA-Z%5D%7B3%7D:default=ABC")

    assert (field.pattern, field.regex) == ("[A-Z]{3}", "^(?:[A-Z]{3})$")
    assert "does not match" in refused("code:str:pattern=%5BA-Z%5D%7B3%7D:default=ABCD").message


def test_a_ref_has_a_column_of_its_own_name() -> None:
    assert [field.column for field in parse_fields(["author:ref:Author", "tags:many:Tag", "title"])] == [
        "author_id", "", "title",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "reason", "hint"),
    [
        ("price:deciml", "there is no type 'deciml'", "`decimal`"),
        ("photo:picture", "there is no type 'picture'", "`image`"),
        ("x:max=3", "'max=3' is no type", "`x:str:max=3`"),
        ("x:cascade", "'cascade' is no type", "`author:ref:Author:cascade`"),
        ("x:str:uniqe", "no modifier 'uniqe'", "`unique`"),
        ("x:str:nullable", "no modifier 'nullable'", "`optional`"),
        ("x:str:required", "no modifier 'required'", "Leave it out"),
        ("x:str:default=9:30", "no modifier '30'", "%3A"),
        ("x:bool:max=3", "neither an order nor a length", "in_stock:bool"),
        ("x:text:unique", "does not fit in an index", "description:text"),
        ("x:str:optional:optional", "optional is there twice", "once"),
        ("x:str:max=5:max=6", "max= is there twice", "once"),
        ("x:str:unique:index", "say the same", "`index`"),
        ("x:str:unique:default=a", "no second row", "Leave one out"),
        ("x:str:max", "max needs a value", "title:str:max=200"),
        ("x:str:optional=1", "takes no value", "`optional` alone"),
        ("x:int:min=4:max=3", "min=4 is more than max=3", "`min`"),
        ("x:str:min=4:max=3", "min=4 is more than max=3", "`min`"),
        ("x:int:max=3:default=9", "the default is 9, more than max=3", "Change"),
        ("x:int:min=3:default=1", "the default is 1, less than min=3", "Change"),
        ("x:str:max=2:default=abc", "3 characters, more than max=2", "Change"),
        ("x:int:default=many", "default=many is no int", "`default=10`"),
        ("x:int:max=2147483648", "does not fit in an int", "2147483647"),
        ("x:float:default=nan", "default=nan is no float", "0.5"),
        ("x:date:min=soon", "min=soon is no date", "2030-05-01"),
        ("x:time:default=0930%2B02", "is no time", "0930"),
        ("x:url:default=javascript%3Aalert", "is no url", "https%3A//example.org"),
        ("x:email:default=ann", "is no email", "ann@example.org"),
        ("x:str:max=5000", "between 1 and 1000", "A `text` may be longer"),
        ("x:decimal:2.10", "2 digits cannot have 10", "decimal:10.2"),
        ("x:decimal:16.2", "SQLite keeps 15 digits", "decimal:15.2"),
        ("x:decimal:10,2", "no digits.places", "decimal:10.2"),
        ("x:decimal:4.2:default=100", "does not fit in 4 digits", "more digits"),
        ("x:decimal:4.2:default=1.005", "with 2 after the point", "more digits"),
        ("x:vector", "needs its number of dimensions", "embedding:vector:64"),
        ("x:vector:0", "no number of dimensions", "x:vector:64"),
        ("x:enum", "needs its choices", "status:enum:draft/live"),
        ("x:enum:default=a", "needs its choices", "status:enum:draft/live"),
        ("x:enum:a/b/a", "'a' is there twice", "`x:enum:a/b`"),
        ("x:enum:Draft", "one lower-case word", "draft"),
        ("x:enum:draft/live:default=drat", "none of draft, live", "`default=draft`"),
        ("x:ref", "needs the model", "author:ref:Author"),
        ("x:ref:1st", "cannot be the name of a model", "author:ref:Author"),
        ("author_id:ref:Author", "the column gets its _id", "`author:ref:Author`"),
        ("x:ref:A:null", "it is required", "`x:ref:A:optional:null`"),
        ("x:ref:self", "the first row", "`x:ref:self:optional`"),
        ("x:ref:A:optional:cascade:null", "cannot both happen", "one of them"),
        ("x:str:pattern=(?=a)", "no look-around", "%5BA-Z%5D"),
        ("x:str:pattern=", "the pattern is empty", "Leave it out"),
        ("x:str:default=100%", "no two hexadecimal digits", "%25"),
        ("x:str:default=%FF", "not UTF-8", "%C3%A9"),
        ("x:str:default=a%00", "invisible character", "%20"),
        ("x:str:\udcff", "invisible character", "%XX"),
        ("publishedAt:date", "lower-case", "`published_at:"),
        ("my name", "lower-case", "`my_name:"),
        ("", "lower-case", "`title:"),
        ("x" * 41, "at most 40", "fewer words"),
    ],
)
def test_a_mistake_is_named_with_what_would_be_right(text: str, reason: str, hint: str) -> None:
    error = refused(text)

    assert error.message.startswith(f"Field {text.partition(':')[0]!r}: ")
    assert reason in error.message
    assert hint in error.hint


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("class", "keyword of Python"),
        ("registry", "every SQLModel has"),
        ("model_dump_fast", "every SQLModel has"),
        ("order:int", "reserved word of SQL"),
        ("user:email", "reserved word of SQL"),
        ("date:date", "hide the type"),
        ("sort", "a parameter of that name"),
        ("id:uuid", "the generator writes 'id' itself"),
        ("created_at:datetime", "the generator writes 'created_at' itself"),
        ("owner:ref:User", "the generator writes 'owner_id' itself"),
        ("edit:file", "the routes of a file have that name"),
        ("form:image", "the routes of a file have that name"),
    ],
)
def test_a_reserved_field_name_is_refused(text: str, reason: str) -> None:
    assert reason in refused(text).message


@pytest.mark.parametrize("name", [name for name in dir(SQLModel) if not name.startswith("_")])
def test_no_field_hides_an_attribute_of_sqlmodel(name: str) -> None:
    assert "every SQLModel has" in refused(name).message


@pytest.mark.parametrize(
    "text",
    [
        "order:int",
        "class",
        "date:date",
        "sort:slug",
        "schema:json",
        "when:datetime",
        "from:ref:Place",
        "set:many:A",
        "data:file",
        "edit:image",
    ],
)
def test_another_name_is_suggested_that_would_do(text: str) -> None:
    suggestion = re.findall(r"`([^`]+)` would do", refused(text).hint)[0]

    assert parse_field(suggestion).type == [*text.split(":"), "str"][1]


@pytest.mark.parametrize(
    ("texts", "twice"),
    [
        (["title", "pages:int", "title:text"], "title"),
        (["author_id:int", "author:ref:Author"], "author_id"),
        (["tags:many:Tag", "tags:many:Label"], "tags"),
    ],
)
def test_two_fields_of_one_name_or_column_are_refused(texts: list[str], twice: str) -> None:
    with pytest.raises(InvalidField, match=f"'{twice}' is there twice"):
        parse_fields(texts)


def test_the_guide_explains_every_type_and_modifier_with_an_example_that_parses() -> None:
    text = guide()

    examples = [rule.example for rule in TYPES.values()] + [example for _, example in MODIFIERS.values()]
    assert set(TYPES) == set(Kind)
    assert all(f"  {word}" in text for word in (*TYPES, *MODIFIERS))
    assert all(example in text for example in examples)
    parse_fields([f"f{n}_{example}" for n, example in enumerate(examples)])
    assert max(len(line) for line in text.splitlines()) <= 110


SAMPLES = {
    "str": ["a", "hello%20there", "%3A/%25", "%C3%A9~"],
    "text": ["a", "hello%20there"],
    "slug": ["a", "first-steps"],
    "url": ["https%3A//example.org/?a=%2525"],
    "int": ["0", "-7", "2147483647"],
    "float": ["0.1", "-1e300", "5e-324"],
    "decimal": ["0", "-0.10", "12.5"],
    "bool": ["true", "false"],
    "date": ["2030-05-01", "0001-01-01"],
    "datetime": ["2030-05-01T18", "0999-12-31T235959.000001", "2030-05-01T0000%2B0530"],
    "time": ["0930", "23%3A59%3A59.5"],
    "email": ["ann@example.org"],
    "uuid": ["6f1c2a34-5b6d-4e7f-8a9b-0c1d2e3f4a5b"],
    "enum": ["draft", "live"],
}


@st.composite
def texts_of_fields(draw: st.DrawFn) -> str:
    """A field whose modifiers fit its type, though not always each other."""
    kind = draw(st.sampled_from(Kind))
    words = [draw(st.from_regex(r"[a-z]{2,8}(_[a-z]{1,6})?", fullmatch=True)), kind.value]
    if kind in ARGUMENTS:
        words.append(TYPES[kind].example.split(":")[2])
    for word in draw(st.lists(st.sampled_from(TYPES[kind].modifiers), max_size=4, unique=True)):
        if word in {"min", "max"} and TYPES[kind].longest:
            words.append(f"{word}={draw(st.integers(0, 50))}")
        elif word in {"min", "max", "default"}:
            words.append(f"{word}={draw(st.sampled_from(SAMPLES[kind]))}")
        else:
            words.append("pattern=.%2B" if word == "pattern" else word)
    return ":".join(words)


@given(texts_of_fields())
def test_the_source_of_a_field_parses_back_to_the_same_field(text: str) -> None:
    try:
        field = parse_field(text)
    except InvalidField:
        return

    assert parse_field(field.source) == field
    assert re.fullmatch(r"[A-Za-z0-9_./:=%-]+", field.source), "a shell would take a part of it for itself"


PIECES = st.sampled_from(
    [
        "title",
        *TYPES,
        *MODIFIERS,
        "10.2",
        "draft/live",
        "Tag",
        "self",
        "=",
        "%",
        "max=",
        "min=-1",
        "default=",
        "²",
        "1_0",
    ]
)


@given(st.text(max_size=40) | st.lists(PIECES | st.text(max_size=6), max_size=7).map(":".join))
def test_any_text_is_a_field_or_is_refused(text: str) -> None:
    with suppress(InvalidField):
        assert parse_field(text).source.isascii()


@given(st.sampled_from(sorted(SAMPLES)), st.sampled_from(["default", "min", "max", "pattern"]), st.text(max_size=30))
def test_any_value_is_one_or_is_refused(kind: str, word: str, value: str) -> None:
    argument = ":draft/live" if kind == "enum" else ""
    with suppress(InvalidField):
        field = parse_field(f"x:{kind}{argument}:{word}={value}")
        assert parse_field(field.source) == field


def test_the_parser_loads_no_heavy_package() -> None:
    program = (
        "import sys; from oppman.scaffold.fields import parse_field; parse_field('title:str:max=200'); "
        "sys.exit(bool({'pydantic', 'pydantic_core', 'sqlmodel', 'pluralizer', 'jinja2'} & set(sys.modules)))"
    )

    assert subprocess.run([sys.executable, "-c", program]).returncode == 0
