"""`oppman db squash` in a project on SQLite: many migrations become one, and no database notices."""

import re
import sqlite3
import subprocess
import zipfile
from contextlib import closing
from pathlib import Path

import pytest

from command_line import Run
from revision_chain import A, B, C, D, write, write_schema_chain
from revision_files import FIRST, revisions, write_revision

ROWS = "INSERT INTO products (name, description, price, category, in_stock, created_at, updated_at)" \
       " VALUES ('Tea', '', 9.5, 'drinks', 1, '2030-01-01', '2030-01-01')"  # fmt: skip


@pytest.fixture
def chain(project: Path) -> Path:
    write_schema_chain(project)
    return project


def test_all_become_one_and_a_database_at_the_end_goes_on(chain: Path, run: Run) -> None:
    assert run("db", "migrate", cwd=chain).code == 0
    before = schema(chain / "app.db")
    done = run("db", "squash", "--yes", "-m", "the shop", cwd=chain)
    assert done.code == 0, done.stderr
    assert "4 migrations are one now" in done.stderr

    (made,) = revisions(chain)
    assert made.name.endswith("_the_shop.py")
    text = made.read_text()
    assert f'revision = "{C}"\ndown_revision = None' in text
    assert "alter_column" not in text
    assert "sa.DateTime(timezone=True)" in text, "the types of the migrations, not those of SQLite"
    assert "Nothing to do" in run("db", "migrate", cwd=chain).stderr
    assert run("db", "migrate", cwd=chain, env={"DATABASE_URL": "sqlite:///fresh.db"}).code == 0
    assert schema(chain / "fresh.db") == before
    assert run("db", "rollback", "base", "--yes", "--no-backup", cwd=chain).code == 0
    assert run("db", "migrate", cwd=chain).code == 0


def test_the_old_files_are_packed_where_there_is_no_git(chain: Path, run: Run) -> None:
    old = {path.name: path.read_bytes() for path in revisions(chain)}
    assert run("db", "squash", "--yes", cwd=chain).code == 0
    (archive,) = (chain / "backups").glob("migrations-*.zip")
    with zipfile.ZipFile(archive) as packed:
        assert {Path(name).name: packed.read(name) for name in packed.namelist()} == old


def test_a_piece_in_the_middle_keeps_the_rows_that_are_there(chain: Path, run: Run) -> None:
    """A column that was added with a default, and lost it later: rows that are there still get the value."""
    write_revision(chain, D, C)
    assert run("db", "migrate", A, cwd=chain).code == 0
    assert run("db", "rollback", FIRST, "--yes", "--no-backup", cwd=chain).code == 0
    execute(chain / "app.db", ROWS)
    done = run("db", "squash", A, C, "--yes", cwd=chain)
    assert done.code == 0, done.stderr
    assert len(revisions(chain)) == 3
    done = run("db", "migrate", cwd=chain)
    assert done.code == 0, done.stderr
    assert execute(chain / "app.db", "SELECT name, stock, sku FROM products") == [("Tea", 7, None)]


def test_what_was_renamed_keeps_its_rows(chain: Path, run: Run) -> None:
    write(chain, D, C, 'op.create_index("ix_memos_body", "memos", ["body"])', 'op.drop_index("ix_memos_body")')
    assert run("db", "migrate", A, cwd=chain).code == 0
    execute(chain / "app.db", "INSERT INTO notes (text) VALUES ('keep me')")
    done = run("db", "squash", B, D, "--yes", cwd=chain)
    assert done.code == 0, done.stderr
    assert len(revisions(chain)) == 3
    assert run("db", "migrate", cwd=chain).code == 0
    assert execute(chain / "app.db", "SELECT body, weight FROM memos") == [("keep me", 1.5)]
    assert run("db", "rollback", "--yes", "--no-backup", cwd=chain).code == 0
    assert execute(chain / "app.db", "SELECT text FROM notes") == [("keep me",)]


def test_a_database_in_the_midst_is_refused(chain: Path, run: Run) -> None:
    assert run("db", "migrate", B, cwd=chain).code == 0
    before = [path.read_bytes() for path in revisions(chain)]
    refused = run("db", "squash", "--yes", cwd=chain)
    assert refused.code == 1
    assert f"The database is at {B}" in refused.stderr
    assert f"oppman db migrate {C}" in refused.stderr
    assert [path.read_bytes() for path in revisions(chain)] == before

    other = {"DATABASE_URL": "sqlite:///other.db"}
    assert run("db", "squash", "--yes", cwd=chain, env=other).code == 0
    stuck = run("db", "migrate", cwd=chain)
    assert stuck.code == 1
    assert f"which {C} has replaced" in stuck.stderr
    assert f"migrate it to {C} with the code before the squash" in stuck.stderr


