"""`oppman db` in a project on SQLite, as a person uses it."""

import json
import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

import backups
from command_line import Run, clean_environment
from revision_files import FIELD, FIRST, add_table, alembic, change, newest, revisions, write_revision


@pytest.fixture
def shop(project: Path, run: Run) -> Path:
    """A project whose database has the starter's tables and a webinar with two registrations and a product."""
    assert run("db", "migrate", cwd=project).code == 0
    with database(project) as rows:
        at = "2030-01-01 10:00:00"
        rows.execute("INSERT INTO users VALUES ('a@b.c', 'Ann', 7, 'x', 1, 1, 1, ?, NULL)", (at,))
        rows.execute(
            "INSERT INTO webinars (id, title, description, starts_at, duration_minutes, capacity, created_at,"
            " updated_at) VALUES (1, 'Talk', '', ?, 60, 5, ?, ?)", (at, at, at)
        )  # fmt: skip
        for name in ("one", "two"):
            rows.execute(
                "INSERT INTO registrations (name, email, webinar_id, status, notes, created_at)"
                " VALUES (?, ? || '@x.y', 1, 'registered', '', ?)", (name, name, at)
            )  # fmt: skip
        rows.execute(
            "INSERT INTO products (name, description, price, category, in_stock, created_at, updated_at)"
            " VALUES ('Tea', '', 9.5, 'drinks', 1, ?, ?)", (at, at)
        )  # fmt: skip
    return project


def test_migrate_builds_everything_and_says_so_once(project: Path, run: Run) -> None:
    first = run("db", "migrate", cwd=project)
    assert (first.code, first.stdout) == (0, "")
    assert f"apply  {FIRST}  create tables" in first.stderr
    assert f"the database is at revision {FIRST}" in first.stderr

    second = run("db", "migrate", cwd=project)
    assert second.code == 0
    assert "Nothing to do" in second.stderr


def test_the_starter_has_no_drift(project: Path, run: Run) -> None:
    result = run("db", "check", cwd=project)
    assert result.code == 0, result.stderr
    assert not (project / "app.db").exists()


def test_a_new_field_goes_into_the_database_and_out_again(shop: Path, run: Run) -> None:
    change(shop, FIELD, FIELD + "    stock: int = 0\n    sku: str | None = Field(default=None, max_length=40)\n")
    drift = run("db", "check", "--json", cwd=shop)
    assert drift.code == 1
    assert [found["name"] for found in json.loads(drift.stdout)["differences"]] == ["stock", "sku"]

    made = run("db", "makemigrations", "-m", "Add stock & SKU", cwd=shop)
    assert made.code == 0, made.stderr
    assert "add column products.stock (INTEGER, not null)" in made.stderr
    path = newest(shop)
    assert re.fullmatch(r"\d{8}_\d{4}_add_stock_sku\.py", path.name)
    text = path.read_text()
    assert f'down_revision = "{FIRST}"' in text
    assert 'batch_op.add_column(sa.Column("stock", sa.Integer(), server_default="0", nullable=False))' in text

    assert run("db", "migrate", cwd=shop).code == 0
    assert run("db", "check", cwd=shop).code == 0
    assert query(shop, "SELECT name, stock, sku FROM products") == [("Tea", 0, None)]

    undone = run("db", "rollback", "--yes", cwd=shop)
    assert undone.code == 0, undone.stderr
    assert "stock" not in columns(shop, "products")
    assert query(shop, "SELECT name, price FROM products") == [("Tea", 9.5)]
    (backup,) = (shop / "backups").iterdir()
    assert backup.name in undone.stderr
    assert backups.rows(backup, "SELECT stock FROM products") == [(0,)]


