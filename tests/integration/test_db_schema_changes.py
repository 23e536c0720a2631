"""What `oppman db makemigrations` and `db check` see of the schema, in a project on SQLite."""

import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from command_line import Run
from revision_files import FIELD, add_docs, change, newest

MEMBERS = "    draft = 1\n    live = 2\n    archived = 3\n"
TEXT_ENUM = (
    "    kind: Kind = Field(sa_column=Column(Enum(Kind, native_enum=False, length=20, create_constraint=True,"
    ' name="kind"), nullable=False))\n'
)  # fmt: skip
RULES = (
    'CheckConstraint("price >= 1", name="price_sane"),\n'
    '        Index("ix_docs_lower", text("lower(name)")),\n'
    '        Index("ix_docs_dear", "name", sqlite_where=text("price > 3"), postgresql_where=text("price > 3")),\n'
    '        Index("ix_docs_last", text("name DESC"), "price"),\n'
)
PRICED = "    name: str\n    price: int = Field(sa_column_kwargs={'server_default': '1'})\n"


def test_an_enum_grows_without_a_look_at_its_rows(project: Path, run: Run) -> None:
    add_docs(project, "    kind: Kind\n")
    migrated(project, run, "docs")
    execute(project, "INSERT INTO docs VALUES (1, 'live')")
    change(project, MEMBERS, MEMBERS + "    superseded = 4\n")

    drift = run("db", "check", "--json", cwd=project)
    assert json.loads(drift.stdout)["differences"] == [
        {"change": "change_enum", "table": "docs", "name": "kind", "text": "change enum kind: +superseded"}
    ]
    migrated(project, run, "superseded")
    text = newest(project).read_text()
    assert "with op.get_context().autocommit_block():" in text
    assert "op.execute(\"ALTER TYPE kind ADD VALUE IF NOT EXISTS 'superseded'\")" in text
    assert "batch_alter_table" not in text
    assert execute(project, "SELECT kind FROM docs") == [("live",)]


def test_a_member_goes_only_when_no_row_has_it(project: Path, run: Run) -> None:
    add_docs(project, "    kind: Kind\n    other: Kind | None = None\n")
    migrated(project, run, "docs")
    execute(project, "INSERT INTO docs VALUES (1, 'archived', NULL)")
    change(project, MEMBERS, MEMBERS.replace("    archived = 3\n", ""))
    made = run("db", "makemigrations", "-m", "shrink", cwd=project)
    assert made.code == 0, made.stderr
    assert "change enum kind: -archived" in made.stderr

    refused = run("db", "migrate", cwd=project)
    assert refused.code == 1
    assert "docs.kind has rows with 'archived', which goes" in refused.stderr
    assert execute(project, "SELECT kind FROM docs") == [("archived",)]
    execute(project, "UPDATE docs SET kind = 'draft'")
    assert run("db", "migrate", cwd=project).code == 0
    assert run("db", "check", cwd=project).code == 0


def test_rows_take_the_member_that_is_given_instead(project: Path, run: Run) -> None:
    add_docs(project, "    kind: Kind\n")
    migrated(project, run, "docs")
    execute(project, "INSERT INTO docs VALUES (1, 'archived'), (2, 'live')")
    change(project, MEMBERS, MEMBERS.replace("    archived = 3\n", "    old = 4\n"))
    wrong = run("db", "makemigrations", "-m", "x", "--backfill", "docs.kind=gone", cwd=project)
    assert wrong.code == 2
    assert "'gone' is no member of kind" in wrong.stderr
    assert "draft, live, old" in wrong.stderr

    migrated(project, run, "old", "--backfill", "docs.kind=old")
    assert execute(project, "SELECT kind FROM docs") == [("old",), ("live",)]


def test_the_members_of_a_text_enum_are_its_check(project: Path, run: Run) -> None:
    add_docs(project, TEXT_ENUM)
    migrated(project, run, "docs")
    with pytest.raises(sqlite3.IntegrityError, match="ck_docs_kind"):
        execute(project, "INSERT INTO docs VALUES (1, 'nix')")
    change(project, MEMBERS, MEMBERS + "    old = 4\n")
    assert run("db", "check", cwd=project).code == 1
    migrated(project, run, "old")
    execute(project, "INSERT INTO docs VALUES (1, 'old')")


def test_a_text_enum_without_a_check_needs_no_migration(project: Path, run: Run) -> None:
    change(project, '    CANCELLED = "cancelled"\n', '    CANCELLED = "cancelled"\n    LATE = "late"\n')
    assert run("db", "check", cwd=project).code == 0


