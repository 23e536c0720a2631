"""Runs are carried out, recorded, undone and redone; no edit of the owner is ever lost."""

import fcntl
import os
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from oppman.errors import OppmanError, Refused
from oppman.scaffold import journal
from oppman.scaffold.plan import Change, Create, Edit, Outcome, Remove, Step, plan
from oppman.scaffold.record import Run, State

APP = "start\nend\n"


@dataclass(frozen=True)
class AddLine:
    """Put `line` below the line `start`. As with an import, one that others use (`uses LINE`) is not taken back."""

    line: str

    def apply(self, source: str) -> str:
        if f"{self.line}\n" in source:
            return source
        if "start\n" not in source:
            raise OppmanError("No place.", detail=f"Paste: {self.line}")
        return source.replace("start\n", f"start\n{self.line}\n", 1)

    def take_back(self, source: str) -> str:
        return source if f"uses {self.line}\n" in source else source.replace(f"{self.line}\n", "", 1)

    def recorded(self, before: str, after: str) -> "AddLine":
        return self

    def to_json(self) -> dict[str, Any]:
        return {"line": self.line}


def load_edit(value: dict[str, Any]) -> Edit:
    return AddLine(value["line"])


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "app.py").write_text(APP)
    (tmp_path / "old").mkdir()
    (tmp_path / "old/gone.sh").write_bytes(b"\xff old")
    (tmp_path / "old/gone.sh").chmod(0o755)
    return tmp_path


@pytest.fixture
def read_only() -> Iterator[Path]:
    """A project in which this process may not write, even if root runs the tests."""
    with tempfile.TemporaryDirectory() as folder:  # pytest's own folders are closed to other users
        root = Path(folder)
        (root / "app.py").write_text(APP)
        (root / "closed").mkdir()
        (root / "closed").chmod(0o555)
        root.chmod(0o777)
        user = os.geteuid()
        if user == 0:
            os.seteuid(65534)
        try:
            yield root
        finally:
            if user == 0:
                os.seteuid(user)


def tree(root: Path) -> dict[str, tuple[int, bytes | None]]:
    """Every file and folder but the journal, with its permissions and bytes."""
    return {
        path.relative_to(root).as_posix(): (path.stat().st_mode, path.read_bytes() if path.is_file() else None)
        for path in root.rglob("*")
        if ".oppman" not in path.parts
    }


def done(root: Path, *steps: Step, argv: Sequence[str] = ("scaffold",)) -> Run:
    run = journal.apply(root, plan(root, steps), argv)
    assert run is not None
    return run


def insert(*lines: str, path: str = "app.py") -> Change:
    return Change(path, tuple(AddLine(line) for line in lines))


def lines(undone: journal.Undone) -> list[tuple[str, str, str]]:
    return [(line.outcome, line.path, line.why) for line in undone.lines]


BOOK: tuple[Step, ...] = (Create("webapp/book/model.py", "title\n"), insert("book"), Remove("old/gone.sh"))


def test_a_run_writes_its_files_and_is_recorded(root: Path) -> None:
    run = journal.apply(root, plan(root, BOOK), ["scaffold", "resource", "Book"], {"revision": "abc"})

    assert (root / "webapp/book/model.py").read_text() == "title\n"
    assert (root / "app.py").read_text() == "start\nbook\nend\n"
    assert not (root / "old").exists()
    (recorded,) = journal.history(root)
    assert recorded == run
    assert (recorded.number, recorded.state, recorded.notes) == (1, State.DONE, {"revision": "abc"})
    assert recorded.argv == ("scaffold", "resource", "Book")
    assert (root / ".oppman/scaffold/.gitignore").read_text() == "*\n"


def test_a_plan_with_nothing_to_write_records_nothing(root: Path) -> None:
    assert journal.apply(root, plan(root, [Create("app.py", APP)]), ["scaffold"]) is None
    assert not (root / ".oppman").exists()


def test_undo_gives_back_the_tree_byte_for_byte_and_redo_does_it_again(root: Path) -> None:
    before = tree(root)
    done(root, *BOOK)
    after = tree(root)

    undone = journal.undo(root, load_edit)
    assert tree(root) == before
    assert lines(undone) == [
        ("remove", "webapp/book/model.py", ""),
        ("restore", "app.py", ""),
        ("restore", "old/gone.sh", ""),
    ]

    redone = journal.redo(root, load_edit)
    assert tree(root) == after
    assert (redone.number, redone.state) == (1, State.DONE)
    journal.undo(root, load_edit)
    assert tree(root) == before


def test_undo_keeps_the_line_ends_of_the_file(root: Path) -> None:
    (root / "app.py").write_bytes(b"start\r\nend\r\n")
    done(root, insert("book"))
    (root / "app.py").write_bytes(b"mine\r\nstart\r\nbook\r\nend\r\n")

    journal.undo(root, load_edit)

    assert (root / "app.py").read_bytes() == b"mine\r\nstart\r\nend\r\n"


