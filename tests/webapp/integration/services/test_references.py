"""The names of the rows that others belong to, and what there is to choose from."""

from types import SimpleNamespace

import pytest

from webapp.db import reader, transaction
from webapp.models import AuditEntry, Role, User
from webapp.services import references
from webapp.services.references import Choices, Named

pytestmark = pytest.mark.usefixtures("database")

ROLES = {"role_id": Named(Role, "name")}


async def add_roles(*names: str) -> None:
    async with transaction() as session:
        for name in names:
            session.add(Role(name=name))
            await session.flush()


async def test_rows_are_shown_by_the_names_of_what_they_belong_to() -> None:
    await add_roles("Editor", "Author")
    rows = [SimpleNamespace(role_id=1), SimpleNamespace(role_id=2), SimpleNamespace(role_id=None)]
    assert await references.names(reader(), ROLES, rows) == {"role_id": {1: "Editor", 2: "Author"}}
    assert await references.names(reader(), ROLES, [SimpleNamespace()]) == {"role_id": {}}


async def test_a_row_without_a_name_is_called_by_its_key() -> None:
    async with transaction() as session:
        session.add(User(email="ann@example.com", password_hash="x"))
        session.add(AuditEntry(action="user.created"))
    belongs_to = {"host_id": Named(User, "name"), "entry_id": Named(AuditEntry)}
    row = SimpleNamespace(host_id=1, entry_id=1)
    assert await references.names(reader(), belongs_to, [row]) == {
        "host_id": {1: "User 1"}, "entry_id": {1: "Audit entry 1"},
    }  # fmt: skip
    gone = SimpleNamespace(host_id=7, entry_id=8)
    assert (await references.names(reader(), belongs_to, [gone]))["host_id"] == {7: "User 7"}


async def test_a_few_rows_are_all_offered_by_name() -> None:
    await add_roles("editor", "Author")
    offered = Choices([("2", "Author"), ("1", "editor")])
    assert await references.choices(reader(), ROLES, {}) == {"role_id": offered}
    assert await references.filters(reader(), ROLES, {"role_id": ""}) == {"role_id": offered}


async def test_of_many_rows_those_are_offered_that_were_looked_for() -> None:
    await add_roles(*(f"Role {number:03}" for number in range(references.FEW)), "100%")
    offered = (await references.choices(reader(), ROLES, {}))["role_id"]
    assert (offered.many, offered.options) == (True, [])
    offered = (await references.choices(reader(), ROLES, {"role_id": "7", "role_id-words": " 00% "}))["role_id"]
    assert offered == Choices([("7", "Role 006"), ("101", "100%")], many=True, chosen="Role 006", words="00%")


async def test_a_filter_of_many_rows_says_which_one_is_chosen() -> None:
    await add_roles(*(f"Role {number:03}" for number in range(references.FEW + 1)))
    offered = (await references.filters(reader(), ROLES, {"role_id": 7}))["role_id"]
    assert (offered.many, offered.chosen) == (True, "Role 006")


async def test_private_names_are_no_filter_to_choose_from() -> None:
    await add_roles("Editor")
    private = {"role_id": Named(Role, "name", private=True)}
    assert (await references.filters(reader(), private, {"role_id": ""}))["role_id"] == Choices(many=True)
    assert (await references.choices(reader(), private, {}))["role_id"].options == [("1", "Editor")]


@pytest.mark.parametrize("typed", ["seven", "-1", "99999999999999", "0", "²"])
async def test_a_key_that_cannot_be_chooses_nothing(typed: str) -> None:
    await add_roles(*(f"Role {number}" for number in range(references.FEW + 1)))
    offered = (await references.choices(reader(), ROLES, {"role_id": typed, "role_id-words": "a\x00"}))["role_id"]
    assert (offered.options, offered.chosen) == ([], "")