def test_rows_that_a_migration_writes_do_not_get_lost(chain: Path, run: Run) -> None:
    path = write(
        chain, D, C,
        'for name in NAMES:\n    _add(name)',
        'op.execute("DELETE FROM roles WHERE name IN (\'first\', \'second\')")',
    )  # fmt: skip
    path.write_text(
        path.read_text().replace(
            "def upgrade():",
            '# The roles of the first day.\nNAMES = ("first", "second")\n\n\ndef _add(name):\n'
            '    op.get_bind().execute(\n        sa.text("INSERT INTO roles (name, description, permissions)"\n'
            "                \" VALUES (:n, '', '[]')\"), "
            '{"n": name}  # as it was\n    )\n\n\ndef upgrade():',
        )
    )
    refused = run("db", "squash", "--yes", cwd=chain)
    assert refused.code == 1
    assert f"{path.name}:" in refused.stderr
    assert "DELETE FROM roles" in refused.stderr
    assert "--keep-data" in refused.stderr
    assert len(revisions(chain)) == 5

    done = run("db", "squash", "--yes", "--keep-data", cwd=chain)
    assert done.code == 0, done.stderr
    (made,) = revisions(chain)
    assert '# The roles of the first day.\nNAMES = ("first", "second")' in made.read_text()
    assert "# as it was" in made.read_text()
    assert run("db", "migrate", cwd=chain).code == 0
    assert execute(chain / "app.db", "SELECT name FROM roles ORDER BY id") == [("first",), ("second",)]
    assert execute(chain / "app.db", "SELECT count(*) FROM memos") == [(0,)]


def test_what_is_carried_over_stands_between_what_comes_before_and_after(chain: Path, run: Run) -> None:
    """It reads a column that is renamed afterwards."""
    for path in revisions(chain)[1:]:
        path.unlink()
    write(
        chain, A, FIRST,
        'op.create_table("tags", sa.Column("id", sa.Integer(), primary_key=True), sa.Column("name", sa.String()))',
        'op.drop_table("tags")',
    )  # fmt: skip
    write(chain, B, A, "op.execute(\"INSERT INTO tags (name) VALUES ('new')\")", 'op.execute("DELETE FROM tags")')
    write(
        chain, C, B,
        'with op.batch_alter_table("tags") as batch_op:\n    batch_op.alter_column("name", new_column_name="label")',
        'with op.batch_alter_table("tags") as batch_op:\n    batch_op.alter_column("label", new_column_name="name")',
    )  # fmt: skip
    done = run("db", "squash", "--yes", "--keep-data", cwd=chain)
    assert done.code == 0, done.stderr
    assert run("db", "migrate", cwd=chain).code == 0
    assert execute(chain / "app.db", "SELECT label FROM tags") == [("new",)]


def test_a_schema_that_would_be_another_is_refused_and_the_files_stay(chain: Path, run: Run) -> None:
    """What a migration does by a function of another module cannot be seen in its text."""
    (chain / "hidden.py").write_text(
        "from alembic import op\n\n\n"
        "def name():\n    op.execute('CREATE TABLE hidden (id INTEGER)')\n    return 'ix_x'\n"
    )
    path = write(chain, D, C, 'op.create_index(hidden.name(), "memos", ["body"])', 'op.drop_index("ix_x", "memos")')
    path.write_text(path.read_text().replace("import sqlalchemy as sa", "import hidden\nimport sqlalchemy as sa"))
    before = {path.name: path.read_bytes() for path in revisions(chain)}
    refused = run("db", "squash", "--yes", cwd=chain)
    assert refused.code == 1
    assert "would not make what the many make" in refused.stderr
    assert "- rows of hidden" in refused.stderr
    assert {path.name: path.read_bytes() for path in revisions(chain)} == before


def test_git_has_to_have_the_files(chain: Path, run: Run) -> None:
    git(chain, "init", "-q")
    refused = run("db", "squash", "--yes", cwd=chain)
    assert refused.code == 1
    assert "Git does not have these migrations" in refused.stderr
    git(chain, "add", ".")
    git(chain, "-c", "user.name=a", "-c", "user.email=a@b.c", "commit", "-qm", "all")
    done = run("db", "squash", "--yes", cwd=chain)
    assert done.code == 0, done.stderr
    assert not (chain / "backups").exists()


def test_it_asks_and_a_dry_run_only_prints(chain: Path, run: Run) -> None:
    asked = run("db", "squash", cwd=chain)
    assert asked.code == 2
    assert "--yes" in asked.stderr
    dry = run("db", "squash", "--dry-run", cwd=chain)
    assert dry.code == 0
    compile(dry.stdout, "revision", "exec")
    assert len(revisions(chain)) == 4


def test_a_branch_in_the_midst_is_refused(chain: Path, run: Run) -> None:
    write_revision(chain, D, B)
    refused = run("db", "squash", FIRST, C, "--yes", cwd=chain)
    assert refused.code == 1
    assert f"{D}  test follows {B}, which would be no more" in refused.stderr


def schema(path: Path) -> list[str]:
    """The SQL of all tables and indexes but for spaces, quotes and order: a batch change has its own way with these."""
    found = execute(path, "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL")
    return sorted(" ".join(sorted(re.findall(r"\w+", str(sql)))) for (sql,) in found)


def execute(path: Path, sql: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as connection, connection:
        return connection.execute(sql).fetchall()


def git(folder: Path, *arguments: str) -> None:
    subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True)
