"""Types of columns and the changes that need no rewrite."""

import ast

import pytest

from oppman.database.lint.column_types import from_alchemy, from_sql, is_widening


@pytest.mark.parametrize(
    ("expression", "sql"),
    [
        ("sa.String(length=20)", "VARCHAR( 20 )"),
        ("sa.String()", "character varying"),
        ("sa.Text", "text"),
        ("sa.Numeric(10, scale=2)", "decimal(10, 2)"),
        ("sa.DateTime(timezone=True)", "timestamp with time zone"),
        ("sa.BigInteger()", "int8"),
        ("sa.JSON().with_variant(JSONB(), 'postgresql')", "jsonb"),
        ("sa.JSON().with_variant(JSON(), 'sqlite')", "json"),
    ],
)
def test_a_type_of_sqlalchemy_is_that_of_sql(expression: str, sql: str) -> None:
    assert from_alchemy(ast.parse(expression, mode="eval").body, lambda node: node) == from_sql(sql) != ""


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("varchar(20)", "varchar(20)", True),
        ("varchar(20)", "varchar(30)", True),
        ("varchar(20)", "varchar", True),
        ("varchar(20)", "text", True),
        ("text", "varchar", True),
        ("numeric(8,2)", "numeric(10,2)", True),
        ("cidr", "inet", True),
        ("varchar(30)", "varchar(20)", False),
        ("varchar", "varchar(20)", False),
        ("text", "varchar(20)", False),
        ("numeric(8,2)", "numeric(10,3)", False),
        ("integer", "bigint", False),
        ("timestamp", "timestamptz", False),
        ("", "", False),
    ],
)
def test_which_changes_rewrite_nothing(old: str, new: str, expected: bool) -> None:
    assert is_widening(old, new) is expected
