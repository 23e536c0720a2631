"""What is asked on a terminal, and that a password never shows there."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from command_line import Run

Open = Callable[..., Any]


def test_createsuperuser_asks_until_the_answers_are_right(terminal: Open, run: Run, shop: Path) -> None:
    screen = terminal("createsuperuser", cwd=shop)
    screen.expect("Email:")
    screen.type("ada@example.com")
    screen.expect("has an account already")
    screen.expect("Email:")
    screen.type("lin@example.com")
    screen.expect("Password for lin@example.com:")
    screen.type("zwq")
    screen.expect("The password is not acceptable")
    screen.expect("Password for lin@example.com:")
    screen.type("first wild orchid")
    screen.expect("The same again:")
    screen.type("other wild orchid")
    screen.expect("two different passwords")
    screen.expect("Password for lin@example.com:")
    screen.type("third wild orchid")
    screen.expect("The same again:")
    screen.type("third wild orchid")
    screen.expect("Created the superuser lin@example.com.")

    assert screen.finish() == 0
    for word in ("zwq", "first", "other", "third", "orchid"):
        assert word not in screen.screen
    assert json.loads(run("users", "show", "lin@example.com", "--json", cwd=shop).stdout)["is_superuser"]


def test_a_password_for_standard_input_is_asked_for_on_a_terminal(terminal: Open, shop: Path) -> None:
    screen = terminal("users", "set-password", "grace@example.com", "--password-stdin", cwd=shop)
    for question in ("Password for grace@example.com:", "The same again:"):
        screen.expect(question)
        screen.type("third wild orchid")
    screen.expect("has a new password")

    assert screen.finish() == 0
    assert "orchid" not in screen.screen


def test_delete_asks_where_the_person_is_and_takes_no_for_an_answer(
    terminal: Open, run: Run, shop: Path, tmp_path: Path
) -> None:
    with (tmp_path / "out").open("wb") as out:
        screen = terminal("users", "delete", "grace@example.com", cwd=shop, stdout=out.fileno())
        screen.expect("Delete grace@example.com (id 2, holds sales)?")
        os.write(screen.master, b"n")
        screen.expect("grace@example.com was not deleted.")

        assert screen.finish() == 1
    assert (tmp_path / "out").read_bytes() == b""
    assert run("users", "show", "grace@example.com", cwd=shop).code == 0


def test_init_asks_for_the_first_superuser(terminal: Open, run: Run, project: Path) -> None:
    screen = terminal("init", cwd=project)
    screen.expect("Email of the first superuser")
    screen.type("ada@example.com")
    for question in ("Password for ada@example.com:", "The same again:"):
        screen.expect(question)
        screen.type("third wild orchid")
    screen.expect("superuser ada@example.com")

    assert screen.finish() == 0
    assert "orchid" not in screen.screen
    again = terminal("init", cwd=project)  # there is one now: nothing to ask
    again.expect("nothing was changed")
    assert again.finish() == 0


def test_init_takes_no_superuser_for_an_answer(terminal: Open, project: Path) -> None:
    screen = terminal("init", cwd=project)
    screen.expect("leave empty to skip")
    screen.type("")
    screen.expect("is ready.")
    screen.expect("oppman createsuperuser")

    assert screen.finish() == 0


def test_init_offers_a_project_in_an_empty_folder(terminal: Open, tmp_path: Path) -> None:
    folder = tmp_path / "corner"
    folder.mkdir()
    screen = terminal("init", cwd=folder)
    screen.expect("Create the project corner in it?")
    os.write(screen.master, b"n")
    screen.expect("Nothing was created.")

    assert screen.finish() == 1
    assert list(folder.iterdir()) == []
