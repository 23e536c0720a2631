"""What may be done, by name."""

import pytest
from sqlmodel import SQLModel

from webapp.errors import Invalid
from webapp.models import AuditEntry, Product, Role, User
from webapp.permissions import ANY_VIEW, allows, can, check_known, model_name, vocabulary


@pytest.mark.parametrize("granted", [["role.change"], ["role.*"], ["*"], ["user.view", "role.change"]])
def test_a_permission_is_held_by_name_or_wildcard(granted: list[str]) -> None:
    assert allows(granted, "role.change")


@pytest.mark.parametrize("granted", [[], ["role.view"], ["roles.*"], ["user.*"], ["role"], ["ro.*"]])
def test_nothing_else_grants_it(granted: list[str]) -> None:
    assert not allows(granted, "role.change")


def test_a_single_permission_does_not_grant_the_wildcard() -> None:
    assert not allows(["role.change"], "role.*")
    assert not allows(["role.*"], "*")


def test_a_superuser_may_do_everything_without_roles() -> None:
    assert can(User(email="a@b.c", password_hash="", is_superuser=True, roles=[]), "user.delete")


def test_a_user_may_do_what_any_of_the_roles_grants() -> None:
    roles = [Role(name="a", permissions=["role.view"]), Role(name="b", permissions=["user.*"])]
    user = User(email="a@b.c", password_hash="", roles=roles)
    assert can(user, "user.delete")
    assert not can(user, "role.delete")


@pytest.mark.parametrize("granted", ["role.view", "role.*", "*"])
def test_whoever_may_view_something_may_view_anything_at_all(granted: str) -> None:
    assert can(User(email="a@b.c", password_hash="", roles=[Role(name="a", permissions=[granted])]), ANY_VIEW)


@pytest.mark.parametrize("granted", [[], ["role.add", "user.change"], ["gone.view", "gone.*"]])
def test_whoever_may_view_nothing_that_is_there_may_not(granted: list[str]) -> None:
    assert not can(User(email="a@b.c", password_hash="", roles=[Role(name="a", permissions=granted)]), ANY_VIEW)


def test_viewing_anything_at_all_is_not_granted_as_such() -> None:
    with pytest.raises(Invalid):
        check_known([ANY_VIEW])


def test_the_vocabulary_comes_from_the_models() -> None:
    assert {"role.view", "role.add", "role.change", "role.delete", "audit_entry.view"} <= {*vocabulary()}
    assert not [permission for permission in vocabulary() if "user_role" in permission or "demo_batch" in permission]


@pytest.mark.parametrize(("model", "name"), [(Product, "product"), (AuditEntry, "audit_entry")])
def test_a_model_is_named_in_snake_case(model: type[SQLModel], name: str) -> None:
    assert model_name(model) == name


def test_an_unknown_permission_is_refused_with_the_nearest() -> None:
    with pytest.raises(Invalid, match=r"role\.chnge") as caught:
        check_known(["role.chnge"])
    assert "role.change" in caught.value.hint


def test_known_permissions_come_back_sorted_and_once() -> None:
    assert check_known(["user.*", "role.view", "role.view", "*"]) == ["*", "role.view", "user.*"]
