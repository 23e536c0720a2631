"""Users: who may log in, and the superuser who always stays."""

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from webapp.errors import Conflict, Invalid, NotAllowed, NotFound
from webapp.models import AuditEntry, Role, User
from webapp.passwords import verify_password
from webapp.services import role_service, user_service

PASSWORD = "correct horse battery"


async def _create(session: AsyncSession, email: str = "ann@example.com", **values: object) -> User:
    return await user_service.create_user(session, email=email, password=PASSWORD, **values)  # type: ignore[arg-type]


async def _actions(session: AsyncSession) -> list[str]:
    return list(await session.scalars(select(col(AuditEntry.action)).order_by(col(AuditEntry.id))))


async def test_a_user_is_created_with_roles_and_a_hashed_password(session: AsyncSession) -> None:
    await role_service.ensure_builtin_roles(session)
    user = await _create(session, " Ann@Example.COM ", name=" Ann ", roles=["admin", "support"])
    assert (user.email, user.name) == ("ann@example.com", "Ann")
    assert [role.name for role in user.roles] == ["admin", "support"]
    assert PASSWORD not in user.password_hash
    assert (await verify_password(PASSWORD, user.password_hash))[0]
    assert user.is_active
    assert not user.is_superuser


async def test_an_address_is_taken_in_any_case(session: AsyncSession) -> None:
    await _create(session)
    with pytest.raises(Conflict) as caught:
        await _create(session, "ANN@example.com")
    assert "email" in caught.value.fields


@pytest.mark.parametrize("email", ["", "ann", "ann@", "@example.com", "a b@example.com", f"{'a' * 300}@example.com"])
async def test_a_bad_address_is_refused(session: AsyncSession, email: str) -> None:
    with pytest.raises(Invalid) as caught:
        await _create(session, email)
    assert "email" in caught.value.fields


async def test_a_weak_password_is_refused_on_every_way_in(session: AsyncSession) -> None:
    user = await _create(session)
    with pytest.raises(Invalid):
        await user_service.create_user(session, email="bob@example.com", password="short")
    with pytest.raises(Invalid):
        await user_service.set_password(session, user, "ann@example.com")
    with pytest.raises(Invalid):
        await user_service.ensure_user(session, email="bob@example.com", password="1234567890")


async def test_an_unknown_role_is_told_with_the_nearest(session: AsyncSession) -> None:
    await role_service.ensure_builtin_roles(session)
    with pytest.raises(NotFound) as caught:
        await _create(session, roles=["suport"])
    assert "support" in caught.value.hint


async def test_a_user_is_found_by_address_or_id(session: AsyncSession) -> None:
    user = await _create(session)
    assert await user_service.get_user(session, "Ann@example.com") is user
    assert await user_service.get_user(session, user.id or 0) is user
    assert await user_service.get_user(session, str(user.id)) is user
    assert await user_service.find_user(session, "nobody@example.com") is None


@pytest.mark.parametrize("key", ["anm@example.com", 999, "99999999999999999999", "²"])
async def test_a_missing_user_is_told_with_a_way_on(session: AsyncSession, key: str | int) -> None:
    await _create(session)
    with pytest.raises(NotFound) as caught:
        await user_service.get_user(session, key)
    assert ("ann@example.com" in caught.value.hint) == (key == "anm@example.com")
    assert caught.value.hint


async def test_users_are_listed_by_address_and_filtered(session: AsyncSession) -> None:
    await role_service.ensure_builtin_roles(session)
    ann = await _create(session, roles=["admin"])
    bob = await _create(session, "bob@example.com", name="Bob 100%")
    await user_service.deactivate(session, bob)
    assert await user_service.list_users(session) == [ann, bob]
    assert await user_service.list_users(session, q="100%") == [bob]
    assert await user_service.list_users(session, q="_") == []
    assert await user_service.list_users(session, role="admin") == [ann]
    assert await user_service.list_users(session, active=False) == [bob]
    assert await user_service.list_users(session, limit=1) == [ann]
    assert await user_service.list_users(session, limit=1, after=ann.email) == [bob]


async def test_a_new_password_ends_all_sessions(session: AsyncSession) -> None:
    user = await _create(session)
    before = user.session_version
    await user_service.set_password(session, user, "another fine password")
    assert user.session_version == before + 1
    assert (await verify_password("another fine password", user.password_hash))[0]


async def test_changing_the_password_takes_the_current_one(session: AsyncSession) -> None:
    user = await _create(session)
    with pytest.raises(Invalid) as caught:
        await user_service.change_password(session, user, "not my password", "another fine password")
    assert "current" in caught.value.fields
    with pytest.raises(Invalid):
        await user_service.change_password(session, user, PASSWORD, PASSWORD)
    await user_service.change_password(session, user, PASSWORD, "another fine password")
    assert (await verify_password("another fine password", user.password_hash))[0]


async def test_deactivation_ends_all_sessions_and_can_be_undone(session: AsyncSession) -> None:
    user = await _create(session)
    before = user.session_version
    await user_service.deactivate(session, user)
    assert not user.is_active
    assert user.session_version > before
    await user_service.activate(session, user)
    assert user.is_active


