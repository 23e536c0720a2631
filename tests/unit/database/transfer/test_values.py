"""The forms of values that a copy compares, and what it finds wrong with them, on SQLite alone."""

import json
import sqlite3
from typing import Any

import pytest

from oppman.database.tables import sqlite
from oppman.database.tables.table import Column, Kind, Table
from oppman.database.transfer import functions
from oppman.database.transfer.checksum import Checksum
from oppman.database.transfer.copy_text import copy_text, joined
from oppman.database.transfer.forms import on_sqlite, sent
from oppman.database.transfer.functions import add_functions
from oppman.database.transfer.pair import ColumnPair, pairs
from oppman.database.transfer.sqlite_rules import checks, reason, spoiling
from oppman.database.transfer.trouble import Troubles, shortened
from oppman.errors import Refused


def pair(declared: str, type: str, kind: Kind, **more: Any) -> ColumnPair:
    """A column of SQLite and the one of PostgreSQL that it goes to, both called v."""
    found, first, second = sqlite.kind(declared)
    ours = Column("v", declared, found, True, first, first, second)
    return ColumnPair(ours, Column("v", type, kind, more.pop("nullable", True), **more))


BOOLEAN = pair("BOOLEAN", "boolean", Kind.BOOLEAN)
SMALL = pair("SMALLINT", "smallint", Kind.INTEGER, bits=16)
PRICE = pair("NUMERIC(10, 2)", "numeric(10,2)", Kind.DECIMAL, precision=10, scale=2)
LONG = pair("NUMERIC(20, 4)", "numeric(20,4)", Kind.DECIMAL, precision=20, scale=4)
FREE = pair("NUMERIC", "numeric", Kind.DECIMAL)
REAL = pair("FLOAT", "real", Kind.FLOAT)
DOUBLE = pair("FLOAT", "double precision", Kind.FLOAT)
NAME = pair("VARCHAR(5)", "character varying(5)", Kind.TEXT, length=5)
DAY = pair("DATE", "date", Kind.DATE)
AT = pair("DATETIME", "timestamp with time zone", Kind.DATETIME, aware=True)
PLAIN = pair("DATETIME", "timestamp without time zone", Kind.DATETIME)
CLOCK = pair("TIME", "time without time zone", Kind.TIME)
LASTS = pair("DATETIME", "interval", Kind.INTERVAL)
FACTS = pair("JSON", "json", Kind.JSON)
FACTS_B = pair("JSON", "jsonb", Kind.JSON)
TOKEN = pair("CHAR(32)", "uuid", Kind.UUID)
RAW = pair("BLOB", "bytea", Kind.BINARY)
VECTOR = pair("BLOB", "vector(2)", Kind.VECTOR, length=2)
MOOD = pair("VARCHAR(9)", "mood", Kind.ENUM, members=("glad", "it's"))
TAGS = pair("JSON", "text[]", Kind.OTHER)

TWO_FLOATS = b"\x00\x00\x80\x3f\xcd\xcc\xcc\x3d"  # 1 and 0.1


def evaluated(column: ColumnPair, value: object, expression: str) -> Any:
    """What SQLite makes of `expression` with the value stored in a column of the declared type."""
    database = sqlite3.connect(":memory:")
    add_functions(database)
    database.execute(f"CREATE TABLE t (v {column.sqlite.type})")
    cast = "CAST(? AS TEXT)" if isinstance(value, bytes) and column.sqlite.kind is Kind.TEXT else "?"
    database.execute(f"INSERT INTO t VALUES ({cast})", (value,))
    found = database.execute(f"SELECT {expression} FROM t").fetchone()[0]
    database.close()
    return found


