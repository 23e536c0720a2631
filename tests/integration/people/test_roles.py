"""`oppman roles`."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from command_line import Run

Stored = Callable[..., list[dict[str, Any]]]
ONE = "SELECT description, permissions FROM roles WHERE name = ?"


def test_list_shows_the_built_in_roles_and_who_holds_them(run: Run, shop: Path) -> None:
    drawn = run("roles", "list", cwd=shop)
    assert (drawn.code, drawn.stderr) == (0, "")
    assert drawn.stdout.splitlines()[0].split() == ["role", "permissions", "users", "description"]

    found = json.loads(run("roles", "list", "--json", cwd=shop).stdout)
    assert {one["name"]: one["holders"] for one in found} == {
        "admin": 0, "marketing": 0, "sales": 1, "staff": 0, "support": 0,
    }  # fmt: skip


def test_show_names_what_a_role_permits(run: Run, shop: Path) -> None:
    result = run("roles", "show", "sales", cwd=shop)

    assert (result.code, result.stderr) == (0, "")
    assert "permissions  product.*, registration.view, webinar.view\n" in result.stdout


def test_a_role_is_created_changed_and_deleted(run: Run, shop: Path, stored: Stored) -> None:
    made = run("roles", "create", "editor", "--permission", "product.*", "--description", "Edits.", cwd=shop)
    assert (made.code, made.stdout) == (0, "")
    assert "Created the role editor, which permits product.*." in made.stderr

    granted = run("roles", "grant", "editor", "webinar.view", "webinar.change", cwd=shop)
    assert granted.code == 0
    assert json.loads(stored(ONE, "editor")[0]["permissions"]) == ["product.*", "webinar.change", "webinar.view"]
    assert "already." in run("roles", "grant", "editor", "webinar.view", cwd=shop).stderr

    revoked = run("roles", "revoke", "editor", "webinar.view", cwd=shop)
    assert revoked.code == 0
    assert stored(ONE, "editor") == [{"description": "Edits.", "permissions": '["product.*", "webinar.change"]'}]

    assert run("roles", "delete", "editor", cwd=shop).code == 2
    deleted = run("roles", "delete", "editor", "--yes", cwd=shop)
    assert deleted.code == 0
    assert "Deleted the role editor." in deleted.stderr
    assert stored(ONE, "editor") == []


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (("show", "salse"), "There is no role 'salse'.\nHint: Did you mean sales?"),
        (("grant", "sales", "product.chnge"), "'product.chnge'.\nHint: Did you mean product.change?"),
        (("create", "sales"), "There is a role 'sales' already."),
        (("create", "new", "--permission", "products.view"), "There is no permission 'products.view'."),
        (("revoke", "sales", "webinar.change"), "The role 'sales' does not hold 'webinar.change'."),
        (("delete", "sales", "--yes"), "held by 1 user.\nHint: See them with `oppman users list --role sales`"),
    ],
)
def test_what_is_wrong_is_told_and_nothing_changes(
    run: Run, shop: Path, stored: Stored, args: tuple[str, ...], message: str
) -> None:
    before = stored("SELECT * FROM roles")

    result = run("roles", *args, cwd=shop)

    assert (result.code, result.stdout) == (1, "")
    assert message in result.stderr
    assert stored("SELECT * FROM roles") == before


def test_delete_with_force_takes_the_role_from_its_holders(run: Run, shop: Path, stored: Stored) -> None:
    assert run("roles", "delete", "sales", "--force", "--yes", cwd=shop).code == 0

    assert stored("SELECT * FROM user_roles") == []
    assert len(stored("SELECT * FROM users")) == 2