async def test_the_last_active_superuser_stays(session: AsyncSession) -> None:
    ann = await _create(session, is_superuser=True)
    bob = await _create(session, "bob@example.com", is_superuser=True)
    await user_service.deactivate(session, bob)
    assert await user_service.count_superusers(session) == 1
    for attempt in (
        user_service.deactivate(session, ann),
        user_service.delete_user(session, ann),
        user_service.set_superuser(session, ann, False),
        user_service.ensure_user(session, email=ann.email, is_superuser=False),
    ):
        with pytest.raises(Conflict, match="last active superuser"):
            await attempt
    await user_service.activate(session, bob)
    await user_service.set_superuser(session, ann, False)
    assert await user_service.count_superusers(session) == 1


async def test_deleting_a_user_keeps_what_they_did(session: AsyncSession) -> None:
    ann = await _create(session)
    await role_service.create_role(session, name="editors", permissions=["role.*"], actor=None)
    bob = await _create(session, "bob@example.com", roles=["editors"])
    await user_service.deactivate(session, ann, actor=bob)
    await user_service.delete_user(session, bob)
    entry = await session.scalar(
        select(AuditEntry).where(col(AuditEntry.action) == "user.deactivated").execution_options(populate_existing=True)
    )
    assert entry is not None
    assert (entry.actor_id, entry.actor_email) == (None, "bob@example.com")
    assert await user_service.find_user(session, "bob@example.com") is None


async def test_only_a_superuser_touches_a_superuser(session: AsyncSession) -> None:
    await role_service.ensure_builtin_roles(session)
    await _create(session, "root@example.com", is_superuser=True)
    boss = await _create(session, "boss@example.com", is_superuser=True)
    admin = await _create(session, "admin@example.com", roles=["admin"])
    for attempt in (
        user_service.set_password(session, boss, "another fine password", actor=admin),
        user_service.deactivate(session, boss, actor=admin),
        user_service.delete_user(session, boss, actor=admin),
        user_service.set_roles(session, boss, [], actor=admin),
        user_service.set_superuser(session, admin, True, actor=admin),
        user_service.create_user(session, email="x@example.com", password=PASSWORD, is_superuser=True, actor=admin),
    ):
        with pytest.raises(NotAllowed):
            await attempt
    await user_service.deactivate(session, boss, actor=await user_service.get_user(session, "root@example.com"))


async def test_nobody_hands_out_more_than_they_hold(session: AsyncSession) -> None:
    await role_service.ensure_builtin_roles(session)
    support = await _create(session, "s@example.com", roles=["support"])
    ann = await _create(session)
    with pytest.raises(NotAllowed):
        await user_service.set_roles(session, ann, ["admin"], actor=support)
    with pytest.raises(NotAllowed):
        await role_service.create_role(session, name="mine", permissions=["user.*"], actor=support)
    role = await role_service.get_role(session, "support")
    with pytest.raises(NotAllowed):
        await role_service.grant(session, role, ["*"], actor=support)
    await user_service.set_roles(session, ann, ["support"], actor=support)


async def test_ensure_changes_nothing_the_second_time(session: AsyncSession) -> None:
    await role_service.ensure_builtin_roles(session)

    async def ensure() -> tuple[User, list[str]]:
        return await user_service.ensure_user(
            session, email="Ann@example.com", password=PASSWORD, name="Ann", is_superuser=True, roles=["admin"]
        )

    user, changes = await ensure()
    assert changes == ["created"]
    version, entries = user.session_version, await _actions(session)
    assert (await ensure())[1] == []
    assert user.session_version == version
    assert await _actions(session) == entries


async def test_ensure_leaves_alone_what_is_not_given(session: AsyncSession) -> None:
    await role_service.ensure_builtin_roles(session)
    ann = await _create(session, name="Ann", roles=["admin"], is_superuser=True)
    assert (await user_service.ensure_user(session, email=ann.email))[1] == []
    assert ann.is_superuser
    assert [role.name for role in ann.roles] == ["admin"]
    assert (await verify_password(PASSWORD, ann.password_hash))[0]


async def test_ensure_says_what_it_changed(session: AsyncSession) -> None:
    await role_service.ensure_builtin_roles(session)
    ann = await _create(session)
    _, changes = await user_service.ensure_user(
        session, email=ann.email, password="another fine password", name="Ann", is_superuser=True, roles=["admin"]
    )
    assert changes == ["password changed", "name changed", "made a superuser", "roles: admin"]


async def test_ensure_needs_a_password_for_somebody_new(session: AsyncSession) -> None:
    with pytest.raises(Invalid) as caught:
        await user_service.ensure_user(session, email="new@example.com")
    assert "password" in caught.value.fields


async def test_every_change_is_in_the_audit_log_without_a_secret(session: AsyncSession) -> None:
    await role_service.ensure_builtin_roles(session)
    ann = await _create(session, roles=["admin"])
    await user_service.set_roles(session, ann, ["support"])
    await user_service.set_password(session, ann, "another fine password", actor=ann)
    of_ann = select(AuditEntry).where(col(AuditEntry.target) == f"user:{ann.id}").order_by(col(AuditEntry.id))
    entries = list(await session.scalars(of_ann))
    assert [entry.action for entry in entries] == ["user.created", "user.roles_set", "user.password_set"]
    assert entries[1].details == {"roles": ["support"], "before": ["admin"]}
    assert "password" not in str([entry.details for entry in entries])
    assert "argon2" not in str([entry.details for entry in entries])


async def test_roles_are_set_from_an_object_of_another_session(session: AsyncSession) -> None:
    session.add(Role(name="editors", permissions=["role.*"]))
    ann = await _create(session)
    elsewhere = User(id=ann.id, email=ann.email, password_hash="")
    changed = await user_service.set_roles(session, elsewhere, ["editors"])
    assert [role.name for role in changed.roles] == ["editors"]
