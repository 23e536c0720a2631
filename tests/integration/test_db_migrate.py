"""`oppman db migrate`, `rollback` and `redo` on SQLite: what is shown, asked and copied before it runs."""

import json
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import pytest

import backups
from command_line import Run
from revision_files import FIELD, FIRST, alembic, change, write_revision
from terminal import talk

ONE, TWO = "1" * 12, "2" * 12
DROP = "with op.batch_alter_table('products') as batch:\n        batch.drop_column('in_stock')"
ADD = "op.execute('ALTER TABLE products ADD COLUMN sku text')"


@pytest.fixture
def shop(project: Path, run: Run) -> Path:
    """A project whose database has the starter's tables and a product."""
    assert run("db", "migrate", cwd=project).code == 0
    at = "2030-01-01 10:00:00"
    with closing(sqlite3.connect(project / "app.db")) as rows, rows:
        rows.execute(
            "INSERT INTO products (name, description, price, category, in_stock, created_at, updated_at)"
            " VALUES ('Tea', '', 9.5, 'drinks', 1, ?, ?)", (at, at)
        )  # fmt: skip
    return project


def test_the_plan_is_shown_before_it_runs(shop: Path, run: Run) -> None:
    write_revision(shop, ONE, FIRST, DROP)
    result = run("db", "migrate", cwd=shop)
    assert result.code == 0, result.stderr
    plan, ran = result.stderr.index("1 migration to apply:"), result.stderr.index(f"apply  {ONE}  test")
    for line in ("drops column products.in_stock", "copies table products", "cannot be undone"):
        assert plan < result.stderr.index(line) < ran
    assert result.stdout == ""


def test_plan_only_shows_it(shop: Path, run: Run) -> None:
    write_revision(shop, ONE, FIRST, DROP)
    write_revision(shop, TWO, ONE, ADD)
    shown = run("db", "migrate", "--plan", cwd=shop)
    assert (shown.code, shown.stderr) == (0, "")
    assert shown.stdout.startswith(f"2 migrations to apply:\n  {ONE}  test\n      drops column products.in_stock\n")

    told = json.loads(run("db", "migrate", "--plan", "--json", "--to", ONE, cwd=shop).stdout)
    assert (told["current"], told["target"], told["undo"], told["backup"]) == ([FIRST], ONE, False, True)
    (step,) = told["steps"]
    assert step["effects"] == ["drops column products.in_stock", "copies table products", "cannot be undone"]
    assert query(shop, "SELECT version_num FROM alembic_version") == [(FIRST,)]
    assert not (shop / "backups").exists()

    back = json.loads(run("db", "migrate", "base", "--plan", "--json", cwd=shop).stdout)
    assert (back["undo"], back["backup"]) == (True, True)
    assert "drops table products" in back["steps"][0]["effects"]


def test_a_target_is_given_once(shop: Path, run: Run) -> None:
    write_revision(shop, ONE, FIRST)
    write_revision(shop, TWO, ONE)
    both = run("db", "migrate", ONE, "--to", TWO, cwd=shop)
    assert both.code == 2
    assert "Two targets" in both.stderr
    assert run("db", "migrate", "--json", cwd=shop).code == 2
    assert run("db", "migrate", "--to", ONE, cwd=shop).code == 0
    assert query(shop, "SELECT version_num FROM alembic_version") == [(ONE,)]


@pytest.mark.parametrize(
    ("body", "copied"),
    [
        (ADD, False),
        ("op.execute('CREATE TABLE extra (id INTEGER REFERENCES products ON DELETE CASCADE)')", False),
        ("op.execute('INSERT INTO roles SELECT * FROM roles WHERE 0')", False),
        ("op.execute('CREATE INDEX ix ON products (price)'); op.execute('DROP INDEX ix')", False),
        ("op.execute('CREATE TABLE t (id INTEGER)'); op.execute('DELETE FROM t')", False),
        (DROP, True),
        ("op.drop_table('demo_batches')", True),
        ("op.execute('DROP TABLE demo_batches')", True),
        ("op.execute('DELETE FROM products WHERE id = 7')", True),
        ("op.execute('UPDATE products SET price = 1 WHERE id = 7')", True),
        ("op.execute('WITH old AS (SELECT 7 AS id) DELETE FROM products WHERE id IN (SELECT id FROM old)')", True),
        ("op.get_bind().exec_driver_sql('DELETE FROM products WHERE id = 7')", True),
        ("import os; op.execute(os.environ.get('SQL', 'SELECT 1'))", True),
        ("from sqlalchemy.orm import Session; Session(op.get_bind()).close()", True),
        (
            "import sqlalchemy as sa; t = sa.table('products', sa.column('id'))\n"
            "    op.execute(t.delete().where(t.c.id == 7))", True
        ),
        (
            "import sqlalchemy as sa\n    with op.batch_alter_table('products') as batch:\n"
            "        batch.alter_column('price', type_=sa.Integer(), existing_type=sa.Numeric(10, 2))", True
        ),
    ],
)  # fmt: skip
def test_the_database_is_copied_first_where_data_can_be_lost(shop: Path, run: Run, body: str, copied: bool) -> None:
    write_revision(shop, ONE, FIRST, body)
    result = run("db", "migrate", cwd=shop)
    assert result.code == 0, result.stderr
    assert ("The database was copied to backups/" in result.stderr) is copied
    assert (shop / "backups").exists() is copied
    if copied:
        (backup,) = (shop / "backups").iterdir()
        assert backups.rows(backup, "SELECT name, price FROM products") == [("Tea", 9.5)]


