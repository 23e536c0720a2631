"""`oppman createsuperuser` and `createuser`: who is made, and where the password comes from."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from command_line import Run

Stored = Callable[..., list[dict[str, Any]]]


def test_createsuperuser_takes_the_password_from_standard_input(run: Run, shop: Path, password: str) -> None:
    # A mark as PowerShell puts it first and a Windows line end are no part of the password.
    result = run(
        "createsuperuser", "--email", "Lin@Example.com", "--password-stdin", cwd=shop, input=f"{password}\r\nx\n"
    )

    assert (result.code, result.stdout) == (0, "")
    assert "Created the superuser lin@example.com." in result.stderr
    user = json.loads(run("users", "show", "lin@example.com", "--json", cwd=shop).stdout)
    assert (user["is_superuser"], user["is_active"], user["permissions"]) == (True, True, ["*"])
    unchanged = run(
        "users", "ensure", "lin@example.com", "--password-stdin", cwd=shop, input=f"\ufeff{password}", env={}
    )
    assert "lin@example.com: nothing to change." in unchanged.stderr


def test_createuser_takes_the_password_from_the_environment_and_gives_roles(
    run: Run, shop: Path, password: str
) -> None:
    result = run(
        "createuser", "--email", "lin@example.com", "--name", "Lin", "--role", "support", "--role", "sales",
        cwd=shop, env={"OPPMAN_PASSWORD": password},
    )  # fmt: skip

    assert (result.code, result.stdout) == (0, "")
    assert "Created lin@example.com, who holds sales, support." in result.stderr
    user = json.loads(run("users", "show", "lin@example.com", "--json", cwd=shop).stdout)
    assert (user["name"], user["is_superuser"], user["roles"]) == ("Lin", False, ["sales", "support"])
    assert "product.*" in user["permissions"]


def test_no_password_is_stored_or_shown(run: Run, shop: Path, password: str) -> None:
    result = run("users", "show", "ada@example.com", "--json", cwd=shop)

    assert "password" not in result.stdout
    stored = b"".join(path.read_bytes() for path in shop.rglob("*") if path.is_file())
    assert b"$argon2" in stored
    assert password.encode() not in stored


@pytest.mark.parametrize("word", ["abc", "password123"])
def test_the_password_policy_holds_without_a_terminal(run: Run, shop: Path, stored: Stored, word: str) -> None:
    result = run("createsuperuser", "--email", "ada@example.org", cwd=shop, env={"OPPMAN_PASSWORD": word})

    assert (result.code, result.stdout) == (1, "")
    assert "Error: The password is not acceptable.\nHint: Use " in result.stderr
    assert word not in result.stderr
    assert len(stored("SELECT * FROM users")) == 2


def test_what_is_missing_is_told_by_its_flag(run: Run, shop: Path) -> None:
    nobody = run("createsuperuser", cwd=shop)
    assert nobody.code == 2
    assert "There is no terminal to ask on; give --email." in nobody.stderr

    no_password = run("createsuperuser", "--email", "lin@example.com", cwd=shop)
    assert no_password.code == 2
    assert "Error: lin@example.com needs a password." in no_password.stderr
    assert "--password-stdin, or set the variable OPPMAN_PASSWORD" in no_password.stderr

    empty = run("createsuperuser", "--email", "lin@example.com", "--password-stdin", cwd=shop, input="\n")
    assert empty.code == 1
    assert "the first line of standard input is empty" in empty.stderr


def test_an_address_that_is_taken_is_told_before_a_password_is_needed(run: Run, shop: Path) -> None:
    result = run("createsuperuser", "--email", "ADA@example.com", cwd=shop)

    assert (result.code, result.stdout) == (1, "")
    assert "Error: ada@example.com has an account already." in result.stderr
    assert "`oppman users ensure ada@example.com`" in result.stderr
    assert "`oppman users set-password ada@example.com`" in result.stderr


def test_an_address_that_is_none_is_refused(run: Run, shop: Path, password: str) -> None:
    result = run("createuser", "--email", "nobody", cwd=shop, env={"OPPMAN_PASSWORD": password})

    assert result.code == 1
    assert "Error: The email address is not right." in result.stderr
    assert "@-sign" in result.stderr


def test_an_unknown_role_is_told_with_the_nearest_and_nobody_is_made(
    run: Run, shop: Path, stored: Stored, password: str
) -> None:
    result = run(
        "createuser", "--email", "lin@example.com", "--role", "suport", cwd=shop, env={"OPPMAN_PASSWORD": password}
    )

    assert result.code == 1
    assert "Error: There is no role 'suport'.\nHint: Did you mean support?" in result.stderr
    assert len(stored("SELECT * FROM users")) == 2


def test_there_is_no_option_that_takes_a_password(run: Run, shop: Path) -> None:
    result = run("createsuperuser", "--email", "lin@example.com", "--password", "tulip garden", cwd=shop)

    assert result.code == 2
    assert "No such option" in result.stderr


def test_a_database_without_its_tables_is_told(run: Run, project: Path, password: str) -> None:
    result = run("createsuperuser", "--email", "lin@example.com", cwd=project, env={"OPPMAN_PASSWORD": password})

    assert result.code == 1
    assert "`oppman db migrate`" in result.stderr


def test_a_service_that_lacks_a_function_is_told_by_name(run: Run, shop: Path) -> None:
    with (shop / "webapp/services/user_service.py").open("a") as service:
        service.write("\n\ndel activate\n")

    result = run("users", "activate", "ada@example.com", cwd=shop)

    assert (result.code, result.stdout) == (1, "")
    assert "Error: webapp.services.user_service has no 'activate'" in result.stderr
