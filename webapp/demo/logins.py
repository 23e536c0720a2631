"""The demo users who can log in: a superuser, one for each built-in role, one without a role."""

from collections.abc import Mapping
from dataclasses import replace

from sqlalchemy import Table, insert, literal, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from webapp.db import reading, transaction
from webapp.demo.batches import take_turns
from webapp.demo.keys import read_keys
from webapp.demo.report import Login
from webapp.models import Role, User, UserRole
from webapp.passwords import check_password, hash_password
from webapp.services.role_service import BUILTIN_ROLES, ensure_builtin_roles

LOGINS = (
    Login("superuser@demo.example.com", "superuser"),
    *(Login(f"{role.name}@demo.example.com", role.name) for role in BUILTIN_ROLES),
    Login("member@demo.example.com", ""),
)

NO_PASSWORD = "$argon2id$v=19$m=65536,t=3,p=4$bm9ib2R5IGxvZ3MgaW4$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"  # noqa: S105
"""A well-formed hash that is no password's: comparing takes as long as with any other, and says no."""

_USERS: Table = User.__table__  # type: ignore[attr-defined]


async def hash_for_logins(password: str) -> dict[str, str]:
    """The hashes to store, by address, for those who have no password yet. Raises `Invalid` if it breaks the policy."""
    closed = await _closed()
    for login in closed:
        check_password(password, login.email)
    return {login.email: await hash_password(password) for login in closed}


async def open_logins(hashes: Mapping[str, str]) -> list[Login]:
    """Give them the password and their role; returns all who can log in. Users of the owner's stay as they are."""
    opened = set()
    if hashes:
        async with transaction() as session:
            await take_turns(session)
            await ensure_builtin_roles(session)
            for login in LOGINS:
                if login.email in hashes and await _open(session, login, hashes[login.email]):
                    opened.add(login.email)
    present = await _present()
    return [
        replace(login, opened=login.email in opened)
        for login in LOGINS
        if present.get(login.email, NO_PASSWORD) != NO_PASSWORD
    ]


async def _open(session: AsyncSession, login: Login, hashed: str) -> bool:
    found = update(User).where(col(User.email) == login.email, col(User.password_hash) == NO_PASSWORD)
    user = await session.scalar(found.values(password_hash=hashed).returning(col(User.id)))
    if user is None:
        return False
    held = select(col(UserRole.role_id)).where(col(UserRole.user_id) == user)
    role = select(literal(user), col(Role.id)).where(col(Role.name) == login.role, col(Role.id).not_in(held))
    await session.execute(insert(UserRole).from_select(["user_id", "role_id"], role))
    return True


async def _closed() -> list[Login]:
    """Those who are yet to be loaded or have no password."""
    async with reading() as session:
        loaded = len(await read_keys(session, _USERS))
    present = await _present()
    return [login for number, login in enumerate(LOGINS) if number >= loaded or present.get(login.email) == NO_PASSWORD]


async def _present() -> dict[str, str]:
    """The hashes, by address, of the logins that the loader wrote and that are there."""
    async with reading() as session:
        keys = await read_keys(session, _USERS)
        ours = [key for number in range(len(LOGINS)) if (key := keys.key(number)) is not None]
        users = await session.execute(select(col(User.email), col(User.password_hash)).where(col(User.id).in_(ours)))
        return {email: hashed for email, hashed in users}  # noqa: C416 - a row is no pair to mypy
