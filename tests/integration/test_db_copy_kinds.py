"""Rows of every kind from SQLite to PostgreSQL and back, by way of the two sides of a copy."""

import asyncio
import json
import sqlite3
import struct
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Float,
    Integer,
    Interval,
    LargeBinary,
    MetaData,
    Numeric,
    SmallInteger,
    String,
    Table,
    Text,
    Time,
    Uuid,
    create_engine,
    select,
)

from oppman.database.transfer.fill import Report, fill
from oppman.database.transfer.postgres_side import PostgresSide
from oppman.database.transfer.record import Begun, Record
from oppman.database.transfer.side import Side
from oppman.database.transfer.sqlite_side import SqliteSide
from webapp.vector import Vector

pytestmark = pytest.mark.xdist_group("postgres")

KINDS = Table(
    "kinds",
    MetaData(),
    Column("room", String(10), primary_key=True),
    Column("number", BigInteger, primary_key=True),
    Column("small", SmallInteger),
    Column("whole", Integer),
    Column("yes", Boolean),
    Column("price", Numeric(10, 2)),
    Column("exact", Numeric(15, 6)),
    Column("ratio", Float(53)),
    Column("title", String(40)),
    Column("story", Text),
    Column("day", Date),
    Column("at", DateTime(timezone=True)),
    Column("plain", DateTime),
    Column("clock", Time),
    Column("lasts", Interval),
    Column("facts", JSON),
    Column("token", Uuid),
    Column("raw", LargeBinary),
    Column("embedding", Vector(3)),
)
POSTGRES = """
    CREATE EXTENSION IF NOT EXISTS vector;
    CREATE TABLE kinds (
        room varchar(10), number bigint, small smallint, whole integer, yes boolean, price numeric(10,2),
        exact numeric(15,6), ratio double precision, title varchar(40), story text, day date, at timestamptz,
        plain timestamp, clock time, lasts interval, facts json, token uuid, raw bytea, embedding vector(3),
        PRIMARY KEY (room, number)
    );
    CREATE TABLE notes (text varchar(50), facts jsonb, tags text[], single real, free numeric, mark char(4));
"""
NOTES = "CREATE TABLE notes (text VARCHAR(50), facts JSON, tags JSON, single FLOAT, free NUMERIC, mark CHAR(4))"

texts = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=40)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**9), 10**9) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
FIRST, LAST = datetime(1, 1, 2), datetime(9999, 12, 30)  # noqa: DTZ001
row_values = {
    "small": st.integers(-(2**15), 2**15 - 1),
    "whole": st.integers(-(2**31), 2**31 - 1),
    "yes": st.booleans(),
    "price": st.decimals(-(10**7), 10**7, places=2),
    "exact": st.decimals(-(10**8), 10**8, places=6),
    "ratio": st.floats(allow_nan=False).map(lambda number: number + 0.0),
    "title": texts,
    "story": texts,
    "day": st.dates(),
    "at": st.datetimes(FIRST, LAST),
    "plain": st.datetimes(FIRST, LAST),
    "clock": st.times(),
    "lasts": st.timedeltas(timedelta(days=-10000), timedelta(days=10000)),
    "facts": values,
    "token": st.uuids(),
    "raw": st.binary(max_size=20),
    "embedding": st.lists(st.floats(width=32, allow_nan=False, allow_infinity=False), min_size=3, max_size=3),
}
rows = st.lists(
    st.fixed_dictionaries(
        {"room": st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=10),
         "number": st.integers(-(2**63), 2**63 - 1)}
        | {name: st.none() | value for name, value in row_values.items()}
    ),
    max_size=25, unique_by=lambda row: (row["room"], row["number"]),
)  # fmt: skip


async def transfer(one: Side, other: Side) -> Report:
    """One copy between sides that have their tables."""
    await Record(other).begin(Begun("test"))
    await fill(one, other, report := Report(), 20)
    return report


def there_and_back(first: Path, url: str, second: Path) -> tuple[Report, Report]:
    """Copy the SQLite file to PostgreSQL and from there to another file with the same empty tables."""

    async def run() -> tuple[Report, Report]:
        one, other, last = SqliteSide(first), await PostgresSide.open(url), SqliteSide(second)
        try:
            there = await transfer(one, other)
            return there, await transfer(other, last)
        finally:
            one.close()
            last.close()
            await other.close()

    return asyncio.run(run())


def on_server(url: str, statements: str) -> None:
    async def run() -> None:
        connection = await asyncpg.connect(url)
        await connection.execute(statements)
        await connection.close()

    asyncio.run(run())


@pytest.fixture
def server(postgres_url: str) -> str:
    on_server(postgres_url, POSTGRES)
    return postgres_url


def files(tmp_path: Path) -> tuple[Path, Path]:
    """Two new SQLite files with the tables."""
    made = tmp_path / "one.db", tmp_path / "two.db"
    for path in made:
        path.unlink(missing_ok=True)
        engine = create_engine(f"sqlite:///{path}")
        KINDS.metadata.create_all(engine)
        with engine.begin() as connection:
            connection.exec_driver_sql(NOTES)
        engine.dispose()
    return made


