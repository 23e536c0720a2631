"""`oppman db rebase` in a project on SQLite: one side follows the other, and one literal changes."""

import re
import subprocess
from pathlib import Path

import pytest

from command_line import Run
from revision_chain import A, B, C, D, write
from revision_files import FIRST, revisions, write_revision

ALEMBIC = (
    "# a comment\n'''more notes\n\nRevision ID: {id}\nRevises: {after}\nCreate Date: 2026-01-01\n'''\n"
    "from typing import Sequence, Union\n\nimport sqlalchemy as sa\nfrom alembic import op\n\n"
    "revision: str = '{id}'\ndown_revision: Union[str, None] = '{after}'  # {after}, ä\n\n\n"
    "def upgrade():\n    op.create_table('notes', sa.Column('id', sa.Integer()))\r\n\n\n"
    "def downgrade():\n    op.drop_table('notes')\n"
)
"""A file as plain Alembic writes it, with a line end of its own."""


@pytest.fixture
def two(project: Path) -> Path:
    write_revision(project, A, FIRST)
    (project / "migrations/versions/notes.py").write_bytes(ALEMBIC.format(id=B, after=FIRST).encode())
    write_revision(project, C, B)
    return project


def test_the_side_that_the_database_lacks_moves_and_nothing_else_changes(two: Path, run: Run) -> None:
    assert run("db", "migrate", A, cwd=two).code == 0
    before = {path.name: path.read_bytes() for path in revisions(two)}
    done = run("db", "rebase", cwd=two)
    assert done.code == 0, done.stderr
    assert f"{C}  test goes behind {A}  test: the database has nothing of it" in done.stderr
    assert "update  migrations/versions/notes.py" in done.stderr

    moved = ALEMBIC.format(id=B, after=FIRST).replace(f"Revises: {FIRST}", f"Revises: {A}")
    moved = moved.replace(f"= '{FIRST}'", f"= '{A}'")
    assert {path.name: path.read_bytes() for path in revisions(two)} == before | {"notes.py": moved.encode()}
    migrated = run("db", "migrate", cwd=two)
    assert migrated.code == 0, migrated.stderr
    assert migrated.stderr.index(f"apply  {B}") < migrated.stderr.index(f"apply  {C}")


def test_the_docstring_of_the_starter_is_kept_right(project: Path, run: Run) -> None:
    assert run("db", "makemigrations", "--empty", "-m", "mine", cwd=project).code == 0
    (mine,) = (project / "migrations/versions").glob("*_mine.py")
    write_revision(project, A, FIRST)
    done = run("db", "rebase", mine.read_text().partition("Revision ")[2][:12], cwd=project)
    assert done.code == 0, done.stderr
    assert f", after {A}, written" in mine.read_text()
    assert FIRST not in mine.read_text()


def test_what_the_database_has_is_not_moved(two: Path, run: Run) -> None:
    assert run("db", "migrate", B, cwd=two).code == 0
    before = [path.read_bytes() for path in revisions(two)]
    refused = run("db", "rebase", C, cwd=two)
    assert refused.code == 1
    assert f"The database has {B}" in refused.stderr
    assert f"oppman db rollback {FIRST}" in refused.stderr
    assert [path.read_bytes() for path in revisions(two)] == before

    assert run("db", "rollback", FIRST, "--yes", "--no-backup", cwd=two).code == 0
    assert run("db", "rebase", C, cwd=two).code == 0
    assert run("db", "migrate", cwd=two).code == 0


def test_without_a_database_and_git_it_asks(two: Path, run: Run) -> None:
    asked = run("db", "rebase", cwd=two)
    assert asked.code == 2
    assert re.search(rf"give (\w+ or {C}|{C} or \w+)\.", asked.stderr)


def test_what_git_does_not_have_yet_moves(two: Path, run: Run) -> None:
    git(two, "init", "-q")
    git(two, "add", "migrations/versions/notes.py", f"migrations/versions/{C}_test.py")
    commit(two, "2026-01-02T10:00:00Z")
    done = run("db", "rebase", "--dry-run", cwd=two)
    assert done.code == 0, done.stderr
    assert f"{A}  test goes behind {C}  test: it is not committed yet" in done.stderr
    assert f'-down_revision = "{FIRST}"\n+down_revision = "{C}"' in done.stdout
    assert f'down_revision = "{FIRST}"' in (two / f"migrations/versions/{A}_test.py").read_text()


def test_what_was_committed_later_moves(two: Path, run: Run) -> None:
    git(two, "init", "-q")
    for file, when in (("notes.py", "2026-01-03T10:00:00Z"), (f"{A}_test.py", "2026-01-02T10:00:00Z")):
        git(two, "add", f"migrations/versions/{file}")
        commit(two, when)
    done = run("db", "rebase", "--dry-run", cwd=two)
    assert f"{C}  test goes behind {A}  test: it was committed later" in done.stderr, done.stderr


def test_a_row_that_does_not_run_leaves_the_files_as_they_were(project: Path, run: Run) -> None:
    for name in (A, B):
        write(project, name, FIRST, 'op.create_table("notes", sa.Column("id", sa.Integer()))', 'op.drop_table("notes")')
    before = [path.read_bytes() for path in revisions(project)]
    refused = run("db", "rebase", B, cwd=project)
    assert refused.code == 1
    assert f"Both sides change notes ({A}: create table notes; {B}: create table notes)" in refused.stderr
    assert "table notes already exists" in refused.stderr
    assert "yours was not touched" in refused.stderr
    assert [path.read_bytes() for path in revisions(project)] == before


def test_three_heads_need_both_names(two: Path, run: Run) -> None:
    write_revision(two, D, FIRST)
    assert run("db", "rebase", cwd=two).code == 2
    assert "--onto" in run("db", "rebase", D, cwd=two).stderr
    done = run("db", "rebase", D, "--onto", A, cwd=two)
    assert done.code == 0, done.stderr
    assert f'down_revision = "{A}"' in (two / f"migrations/versions/{D}_test.py").read_text()


def test_a_side_that_begins_with_a_merge_is_left_to_merge(two: Path, run: Run) -> None:
    write_revision(two, D, FIRST)
    (two / "migrations/versions/merge.py").write_text(
        f'revision = "eeee11112222"\ndown_revision = ("{C}", "{D}")\n\n\ndef upgrade():\n    pass\n\n\n'
        "def downgrade():\n    pass\n"
    )
    refused = run("db", "rebase", "eeee", cwd=two)
    assert refused.code == 1
    assert "begins at several places" in refused.stderr
    assert "oppman db merge" in refused.stderr


def test_one_head_needs_no_rebase(project: Path, run: Run) -> None:
    assert "one head" in run("db", "rebase", cwd=project).stderr


def git(folder: Path, *arguments: str, **environment: str) -> None:
    subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True, env=environment or None)


def commit(folder: Path, when: str) -> None:
    names = {f"GIT_{who}_{what}": "a" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    dates = {f"GIT_{who}_DATE": when for who in ("AUTHOR", "COMMITTER")}
    git(folder, "commit", "-qm", "x", **names, **dates, PATH="/usr/bin:/bin:/usr/local/bin")
