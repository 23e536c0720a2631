"""`oppman users`."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from command_line import Run

Row = Callable[[str], dict[str, Any]]
Roles = Callable[[str], list[str]]


@pytest.fixture
def row(stored: Callable[..., list[dict[str, Any]]]) -> Row:
    """The user of an address as stored; empty if there is none."""
    return lambda email: next(iter(stored("SELECT * FROM users WHERE email = ?", email)), {})


@pytest.fixture
def roles(stored: Callable[..., list[dict[str, Any]]]) -> Roles:
    """The names of the roles that the user of an address holds."""
    joined = (
        "SELECT roles.name FROM roles JOIN user_roles ON role_id = roles.id JOIN users ON user_id = users.id"
        " WHERE email = ? ORDER BY roles.name"
    )
    return lambda email: [found["name"] for found in stored(joined, email)]


def test_list_shows_users_by_address(run: Run, shop: Path) -> None:
    result = run("users", "list", cwd=shop)

    assert (result.code, result.stderr) == (0, "")
    head, ada, grace = (line.split() for line in result.stdout.splitlines())
    assert head == ["email", "name", "roles", "superuser", "active", "last", "login"]
    assert ada == ["ada@example.com", "Ada", "yes", "yes", "never"]
    assert grace == ["grace@example.com", "Grace", "sales", "no", "yes", "never"]


@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        (("--q", "GRA"), ["grace@example.com"]),
        (("--q", "%"), []),
        (("--role", "sales"), ["grace@example.com"]),
        (("--inactive",), []),
    ],
)
def test_list_filters(run: Run, shop: Path, flags: tuple[str, ...], expected: list[str]) -> None:
    result = run("users", "list", *flags, "--json", cwd=shop)

    assert (result.code, result.stderr) == (0, "")
    assert [user["email"] for user in json.loads(result.stdout)["items"]] == expected


def test_list_goes_page_by_page(run: Run, shop: Path) -> None:
    first = run("users", "list", "--limit", "1", cwd=shop)
    assert "ada@example.com" in first.stdout
    assert "grace@example.com" not in first.stdout
    assert first.stderr == "There are more: add --after ada@example.com\n"

    assert json.loads(run("users", "list", "--limit", "1", "--json", cwd=shop).stdout)["next"] == "ada@example.com"
    last = json.loads(run("users", "list", "--limit", "1", "--after", "ada@example.com", "--json", cwd=shop).stdout)
    assert ([user["email"] for user in last["items"]], last["next"]) == (["grace@example.com"], None)


def test_list_says_that_nobody_fits(run: Run, shop: Path) -> None:
    result = run("users", "list", "--q", "nobody", cwd=shop)

    assert (result.code, result.stdout, result.stderr) == (0, "", "No user fits.\n")


def test_show_takes_an_address_or_an_id(run: Run, shop: Path) -> None:
    by_id = run("users", "show", "2", cwd=shop)
    by_email = run("users", "show", "GRACE@example.com", cwd=shop)

    assert by_id == by_email
    assert by_id.code == 0
    assert "email          grace@example.com\n" in by_id.stdout
    assert "permissions    product.*, registration.view, webinar.view\n" in by_id.stdout


@pytest.mark.parametrize("command", ["show", "delete"])
def test_an_unknown_user_is_told_with_the_nearest(run: Run, shop: Path, command: str) -> None:
    result = run("users", command, "grace@exmaple.com", cwd=shop)

    assert (result.code, result.stdout) == (1, "")
    assert "Error: There is no user 'grace@exmaple.com'.\nHint: Did you mean grace@example.com" in result.stderr


def test_set_password_replaces_it_and_ends_the_sessions(run: Run, shop: Path, row: Row) -> None:
    before = row("grace@example.com")

    result = run(
        "users", "set-password", "grace@example.com", "--password-stdin", cwd=shop, input="another tulip bed\n"
    )

    assert (result.code, result.stdout) == (0, "")
    assert "grace@example.com has a new password" in result.stderr
    after = row("grace@example.com")
    assert after["password_hash"] != before["password_hash"]
    assert after["session_version"] == before["session_version"] + 1


def test_set_password_keeps_the_policy_and_the_old_one(run: Run, shop: Path, row: Row) -> None:
    before = row("grace@example.com")

    result = run("users", "set-password", "grace@example.com", cwd=shop, env={"OPPMAN_PASSWORD": "grace@example.com"})

    assert result.code == 1
    assert "Error: The password is not acceptable.\nHint: Use something that is not in your email" in result.stderr
    assert row("grace@example.com") == before


def test_set_roles_replaces_them(run: Run, shop: Path, roles: Roles) -> None:
    assert run("users", "set-roles", "grace@example.com", "support", "staff", cwd=shop).code == 0
    assert roles("grace@example.com") == ["staff", "support"]

    unknown = run("users", "set-roles", "grace@example.com", "sales", "suport", cwd=shop)
    assert unknown.code == 1
    assert "Did you mean support?" in unknown.stderr
    assert roles("grace@example.com") == ["staff", "support"]

    by_accident = run("users", "set-roles", "grace@example.com", cwd=shop)
    assert by_accident.code == 2
    assert "--none" in by_accident.stderr

    assert run("users", "set-roles", "grace@example.com", "--none", cwd=shop).code == 0
    assert roles("grace@example.com") == []


def test_deactivate_and_activate_say_what_changed(run: Run, shop: Path) -> None:
    said = [
        run("users", command, "grace@example.com", cwd=shop).stderr
        for command in ("deactivate", "deactivate", "activate", "activate")
    ]

    assert [line.removeprefix("✓ ").strip() for line in said] == [
        "grace@example.com may no longer log in.",
        "grace@example.com is inactive already.",
        "grace@example.com may log in again.",
        "grace@example.com is active already.",
    ]


def test_delete_needs_a_yes_and_then_deletes(run: Run, shop: Path, row: Row) -> None:
    unasked = run("users", "delete", "grace@example.com", cwd=shop)
    assert unasked.code == 2
    assert "Delete grace@example.com (id 2, holds sales)?" in unasked.stderr
    assert "give --yes" in unasked.stderr
    assert row("grace@example.com")

    done = run("users", "delete", "grace@example.com", "--yes", cwd=shop)
    assert (done.code, done.stdout) == (0, "")
    assert "Deleted grace@example.com." in done.stderr
    assert not row("grace@example.com")


def test_the_last_active_superuser_stays(run: Run, shop: Path, row: Row) -> None:
    # One who is inactive does not count.
    assert run("users", "ensure", "grace@example.com", "--superuser", cwd=shop).code == 0
    assert run("users", "deactivate", "grace@example.com", cwd=shop).code == 0
    before = row("ada@example.com")

    for args in (("delete", "1", "--yes"), ("deactivate", "1"), ("ensure", "ada@example.com", "--no-superuser")):
        refused = run("users", *args, cwd=shop)
        assert (refused.code, refused.stdout) == (1, "")
        assert "Error: ada@example.com is the last active superuser.\nHint: " in refused.stderr
        assert row("ada@example.com") == before

    assert run("users", "activate", "grace@example.com", cwd=shop).code == 0
    assert run("users", "delete", "1", "--yes", cwd=shop).code == 0
    assert not row("ada@example.com")


class TestEnsure:
    """The same call, again and again, gives the same user."""

    ARGS = (
        "users",
        "ensure",
        "lin@example.com",
        "--name",
        "Lin",
        "--superuser",
        "--role",
        "support",
        "--role",
        "sales",
    )

    def test_creates_once_and_then_changes_nothing(self, run: Run, shop: Path, password: str, row: Row) -> None:
        first = run(*self.ARGS, cwd=shop, env={"OPPMAN_PASSWORD": password})
        assert (first.code, first.stdout) == (0, "")
        assert "lin@example.com: created." in first.stderr
        made = row("lin@example.com")
        assert (made["name"], made["is_superuser"]) == ("Lin", 1)

        second = run(*self.ARGS, cwd=shop, env={"OPPMAN_PASSWORD": password})
        assert second.code == 0
        assert "lin@example.com: nothing to change." in second.stderr
        assert row("lin@example.com") == made

    def test_says_each_change(self, run: Run, shop: Path) -> None:
        result = run(
            "users", "ensure", "grace@example.com", "--superuser", "--name", "Grace H", "--role", "staff", "--json",
            cwd=shop, env={"OPPMAN_PASSWORD": "another tulip bed"},
        )  # fmt: skip

        assert (result.code, result.stderr) == (0, "")
        assert json.loads(result.stdout) == {
            "email": "grace@example.com",
            "changes": ["password changed", "name changed", "made a superuser", "roles: staff"],
        }

    def test_leaves_what_is_not_given(self, run: Run, shop: Path, row: Row, roles: Roles) -> None:
        before = row("grace@example.com")

        assert run("users", "ensure", "grace@example.com", cwd=shop).code == 0

        assert row("grace@example.com") == before
        assert roles("grace@example.com") == ["sales"]

    def test_needs_a_password_for_a_new_user_only(self, run: Run, shop: Path) -> None:
        result = run("users", "ensure", "lin@example.com", cwd=shop)

        assert result.code == 2
        assert "Error: lin@example.com needs a password." in result.stderr

    def test_does_all_or_nothing(self, run: Run, shop: Path, row: Row) -> None:
        before = row("grace@example.com")

        result = run("users", "ensure", "grace@example.com", "--superuser", "--role", "nope", cwd=shop)

        assert result.code == 1
        assert row("grace@example.com") == before

    def test_warns_that_an_inactive_user_cannot_log_in(self, run: Run, shop: Path) -> None:
        run("users", "deactivate", "grace@example.com", cwd=shop)

        result = run("users", "ensure", "grace@example.com", cwd=shop)

        assert result.code == 0
        assert "`oppman users activate grace@example.com`" in result.stderr
