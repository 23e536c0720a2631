"""Users: who may log in, and as what. The last active superuser always stays one.

Functions that change a user take it from any session and return it as this session sees it, roles loaded.
"""

from collections.abc import Iterable
from difflib import get_close_matches

from email_validator import EmailNotValidError, validate_email
from sqlalchemy import and_, func, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload
from sqlmodel import col

from webapp.db import MAX_KEY
from webapp.errors import Conflict, Invalid, NotAllowed, NotFound
from webapp.models import Role, User
from webapp.passwords import check_password, hash_password, verify_password
from webapp.search import ESCAPE, pattern
from webapp.services import audit, role_service

_ROLES = selectinload(User.roles)  # type: ignore[arg-type]


def normalise_email(email: str) -> str:
    """The address as it is stored: checked for its form, lower case. `Invalid` (field `email`) says what is wrong."""
    try:
        checked = validate_email(email.strip(), check_deliverability=False, test_environment=True)
    except EmailNotValidError as error:
        raise Invalid("The email address is not right.", str(error), {"email": str(error)}) from None
    if len(checked.normalized) > 254:
        raise Invalid("The email address is too long.", "", {"email": "Use at most 254 characters."})
    return checked.normalized.lower()


async def create_user(
    session: AsyncSession,
    *,
    email: str,
    password: str,
    name: str = "",
    is_superuser: bool = False,
    roles: Iterable[str] = (),
    actor: User | None = None,
) -> User:
    """A new, active user. `Conflict` if the address is taken, `Invalid` for a bad address or password."""
    email, name = normalise_email(email), _checked_name(name)
    check_password(password, email)
    if is_superuser:
        _refuse_unless_superuser(actor)
    hashed = await hash_password(password)  # before the first statement: nobody waits for it
    taken = Conflict(f"{email} has an account already.", "", {"email": "This address has an account already."})
    if await find_user(session, email):
        raise taken
    held = await role_service.get_roles(session, roles)
    _refuse_roles(actor, held)
    user = User(email=email, name=name, password_hash=hashed, is_superuser=is_superuser, roles=held)
    session.add(user)
    try:
        await session.flush()
    except IntegrityError:  # somebody was quicker
        raise taken from None
    names = [role.name for role in held]
    audit.record(session, "user.created", user, actor=actor, email=email, is_superuser=is_superuser, roles=names)
    return user


async def find_user(session: AsyncSession, email: str) -> User | None:
    """The user with that address, in any case, or None."""
    return await session.scalar(select(User).where(col(User.email) == email.strip().lower()).options(_ROLES))


async def get_user(session: AsyncSession, key: str | int) -> User:
    """The user with that address or id. `NotFound` names the nearest addresses."""
    text = str(key).strip()
    if text.isdecimal() and text.isascii():
        user = None
        if 0 < int(text[:12]) <= MAX_KEY:
            user = await session.scalar(select(User).where(col(User.id) == int(text[:12])).options(_ROLES))
    else:
        user = await find_user(session, text)
    if user is None:
        raise await _no_such_user(session, text)
    return user


async def list_users(
    session: AsyncSession,
    *,
    q: str | None = None,
    role: str | None = None,
    active: bool | None = None,
    limit: int = 50,
    after: str | None = None,
) -> list[User]:
    """Users by address, roles loaded. `q` is part of an address or name; `after` is the last address seen."""
    query = select(User).options(_ROLES).order_by(col(User.email)).limit(limit)
    if q:
        like = pattern(q)
        query = query.where(or_(col(User.email).ilike(like, escape=ESCAPE), col(User.name).ilike(like, escape=ESCAPE)))
    if role is not None:
        held = await role_service.get_role(session, role)
        query = query.where(User.roles.any(col(Role.id) == held.id))  # type: ignore[attr-defined]
    if active is not None:
        query = query.where(col(User.is_active) == active)
    if after is not None:
        query = query.where(col(User.email) > after)
    return list((await session.scalars(query)).all())


