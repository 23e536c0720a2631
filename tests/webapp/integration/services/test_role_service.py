"""Roles: named lists of permissions."""

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from webapp.errors import Conflict, Invalid, NotFound
from webapp.permissions import check_known
from webapp.services import role_service, user_service


def test_the_built_in_roles_hold_permissions_that_exist() -> None:
    for role in role_service.BUILTIN_ROLES:
        assert check_known(role.permissions) == sorted(role.permissions)


async def test_the_built_in_roles_are_made_once(session: AsyncSession) -> None:
    names = [role.name for role in role_service.BUILTIN_ROLES]
    assert await role_service.ensure_builtin_roles(session) == names
    assert await role_service.ensure_builtin_roles(session) == []
    assert [role.name for role in await role_service.list_roles(session)] == sorted(names)


async def test_a_changed_built_in_role_stays_changed(session: AsyncSession) -> None:
    await role_service.ensure_builtin_roles(session)
    builtin = role_service.BUILTIN_ROLES[-1]
    role = await role_service.get_role(session, builtin.name)
    await role_service.revoke(session, role, builtin.permissions[:1])
    await role_service.ensure_builtin_roles(session)
    assert builtin.permissions[0] not in (await role_service.get_role(session, builtin.name)).permissions


async def test_permissions_are_granted_and_revoked(session: AsyncSession) -> None:
    role = await role_service.create_role(session, name="editors", permissions=["role.view"])
    await role_service.grant(session, role, ["user.*", "role.change", "role.view"])
    await role_service.revoke(session, role, ["role.view"])
    session.expire_all()
    assert (await role_service.get_role(session, "editors")).permissions == ["role.change", "user.*"]


async def test_revoking_what_is_not_held_is_told(session: AsyncSession) -> None:
    role = await role_service.create_role(session, name="editors", permissions=["role.*"])
    with pytest.raises(Conflict) as caught:
        await role_service.revoke(session, role, ["role.view"])
    assert "role.*" in caught.value.hint


async def test_an_unknown_permission_is_refused(session: AsyncSession) -> None:
    role = await role_service.create_role(session, name="editors")
    with pytest.raises(Invalid) as caught:
        await role_service.grant(session, role, ["roles.view"])
    assert "role.view" in caught.value.hint


@pytest.mark.parametrize("name", ["", "   ", "x" * 51])
async def test_a_role_needs_a_name(session: AsyncSession, name: str) -> None:
    with pytest.raises(Invalid):
        await role_service.create_role(session, name=name)


async def test_a_name_is_taken_once(session: AsyncSession) -> None:
    await role_service.create_role(session, name="editors")
    with pytest.raises(Conflict):
        await role_service.create_role(session, name="editors")


async def test_a_missing_role_is_told_with_the_nearest(session: AsyncSession) -> None:
    await role_service.create_role(session, name="editors")
    with pytest.raises(NotFound) as caught:
        await role_service.get_role(session, "editor")
    assert "editors" in caught.value.hint


async def test_a_role_that_users_hold_is_deleted_by_force_alone(session: AsyncSession) -> None:
    role = await role_service.create_role(session, name="editors")
    await user_service.create_user(
        session, email="ann@example.com", password="correct horse battery", roles=["editors"]
    )
    assert await role_service.count_holders(session) == {"editors": 1}
    with pytest.raises(Conflict, match="held by 1 user"):
        await role_service.delete_role(session, role)
    await role_service.delete_role(session, role, force=True)
    session.expunge_all()
    assert (await user_service.get_user(session, "ann@example.com")).roles == []
