"""Where a statement ends."""

import pytest

from oppman.database.sql.split import split

FUNCTION = "CREATE FUNCTION f() RETURNS int BEGIN atomic SELECT CASE WHEN true THEN 1 END; SELECT (2); END;"


@pytest.mark.parametrize(
    ("text", "found", "rest"),
    [
        ("SELECT 1; SELECT 2", ["SELECT 1;"], "SELECT 2"),
        ("SELECT ';'; SELECT \";\";", ["SELECT ';';", 'SELECT ";";'], ""),
        ("SELECT 'it''s; so';", ["SELECT 'it''s; so';"], ""),
        ("-- a; b\nSELECT 1;", ["-- a; b\nSELECT 1;"], ""),
        ("/* a; b */ SELECT 1;", ["/* a; b */ SELECT 1;"], ""),
        ("SELECT 'open; still", [], "SELECT 'open; still"),
        (";;", [], ""),
        ("", [], ""),
    ],
)
@pytest.mark.parametrize("sqlite", [True, False])
def test_both(text: str, found: list[str], rest: str, sqlite: bool) -> None:
    assert split(text, sqlite=sqlite) == (found, rest)


@pytest.mark.parametrize(
    ("text", "found", "rest"),
    [
        ("DO $$ BEGIN; END $$; SELECT 1;", ["DO $$ BEGIN; END $$;", "SELECT 1;"], ""),
        ("SELECT $a$ ; $$ ; $a$;", ["SELECT $a$ ; $$ ; $a$;"], ""),
        ("DO $x$ BEGIN; END", [], "DO $x$ BEGIN; END"),
        ("SELECT E'it\\'s; so';", ["SELECT E'it\\'s; so';"], ""),
        ("SELECT $1; SELECT $2;", ["SELECT $1;", "SELECT $2;"], ""),
        ("/* a /* b; */ c; */ SELECT 1; /* d /* e */;", ["/* a /* b; */ c; */ SELECT 1;"], "/* d /* e */;"),
        ("BEGIN; SELECT 1; END; SELECT 2;", ["BEGIN;", "SELECT 1;", "END;", "SELECT 2;"], ""),
        ("SELECT CASE WHEN (a) THEN 1 END; SELECT 1);", ["SELECT CASE WHEN (a) THEN 1 END;", "SELECT 1);"], ""),
        (
            "CREATE RULE r AS ON INSERT TO t DO (SELECT 1; SELECT 2); S",
            ["CREATE RULE r AS ON INSERT TO t DO (SELECT 1; SELECT 2);"],
            "S",
        ),
        (f"{FUNCTION} SELECT 3;", [FUNCTION, "SELECT 3;"], ""),
    ],
)
def test_postgresql(text: str, found: list[str], rest: str) -> None:
    assert split(text, sqlite=False) == (found, rest)


def test_a_trigger_of_sqlite_is_one_statement() -> None:
    trigger = "CREATE TRIGGER t AFTER INSERT ON a BEGIN SELECT 1; SELECT 2; END;"
    assert split(f"{trigger} SELECT 3;", sqlite=True) == ([trigger, "SELECT 3;"], "")
