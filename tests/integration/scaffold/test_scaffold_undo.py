"""`oppman scaffold history, undo, redo`: what a run wrote goes again, byte for byte."""

import itertools
import json
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import pytest

from command_line import Run

BOOK = ("scaffold", "resource", "Book", "title:str")
TAG = ("scaffold", "resource", "Tag", "label:str:unique")


@pytest.fixture
def shop(project: Path) -> Path:
    """A project under git, so that git says whether anything is left."""
    (project / ".gitignore").write_text("__pycache__/\n*.db*\n/backups/\n")
    for args in (["init", "-q"], ["add", "-A"], ["-c", "user.name=a", "-c", "user.email=a@b.c", "commit", "-qm", "x"]):
        subprocess.run(["git", *args], cwd=project, check=True)
    return project


def changed(root: Path) -> str:
    return subprocess.run(
        ["git", "status", "--short"], cwd=root, capture_output=True, text=True, check=True
    ).stdout  # fmt: skip


def heads(root: Path, run: Run) -> int:
    """How many revisions nothing follows; one in good order."""
    return len(json.loads(run("db", "status", "--json", cwd=root).stdout)["heads"])


def test_undo_leaves_the_tree_as_it_was_and_redo_brings_all_back(run: Run, shop: Path) -> None:
    run(*BOOK, cwd=shop)
    made = changed(shop)

    undone = run("scaffold", "undo", cwd=shop)

    assert undone.code == 0
    assert "remove  webapp/schemas/book.py\n" in undone.stderr
    assert "restore  webapp/models.py\n" in undone.stderr
    assert changed(shop) == ""
    again = run("scaffold", "redo", cwd=shop)
    assert again.code == 0
    assert changed(shop) == made


@pytest.mark.parametrize("order", [(1, 2), (2, 1)])
def test_two_runs_are_undone_in_either_order(run: Run, shop: Path, order: tuple[int, int]) -> None:
    run(*BOOK, cwd=shop)
    run(*TAG, cwd=shop)

    first = run("scaffold", "undo", str(order[0]), cwd=shop)

    assert first.code == 0, first.stderr
    assert heads(shop, run) == 1
    assert run("db", "check", cwd=shop).code == 0
    assert run("scaffold", "undo", str(order[1]), cwd=shop).code == 0
    assert changed(shop) == ""


def test_a_run_redone_behind_another_follows_it_and_both_leave_nothing(run: Run, shop: Path) -> None:
    run(*BOOK, cwd=shop)
    run(*TAG, cwd=shop)
    run("scaffold", "undo", "1", cwd=shop)

    assert run("scaffold", "redo", "1", cwd=shop).code == 0
    assert heads(shop, run) == 1
    assert run("scaffold", "undo", "2", cwd=shop).code == 0
    assert run("scaffold", "undo", "1", cwd=shop).code == 0
    assert changed(shop) == ""


def test_what_the_models_of_another_run_stand_on_is_kept(run: Run, tmp_path: Path) -> None:
    """A minimal project has no enum: the first run brings what one needs, and the second one finds that there."""
    assert run("new", "small", "--minimal", "--no-git").code == 0
    small = tmp_path / "small"
    before = (small / "webapp/models.py").read_bytes()
    for name in ("Job", "Task"):
        assert run("scaffold", "resource", name, "title:str", "state:enum:new/done", cwd=small).code == 0

    first = run("scaffold", "undo", "1", cwd=small)

    assert first.code == 0, first.stderr
    assert run("db", "check", cwd=small).code == 0
    second = run("scaffold", "undo", "2", cwd=small)
    assert second.code == 0, second.stderr
    assert (small / "webapp/models.py").read_bytes() == before


def test_what_was_edited_since_is_kept_and_told(run: Run, shop: Path) -> None:
    run(*BOOK, cwd=shop)
    service = shop / "webapp/services/book_service.py"
    service.write_text(service.read_text() + "\nMINE = 1\n")

    result = run("scaffold", "undo", cwd=shop)

    assert result.code == 0
    assert "keep  webapp/services/book_service.py (it was edited since)" in result.stderr
    assert changed(shop) == "?? webapp/services/book_service.py\n"


