"""`oppman db lint` in a project, as a person uses it."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from command_line import Run, python
from postgres import execute
from revision_files import FIRST, write_revision

SQLITE = {"DATABASE_URL": "sqlite:///app.db"}
INDEX = 'op.create_index("ix_products_in_stock", "products", ["in_stock"])'
AT = "'2030-01-01 10:00:00+00'"

# All that --fix knows, as autogenerate writes it, with comments that have to stay.
UNSAFE = '''"""everything"""

import sqlalchemy as sa
from alembic import op

revision = "aaa1"
down_revision = "843a51c6e7d1"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("products") as batch_op:
        # who buys it
        batch_op.add_column(sa.Column("buyer_id", sa.Integer(), nullable=True))
        batch_op.create_foreign_key(batch_op.f("fk_products_buyer_id_users"), "users", ["buyer_id"], ["id"])
        batch_op.create_index(batch_op.f("ix_products_buyer_id"), ["buyer_id"], unique=False)

    op.create_index(op.f("ix_products_in_stock"), "products", ["in_stock"])  # for the shop
    op.drop_index("ix_webinars_title_id", table_name="webinars")
    with op.batch_alter_table("registrations") as batch_op:
        batch_op.create_check_constraint(batch_op.f("ck_registrations_name_given"), "name <> ''")
        # everybody has one
        batch_op.alter_column("photo", existing_type=sa.String(length=100), nullable=False)


def downgrade() -> None:
    with op.batch_alter_table("registrations") as batch_op:
        batch_op.alter_column("photo", existing_type=sa.String(length=100), nullable=True)
        batch_op.drop_constraint(batch_op.f("ck_registrations_name_given"), type_="check")
    op.create_index("ix_webinars_title_id", "webinars", ["title", "id"])
    op.drop_index(op.f("ix_products_in_stock"), table_name="products")
    with op.batch_alter_table("products") as batch_op:
        batch_op.drop_index(batch_op.f("ix_products_buyer_id"))
        batch_op.drop_constraint(batch_op.f("fk_products_buyer_id_users"), type_="foreignkey")
        batch_op.drop_column("buyer_id")
'''


def unsafe(project: Path) -> Path:
    path = project / "migrations/versions/everything.py"
    path.write_text(UNSAFE)
    return path


def test_the_starter_is_clean_on_either_database(project: Path, run: Run) -> None:
    for database in ("sqlite", "postgres"):
        result = run("db", "lint", "all", "--database", database, cwd=project)
        assert (result.code, result.stdout) == (0, "")
        assert f"No findings in 1 migration, for {database}." in result.stderr


def test_a_scaffolded_resource_is_clean(project: Path, run: Run) -> None:
    made = run("scaffold", "resource", "Author", "name:str:unique", "bio:text", cwd=project, env=SQLITE)
    assert made.code == 0, made.stderr
    for database in ("sqlite", "postgres"):
        result = run("db", "lint", "all", "--database", database, cwd=project)
        assert result.code == 0, result.stdout
        assert "No findings in 2 migrations" in result.stderr


def test_the_migration_of_scaffolded_fields_is_fixed_in_the_layout_of_the_project(project: Path, run: Run) -> None:
    assert run("db", "migrate", cwd=project, env=SQLITE).code == 0
    fields = ("sku:str:index:optional", "supplier:ref:User:optional")
    made = run("scaffold", "field", "Product", *fields, cwd=project, env=SQLITE)
    assert made.code == 0, made.stderr
    found = run("db", "lint", "--database", "postgres", cwd=project, env=SQLITE)
    assert "3 findings in 1 of 1 migration" in found.stderr

    fixed = run("db", "lint", "--database", "postgres", "--fix", "--yes", cwd=project, env=SQLITE)
    assert fixed.code == 0, fixed.stdout + fixed.stderr
    style = ("--line-length", "120", "migrations/versions")
    python(project, "ruff", "check", "--select", "E,F,I", *style)
    python(project, "ruff", "format", "--check", *style)
    assert run("db", "migrate", cwd=project, env=SQLITE).code == 0
    assert run("db", "check", cwd=project, env=SQLITE).code == 0


def test_findings_go_to_stdout_with_the_reason_and_the_safe_way(project: Path, run: Run) -> None:
    path = write_revision(project, "aaa1", FIRST, INDEX)
    result = run("db", "lint", "all", "--database", "postgres", cwd=project)
    assert result.code == 1
    line = path.read_text().splitlines().index(f"    {INDEX}") + 1
    assert result.stdout == (
        f"migrations/versions/aaa1_test.py:{line}: index-not-concurrent "
        "The index ix_products_in_stock on products is made without CONCURRENTLY.\n"
        "    Why: It locks the table (SHARE): every write waits until the whole index is built.\n"
        "    Instead:\n"
        "        with op.get_context().autocommit_block():\n"
        '            op.create_index("ix_t_c", "t", ["c"], postgresql_concurrently=True)\n\n'
    )
    assert "Error: 1 finding in 1 of 2 migrations, for postgres.\n" in result.stderr
    assert "Hint: `oppman db lint --fix` rewrites up to 1 of them;" in result.stderr
    assert run("db", "lint", "all", "--database", "sqlite", cwd=project).code == 0


def test_json_is_one_list(project: Path, run: Run) -> None:
    write_revision(project, "aaa1", FIRST, 'op.drop_table("products")')
    result = run("db", "lint", "aaa", "--json", cwd=project, env=SQLITE)
    assert result.code == 1
    (found,) = json.loads(result.stdout)
    assert list(found) == ["id", "path", "line", "revision", "message", "reason", "instead", "fixable"]
    assert (found["id"], found["revision"]) == ("table-dropped", "aaa1")
    clean = run("db", "lint", FIRST, "--json", cwd=project, env=SQLITE)
    assert (clean.code, json.loads(clean.stdout)) == (0, [])


def test_without_revisions_what_the_database_lacks_is_looked_at(project: Path, run: Run) -> None:
    write_revision(project, "aaa1", FIRST, 'op.drop_column("products", "description")')
    assert run("db", "migrate", cwd=project, env=SQLITE).code == 0
    write_revision(project, "bbb2", "aaa1", 'op.rename_table("webinars", "talks")')
    result = run("db", "lint", cwd=project, env=SQLITE)
    assert result.code == 1
    assert "bbb2_test.py" in result.stdout
    assert "aaa1_test.py" not in result.stdout
    assert "1 finding in 1 of 1 migration, for sqlite" in result.stderr
    assert "2 findings in 2 of 3 migrations" in run("db", "lint", "all", cwd=project, env=SQLITE).stderr


def test_a_database_that_is_empty_or_up_to_date_is_remarked_on(project: Path, run: Run) -> None:
    empty = run("db", "lint", cwd=project, env=SQLITE)
    assert empty.code == 0
    assert "The database is empty, so all tables are new" in empty.stderr
    assert not (project / "app.db").exists()
    assert run("db", "migrate", cwd=project, env=SQLITE).code == 0
    applied = run("db", "lint", cwd=project, env=SQLITE)
    assert applied.code == 0
    assert applied.stderr == "The database has all migrations; `oppman db lint all` looks at them.\n"


def test_a_database_that_does_not_answer_means_all(project: Path, run: Run) -> None:
    write_revision(project, "aaa1", FIRST, INDEX)
    result = run("db", "lint", cwd=project, env={"DATABASE_URL": "postgresql://u:secret@127.0.0.1:1/shop"})
    assert result.code == 1
    assert "So all migrations are looked at." in result.stderr
    assert "1 finding in 1 of 2 migrations, for postgres" in result.stderr
    assert "secret" not in result.stderr


def test_nothing_of_the_project_is_run_and_no_database_is_needed(project: Path, run: Run) -> None:
    (project / "webapp/__init__.py").write_text("raise SystemExit('imported')\n")
    path = write_revision(project, "aaa1", FIRST, INDEX)
    path.write_text(path.read_text() + "\n\nraise SystemExit('run')\n")
    result = run("db", "lint", "all", "--database", "postgres", cwd=project)
    assert result.code == 1
    assert "index-not-concurrent" in result.stdout


@pytest.mark.parametrize(
    ("args", "code", "message"),
    [
        (["all"], 2, "DATABASE_URL is neither in the environment nor in .env"),
        (["zzz", "--database", "sqlite"], 2, "There is no revision 'zzz'."),
        (["base", "--database", "sqlite"], 2, "There is no revision 'base' to look at."),
        (["all", "--database", "sqlite", "--fix"], 1, "it is not clear which migrations may still be changed"),
    ],
)
def test_what_cannot_be_done_is_said(project: Path, run: Run, args: list[str], code: int, message: str) -> None:
    result = run("db", "lint", *args, cwd=project)
    assert (result.code, result.stdout) == (code, "")
    assert message in result.stderr


def test_a_file_that_is_no_python_is_named(project: Path, run: Run) -> None:
    write_revision(project, "aaa1", FIRST, "op.(")
    result = run("db", "lint", "all", cwd=project, env=SQLITE)
    assert result.code == 1
    assert "aaa1_test.py cannot be read: invalid syntax in line 12" in result.stderr


def test_an_ignore_comment_needs_a_reason(project: Path, run: Run) -> None:
    drop = 'op.drop_column("products", "name")  # lint: ignore[column-dropped]'
    write_revision(project, "aaa1", FIRST, f"{drop}: nothing reads it since release 42")
    assert run("db", "lint", "all", cwd=project, env=SQLITE).code == 0
    write_revision(project, "aaa1", FIRST, drop)
    assert "ignore-without-reason" in run("db", "lint", "all", cwd=project, env=SQLITE).stdout


def test_the_rules_are_listed_outside_of_a_project_too(run: Run) -> None:
    result = run("db", "lint", "--rules")
    assert result.code == 0
    assert (
        "index-not-concurrent: an index made without CONCURRENTLY (postgres; --fix writes it)\n    Why: "
        in result.stdout
    )
    listed = json.loads(run("db", "lint", "--rules", "--json").stdout)
    assert {"id", "finds", "reason", "instead", "databases", "fixable"} == set(listed[0])


def test_a_fix_is_asked_about_and_an_applied_migration_is_left(project: Path, run: Run) -> None:
    path = write_revision(project, "aaa1", FIRST, INDEX)
    before = path.read_text()
    asked = run("db", "lint", "--fix", "all", "--database", "postgres", cwd=project, env=SQLITE)
    assert asked.code == 2
    assert "+++ b/migrations/versions/aaa1_test.py" in asked.stdout
    assert "--yes" in asked.stderr
    assert path.read_text() == before

    assert run("db", "migrate", cwd=project, env=SQLITE).code == 0
    left = run("db", "lint", "--fix", "all", "--yes", "--database", "postgres", cwd=project, env=SQLITE)
    assert left.code == 1
    assert "The database has 2 migrations of these; --fix leaves what is applied alone." in left.stderr
    assert path.read_text() == before


def test_a_rename_is_explained_and_not_written(project: Path, run: Run) -> None:
    path = write_revision(project, "aaa1", FIRST, 'op.alter_column("products", "name", new_column_name="title")')
    before = path.read_text()
    result = run("db", "lint", "--fix", "--yes", "all", cwd=project, env=SQLITE)
    assert result.code == 1
    assert "There is nothing that --fix can rewrite." in result.stderr
    assert "in two steps, each with its deploy" in result.stdout
    assert path.read_text() == before


def test_what_is_fixed_is_clean_and_does_on_sqlite_what_it_did(project: Path, run: Run) -> None:
    path = unsafe(project)
    assert run("db", "migrate", cwd=project, env=SQLITE).code == 0
    expected = schema(project / "app.db")
    assert run("db", "rollback", "--yes", "--no-backup", cwd=project, env=SQLITE).code == 0
    before = schema(project / "app.db")

    fixed = run("db", "lint", "--fix", "--yes", "--database", "postgres", cwd=project, env=SQLITE)
    assert fixed.code == 0, fixed.stdout + fixed.stderr
    assert "No findings in 1 migration, for postgres." in fixed.stderr
    assert "A block that commits keeps what stands before it" in fixed.stderr
    text = path.read_text()
    assert all(comment in text for comment in ("# who buys it", "# for the shop", "# everybody has one"))
    assert text.count("postgresql_concurrently=True") == 9

    assert run("db", "migrate", cwd=project, env=SQLITE).code == 0
    assert schema(project / "app.db") == expected
    assert run("db", "rollback", "--yes", "--no-backup", cwd=project, env=SQLITE).code == 0
    assert schema(project / "app.db") == before


def test_a_fixed_revision_that_fails_leaves_nothing_on_sqlite(project: Path, run: Run) -> None:
    assert run("db", "migrate", cwd=project, env=SQLITE).code == 0
    before = schema(project / "app.db")
    path = unsafe(project)
    assert run("db", "lint", "--fix", "--yes", "--database", "postgres", cwd=project, env=SQLITE).code == 0
    path.write_text(
        path.read_text().replace("\n\n\ndef downgrade", '\n    raise RuntimeError("no")\n\n\ndef downgrade')
    )
    assert run("db", "migrate", cwd=project, env=SQLITE).code == 1
    assert schema(project / "app.db") == before


@pytest.mark.xdist_group("postgres")
def test_what_is_fixed_runs_on_postgresql_and_back_and_again_after_a_failure(
    project: Path, postgres_url: str, run: Run
) -> None:
    url = {"DATABASE_URL": postgres_url}
    assert run("db", "migrate", cwd=project, env=url).code == 0
    unsafe(project)
    fixed = run("db", "lint", "--fix", "--yes", cwd=project, env=url)
    assert fixed.code == 0, fixed.stdout + fixed.stderr
    execute(postgres_url, f"INSERT INTO webinars VALUES ('Talk', '', {AT}, 60, 5, 1, NULL, {AT}, {AT})")
    execute(postgres_url, f"INSERT INTO registrations VALUES ('Ann', 'a@b.c', 1, 1, 'registered', '', NULL, {AT})")

    refused = run("db", "migrate", cwd=project, env=url)  # a registration has no photo
    assert refused.code == 1
    assert "ck_registrations_photo_not_null" in refused.stderr
    execute(postgres_url, "UPDATE registrations SET photo = 'x'")
    execute(postgres_url, "ALTER TABLE products DROP COLUMN buyer_id")  # the one step that cannot be taken twice
    again = run("db", "migrate", cwd=project, env=url)
    assert again.code == 0, again.stderr

    assert execute(postgres_url, "SELECT conname FROM pg_constraint WHERE NOT convalidated") == []
    names = "SELECT conname FROM pg_constraint WHERE conname ~ 'buyer|name_given|photo' AND contype <> 'n' ORDER BY 1"
    assert execute(postgres_url, names) == [("ck_registrations_name_given",), ("fk_products_buyer_id_users",)]
    indexes = (
        "SELECT indexrelid::regclass::text FROM pg_index WHERE indexrelid::regclass::text ~ 'buyer|stock|title_id'"
    )
    assert sorted(execute(postgres_url, indexes)) == [("ix_products_buyer_id",), ("ix_products_in_stock",)]
    nullable = "SELECT is_nullable FROM information_schema.columns WHERE column_name = 'photo'"
    assert execute(postgres_url, nullable) == [("NO",)]

    undone = run("db", "rollback", "--yes", "--no-backup", cwd=project, env=url)
    assert undone.code == 0, undone.stderr
    assert execute(postgres_url, names) == []
    assert sorted(execute(postgres_url, indexes)) == [("ix_webinars_title_id",)]
    assert run("db", "check", cwd=project, env=url).code == 1  # the revision is there, the models lack it


def schema(path: Path) -> list[list[str]]:
    """The statements that made the tables and indexes of a SQLite file; the order of constraints means nothing."""
    with closing(sqlite3.connect(path)) as database:
        rows = database.execute("SELECT sql FROM sqlite_master WHERE sql <> '' ORDER BY name").fetchall()
    return [sorted(line.strip(" \t,") for line in sql.splitlines()) for (sql,) in rows]
