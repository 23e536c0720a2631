"""The reader of SQL."""

import pytest

from oppman.database.lint import sql
from oppman.database.lint.change import Change


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('CREATE TABLE IF NOT EXISTS "Books" (id int)', [Change("create_table", "Books")]),
        ("create index on Books (a)", [Change("create_index", "books")]),
        ("CREATE UNIQUE INDEX CONCURRENTLY ix ON shop.books (a)",
         [Change("create_index", "shop.books", "ix", concurrently=True)]),
        ("DROP TABLE a, b CASCADE", [Change("drop_table", "a", cascade=True), Change("drop_table", "b", cascade=True)]),
        ("ALTER TABLE ONLY books RENAME TO works", [Change("rename_table", "books", new_name="works")]),
        ("ALTER TABLE books DROP COLUMN a, DROP b CASCADE",
         [Change("drop_column", "books", "a"), Change("drop_column", "books", "b", cascade=True)]),
        ("ALTER TABLE books ADD CONSTRAINT ck CHECK (a IN (1, 2)) NOT VALID, VALIDATE CONSTRAINT other",
         [Change("add_check", "books", "ck", not_valid=True, condition="(a IN (1, 2))"),
          Change("validate", "books", "other")]),
        ("ALTER TABLE books ALTER a TYPE character varying(20) USING a::text",
         [Change("change_type", "books", "a", type="varchar(20)")]),
        ("UPDATE books SET a = 1 WHERE a IS NULL", [Change("write_rows", "books")]),
        ("UPDATE books SET a = 'where b'", [Change("write_rows", "books")]),
        ("DELETE FROM books", [Change("write_rows", "books")]),
        ("DELETE FROM books WHERE id = 1", []),
        ("ALTER TABLE books ADD CONSTRAINT n NOT NULL a NOT VALID", []),
        ("ALTER TABLE books ENABLE ROW LEVEL SECURITY", []),
        ("SELECT 1; -- DROP TABLE books;\n/* DROP TABLE a; */ DROP TABLE b", [Change("drop_table", "b")]),
        ("CREATE FUNCTION f() RETURNS void AS $x$ BEGIN; DROP TABLE books; END $x$ LANGUAGE plpgsql", []),
        ("INSERT INTO notes VALUES ('a; DROP TABLE books')", []),
    ],
)  # fmt: skip
def test_a_statement_is_read(text: str, expected: list[Change]) -> None:
    assert list(sql.read(text)) == expected


@pytest.mark.parametrize(
    ("condition", "column"),
    [("a IS NOT NULL", "a"), ('(("A" is  not null))', "A"), ("a IS NOT NULL OR b > 0", ""), ("a > 0", "")],
)
def test_a_check_that_forbids_null_is_known(condition: str, column: str) -> None:
    assert sql.is_not_null_check(condition) == column
