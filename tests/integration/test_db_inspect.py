"""`oppman db inspect`: tables, rows, sizes, and what deserves attention."""

import json
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from command_line import Run
from postgres import execute

TABLES = (
    "CREATE TABLE shops (id INTEGER PRIMARY KEY, name TEXT NOT NULL)",
    "CREATE TABLE teas (id INTEGER PRIMARY KEY, shop_id INTEGER REFERENCES shops (id) ON DELETE CASCADE,"
    " other_id INTEGER REFERENCES shops (id), name VARCHAR(40) DEFAULT 'tea', price INTEGER)",
    "CREATE INDEX ix_shop ON teas (shop_id, name)",
    "CREATE INDEX ix_name ON teas (name)",
    "CREATE INDEX ix_name_price ON teas (name, price)",
    "CREATE INDEX ix_price_down ON teas (price DESC)",
    "CREATE INDEX ix_price_id ON teas (price, id)",
    "CREATE UNIQUE INDEX uq_name ON teas (name, price, id)",
    "CREATE INDEX ix_twice ON teas (name, price)",
    "CREATE INDEX ix_some ON teas (other_id) WHERE price > 0",
    "CREATE INDEX ix_lower ON teas (lower(name))",
)


@pytest.fixture
def shop(project: Path) -> Path:
    fill(project, *TABLES, "INSERT INTO shops (name) VALUES ('a'), ('b'), ('c')", "DELETE FROM shops WHERE id = 2")
    return project


def test_tables_with_estimates_and_counts(shop: Path, run: Run) -> None:
    shown = run("db", "inspect", cwd=shop)
    assert shown.code == 0, shown.stderr
    assert words(shown.stdout, "shops")[:2] == ["shops", "~3"]
    assert words(shown.stdout, "teas")[:2] == ["teas", "0"]
    assert "~ is an estimate" in shown.stderr
    counted = run("db", "inspect", "--exact", cwd=shop)
    assert words(counted.stdout, "shops")[:2] == ["shops", "2"]
    assert "estimate" not in counted.stderr


def test_foreign_keys_without_an_index_and_needless_indexes(shop: Path, run: Run) -> None:
    told = json.loads(run("db", "inspect", "--json", cwd=shop).stdout)
    found = {(finding["kind"], finding["name"]) for finding in told["findings"]}
    assert found == {
        ("foreign-key-without-index", "other_id"),
        ("index-redundant", "ix_name"),
        ("index-redundant", "ix_name_price"),
        ("index-redundant", "ix_twice"),
    }
    assert "begins with the same columns: drop this one" in run("db", "inspect", cwd=shop).stdout


def test_one_table(shop: Path, run: Run) -> None:
    shown = run("db", "inspect", "teas", cwd=shop)
    assert shown.code == 0, shown.stderr
    assert words(shown.stdout, "name")[:3] == ["name", "VARCHAR(40)", "yes"]
    assert words(shown.stdout, "shop_id,") == []
    assert ["shop_id", "shops", "(id)", "CASCADE"] in [line.split() for line in shown.stdout.splitlines()]
    assert "foreign-key-without-index" in shown.stdout
    referred = json.loads(run("db", "inspect", "shops", "--json", cwd=shop).stdout)
    assert [key["columns"] for key in referred["referred_to_by"]] == [["other_id"], ["shop_id"]]
    assert [column["name"] for column in referred["columns"]] == ["id", "name"]


def test_an_unknown_table_names_the_nearest(shop: Path, run: Run) -> None:
    wrong = run("db", "inspect", "tea", cwd=shop)
    assert wrong.code == 2
    assert "The nearest is teas" in wrong.stderr


def test_a_database_that_is_none_or_does_not_answer(project: Path, run: Run) -> None:
    (project / "app.db").write_bytes(b"no database at all" * 500)
    wrong = run("db", "inspect", cwd=project)
    assert wrong.code == 1
    assert "app.db is not a SQLite database" in wrong.stderr
    silent = run("db", "inspect", "--json", cwd=project, env={"DATABASE_URL": "postgresql://u:secret@127.0.0.1:1/x"})
    assert silent.code == 1
    assert "cannot be reached: postgresql://u:***@127.0.0.1:1/x" in silent.stderr
    assert silent.stdout == ""