def test_a_run_that_another_model_refers_to_is_refused(run: Run, shop: Path) -> None:
    run(*BOOK, cwd=shop)
    run("scaffold", "resource", "Review", "note:str", "book:ref:Book", cwd=shop)
    before = changed(shop)

    result = run("scaffold", "undo", "1", cwd=shop)

    assert result.code == 1
    assert "Error: Review refers to the table 'books', which run 1 made." in result.stderr
    assert changed(shop) == before


class TestAppliedMigration:
    @pytest.fixture
    def applied(self, run: Run, shop: Path) -> Path:
        run(*BOOK, cwd=shop)
        assert run("db", "migrate", cwd=shop).code == 0
        return shop

    def test_is_refused_with_what_to_type(self, run: Run, applied: Path) -> None:
        before = changed(applied)

        result = run("scaffold", "undo", cwd=applied)

        assert (result.code, result.stdout) == (1, "")
        assert "The migration of run 1 is applied to the database" in result.stderr
        assert "Hint: Undo it first: `oppman db rollback " in result.stderr
        assert changed(applied) == before

    def test_those_after_it_are_told_too_and_apply_again(self, run: Run, applied: Path) -> None:
        run(*TAG, cwd=applied)
        run("db", "migrate", cwd=applied)

        refused = run("scaffold", "undo", "1", cwd=applied)
        assert "That undoes the one migration after it as well." in refused.stderr

        undone = run("scaffold", "undo", "1", "--rollback", cwd=applied)
        assert undone.code == 0, undone.stderr
        assert "(it followed what is gone)" in undone.stderr
        assert "Next:\n  oppman db migrate\n" in undone.stderr
        assert run("db", "migrate", cwd=applied).code == 0
        assert run("db", "check", cwd=applied).code == 0

    def test_is_undone_first_with_rollback_after_a_copy(self, run: Run, applied: Path) -> None:
        result = run("scaffold", "undo", "--rollback", cwd=applied)

        assert result.code == 0, result.stderr
        assert "The database was copied to backups/" in result.stderr
        assert changed(applied) == ""
        with closing(sqlite3.connect(applied / "app.db")) as database:
            assert not database.execute("SELECT 1 FROM sqlite_master WHERE name = 'books'").fetchone()


def test_a_database_that_cannot_be_asked_keeps_the_run_unless_it_is_said_not_to_have_it(run: Run, shop: Path) -> None:
    run(*BOOK, cwd=shop)
    before = changed(shop)

    refused = run("scaffold", "undo", cwd=shop, env={"DATABASE_URL": "sqlite:///nowhere/app.db"})

    assert refused.code == 1
    assert "does not exist. So nobody knows whether" in refused.stderr
    assert "give --not-applied" in refused.stderr
    assert changed(shop) == before != ""

    result = run("scaffold", "undo", "--not-applied", cwd=shop, env={"DATABASE_URL": "sqlite:///nowhere/app.db"})

    assert result.code == 0, result.stderr
    assert changed(shop) == ""


def test_the_history_lists_runs_with_their_state_and_command(run: Run, shop: Path) -> None:
    for args in (BOOK, TAG, ("scaffold", "undo", "1")):
        run(*args, cwd=shop)

    plain, value = run("scaffold", "history", cwd=shop), run("scaffold", "history", "--json", cwd=shop)

    rows = plain.stdout.splitlines()
    assert rows[0].split() == ["run", "when", "state", "command", "files"]
    assert "undone  oppman scaffold resource Book title:str " in rows[1]
    runs = json.loads(value.stdout)
    assert [(one["number"], one["state"]) for one in runs] == [(1, "undone"), (2, "done")]
    assert {"path": "webapp/schemas/tag.py", "outcome": "create"} in runs[1]["files"]


def test_there_is_nothing_to_undo_in_a_fresh_project(run: Run, shop: Path) -> None:
    for verb, number in itertools.product(("undo", "redo"), ([], ["7"])):
        result = run("scaffold", verb, *number, cwd=shop)

        assert (result.code, result.stdout) == (1, "")
        assert f"There is {'no run 7' if number else f'nothing to {verb}'}." in result.stderr