def test_a_file_changes_in_one_moment(root: Path) -> None:
    with (root / "app.py").open() as reader:
        done(root, insert("book"))

        assert reader.read() == APP  # the file that was opened is the old one, whole


def test_an_existing_file_keeps_its_permissions(root: Path) -> None:
    (root / "app.py").chmod(0o640)

    done(root, insert("book"))

    assert (root / "app.py").stat().st_mode & 0o777 == 0o640


def test_compiled_files_do_not_hold_a_folder_of_the_run(root: Path) -> None:
    before = tree(root)
    done(root, Create("webapp/book/model.py", ""))
    (root / "webapp/book/__pycache__").mkdir()
    (root / "webapp/book/__pycache__/model.pyc").write_bytes(b"x")

    journal.undo(root, load_edit)

    assert tree(root) == before


def test_undo_keeps_what_the_owner_edited(root: Path) -> None:
    done(root, *BOOK, Create("webapp/note.txt", "n\n"))
    (root / "webapp/book/model.py").write_text("title\nmine\n")
    (root / "app.py").write_text("mine\nstart\nbook\nend\n")
    (root / "old").mkdir()
    (root / "old/gone.sh").write_text("mine\n")

    undone = journal.undo(root, load_edit)

    assert lines(undone) == [
        ("keep", "webapp/book/model.py", "it was edited since"),
        ("merge", "app.py", ""),
        ("keep", "old/gone.sh", "another file stands there now"),
        ("remove", "webapp/note.txt", ""),
    ]
    assert (root / "webapp/book/model.py").read_text() == "title\nmine\n"
    assert (root / "app.py").read_text() == "mine\nstart\nend\n"
    assert (root / "old/gone.sh").read_text() == "mine\n"
    assert not (root / "webapp/note.txt").exists()


@pytest.mark.parametrize(
    ("content", "outcome", "why"),
    [
        (None, "skip", "it was removed since"),
        (b"\xff", "keep", "it is no UTF-8 text any more"),
        (b"start\nBOOK\nend\n", "keep", "what was inserted is edited, gone, or used by other code: look at it"),
    ],
)
def test_undo_says_what_it_found_instead_of_its_insertion(
    root: Path, content: bytes | None, outcome: str, why: str
) -> None:
    done(root, insert("book"))
    (root / "app.py").unlink()
    if content is not None:
        (root / "app.py").write_bytes(content)
    before = tree(root)

    assert lines(journal.undo(root, load_edit)) == [(outcome, "app.py", why)]
    assert tree(root) == before


def test_an_edit_that_was_there_before_the_run_survives_its_undo(root: Path) -> None:
    (root / "app.py").write_text("start\nimport\nend\n")
    done(root, insert("import", "book"))
    (root / "app.py").write_text("mine\n" + (root / "app.py").read_text())

    journal.undo(root, load_edit)

    assert (root / "app.py").read_text() == "mine\nstart\nimport\nend\n"


@pytest.mark.parametrize("order", [(1, 2), (2, 1)])
def test_two_runs_in_one_file_can_be_undone_in_either_order(root: Path, order: tuple[int, int]) -> None:
    before = tree(root)
    done(root, insert("import", "author"), Create("shared.py", "s\n"))
    done(root, insert("import", "book"), Create("shared.py", "s\n"))

    journal.undo(root, load_edit, order[0])
    left = (root / "app.py").read_text()
    assert (root / "shared.py").exists()
    journal.undo(root, load_edit, order[1])

    assert ("import" in left, "author" in left, "book" in left) == (True, order[0] == 2, order[0] == 1)
    assert tree(root) == before


@pytest.mark.parametrize("mine", ["", "mine\n"], ids=["untouched", "edited"])
def test_what_other_code_used_at_the_undo_goes_with_the_run_that_used_it(root: Path, mine: str) -> None:
    done(root, insert("import"))
    done(root, insert("import", "uses import"))
    (root / "app.py").write_text(mine + (root / "app.py").read_text())

    journal.undo(root, load_edit, 1)
    journal.undo(root, load_edit, 2)

    assert (root / "app.py").read_text() == mine + APP


@pytest.mark.parametrize("order", [(1, 2), (2, 1)])
def test_a_shared_edit_goes_with_the_last_run_although_code_moved_around_it(root: Path, order: tuple[int, int]) -> None:
    done(root, insert("import", "uses import", "author"))
    done(root, insert("import", "uses import", "book"))
    (root / "app.py").write_text("mine\n" + (root / "app.py").read_text())

    for number in order:
        journal.undo(root, load_edit, number)

    assert (root / "app.py").read_text() == f"mine\n{APP}"


def test_a_file_that_another_run_changed_stays_and_the_run_is_named(root: Path) -> None:
    done(root, Create("book.py", APP))
    done(root, insert("pages", path="book.py"))

    assert lines(journal.undo(root, load_edit, 1)) == [("keep", "book.py", "it was changed since by run 2")]
    assert (root / "book.py").exists()