@pytest.mark.parametrize(
    ("column", "value", "text"),
    [
        (BOOLEAN, 1, "t"),
        (BOOLEAN, 0, "f"),
        (SMALL, -7, -7),
        (PRICE, 9.5, "9.50"),
        (PRICE, 3, "3.00"),
        (PRICE, 0.07, "0.07"),
        (PRICE, -99999999.99, "-99999999.99"),
        (LONG, 1234567890.1234, "1234567890.1234"),
        (FREE, 1e21, "1000000000000000000000"),
        (FREE, 0.1, "0.1"),
        (FREE, 12.0, "12"),
        (DOUBLE, 0.1, "3fb999999999999a"),
        (REAL, 0.1, "3fb99999a0000000"),
        (NAME, "tea", "tea"),
        (DAY, "2030-01-02", "2030-01-02"),
        (AT, "2030-01-02 10:00:00.000000", "2030-01-02 10:00:00+00"),
        (AT, "2030-01-02T10:00:10.120000", "2030-01-02 10:00:10.12+00"),
        (PLAIN, "2030-01-02 10:00:10", "2030-01-02 10:00:10"),
        (CLOCK, "10:00:00.000001", "10:00:00.000001"),
        (LASTS, "1969-12-31 23:59:58.500000", "-1.500000"),
        (LASTS, "1970-01-03 00:00:01.000000", "172801.000000"),
        (FACTS, '{"b": 1.0,  "a": 2}', '{"b": 1.0,  "a": 2}'),
        (FACTS, "1.0", "1"),
        (FACTS, "-1.25", "-1.25"),
        (FACTS_B, '{"bb":1e2,"a":[-0.0,"\\u00e9\\n"]}', '{"a": [0.0, "é\\n"], "bb": 100}'),
        (TOKEN, "0123456789ABCDEF0123456789abcdef", "01234567-89ab-cdef-0123-456789abcdef"),
        (RAW, b"\x00\xff", "\\x00ff"),
        (RAW, b"", "\\x"),
        (VECTOR, TWO_FLOATS, "000200003f8000003dcccccd"),
    ],
)
def test_a_value_has_the_text_that_postgresql_gives_it(column: ColumnPair, value: object, text: object) -> None:
    assert evaluated(column, value, on_sqlite(column)) == text
    assert evaluated(column, None, on_sqlite(column)) is None
    assert evaluated(column, value, reason(column)) is None


@pytest.mark.parametrize(
    ("column", "value", "text"),
    [
        (DOUBLE, 1e16, "1e+16"),
        (REAL, 0.1, "0.10000000149011612"),
        (VECTOR, TWO_FLOATS, "[1.0,0.10000000149011612]"),
        (LASTS, "1969-12-31 23:59:58.500000", "-1 days 86398.500000 seconds"),
        (TAGS, '["a\\"b", null, "c\\\\d"]', '{"a\\"b",NULL,"c\\\\d"}'),
        (NAME, "tea", "tea"),
    ],
)
def test_a_value_is_sent_as_postgresql_takes_it(column: ColumnPair, value: object, text: str) -> None:
    assert evaluated(column, value, sent(column)) == text


@pytest.mark.parametrize(
    ("column", "value", "why"),
    [
        (BOOLEAN, 2, "is neither 0 nor 1"),
        (BOOLEAN, "true", "is neither 0 nor 1"),
        (SMALL, 32768, "is out of the range of smallint"),
        (SMALL, "x", "is no integer"),
        (SMALL, 1.5, "is no integer"),
        (PRICE, "1,50", "is no number"),
        (PRICE, 1.001, "has more than 2 decimal places"),
        (PRICE, 1e8, "does not fit numeric(10,2)"),
        (PRICE, -(2**63), "does not fit numeric(10,2)"),
        (FREE, float("inf"), "is infinite"),
        (REAL, 1e39, "is out of the range of real"),
        (REAL, 1e-50, "is out of the range of real"),
        (DOUBLE, "many", "is no number"),
        (NAME, "sixsix", "is longer than 5 characters"),
        (DAY, "2030-02-30", "is no date"),
        (DAY, "0000-00-00", "is no date"),
        (DAY, "0000-05-01", "is no date"),
        (AT, "0000-05-01 10:00:00", "is no date and time"),
        (CLOCK, "24:00:00", "is no time"),
        (DAY, "2030-01-01 10:00:00", "is more than a date"),
        (DAY, 2030, "is no date"),
        (AT, "2030-01-01", "is a date without a time"),
        (AT, "2030-01-01 10:00:00Z", "has an offset, and SQLite keeps UTC without one"),
        (AT, "2030-02-30 10:00:00", "is no date and time"),
        (AT, "2030-01-01 10:00:00.1234567", "is no date and time"),
        (AT, "2030-01-01 24:00:00", "is no date and time"),
        (CLOCK, "25:00:00", "is no time"),
        (CLOCK, "10:00:00+02:00", "has an offset or a date, and SQLite keeps times without"),
        (FACTS, "{", "is no JSON"),
        (FACTS, "NaN", "is no JSON"),
        (FACTS_B, '"\\u0000"', "has a \\u0000 or half a character, which jsonb cannot hold"),
        (FACTS_B, '{"\\ud800": 1}', "has a \\u0000 or half a character, which jsonb cannot hold"),
        (FACTS_B, '"\\\\u0000"', None),
        (TOKEN, "0123", "is no UUID"),
        (TOKEN, "g123456789abcdef0123456789abcdef", "is no UUID"),
        (RAW, "text", "is no binary value"),
        (VECTOR, TWO_FLOATS[:4], "is a vector without 2 numbers"),
        (VECTOR, TWO_FLOATS[:4] + b"\x00\x00\xc0\x7f", "holds an infinite number or NaN"),
        (MOOD, "angry", "is no mood"),
        (MOOD, "it's", None),
        (TAGS, "{}", "is no JSON array"),
        (TAGS, "[]", None),
    ],
)
def test_what_postgresql_would_refuse_has_a_reason(column: ColumnPair, value: object, why: str | None) -> None:
    assert evaluated(column, value, reason(column)) == why