def fill_notes(path: Path, rows: list[dict[str, Any]]) -> None:
    with closing(sqlite3.connect(path)) as database, database:
        database.executemany(
            "INSERT INTO notes VALUES (:text, :facts, :tags, :single, :free, :mark)",
            [row | {"facts": json.dumps(row["facts"]), "tags": json.dumps(row["tags"])} for row in rows],
        )


def notes(path: Path) -> list[Any]:
    with closing(sqlite3.connect(path)) as database:
        found = database.execute("SELECT text, facts, tags, single, free, mark FROM notes").fetchall()
    return [
        (text, json.loads(facts) if isinstance(facts, str) else facts, json.loads(tags), *rest)
        for text, facts, tags, *rest in found
    ]


def single(value: float) -> float:
    return float(struct.unpack("<f", struct.pack("<f", value))[0])


quick = settings(
    max_examples=12, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.explicit, Phase.generate]
)


@given(rows=rows)
@quick
def test_rows_of_every_kind_come_back_as_they_were(rows: list[dict[str, Any]], server: str, tmp_path: Path) -> None:
    first, second = files(tmp_path)
    on_server(server, "TRUNCATE kinds, notes; DROP TABLE IF EXISTS oppman_copy")
    engine = create_engine(f"sqlite:///{first}")
    if rows:
        with engine.begin() as connection:
            connection.execute(KINDS.insert(), rows)
    engine.dispose()

    there, back = there_and_back(first, server, second)

    assert (there.troubles, back.troubles) == ([], [])
    assert [copied.target.rows for copied in there.tables] == [len(rows), 0]
    engine = create_engine(f"sqlite:///{second}")
    with engine.connect() as connection:
        found = [dict(row._mapping) for row in connection.execute(select(KINDS))]
    engine.dispose()
    key = lambda row: (row["room"], row["number"])  # noqa: E731
    expected = [row | {"embedding": row["embedding"] and [*map(float, row["embedding"])]} for row in rows]
    assert sorted(found, key=key) == sorted(expected, key=key)


@given(
    rows=st.lists(
        st.fixed_dictionaries(
            {
                "text": st.none() | texts,
                "facts": values | st.decimals(-(10**6), 10**6, places=4).map(float),
                "tags": st.lists(st.none() | texts, max_size=4),
                "single": st.none()
                | st.floats(-1e38, 1e38, allow_subnormal=False).filter(lambda x: not 0 < abs(x) < 1e-30),
                "free": st.none() | st.decimals(-(10**9), 10**9, places=4).map(float),
                "mark": st.none() | st.text("aé€𝄞", max_size=4),
            }
        ),
        max_size=25,
    )
)
@quick
def test_rows_without_a_key_and_of_kinds_that_one_side_lacks(
    rows: list[dict[str, Any]], server: str, tmp_path: Path
) -> None:
    first, second = files(tmp_path)
    on_server(server, "TRUNCATE kinds, notes; DROP TABLE IF EXISTS oppman_copy")
    fill_notes(first, rows)

    there, back = there_and_back(first, server, second)

    assert (there.troubles, back.troubles) == ([], [])
    expected = [
        (row["text"], row["facts"], row["tags"], row["single"] and single(row["single"]), row["free"], row["mark"])
        for row in rows
    ]
    assert sorted(notes(second), key=repr) == sorted(expected, key=repr)


def test_keys_that_only_sqlite_tells_apart_and_keys_without_a_value_are_found(
    postgres_url: str, tmp_path: Path
) -> None:
    path = tmp_path / "one.db"
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("CREATE TABLE tokens (code VARCHAR(5) PRIMARY KEY, token CHAR(32) UNIQUE, at DATETIME)")
        database.executemany(
            "INSERT INTO tokens VALUES (?, ?, '2030-01-01 10:00:00')",
            [("a", "0" * 31 + "a"), ("b", "0" * 31 + "A"), (None, "1" * 32), ("c", "2" * 32)],
        )
    on_server(postgres_url, "CREATE TABLE tokens (code varchar(5) PRIMARY KEY, token uuid UNIQUE, at timestamp UNIQUE)")

    async def run() -> Report:
        one, other = SqliteSide(path), await PostgresSide.open(postgres_url)
        try:
            return await transfer(one, other)
        finally:
            one.close()
            await other.close()

    twice = "00000000-0000-0000-0000-00000000000a"
    assert {(trouble.column, trouble.reason): sorted(trouble.rows) for trouble in asyncio.run(run()).troubles} == {
        ("code", "is NULL, and the column needs a value"): [("NULL", "NULL")],
        ("token", "is there more than once"): [("a", twice), ("b", twice)],
        ("at", "is there more than once"): [(key, "2030-01-01 10:00:00") for key in ("NULL", "a", "b", "c")],
    }