async def count_superusers(session: AsyncSession) -> int:
    """How many active superusers there are."""
    active = select(func.count()).where(col(User.is_superuser), col(User.is_active))
    return await session.scalar(active) or 0


async def set_name(session: AsyncSession, user: User, name: str, *, actor: User | None = None) -> User:
    name = _checked_name(name)
    user = await _locked(session, user, actor)
    if name != user.name:
        user.name = name
        audit.record(session, "user.renamed", user, actor=actor)
        await session.flush()
    return user


async def set_password(session: AsyncSession, user: User, password: str, *, actor: User | None = None) -> User:
    """Set a password and end all of the user's sessions and tokens. `Invalid` if it breaks the policy."""
    check_password(password, user.email)
    hashed = await hash_password(password)
    user = await _locked(session, user, actor)
    user.password_hash = hashed
    user.session_version += 1
    audit.record(session, "user.password_set", user, actor=actor)
    await session.flush()
    return user


async def change_password(session: AsyncSession, user: User, current: str, new: str) -> User:
    """Let a user change the password by giving the one they have. Ends all of their sessions and tokens."""
    fits, _ = await verify_password(current, user.password_hash)
    if not fits:
        raise Invalid("The current password is wrong.", "", {"current": "This is not your current password."})
    if current == new:
        raise Invalid("The new password is the old one.", "", {"password": "Use another password than before."})
    return await set_password(session, user, new, actor=user)


async def end_sessions(session: AsyncSession, user: User, *, actor: User | None = None) -> User:
    """Log the user out everywhere."""
    user = await _locked(session, user, actor)
    user.session_version += 1
    audit.record(session, "user.sessions_ended", user, actor=actor)
    await session.flush()
    return user


async def set_roles(session: AsyncSession, user: User, names: Iterable[str], *, actor: User | None = None) -> User:
    """Let the user hold exactly these roles."""
    roles = await role_service.get_roles(session, names)
    user = await _locked(session, user, actor)
    before, after = {role.name for role in user.roles}, {role.name for role in roles}
    _refuse_roles(actor, [role for role in (*roles, *user.roles) if role.name in before ^ after])
    if before != after:
        user.roles = roles
        audit.record(session, "user.roles_set", user, actor=actor, roles=sorted(after), before=sorted(before))
        await session.flush()
    return user


async def activate(session: AsyncSession, user: User, *, actor: User | None = None) -> User:
    """Let the user log in again. No change if they can already."""
    user = await _locked(session, user, actor)
    if not user.is_active:
        user.is_active = True
        audit.record(session, "user.activated", user, actor=actor)
        await session.flush()
    return user


async def deactivate(session: AsyncSession, user: User, *, actor: User | None = None) -> User:
    """Keep the user from logging in and end their sessions. `Conflict` for the last active superuser."""
    await _refuse_last_superuser(session, user)
    user = await _locked(session, user, actor)
    if user.is_active:
        user.is_active = False
        user.session_version += 1
        audit.record(session, "user.deactivated", user, actor=actor)
        await session.flush()
    return user


async def set_superuser(session: AsyncSession, user: User, value: bool, *, actor: User | None = None) -> User:
    """Make or unmake a superuser. `Conflict` for the last active one."""
    _refuse_unless_superuser(actor)
    if not value:
        await _refuse_last_superuser(session, user)
    user = await _locked(session, user, actor)
    if user.is_superuser != value:
        user.is_superuser = value
        audit.record(session, "user.superuser_set", user, actor=actor, value=value)
        await session.flush()
    return user


async def delete_user(session: AsyncSession, user: User, *, actor: User | None = None) -> None:
    """Delete the user; what they did stays in the audit log. `Conflict` for the last active superuser."""
    await _refuse_last_superuser(session, user)
    user = await _locked(session, user, actor)
    audit.record(session, "user.deleted", user, actor=actor, email=user.email)
    await session.delete(user)
    await session.flush()