def test_a_check_that_says_something_else_is_made_again(project: Path, run: Run) -> None:
    change(project, 'CheckConstraint("price >= 0", name', 'CheckConstraint("price >= 1", name')
    result = run("db", "check", cwd=project)
    assert result.code == 1
    assert "add constraint ck_products_price_not_negative on products" in result.stdout
    migrated(project, run, "dearer")
    assert "CHECK (price >= 1)" in sql_of(project, "products")


def test_a_check_in_another_layout_is_the_same(project: Path, run: Run) -> None:
    change(project, 'CheckConstraint("price >= 0", name', 'CheckConstraint("(price>=0)", name')
    assert run("db", "check", cwd=project).code == 0


def test_indexes_on_expressions_and_with_conditions_are_compared(project: Path, run: Run) -> None:
    add_docs(project, PRICED, RULES)
    migrated(project, run, "docs")
    assert indexes(project) == {
        "ix_docs_lower": "lower(name)",
        "ix_docs_dear": "name) WHERE price > 3",
        "ix_docs_last": "name DESC, price",
    }
    change(project, "lower(name)", "upper(name)")
    change(project, "price > 3", "price > 4")
    change(project, "name DESC", "name")
    result = run("db", "check", cwd=project)
    assert result.code == 1
    assert result.stdout.count("add index") == 3
    migrated(project, run, "other indexes")
    assert indexes(project) == {
        "ix_docs_lower": "upper(name)",
        "ix_docs_dear": "name) WHERE price > 4",
        "ix_docs_last": "name, price",
    }
    change(project, '        Index("ix_docs_lower", text("upper(name)")),\n', "")
    migrated(project, run, "one less")
    assert "ix_docs_lower" not in indexes(project)
    assert run("db", "rollback", "--yes", "--no-backup", cwd=project).code == 0
    assert indexes(project)["ix_docs_lower"] == "upper(name)"


def test_a_batch_change_keeps_indexes_on_expressions(project: Path, run: Run) -> None:
    add_docs(project, PRICED, RULES)
    migrated(project, run, "docs")
    before = indexes(project)
    change(project, "{'server_default': '1'}", "{'server_default': '2'}")
    done = migrated(project, run, "two")
    assert "Warning" not in done
    assert "DEFAULT '2'" in sql_of(project, "docs")
    assert indexes(project) == before
    change(project, '__tablename__ = "docs"', '__tablename__ = "docs"\n    more: int = 0')
    migrated(project, run, "one column more, which goes with a batch change")
    for _ in range(2):
        assert run("db", "rollback", "--yes", "--no-backup", cwd=project).code == 0
        assert indexes(project) == before


def test_defaults_of_the_server_are_written_for_both_databases(project: Path, run: Run) -> None:
    add_docs(
        project,
        "    flag: bool = Field(sa_column_kwargs={'server_default': true()})\n"
        "    made: datetime = Field(sa_type=UTCDateTime, sa_column_kwargs={'server_default': func.now()})\n",
    )
    migrated(project, run, "docs")
    assert 'server_default="1"' in newest(project).read_text()
    execute(project, "INSERT INTO docs (id) VALUES (1)")
    assert execute(project, "SELECT flag, made > '2020' FROM docs") == [(1, 1)]


def test_an_index_of_vectors_is_empty_on_sqlite_and_no_endless_difference(project: Path, run: Run) -> None:
    add_docs(project, "    place: list[float] = Field(sa_type=Vector(3))\n", 'hnsw_index("place"),')
    migrated(project, run, "docs")
    text = newest(project).read_text()
    assert 'postgresql_using="hnsw"' in text
    assert 'sqlite_where=sa.text("0")' in text
    execute(project, "INSERT INTO docs VALUES (1, zeroblob(12))")
    plan = execute(project, "EXPLAIN QUERY PLAN SELECT * FROM docs ORDER BY place")
    assert "ix_docs_place" not in str(plan)


def test_other_dimensions_empty_a_column_that_may_be_empty(project: Path, run: Run) -> None:
    add_docs(project, "    place: list[float] | None = Field(default=None, sa_type=Vector(3))\n")
    migrated(project, run, "docs")
    execute(project, "INSERT INTO docs VALUES (1, zeroblob(12))")
    change(project, "Vector(3)", "Vector(4)")
    assert run("db", "check", cwd=project).stdout == "change docs.place: dimensions 3 -> 4\n"
    migrated(project, run, "more")
    assert execute(project, "SELECT id, place FROM docs") == [(1, None)]