def test_no_backup_makes_none(shop: Path, run: Run) -> None:
    write_revision(shop, ONE, FIRST, DROP)
    assert run("db", "migrate", "--no-backup", cwd=shop).code == 0
    assert not (shop / "backups").exists()


def test_init_copies_the_database_too_before_it_loses_data(shop: Path, run: Run) -> None:
    write_revision(shop, ONE, FIRST, "op.execute('DELETE FROM products')")
    result = run("init", "--yes", cwd=shop)
    assert result.code == 0, result.stderr
    (backup,) = (shop / "backups").iterdir()
    assert backup.name in result.stderr
    assert backups.rows(backup, "SELECT name FROM products") == [("Tea",)]


def test_fake_records_forwards_and_backwards_without_running(shop: Path, run: Run) -> None:
    write_revision(shop, ONE, FIRST, "op.execute('DROP TABLE products')")
    asked = run("db", "migrate", "--fake", cwd=shop)
    assert asked.code == 2
    assert "--yes" in asked.stderr
    done = run("db", "migrate", "--fake", "--yes", cwd=shop)
    assert done.code == 0, done.stderr
    assert f"Recorded 1 migration; the database is at revision {ONE}" in done.stderr
    assert query(shop, "SELECT name FROM products") == [("Tea",)]

    assert run("db", "migrate", "base", "--fake", "--yes", cwd=shop).code == 0
    assert query(shop, "SELECT version_num FROM alembic_version") == []
    assert query(shop, "SELECT name FROM products") == [("Tea",)]
    assert run("db", "migrate", FIRST, "--fake", "--yes", cwd=shop).code == 0
    assert FIRST in alembic(shop, "current").stdout
    assert not (shop / "backups").exists()


def test_a_database_made_by_other_means_joins_with_fake(project: Path, run: Run) -> None:
    assert run("db", "migrate", cwd=project).code == 0
    with closing(sqlite3.connect(project / "app.db")) as rows, rows:
        rows.execute("DROP TABLE alembic_version")
    told = run("db", "migrate", cwd=project)
    assert told.code == 1
    assert "`oppman db migrate --fake`" in told.stderr
    assert run("db", "migrate", "--fake", "--yes", cwd=project).code == 0
    assert "Nothing to do" in run("db", "migrate", cwd=project).stderr


def test_redo_undoes_and_applies_again(shop: Path, run: Run) -> None:
    change(shop, FIELD, FIELD + "    stock: int = 0\n")
    assert run("db", "makemigrations", "-m", "stock", cwd=shop).code == 0
    assert run("db", "migrate", cwd=shop).code == 0
    with closing(sqlite3.connect(shop / "app.db")) as rows, rows:
        rows.execute("UPDATE products SET stock = 5")
    assert run("db", "redo", cwd=shop).code == 2
    done = run("db", "redo", "--yes", cwd=shop)
    assert done.code == 0, done.stderr
    assert done.stderr.index("undo  ") < done.stderr.index("apply  ")
    assert "Undid and applied again 1 migration" in done.stderr
    assert query(shop, "SELECT name, stock FROM products") == [("Tea", 0)]
    (backup,) = (shop / "backups").iterdir()
    assert backups.rows(backup, "SELECT stock FROM products") == [(5,)]


def test_a_redo_that_fails_changes_nothing(shop: Path, run: Run) -> None:
    path = write_revision(shop, ONE, FIRST, ADD)
    assert run("db", "migrate", cwd=shop).code == 0
    path.write_text(
        path.read_text().replace(
            "def downgrade():\n    pass", "def downgrade():\n    op.drop_index('ix_products_name_id')"
        )
    )
    result = run("db", "redo", "--yes", "--no-backup", cwd=shop)
    assert result.code == 1
    assert "duplicate column name: sku" in result.stderr
    assert f"Nothing was changed: the database is still at revision {ONE}" in result.stderr
    assert query(shop, "SELECT count(*) FROM sqlite_master WHERE name = 'ix_products_name_id'") == [(1,)]


def test_a_question_that_is_answered_with_no_changes_nothing(shop: Path) -> None:
    command = [sys.executable, "-m", "oppman", "db", "rollback"]
    seen = talk(command, shop, ("What was added is destroyed with its data.", "n\r"))
    assert seen.code == 1
    assert "Nothing was changed" in seen.output
    assert query(shop, "SELECT name FROM products") == [("Tea",)]


def test_limits_in_pyproject_are_checked(shop: Path, run: Run) -> None:
    text = (shop / "pyproject.toml").read_text()
    for line, words in (("lock_timeout = 'long'", "migrate.lock_timeout is 'long'"), ("patience = 3", "is unknown")):
        (shop / "pyproject.toml").write_text(f"{text}\n[tool.oppman.migrate]\n{line}\n")
        result = run("db", "migrate", cwd=shop)
        assert result.code == 1
        assert words in result.stderr


def test_info_tells_of_two_heads(project: Path, run: Run) -> None:
    write_revision(project, ONE, FIRST)
    write_revision(project, TWO, FIRST)
    result = run("info", cwd=project)
    assert result.code == 1
    assert f"2 heads: {ONE}, {TWO}" in result.stderr


def query(project: Path, sql: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(project / "app.db")) as connection:
        return connection.execute(sql).fetchall()