async def ensure_user(
    session: AsyncSession,
    *,
    email: str,
    password: str | None = None,
    name: str = "",
    is_superuser: bool | None = None,
    roles: Iterable[str] | None = None,
    actor: User | None = None,
) -> tuple[User, list[str]]:
    """See to it that the user is there and like this; returns what had to be changed, nothing the second time.

    What is None (or an empty name) stays as it is. An existing user's password is set only if it is another one.
    """
    email = normalise_email(email)
    wanted_roles = None if roles is None else sorted(set(roles))
    user = await find_user(session, email)
    if user is None:
        if password is None:
            raise Invalid(f"{email} has no account yet.", "Give a password to create one.", {"password": "Required."})
        user = await create_user(
            session, email=email, password=password, name=name, is_superuser=bool(is_superuser),
            roles=wanted_roles or (), actor=actor,
        )  # fmt: skip
        return user, ["created"]
    changes = []
    if password is not None and not (await verify_password(password, user.password_hash))[0]:
        user = await set_password(session, user, password, actor=actor)
        changes.append("password changed")
    if name and name.strip() != user.name:
        user = await set_name(session, user, name, actor=actor)
        changes.append("name changed")
    if is_superuser is not None and is_superuser != user.is_superuser:
        user = await set_superuser(session, user, is_superuser, actor=actor)
        changes.append("made a superuser" if is_superuser else "no superuser any more")
    if wanted_roles is not None and wanted_roles != sorted(role.name for role in user.roles):
        user = await set_roles(session, user, wanted_roles, actor=actor)
        changes.append(f"roles: {', '.join(wanted_roles) or 'none'}")
    return user, changes


async def _locked(session: AsyncSession, user: User, actor: User | None) -> User:
    """The user as stored now, locked until the end of the transaction."""
    query = select(User).where(col(User.id) == user.id).with_for_update(of=User).options(_ROLES)
    found = await session.scalar(query.execution_options(populate_existing=True))
    if found is None:
        raise NotFound(f"{user.email} is not there any more.")
    if found.is_superuser and actor is not None and actor.id != found.id:
        _refuse_unless_superuser(actor)
    return found


async def _refuse_last_superuser(session: AsyncSession, user: User) -> None:
    # Locks all of them and the user, in one order: of two processes that would each remove one of the last two, the
    # second waits here and then sees what the first has done. A user that is locked later could be waited for by one
    # who has seen it as a superuser still.
    is_one = and_(col(User.is_superuser), col(User.is_active))
    query = select(col(User.id), is_one).where(or_(is_one, col(User.id) == user.id)).order_by(col(User.id))
    rows = (await session.execute(query.with_for_update())).all()
    if [key for key, is_superuser in rows if is_superuser] == [user.id]:
        raise Conflict(
            f"{user.email} is the last active superuser.", "Make somebody else a superuser first, then try again."
        )


def _refuse_unless_superuser(actor: User | None) -> None:
    if actor is not None and not actor.is_superuser:
        raise NotAllowed("Only a superuser may change a superuser or make one.")


def _refuse_roles(actor: User | None, roles: Iterable[Role]) -> None:
    for role in roles:
        role_service.refuse_to_hand_out(actor, role.permissions)


def _checked_name(name: str) -> str:
    name = name.strip()
    if len(name) > 100 or "\x00" in name:
        raise Invalid("The name is too long.", "", {"name": "Use at most 100 characters."})
    return name


async def _no_such_user(session: AsyncSession, key: str) -> NotFound:
    part = pattern(key[:1])
    query = select(col(User.email)).where(col(User.email).ilike(part, escape=ESCAPE)).limit(1000)
    nearest = get_close_matches(key.lower(), (await session.scalars(query)).all(), n=3, cutoff=0.5)
    hint = f"Did you mean {' or '.join(nearest)}?" if nearest else "List the users to see who is there."
    return NotFound(f"There is no user {key!r}.", hint)