def test_an_overwritten_file_comes_back_and_is_overwritten_again_by_redo(root: Path) -> None:
    journal.apply(root, plan(root, [Create("app.py", "new\n")]).settle(lambda _: "overwrite"), ["scaffold"])

    journal.undo(root, load_edit)
    assert (root / "app.py").read_text() == APP
    journal.redo(root, load_edit)

    assert (root / "app.py").read_text() == "new\n"


def test_redo_refuses_a_conflict(root: Path) -> None:
    done(root, Create("book.py", "b\n"))
    journal.undo(root, load_edit)
    (root / "book.py").write_text("mine\n")
    before = tree(root)

    with pytest.raises(Refused, match=r"There with other content: book\.py"):
        journal.redo(root, load_edit)

    assert tree(root) == before
    assert journal.history(root)[0].state is State.UNDONE


def test_redo_takes_the_run_that_was_undone_last(root: Path) -> None:
    for line in ("a", "b", "c"):
        done(root, insert(line))

    assert [journal.undo(root, load_edit, number).run.number for number in (None, 1)] == [3, 1]

    assert [journal.redo(root, load_edit).number for _ in range(2)] == [1, 3]


def test_a_redo_with_nothing_to_write_is_refused_with_the_lines_to_paste(root: Path) -> None:
    done(root, insert("book"))
    journal.undo(root, load_edit)
    (root / "app.py").write_text("other\n")

    with pytest.raises(Refused, match="nothing to write") as caught:
        journal.redo(root, load_edit)

    assert caught.value.detail == "Paste: book"


def test_undo_and_redo_say_why_there_is_nothing_to_do(root: Path) -> None:
    with pytest.raises(Refused, match=r"There is nothing to undo\."):
        journal.undo(root, load_edit)
    done(root, insert("book"))
    with pytest.raises(Refused, match=r"Run 1 is done: nothing to redo\."):
        journal.redo(root, load_edit, 1)
    with pytest.raises(Refused, match=r"There is no run 7\."):
        journal.undo(root, load_edit, 7)


def test_an_unresolved_conflict_is_refused_before_anything_is_written(root: Path) -> None:
    before = tree(root)

    with pytest.raises(Refused, match=r"app\.py"):
        journal.apply(root, plan(root, [Create("new.py", ""), Create("app.py", "other")]), ["scaffold"])

    assert tree(root) == before
    assert not (root / ".oppman").exists()


def test_a_skipped_file_is_neither_written_nor_undone(root: Path) -> None:
    found = plan(root, [Create("new.py", "n\n"), Create("app.py", "other")]).settle(lambda _: "keep")

    run = journal.apply(root, found, ["scaffold"])

    assert run is not None
    assert [entry.outcome for entry in run.entries] == [Outcome.CREATE, Outcome.SKIP]
    assert lines(journal.undo(root, load_edit)) == [("remove", "new.py", "")]
    assert (root / "app.py").read_text() == APP


def test_a_file_that_changed_after_the_plan_is_refused(root: Path) -> None:
    found = plan(root, BOOK)
    (root / "app.py").write_text("start\nmine\n")

    with pytest.raises(Refused, match=r"app\.py has changed meanwhile"):
        journal.apply(root, found, ["scaffold"])

    assert not (root / "webapp").exists()


def test_a_read_only_folder_is_refused_and_what_was_written_is_rolled_back(read_only: Path) -> None:
    before = tree(read_only)

    with pytest.raises(Refused, match=r"closed/b\.py cannot be written: Permission denied") as caught:
        journal.apply(read_only, plan(read_only, [Create("new/a.py", ""), Create("closed/b.py", "")]), ["scaffold"])

    assert "Nothing was changed." in caught.value.hint
    assert tree(read_only) == before
    assert not (read_only / ".oppman").exists()


def test_a_journal_that_cannot_be_written_is_refused(root: Path) -> None:
    (root / ".oppman").write_text("a file of the owner")

    with pytest.raises(Refused, match=r"\.oppman/scaffold cannot be written"):
        journal.apply(root, plan(root, BOOK), ["scaffold"])

    assert not (root / "webapp").exists()


def test_a_damaged_record_is_named(root: Path) -> None:
    done(root, insert("book"))
    (root / ".oppman/scaffold/0001.json").write_text("{}")

    with pytest.raises(Refused, match=r"0001\.json is no readable record"):
        journal.history(root)


def test_two_commands_at_once_are_refused(root: Path) -> None:
    other = os.open(root, os.O_RDONLY)
    fcntl.flock(other, fcntl.LOCK_EX)
    try:
        with pytest.raises(Refused, match="Another scaffold command is at work"):
            journal.apply(root, plan(root, BOOK), ["scaffold"])
    finally:
        os.close(other)

    done(root, *BOOK)


def test_there_is_nothing_to_recover_after_a_whole_run(root: Path) -> None:
    assert journal.recover(root) is None
    done(root, *BOOK)
    assert journal.recover(root) is None
