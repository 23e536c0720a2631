"""What `oppman scaffold` asks on a terminal."""

import sys
from pathlib import Path

import pytest

from command_line import Run
from terminal import Talk, talk

BOOK = ("scaffold", "resource", "Book", "title:str")
SCHEMA, SERVICE = "webapp/schemas/book.py", "webapp/services/book_service.py"
ASKED = "q) quit; nothing is written"


def oppman(cwd: Path, args: tuple[str, ...], *answers: tuple[str, str]) -> Talk:
    return talk([sys.executable, "-m", "oppman", *args], cwd, *answers)


@pytest.fixture
def edited(run: Run, project: Path) -> Path:
    """A project whose owner has changed two files of a run, and removed one."""
    run(*BOOK, cwd=project)
    (project / SCHEMA).write_text("# my schema\n")
    (project / SERVICE).write_text("# my service\n")
    (project / "webapp/routes/api/book.py").unlink()
    return project


def contents(root: Path) -> tuple[str, bool, bool]:
    """What the schema is, whether the service is still the owner's, whether the routes are there."""
    schema, service = (root / SCHEMA).read_text(), (root / SERVICE).read_text()
    return schema, service == "# my service\n", (root / "webapp/routes/api/book.py").exists()


def test_each_file_is_asked_about_after_its_difference_was_shown(edited: Path) -> None:
    result = oppman(edited, BOOK, (ASKED, "d\r"), (ASKED, "k\r"), (ASKED, "o\r"))

    assert result.code == 0
    assert "\x1b[31m-# my schema\x1b[0m" in result.output
    assert contents(edited) == ("# my schema\n", False, True)


def test_one_answer_can_hold_for_all_the_rest(edited: Path) -> None:
    result = oppman(edited, BOOK, (ASKED, "a\r"))

    assert result.code == 0
    assert result.output.count(f"{SERVICE} is there") == 0
    schema, mine, routes = contents(edited)
    assert ("class BookRead" in schema, mine, routes) == (True, False, True)


def test_who_quits_at_the_second_file_has_written_nothing(edited: Path) -> None:
    result = oppman(edited, BOOK, (ASKED, "o\r"), (ASKED, "q\r"))

    assert result.code == 1
    assert "You have quit. Nothing was written." in result.output
    assert contents(edited) == ("# my schema\n", True, False)


def test_undo_offers_to_undo_the_migration_first(run: Run, project: Path) -> None:
    run(*BOOK, cwd=project)
    run("db", "migrate", cwd=project)

    refused = oppman(project, ("scaffold", "undo"), ("(y/N)", "n\r"))
    assert refused.code == 1
    assert (project / SCHEMA).exists()

    undone = oppman(project, ("scaffold", "undo"), ("(y/N)", "y\r"))
    assert undone.code == 0, undone.output
    assert "The database was copied to backups/" in undone.output
    assert not (project / SCHEMA).exists()
