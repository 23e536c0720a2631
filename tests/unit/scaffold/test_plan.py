"""A plan tells what would become of each file, and writes none."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from oppman.errors import OppmanError, Refused
from oppman.scaffold.plan import Action, Change, Create, Edit, Outcome, Plan, Remove, Step, plan


@dataclass(frozen=True)
class AddLine:
    """Put `line` below the line `anchor`."""

    line: str
    anchor: str = "start"

    def apply(self, source: str) -> str:
        if f"{self.line}\n" in source:
            return source
        if f"{self.anchor}\n" not in source:
            raise OppmanError("No place.", detail=f"Paste: {self.line}")
        return source.replace(f"{self.anchor}\n", f"{self.anchor}\n{self.line}\n", 1)

    def take_back(self, source: str) -> str:
        return source.replace(f"{self.line}\n", "", 1)

    def recorded(self, before: str, after: str) -> "AddLine":
        return self

    def to_json(self) -> dict[str, Any]:
        return {"line": self.line, "anchor": self.anchor}


def action_for(root: Path, before: bytes, *edits: Edit) -> Action:
    (root / "app.py").write_bytes(before)
    (action,) = plan(root, [Change("app.py", edits)]).actions
    return action


def test_a_new_file_is_created_and_not_yet_written(tmp_path: Path) -> None:
    (action,) = plan(tmp_path, [Create("webapp/book.py", "title\n")]).actions

    assert (action.outcome, action.before, action.after) == (Outcome.CREATE, None, b"title\n")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("there", "outcome"),
    [
        (b"title\n", Outcome.IDENTICAL),
        (b"title\r\n", Outcome.IDENTICAL),
        (b"other\n", Outcome.CONFLICT),
        (b"\xff\xfe", Outcome.CONFLICT),
    ],
)
def test_a_file_to_create_that_is_there_is_identical_or_a_conflict(
    tmp_path: Path, there: bytes, outcome: Outcome
) -> None:
    (tmp_path / "book.py").write_bytes(there)

    (action,) = plan(tmp_path, [Create("book.py", "title\n")]).actions

    assert (action.outcome, action.before) == (outcome, there)


def test_changes_of_one_file_become_one_action(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("start\nend\n")

    (action,) = plan(tmp_path, [Change("app.py", (AddLine("a"),)), Change("./app.py", (AddLine("b", "a"),))]).actions

    assert (action.outcome, action.after) == (Outcome.INSERT, b"start\na\nb\nend\n")


def test_only_the_edits_that_were_not_there_count_as_made(tmp_path: Path) -> None:
    action = action_for(tmp_path, b"start\na\n", AddLine("a"), AddLine("b"))

    assert action.made == (AddLine("b"),)


def test_a_change_that_is_there_already_is_identical(tmp_path: Path) -> None:
    action = action_for(tmp_path, b"start\na\n", AddLine("a"))

    assert (action.outcome, action.after) == (Outcome.IDENTICAL, b"start\na\n")


def test_a_gone_anchor_leaves_the_whole_file_alone_and_gives_all_lines_to_paste(tmp_path: Path) -> None:
    action = action_for(tmp_path, b"start\nthere\n", AddLine("there"), AddLine("a"), AddLine("b", "gone"))

    assert (action.outcome, action.after) == (Outcome.MANUAL, action.before)
    assert action.lines == "Paste: a\n\nPaste: b"


@pytest.mark.parametrize("content", [None, b"\xff\xfe start\n"])
def test_a_file_that_is_missing_or_no_text_is_left_to_the_person(tmp_path: Path, content: bytes | None) -> None:
    if content:
        (tmp_path / "app.py").write_bytes(content)

    (action,) = plan(tmp_path, [Change("app.py", (AddLine("a"),))]).actions

    assert (action.outcome, action.after, action.lines) == (Outcome.MANUAL, content, "Paste: a")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"start\r\nend\r\n", b"start\r\na\r\nend\r\n"),
        (b"\xef\xbb\xbfstart\nend\n", b"\xef\xbb\xbfstart\na\nend\n"),
        (b"one\r\nstart\r\ntwo\n", b"one\r\nstart\r\na\r\ntwo\n"),
        (b"start\nend\x0c", b"start\na\nend\x0c"),
    ],
    ids=["crlf", "byte order mark", "mixed", "form feed"],
)
def test_a_file_keeps_its_own_line_ends_and_mark(tmp_path: Path, before: bytes, after: bytes) -> None:
    assert action_for(tmp_path, before, AddLine("a")).after == after


def test_removing_a_file_that_is_not_there_is_identical(tmp_path: Path) -> None:
    (tmp_path / "old.py").write_text("")

    found = plan(tmp_path, [Remove("old.py"), Remove("never.py")])

    assert [action.outcome for action in found.actions] == [Outcome.REMOVE, Outcome.IDENTICAL]


@pytest.mark.parametrize("path", ["/etc/passwd", "../out.py", "a/../../out.py", "C:\\out.py", "a\\..\\..\\b", "", "."])
def test_a_path_out_of_the_project_is_refused(tmp_path: Path, path: str) -> None:
    with pytest.raises(Refused, match="no path inside the project"):
        plan(tmp_path, [Create(path, "")])


@pytest.mark.parametrize("link", ["webapp", "webapp/book.py"])
def test_a_link_out_of_the_project_is_refused(tmp_path: Path, link: str) -> None:
    root, outside = tmp_path / "shop", tmp_path / "outside"
    (root / link).parent.mkdir(parents=True)
    (root / link).symlink_to(outside)

    with pytest.raises(Refused, match="leads out of the project"):
        plan(root, [Create("webapp/book.py", "")])


def test_a_link_inside_the_project_leads_to_the_file(tmp_path: Path) -> None:
    (tmp_path / "real.py").write_text("start\n")
    (tmp_path / "link.py").symlink_to("real.py")

    (action,) = plan(tmp_path, [Change("link.py", (AddLine("a"),)), Change("real.py", (AddLine("b"),))]).actions

    assert (action.path, action.after) == ("real.py", b"start\nb\na\n")


def test_a_folder_where_a_file_should_be_is_refused(tmp_path: Path) -> None:
    (tmp_path / "book.py").mkdir()

    with pytest.raises(Refused, match=r"book\.py cannot be read: Is a directory"):
        plan(tmp_path, [Create("book.py", "")])


def test_conflicts_are_settled_one_by_one(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).write_text("old\n")
    found = plan(tmp_path, [Create("a", "new\n"), Create("b", "new\n"), Create("c", "new\n")])

    settled = found.settle(lambda action: "keep" if action.path == "a" else "overwrite")

    assert [action.path for action in found.conflicts] == ["a", "b"]
    assert settled.conflicts == ()
    assert [(one.outcome, one.after) for one in settled.actions] == [
        (Outcome.SKIP, b"old\n"),
        (Outcome.OVERWRITE, b"new\n"),
        (Outcome.CREATE, b"new\n"),
    ]


def test_the_diff_shows_all_that_would_change(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("start\nend")
    (tmp_path / "old.py").write_text("x\n")
    (tmp_path / "same.py").write_text("s\n")
    steps: list[Step] = [
        Create("new.py", "n\n"),
        Change("app.py", (AddLine("a"),)),
        Remove("old.py"),
        Create("same.py", "s\n"),
    ]

    assert plan(tmp_path, steps).diff() == (
        "diff --git a/new.py b/new.py\nnew file mode 100644\n--- /dev/null\n+++ b/new.py\n@@ -0,0 +1 @@\n+n\n"
        "diff --git a/app.py b/app.py\n--- a/app.py\n+++ b/app.py\n@@ -1,2 +1,3 @@\n start\n+a\n end\n"
        "\\ No newline at end of file\n"
        "diff --git a/old.py b/old.py\ndeleted file mode 100644\n--- a/old.py\n+++ /dev/null\n@@ -1 +0,0 @@\n-x\n"
    )


def test_the_diff_of_what_is_no_text_says_so() -> None:
    action = Action("logo.png", Outcome.OVERWRITE, b"\xff", b"text\n")

    assert Plan((action,)).diff().endswith("Binary files a/logo.png and b/logo.png differ\n")