def test_a_batch_change_keeps_children_checks_and_the_counter(shop: Path, run: Run) -> None:
    with database(shop) as rows:
        rows.execute("UPDATE sqlite_sequence SET seq = 41 WHERE name = 'webinars'")
    change(shop, "    title: str = Field(min_length=1, max_length=150)", "    title: str = Field(max_length=200)")
    assert run("db", "makemigrations", "-m", "longer titles", cwd=shop).code == 0
    assert "with op.batch_alter_table(" in newest(shop).read_text()
    result = run("db", "migrate", cwd=shop)
    assert result.code == 0, result.stderr

    assert query(shop, "SELECT count(*) FROM registrations") == [(2,)]
    sql = str(query(shop, "SELECT sql FROM sqlite_master WHERE name = 'webinars'")[0][0])
    assert "AUTOINCREMENT" in sql
    assert "ck_webinars_capacity_positive" in sql
    assert "VARCHAR(200)" in sql
    assert query(shop, "SELECT seq FROM sqlite_sequence WHERE name = 'webinars'") == [(41,)]
    with pytest.raises(sqlite3.IntegrityError, match="capacity"), database(shop) as rows:
        rows.execute("UPDATE webinars SET capacity = 0")


def test_a_column_is_dropped_with_its_check_and_nothing_else(shop: Path, run: Run) -> None:
    change(shop, "    duration_minutes: int = Field(default=60, ge=1, le=1440)\n", "")
    change(shop, '        CheckConstraint("duration_minutes > 0", name="duration_positive"),\n', "")
    allowed = ("--allow-drop", "webinars.duration_minutes")
    made = run("db", "makemigrations", "-m", "no duration", *allowed, cwd=shop)
    assert "remove constraint ck_webinars_duration_positive on webinars" in made.stderr
    assert "remove column webinars.duration_minutes" in made.stderr
    result = run("db", "migrate", cwd=shop)
    assert result.code == 0, result.stderr
    assert "duration_minutes" not in columns(shop, "webinars")
    assert query(shop, "SELECT title, capacity FROM webinars") == [("Talk", 5)]
    assert query(shop, "SELECT count(*) FROM registrations") == [(2,)]


def test_a_changed_check_is_drift(shop: Path, run: Run) -> None:
    change(shop, 'CheckConstraint("capacity > 0", name="capacity_positive")',
           'CheckConstraint("capacity > 2", name="capacity_three")')  # fmt: skip
    assert run("db", "check", cwd=shop).code == 1
    assert run("db", "makemigrations", "-m", "three places", cwd=shop).code == 0
    assert run("db", "migrate", cwd=shop).code == 0
    assert run("db", "check", cwd=shop).code == 0
    with pytest.raises(sqlite3.IntegrityError, match="ck_webinars_capacity_three"), database(shop) as rows:
        rows.execute("UPDATE webinars SET capacity = 2")
    undone = run("db", "rollback", "--yes", "--no-backup", cwd=shop)
    assert undone.code == 0, undone.stderr
    with pytest.raises(sqlite3.IntegrityError, match="ck_webinars_capacity_positive"), database(shop) as rows:
        rows.execute("UPDATE webinars SET capacity = 0")


def test_a_new_table_with_a_foreign_key_names_every_constraint(shop: Path, run: Run) -> None:
    add_table(shop)
    assert run("db", "makemigrations", "-m", "notes", cwd=shop).code == 0
    text = newest(shop).read_text()
    for name in ("pk_notes", "fk_notes_product_id_products", "ix_notes_text"):
        assert f'op.f("{name}")' in text
    assert "sqlmodel" not in text
    assert run("db", "migrate", cwd=shop).code == 0
    assert run("db", "check", cwd=shop).code == 0
    assert run("db", "rollback", "--yes", "--no-backup", cwd=shop).code == 0
    assert columns(shop, "notes") == set()
    assert not (shop / "backups").exists()