def test_null_is_fine_only_where_the_column_takes_it() -> None:
    needed = pair("INTEGER", "integer", Kind.INTEGER, bits=32, nullable=False)
    assert evaluated(needed, None, reason(needed)) == "is NULL, and the column needs a value"
    assert evaluated(SMALL, None, reason(SMALL)) is None


@pytest.mark.parametrize(("value", "why"), [("a\0b", "holds a NUL character"), (b"\xc3(", "is not UTF-8"), ("é", None)])
def test_characters_that_postgresql_lacks_are_found(value: object, why: str | None) -> None:
    assert evaluated(NAME, value, spoiling(NAME)) == why


def test_rows_become_copy_text_with_everything_escaped() -> None:
    database = sqlite3.connect(":memory:")
    values = ("a\tb\nc\\d\re\x08\x0c\x0b", "\\N", None, "")
    row = database.execute(f"SELECT {joined(['?', '?', '?', '?'])}", values).fetchone()[0]
    database.close()
    assert copy_text([row, row]) == b"a\\tb\\nc\\\\d\\re\\b\\f\\v\t\\\\N\t\\N\t\n" * 2


def test_a_checksum_does_not_depend_on_the_order_and_tells_rows_apart() -> None:
    one, other, doubled = Checksum(), Checksum(), Checksum()
    one.add([b"a", b"b"])
    other.add([b"b"])
    other.add([b"a"])
    doubled.add([b"a", b"a"])
    assert one == other
    assert one + Checksum() == one
    assert one != doubled
    assert len(str(one)) == 32


def test_the_check_constraints_of_a_table_are_read_from_its_statement() -> None:
    sql = """CREATE TABLE t (a INT CHECK (a > 0), "CHECK (x" TEXT DEFAULT 'CHECK (no)', -- CHECK (neither)
        CONSTRAINT c CHECK(length(b) < (2 + 3) AND b <> ')'))"""
    assert list(checks(sql)) == ["a > 0", "length(b) < (2 + 3) AND b <> ')'"]


def test_what_the_target_lacks_is_refused_and_what_it_computes_is_left_out() -> None:
    key = Column("id", "INTEGER", Kind.INTEGER, False)
    twice = Column("twice", "bigint", Kind.INTEGER, True, generated=True)
    extra = Column("extra", "TEXT", Kind.TEXT, True)
    (made,) = pairs([Table("t", (key, twice), ("id",))], [Table("t", (key, twice), ("id",))], to_postgres=True)
    assert [column.name for column in made.columns] == ["id"]
    with pytest.raises(Refused, match=r"t\.extra"):
        pairs([Table("t", (key, extra), ("id",))], [Table("t", (key,), ("id",))], to_postgres=True)
    needed = Column("needed", "text", Kind.TEXT, False)
    with pytest.raises(Refused, match=r"lacks t\.needed"):
        pairs([Table("t", (key,), ("id",))], [Table("t", (key, needed), ("id",))], to_postgres=True)


def test_troubles_are_counted_and_the_first_are_kept() -> None:
    troubles = Troubles(kept=2)
    for number in range(5):
        troubles.add("t", "c", "is bad", str(number), "x" * 100)
    (found,) = troubles.all
    assert (found.count, found.rows) == (5, [("0", "x" * 59 + "…"), ("1", "x" * 59 + "…")])
    assert shortened("a\nb") == "a\\nb"
    assert troubles.in_columns("t", ("c", "d"))
    assert not troubles.in_columns("other", ("c",))


def test_a_vector_is_packed_as_the_app_stores_it() -> None:
    sent_by_pgvector = bytes.fromhex(functions.vector_hex(TWO_FLOATS))
    assert functions.vector_packed(sent_by_pgvector) == TWO_FLOATS


def test_json_is_one_text_whatever_the_order_of_its_keys() -> None:
    assert functions.jsonb_text('{"b":1,"a":1}') == functions.jsonb_text('{"a": 1, "b": 2, "b": 1}')
    assert json.loads(functions.jsonb_text('{"b":[1.50,null,true]}')) == {"b": [1.5, None, True]}