def test_other_dimensions_are_refused_while_a_full_column_has_rows(project: Path, run: Run) -> None:
    add_docs(project, "    place: list[float] = Field(sa_type=Vector(3))\n")
    migrated(project, run, "docs")
    execute(project, "INSERT INTO docs VALUES (1, zeroblob(12))")
    change(project, "Vector(3)", "Vector(4)")
    assert run("db", "makemigrations", "-m", "more", cwd=project).code == 0
    refused = run("db", "migrate", cwd=project)
    assert refused.code == 1
    assert "docs.place has vectors of 3 numbers" in refused.stderr


def test_a_revision_is_clean_to_the_linter(project: Path, run: Run) -> None:
    add_docs(project, f"    kind: Kind\n{TEXT_ENUM.replace('kind:', 'text_kind:')}{PRICED}", RULES)
    migrated(project, run, "docs")
    change(project, MEMBERS, MEMBERS.replace("    archived = 3\n", "    superseded = 4\n"))
    change(project, "lower(name)", "upper(name)")
    migrated(project, run, "much", "--backfill", "docs.kind=live")
    for command in (["check", "--select", "E,F,I,UP,B"], ["format", "--diff"]):
        ruff = [sys.executable, "-m", "ruff", *command, "--isolated", "--line-length", "120", "migrations/versions"]
        done = subprocess.run(ruff, cwd=project, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr


def test_a_second_check_does_not_run_the_migrations_again(project: Path, run: Run) -> None:
    revision = newest(project)
    revision.write_text(
        revision.read_text().replace(
            "def upgrade() -> None:\n", "def upgrade() -> None:\n    print('ran', file=__import__('sys').stderr)\n"
        )
    )
    assert "ran" in run("db", "check", cwd=project).stderr  # what it imports is not known: it is not kept
    assert "ran" in run("db", "check", cwd=project).stderr

    revision.write_text(revision.read_text().replace("__import__('sys').stderr", "sys.stderr"))
    revision.write_text(revision.read_text().replace("import sqlalchemy", "import sys\n\nimport sqlalchemy", 1))
    assert "ran" in run("db", "check", cwd=project).stderr
    second = run("db", "check", cwd=project)
    assert second.code == 0
    assert "ran" not in second.stderr


def test_what_is_kept_never_hides_a_change(project: Path, run: Run) -> None:
    assert run("db", "check", cwd=project).code == 0
    (kept,) = (project / ".oppman" / "database").glob("*.schema")
    revision = newest(project)
    text = revision.read_text()
    longer = text.replace('"category", sa.String(length=50)', '"category", sa.String(length=51)')
    revision.write_text(longer)
    assert "products.category: type VARCHAR(51) -> VARCHAR(50)" in run("db", "check", cwd=project).stdout
    revision.write_text(text)
    change(project, FIELD, FIELD + "    stock: int = 0\n")
    assert "add column products.stock" in run("db", "check", cwd=project).stdout
    change(project, FIELD + "    stock: int = 0\n", FIELD)
    assert run("db", "check", cwd=project).code == 0

    content = kept.read_bytes()
    for damaged in (b"", b"{}", b"\xff\x00", content[:-100], content[:2000] + b"x" + content[2001:], content * 2):
        kept.write_bytes(damaged)
        assert run("db", "check", cwd=project).code == 0
    kept.unlink()
    assert run("db", "check", cwd=project).code == 0


def test_only_the_new_revision_runs_after_a_check(project: Path, run: Run) -> None:
    assert run("db", "check", cwd=project).code == 0
    change(project, FIELD, FIELD + "    stock: int = 0\n")
    assert run("db", "makemigrations", "-m", "stock", cwd=project).code == 0
    assert run("db", "check", cwd=project).code == 0
    newest(project).unlink()
    assert "add column products.stock" in run("db", "check", cwd=project).stdout


def migrated(project: Path, run: Run, message: str, *flags: str) -> str:
    """Write a revision and apply it; there is no difference afterwards. Returns what was said."""
    said = ""
    for command in (["makemigrations", "-m", message, *flags], ["migrate"], ["check"]):
        done = run("db", *command, cwd=project)
        assert done.code == 0, (command, done.stdout, done.stderr)
        said += done.stderr
    return said


def execute(project: Path, statement: str) -> list[Any]:
    with closing(sqlite3.connect(project / "app.db")) as connection, connection:
        return connection.execute(statement).fetchall()


def sql_of(project: Path, name: str) -> str:
    return str(execute(project, f"SELECT sql FROM sqlite_master WHERE name = '{name}'")[0][0])


def indexes(project: Path) -> dict[str, str]:
    """What the indexes of docs are on."""
    rows = execute(project, "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = 'docs'")
    found = {name: str(sql).partition("(")[2] for name, sql in rows if sql}
    return {name: text.removesuffix(")") for name, text in found.items()}