def test_a_column_type_of_the_project_is_imported_in_the_revision(shop: Path, run: Run) -> None:
    (shop / "webapp" / "kinds.py").write_text(
        "from sqlalchemy import String, TypeDecorator\n\n\n"
        "class Colour(TypeDecorator[str]):\n    impl = String(7)\n    cache_ok = True\n"
    )
    change(shop, FIELD, FIELD + '    colour: str = Field(default="#fff", sa_type=Colour)\n')
    change(shop, "metadata = SQLModel.metadata\n", "from webapp.kinds import Colour\n\nmetadata = SQLModel.metadata\n")
    assert run("db", "makemigrations", "-m", "colour", cwd=shop).code == 0
    assert "import webapp.kinds" in newest(shop).read_text()
    assert run("db", "migrate", cwd=shop).code == 0
    assert run("db", "check", cwd=shop).code == 0


def test_no_change_writes_nothing(project: Path, run: Run) -> None:
    result = run("db", "makemigrations", "-m", "nothing", cwd=project)
    assert (result.code, result.stdout) == (0, "")
    assert "No changes" in result.stderr
    assert len(revisions(project)) == 1


def test_dry_run_prints_the_migration_and_writes_nothing(project: Path, run: Run) -> None:
    change(project, FIELD, FIELD + "    stock: int = 0\n")
    result = run("db", "makemigrations", "--dry-run", cwd=project)
    assert result.code == 0, result.stderr
    compile(result.stdout, "revision", "exec")
    assert '"""add products.stock' in result.stdout
    assert len(revisions(project)) == 1


def test_an_empty_migration_is_there_to_be_filled(project: Path, run: Run) -> None:
    result = run("db", "makemigrations", "--empty", "-m", "clean up prices", cwd=project)
    assert result.code == 0, result.stderr
    assert "def upgrade() -> None:\n    pass\n" in newest(project).read_text()
    assert run("db", "migrate", cwd=project).code == 0


def test_makemigrations_needs_a_message_where_nobody_can_be_asked(project: Path, run: Run) -> None:
    change(project, FIELD, FIELD + "    stock: int = 0\n")
    result = run("db", "makemigrations", cwd=project)
    assert result.code == 2
    assert "--message" in result.stderr
    assert len(revisions(project)) == 1


def test_a_required_field_asks_for_the_value_of_existing_rows(shop: Path, run: Run) -> None:
    change(shop, FIELD, FIELD + "    seen_at: datetime\n    weight: Decimal\n")
    refused = run("db", "makemigrations", "-m", "seen", cwd=shop)
    assert refused.code == 2
    assert "--backfill products.seen_at=VALUE" in refused.stderr
    assert len(revisions(shop)) == 1

    wrong = run("db", "makemigrations", "-m", "x", "--backfill", "products.seen_at=now", "--backfill",
                "products.weight=heavy", cwd=shop)  # fmt: skip
    assert wrong.code == 2
    assert "'heavy' is no value for products.weight" in wrong.stderr

    made = run("db", "makemigrations", "-m", "seen", "--backfill", "products.seen_at=now", "--backfill",
               "products.weight=1.5", cwd=shop)  # fmt: skip
    assert made.code == 0, made.stderr
    assert run("db", "migrate", cwd=shop).code == 0
    assert query(shop, "SELECT seen_at > '2020', weight FROM products") == [(1, 1.5)]


def test_a_failing_migration_leaves_the_database_as_it_was(shop: Path, run: Run) -> None:
    good = write_revision(shop, "aaaa11112222", FIRST, "op.execute('CREATE TABLE extra (id INTEGER)')")
    bad = write_revision(
        shop, "bbbb11112222", "aaaa11112222",
        "op.execute('CREATE TABLE half (id INTEGER)')\n    op.execute('DELETE FROM registrations')\n"
        "    op.execute('INSERT INTO nowhere VALUES (1)')",
    )  # fmt: skip
    before = dump(shop)
    result = run("db", "migrate", cwd=shop)
    assert result.code == 1
    assert "Revision bbbb11112222  test failed: no such table: nowhere" in result.stderr
    assert f"Nothing was changed: the database is still at revision {FIRST}" in result.stderr
    assert f'File "{bad}"' in result.stderr
    assert "site-packages" not in result.stderr
    assert dump(shop) == before

    bad.unlink()
    assert run("db", "migrate", cwd=shop).code == 0
    assert good.exists()


