"""Roles: named lists of permissions."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from webapp.errors import Conflict, Invalid, NotAllowed, NotFound
from webapp.models import Role, User, UserRole
from webapp.permissions import allows, check_known, permissions_of
from webapp.services import audit


@dataclass(frozen=True)
class BuiltinRole:
    name: str
    description: str
    permissions: tuple[str, ...]


BUILTIN_ROLES = (
    BuiltinRole("admin", "May do everything except make superusers.", ("*",)),
    BuiltinRole("marketing", "Invites people.", ("product.view", "registration.view", "webinar.*")),
    BuiltinRole("sales", "Sells.", ("product.*", "registration.view", "webinar.view")),
    BuiltinRole("staff", "May look around.", ("product.view", "registration.view", "webinar.view")),
    BuiltinRole("support", "Helps people.", ("product.view", "registration.*", "user.view", "webinar.view")),
)


async def ensure_builtin_roles(session: AsyncSession) -> list[str]:
    """Create the built-in roles that are missing and return their names. The others stay as their owner made them."""
    existing = set((await session.scalars(select(col(Role.name)))).all())
    missing = [role for role in BUILTIN_ROLES if role.name not in existing]
    for role in missing:
        await create_role(session, name=role.name, permissions=role.permissions, description=role.description)
    return [role.name for role in missing]


async def list_roles(session: AsyncSession) -> list[Role]:
    """All roles by name."""
    return list((await session.scalars(select(Role).order_by(col(Role.name)))).all())


async def count_holders(session: AsyncSession) -> dict[str, int]:
    """How many users hold each role, by its name."""
    query = (
        select(col(Role.name), func.count(col(UserRole.user_id)))
        .outerjoin(UserRole, col(UserRole.role_id) == col(Role.id))
        .group_by(col(Role.name))
    )
    return {name: count for name, count in await session.execute(query)}  # noqa: C416


async def get_role(session: AsyncSession, name: str) -> Role:
    """The role of that name. `NotFound` says which name is nearest."""
    return (await get_roles(session, [name]))[0]


async def get_roles(session: AsyncSession, names: Iterable[str]) -> list[Role]:
    """The roles of those names, sorted. `NotFound` names the first that is missing, and the nearest there is."""
    wanted = sorted({name.strip() for name in names})
    found = {role.name: role for role in await session.scalars(select(Role).where(col(Role.name).in_(wanted)))}
    for name in wanted:
        if name not in found:
            raise _no_such_role(name, await list_roles(session))
    return [found[name] for name in wanted]


async def create_role(
    session: AsyncSession,
    *,
    name: str,
    permissions: Iterable[str] = (),
    description: str = "",
    actor: User | None = None,
) -> Role:
    """A new role. `Conflict` if the name is taken, `Invalid` for an unknown permission."""
    known = check_known(permissions)
    refuse_to_hand_out(actor, known)
    name = await _free_name(session, name)
    role = Role(name=name, description=description.strip()[:200], permissions=known)
    session.add(role)
    try:
        await session.flush()
    except IntegrityError:  # somebody was quicker
        raise _taken(name) from None
    audit.record(session, "role.created", role, actor=actor, name=name, permissions=role.permissions)
    return role


async def grant(session: AsyncSession, role: Role, permissions: Iterable[str], *, actor: User | None = None) -> Role:
    """Add permissions to a role. Those that it has already change nothing."""
    added = check_known(permissions)
    refuse_to_hand_out(actor, added)
    role = await _locked(session, role)
    if _set_permissions(role, {*role.permissions, *added}):
        audit.record(session, "role.granted", role, actor=actor, name=role.name, permissions=added)
        await session.flush()
    return role


async def revoke(session: AsyncSession, role: Role, permissions: Iterable[str], *, actor: User | None = None) -> Role:
    """Take permissions from a role. One that it does not hold by that very name is `Conflict`."""
    removed = check_known(permissions)
    role = await _locked(session, role)
    for permission in removed:
        if permission not in role.permissions:
            hint = f"It holds: {', '.join(role.permissions) or 'nothing'}."
            raise Conflict(f"The role {role.name!r} does not hold {permission!r}.", hint)
    if _set_permissions(role, {*role.permissions} - {*removed}):
        audit.record(session, "role.revoked", role, actor=actor, name=role.name, permissions=removed)
        await session.flush()
    return role


async def update_role(
    session: AsyncSession,
    role: Role,
    *,
    name: str | None = None,
    description: str | None = None,
    permissions: Iterable[str] | None = None,
    actor: User | None = None,
) -> Role:
    """Change what is not None. `Conflict` if the name is taken, `Invalid` for an unknown permission."""
    wanted = None if permissions is None else check_known(permissions)
    role = await _locked(session, role)
    if name is not None and name.strip() != role.name:
        role.name = await _free_name(session, name)
    if description is not None:
        role.description = description.strip()[:200]
    if wanted is not None:
        refuse_to_hand_out(actor, {*wanted} ^ {*role.permissions})
        _set_permissions(role, wanted)
    audit.record(session, "role.changed", role, actor=actor, name=role.name, permissions=role.permissions)
    await session.flush()
    return role


async def delete_role(session: AsyncSession, role: Role, *, force: bool = False, actor: User | None = None) -> None:
    """Delete a role. `Conflict` while users hold it, unless `force` takes it from them."""
    role = await _locked(session, role)
    holders = await session.scalar(select(func.count()).where(col(UserRole.role_id) == role.id)) or 0
    if holders and not force:
        raise Conflict(
            f"The role {role.name!r} is held by {holders} user{'s' if holders > 1 else ''}.",
            "Take it from them first, or force it.",
        )
    audit.record(session, "role.deleted", role, actor=actor, name=role.name, holders=holders)
    await session.delete(role)
    await session.flush()


def refuse_to_hand_out(actor: User | None, permissions: Iterable[str]) -> None:
    """Nobody hands out what they do not hold themselves. The command line (no actor) and superusers may."""
    if actor is None or actor.is_superuser:
        return
    held = permissions_of(actor)
    for permission in permissions:
        if not allows(held, permission):
            raise NotAllowed(f"You cannot hand out {permission!r}, since you do not hold it yourself.")


async def _free_name(session: AsyncSession, name: str) -> str:
    """The name as it is stored, if a role can have it."""
    name = name.strip()
    if not 1 <= len(name) <= 50 or "\x00" in name:
        hint = "Use 1 to 50 characters."
        raise Invalid("A role cannot have that name.", hint, {"name": hint})
    if await session.scalar(select(col(Role.id)).where(col(Role.name) == name)):
        raise _taken(name)
    return name


def _taken(name: str) -> Conflict:
    return Conflict(f"There is a role {name!r} already.", "Choose another name.", {"name": "This name is taken."})


def _set_permissions(role: Role, permissions: Iterable[str]) -> bool:
    changed = sorted(permissions)
    if changed == sorted(role.permissions):
        return False
    role.permissions = changed  # a new list: a change inside of the old one would go unnoticed
    return True


async def _locked(session: AsyncSession, role: Role) -> Role:
    query = select(Role).where(col(Role.id) == role.id).with_for_update().execution_options(populate_existing=True)
    found = await session.scalar(query)
    if found is None:
        raise NotFound(f"The role {role.name!r} is not there any more.")
    return found


def _no_such_role(name: str, roles: Sequence[Role]) -> NotFound:
    names = [role.name for role in roles]
    nearest = get_close_matches(name, names, n=1)
    if nearest:
        hint = f"Did you mean {nearest[0]}?"
    else:
        hint = f"There are: {', '.join(names)}." if names else "There are no roles yet."
    return NotFound(f"There is no role {name!r}.", hint, {"roles": hint})
