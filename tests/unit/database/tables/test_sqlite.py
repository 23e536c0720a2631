"""Tables read from a SQLite database."""

import sqlite3
from contextlib import closing

from oppman.database.tables.sqlite import kind, read
from oppman.database.tables.table import ForeignKey, Kind, Table

SCHEMA = """
    CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL);
    CREATE TABLE shelves (room TEXT NOT NULL, number INTEGER NOT NULL, PRIMARY KEY (number, room));
    CREATE TABLE books (
        id INTEGER PRIMARY KEY AUTOINCREMENT, title VARCHAR(80) NOT NULL, price NUMERIC(10, 2) DEFAULT 1,
        twice INTEGER GENERATED ALWAYS AS (id * 2), room TEXT, number INTEGER, follows INTEGER REFERENCES books,
        cover BLOB, isbn TEXT, UNIQUE (title, isbn), FOREIGN KEY (room, number) REFERENCES shelves (room, number)
    );
    CREATE UNIQUE INDEX books_isbn ON books (isbn);
    CREATE UNIQUE INDEX books_lower ON books (lower(title));
    CREATE UNIQUE INDEX books_some ON books (title) WHERE price > 3;
    CREATE VIEW titles AS SELECT title FROM books;
"""


def tables() -> dict[str, Table]:
    with closing(sqlite3.connect(":memory:")) as database:
        database.executescript(SCHEMA)
        return {table.name: table for table in read(database)}


def test_alembics_table_and_views_are_not_among_them() -> None:
    assert set(tables()) == {"books", "shelves"}


def test_keys_uniques_and_foreign_keys() -> None:
    found = tables()
    assert found["shelves"].key == ("number", "room")
    assert found["books"].key == ("id",)
    assert set(found["books"].uniques) == {("title", "isbn"), ("isbn",)}
    assert set(found["books"].foreign_keys) == {
        ForeignKey(None, ("follows",), "books", ("id",)),
        ForeignKey(None, ("room", "number"), "shelves", ("room", "number")),
    }


def test_columns_say_what_can_be_written_and_what_has_to_be() -> None:
    columns = tables()["books"].by_name
    assert not columns["title"].nullable
    assert not columns["id"].nullable
    assert columns["cover"].nullable
    assert columns["price"].has_default
    assert (columns["price"].precision, columns["price"].scale) == (10, 2)
    assert columns["title"].length == 80
    assert "twice" not in [column.name for column in tables()["books"].written]


def test_a_declared_type_says_what_its_values_are() -> None:
    declared = "INTEGER BIGINT BOOLEAN DATETIME DATE TIME JSON FLOAT BLOB TEXT VARCHAR(9) CHAR(32) NUMERIC(9,2) POINT"
    assert [kind(one)[0] for one in declared.split()] == [
        Kind.INTEGER, Kind.INTEGER, Kind.BOOLEAN, Kind.DATETIME, Kind.DATE, Kind.TIME, Kind.JSON, Kind.FLOAT,
        Kind.BINARY, Kind.TEXT, Kind.TEXT, Kind.UUID, Kind.DECIMAL, Kind.INTEGER,
    ]  # fmt: skip