def test_a_migration_that_orphans_rows_is_refused(shop: Path, run: Run) -> None:
    write_revision(shop, "aaaa11112222", FIRST, "op.execute('DELETE FROM webinars')")
    before = dump(shop)
    result = run("db", "migrate", cwd=shop)
    assert result.code == 1
    assert "2 rows that refer to nothing, in: registrations" in result.stderr
    assert dump(shop) == before


def test_two_heads_are_told_by_name(project: Path, run: Run) -> None:
    write_revision(project, "aaaa11112222", FIRST)
    write_revision(project, "bbbb11112222", FIRST)
    for command in (["migrate"], ["check"], ["makemigrations", "-m", "x"]):
        result = run("db", *command, cwd=project)
        assert result.code == 1, command
        assert "aaaa11112222, bbbb11112222" in result.stderr
        assert "`oppman db merge`" in result.stderr
        assert "`oppman db rebase`" in result.stderr
    status = run("db", "status", cwd=project)
    assert status.code == 0
    assert "2 heads" in status.stderr
    assert "oppman db merge" in status.stderr
    assert "Next:" not in status.stderr
    assert run("db", "migrate", "aaaa", cwd=project).code == 0


def test_status_lists_what_is_pending_without_creating_a_database(project: Path, run: Run) -> None:
    write_revision(project, "aaaa11112222", FIRST)
    shown = run("db", "status", cwd=project)
    assert shown.code == 0
    assert re.search(r"pending\s+2", shown.stdout)
    assert "aaaa11112222  test" in shown.stdout
    assert not (project / "app.db").exists()

    run("db", "migrate", "+1", cwd=project)
    told = json.loads(run("db", "status", "--json", cwd=project).stdout)
    assert told["current"] == [FIRST]
    assert told["heads"] == ["aaaa11112222"]
    assert [item["revision"] for item in told["pending"]] == ["aaaa11112222"]
    assert told["up_to_date"] is False


def test_status_imports_neither_the_app_nor_alembic(project: Path, run: Run) -> None:
    (project / ".env").write_text("DATABASE_URL=sqlite:///app.db\n")
    (project / "webapp" / "settings.py").write_text("raise RuntimeError('imported')\n")
    script = (
        "import sys; sys.argv = ['oppman', 'db', 'status']\n"
        "from oppman.__main__ import main\n"
        "try:\n    main()\nfinally:\n    print([m for m in ('alembic', 'sqlalchemy', 'pydantic') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=project, env=clean_environment(), capture_output=True, text=True
    )  # fmt: skip
    assert done.stdout.endswith("[]\n"), done.stdout + done.stderr


def test_an_older_target_is_an_undo_and_asks(shop: Path, run: Run) -> None:
    write_revision(shop, "aaaa11112222", FIRST)
    write_revision(shop, "bbbb11112222", "aaaa11112222")
    assert run("db", "migrate", cwd=shop).code == 0
    asked = run("db", "migrate", FIRST[:5], cwd=shop)
    assert asked.code == 2
    assert "give --yes" in asked.stderr
    done = run("db", "migrate", FIRST[:5], "--yes", cwd=shop)
    assert done.code == 0
    assert done.stderr.index("undo  bbbb11112222") < done.stderr.index("undo  aaaa11112222")

    assert run("db", "migrate", cwd=shop).code == 0
    assert run("db", "rollback", "--steps", "2", "--yes", cwd=shop).code == 0
    assert query(shop, "SELECT version_num FROM alembic_version") == [(FIRST,)]


def test_an_unknown_target_names_the_nearest(shop: Path, run: Run) -> None:
    result = run("db", "migrate", "843b51", cwd=shop)
    assert result.code == 2
    assert f"The nearest is {FIRST}" in result.stderr