def test_the_starter_has_nothing_to_find(project: Path, run: Run) -> None:
    assert run("db", "migrate", cwd=project).code == 0
    shown = run("db", "inspect", "--json", "--exact", cwd=project)
    assert json.loads(shown.stdout)["findings"] == []


def test_three_hundred_tables_with_odd_names(project: Path, run: Run) -> None:
    fill(project, *(f"""CREATE TABLE "t '{number}"" x" (id INTEGER)""" for number in range(600)))
    told = json.loads(run("db", "inspect", "--json", cwd=project).stdout)
    assert len(told["tables"]) == 600
    assert told["tables"][0]["name"].startswith("t '0\" x")


@pytest.mark.xdist_group("postgres")
class TestPostgres:
    @pytest.fixture
    def shop(self, project: Path, postgres_url: str) -> Path:
        (project / ".env").write_text(f"DATABASE_URL={postgres_url}\n")
        for statement in TABLES:
            execute(postgres_url, statement.replace("INTEGER PRIMARY KEY", "SERIAL PRIMARY KEY"))
        execute(postgres_url, "INSERT INTO shops (name) SELECT 'x' FROM generate_series(1, 1000)")
        execute(postgres_url, "ANALYZE shops")
        execute(postgres_url, "SELECT setval('teas_id_seq', 2000000000)")
        return project

    def test_estimates_counts_and_findings(self, shop: Path, postgres_url: str, run: Run) -> None:
        shown = run("db", "inspect", cwd=shop)
        assert shown.code == 0, shown.stderr
        assert words(shown.stdout, "shops")[:2] == ["shops", "~1,000"]
        assert words(shown.stdout, "teas")[-1] == "never"
        execute(postgres_url, "INSERT INTO shops (name) VALUES ('y'), ('z')")
        counted = json.loads(run("db", "inspect", "--exact", "--json", cwd=shop).stdout)
        assert [(t["rows"], t["exact"]) for t in counted["tables"] if t["name"] == "shops"] == [(1002, True)]
        found = {(finding["kind"], finding["name"]) for finding in counted["findings"]}
        assert found == {
            ("foreign-key-without-index", "other_id"),
            ("index-redundant", "ix_name"),
            ("index-redundant", "ix_name_price"),
            ("index-redundant", "ix_twice"),
            ("sequence-full", "teas.id"),
        }
        (full,) = (finding for finding in counted["findings"] if finding["kind"] == "sequence-full")
        assert "(93%)" in full["text"]

    def test_an_index_of_many_rows_that_nobody_uses(self, shop: Path, postgres_url: str, run: Run) -> None:
        execute(
            postgres_url, "INSERT INTO teas (shop_id, price) SELECT 1 + n % 1000, n FROM generate_series(1, 10000) n"
        )
        execute(postgres_url, "ANALYZE teas")
        told = json.loads(run("db", "inspect", "--json", cwd=shop).stdout)
        found = {finding["name"]: finding["text"] for finding in told["findings"] if finding["kind"] == "index-unused"}
        assert set(found) == {"ix_lower", "ix_price_down", "ix_price_id", "ix_shop", "ix_some"}
        assert f"since {told['counted_since']}" in found["ix_shop"]

    def test_one_table(self, shop: Path, run: Run) -> None:
        shown = run("db", "inspect", "teas", cwd=shop)
        assert shown.code == 0, shown.stderr
        assert "teas_shop_id_fkey   FOREIGN KEY (shop_id) REFERENCES shops(id) ON DELETE CASCADE" in shown.stdout
        assert "character varying(40)" in shown.stdout
        referred = json.loads(run("db", "inspect", "shops", "--json", cwd=shop).stdout)
        assert [key["columns"] for key in referred["referred_to_by"]] == [["other_id"], ["shop_id"]]


def words(text: str, first: str) -> list[str]:
    """The line that begins with the word, as words."""
    return next((line.split() for line in text.splitlines() if line.split()[:1] == [first]), [])


def fill(project: Path, *statements: str) -> Sequence[Any]:
    with closing(sqlite3.connect(project / "app.db")) as database, database:
        return [database.execute(statement).fetchall() for statement in statements]
