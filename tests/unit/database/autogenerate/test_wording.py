"""What makes no difference between two ways to say a rule, and what does."""

import pytest

from oppman.database.autogenerate.portable import without_casts
from oppman.database.autogenerate.wording import on_columns, plain


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("CHECK (price >= 0)", "CHECK ((( price>=0 )))", True),
        ("CHECK ((capacity > 0))", 'ALTER TABLE x ADD CONSTRAINT y CHECK ("capacity" > 0)', True),
        ("CHECK (name <> 'a b')", "CHECK (name <> 'ab')", False),
        ("CHECK (name <> 'A')", "CHECK (name <> 'a')", False),
        ("CHECK ((a OR b) AND c)", "CHECK (a OR (b AND c))", False),
        ("CHECK (((a > 0) OR (b > 0)))", "CHECK ((a > 0) OR (b > 0))", True),
        ("CREATE INDEX i ON t (a)", "CREATE INDEX i ON public.t USING btree (a)", True),
        ('CREATE INDEX i ON "order" (a)', "CREATE INDEX i ON other (a)", True),
        ("CREATE INDEX i ON t (a)", "CREATE INDEX i ON t (a DESC)", False),
        ("CREATE INDEX i ON t (a)", "CREATE INDEX i ON t (a) WHERE a > 1", False),
        ("CREATE INDEX i ON t (a)", "CREATE INDEX i ON t USING hash (a)", False),
    ],
)
def test_a_rule_is_told_from_its_layout(one: str, other: str, same: bool) -> None:
    assert (plain(one) == plain(other)) is same


def test_what_an_index_is_on_is_read_from_its_statement() -> None:
    assert on_columns("CREATE INDEX i ON t (lower(a), b DESC) WHERE c = ')'") == ("lower(a), b DESC", "c = ')'")
    assert on_columns('CREATE UNIQUE INDEX "i" ON "t" ("a")') == ('"a"', "")


@pytest.mark.parametrize(
    ("postgres", "both"),
    [
        ("(price > (3)::numeric)", "(price > (3))"),
        ("((name)::text = 'a::b'::character varying)", "((name) = 'a::b')"),
        (
            "((kind)::text = ANY ((ARRAY['a'::character varying, 'b'::character varying])::text[]))",
            "((kind) IN ('a', 'b'))",
        ),
        ("(at > '2020-01-01 00:00:00+00'::timestamp with time zone)", "(at > '2020-01-01 00:00:00+00')"),
        ("(price)::numeric(10,2) > 0", "(price) > 0"),
    ],
)
def test_postgresqls_own_words_are_put_for_both(postgres: str, both: str) -> None:
    assert without_casts(postgres) == both