def test_a_database_newer_than_the_code_is_left_alone(shop: Path, run: Run) -> None:
    with database(shop) as rows:
        rows.execute("UPDATE alembic_version SET version_num = 'ffff99998888'")
    for command in (["migrate"], ["rollback", "--yes"], ["status"]):
        result = run("db", *command, cwd=shop)
        assert result.code == 1, command
        assert "revision ffff99998888, which this project does not have" in result.stderr


def test_a_database_made_without_migrations_is_told_how_to_join(project: Path, run: Run) -> None:
    with database(project) as rows:
        rows.execute("CREATE TABLE demo_batches (id INTEGER)")
    result = run("db", "migrate", cwd=project)
    assert result.code == 1
    assert "already exists" in result.stderr
    assert "oppman db migrate --fake" in result.stderr


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("mysql://a:secret@b/c", "does not know: mysql"),
        ("sqlite://", "without a file"),
        ("postgresql://me:secret@127.0.0.1:1/shop", "cannot be reached"),
        ("sqlite:///no/such/folder/app.db", "cannot be reached"),
    ],
)
def test_a_database_that_cannot_be_used_is_named_without_its_password(
    project: Path, run: Run, url: str, words: str
) -> None:
    result = run("db", "migrate", cwd=project, env={"DATABASE_URL": url})
    assert result.code == 1
    assert words in result.stderr
    assert "secret" not in result.stderr
    assert "Traceback" not in result.stderr


def test_a_project_without_migrations_is_told_so(project: Path, run: Run) -> None:
    (project / "migrations" / "env.py").unlink()
    for command in ("status", "migrate", "check"):
        result = run("db", command, cwd=project)
        assert result.code == 1
        assert "There are no migrations" in result.stderr


def test_a_model_that_crashes_is_not_called_a_failed_migration(project: Path, run: Run) -> None:
    change(project, FIELD, FIELD + "    broken: int = 1 / 0\n")
    result = run("db", "check", cwd=project)
    assert result.code == 1
    assert "webapp.models could not be imported: it raised ZeroDivisionError" in result.stderr


def test_plain_alembic_works_in_the_same_project(shop: Path, run: Run) -> None:
    write_revision(shop, "aaaa11112222", FIRST)
    assert alembic(shop, "upgrade", "head").returncode == 0
    assert "aaaa11112222 (head)" in alembic(shop, "current").stdout
    assert "Nothing to do" in run("db", "migrate", cwd=shop).stderr
    assert run("db", "rollback", "--yes", cwd=shop).code == 0
    assert "aaaa11112222" not in alembic(shop, "current").stdout
    assert "No new upgrade operations" in alembic(shop, "upgrade", "head").stdout + alembic(shop, "check").stdout


def test_plain_alembic_writes_a_revision_that_runs(shop: Path, run: Run) -> None:
    change(shop, FIELD, FIELD + "    sku: str | None = Field(default=None, max_length=40)\n")
    done = alembic(shop, "revision", "--autogenerate", "-m", "sku")
    assert done.returncode == 0, done.stderr
    assert run("db", "migrate", cwd=shop).code == 0
    assert run("db", "check", cwd=shop).code == 0


def test_the_migrations_do_not_need_the_tool(project: Path) -> None:
    sources = [path.read_text() for path in (project / "migrations").rglob("*.py")]
    assert len(sources) > 1
    assert not [text for text in sources if re.search(r"^\s*(import|from) oppman", text, re.MULTILINE)]


@contextmanager
def database(project: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(project / "app.db")) as connection, connection:
        connection.execute("PRAGMA foreign_keys = ON")
        yield connection


def query(project: Path, sql: str) -> list[tuple[object, ...]]:
    with database(project) as connection:
        return connection.execute(sql).fetchall()


def columns(project: Path, table: str) -> set[object]:
    return {row[1] for row in query(project, f"PRAGMA table_info({table})")}


def dump(project: Path) -> list[str]:
    with database(project) as connection:
        return list(connection.iterdump())
