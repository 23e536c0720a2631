from pathlib import Path

import pytest

from oppman.docs.folder import MARKER, Change, compare, write
from oppman.errors import Refused

SITE = {"site": {"index.html": "<p>one</p>\n", "page.html": "two\n"}}


def test_the_first_time_everything_is_created_and_the_second_time_nothing_changes(tmp_path: Path) -> None:
    folder = tmp_path / "docs" / "export"

    assert write(folder, SITE) == [Change("create", "index.html"), Change("create", "page.html")]
    before = {path.name: path.stat().st_mtime_ns for path in folder.iterdir() if path.name != MARKER}
    assert write(folder, SITE) == [Change("identical", "index.html"), Change("identical", "page.html")]
    assert {path.name: path.stat().st_mtime_ns for path in folder.iterdir() if path.name != MARKER} == before


def test_a_file_that_is_no_longer_part_of_it_is_removed_and_other_files_stay(tmp_path: Path) -> None:
    write(tmp_path / "export", SITE | {"openapi": {"openapi.json": "{}"}})
    (tmp_path / "export" / "mine.txt").write_text("mine")

    changes = write(tmp_path / "export", {"site": {"index.html": "new\n"}})

    assert changes == [Change("update", "index.html"), Change("remove", "page.html")]
    assert sorted(path.name for path in (tmp_path / "export").iterdir()) == [
        MARKER, "index.html", "mine.txt", "openapi.json",
    ]  # fmt: skip


def test_a_folder_of_somebody_else_is_refused_untouched_unless_forced(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    (tmp_path / "index.html").write_text("mine")

    with pytest.raises(Refused, match="did not make it"):
        write(tmp_path, SITE)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["index.html", "mine.txt"]
    assert (tmp_path / "index.html").read_text() == "mine"

    write(tmp_path, SITE, force=True)
    assert ((tmp_path / "index.html").read_text(), (tmp_path / "mine.txt").read_text()) == ("<p>one</p>\n", "mine")


def test_an_empty_folder_is_taken_and_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").write_text("mine")

    assert write(tmp_path / "empty", SITE)[0].verb == "create"
    with pytest.raises(Refused, match="is not a folder"):
        write(tmp_path / "file", SITE)


def test_comparing_tells_what_is_due_and_writes_nothing(tmp_path: Path) -> None:
    write(tmp_path, SITE)
    (tmp_path / "page.html").write_text("edited")
    (tmp_path / "index.html").unlink()

    assert compare(tmp_path, SITE) == [Change("create", "index.html"), Change("update", "page.html")]
    assert (tmp_path / "page.html").read_text() == "edited"


def test_line_ends_of_windows_are_no_difference(tmp_path: Path) -> None:
    write(tmp_path, SITE)
    (tmp_path / "page.html").write_bytes(b"two\r\n")

    assert {change.verb for change in compare(tmp_path, SITE)} == {"identical"}


@pytest.mark.parametrize(
    "marker",
    ['{"oppman docs export": {"site": ["../precious.txt"]}}', "{}", "[]", "not json", '{"oppman docs export": []}'],
)
def test_a_marker_that_was_tampered_with_leads_out_of_no_folder(tmp_path: Path, marker: str) -> None:
    (tmp_path / "precious.txt").write_text("precious")
    (tmp_path / "export").mkdir()
    (tmp_path / "export" / MARKER).write_text(marker)

    write(tmp_path / "export", SITE)

    assert (tmp_path / "precious.txt").read_text() == "precious"
