"""The demo users who can log in: one for each built-in role, one superuser, one without a role."""

from collections.abc import Mapping

from sqlalchemy import insert, literal, select, update
from sqlmodel import col

from webapp.db import reading, transaction
from webapp.demo.keys import read_existing_keys
from webapp.demo.report import Login
from webapp.models import Role, User, UserRole
from webapp.passwords import check_password, hash_password

LOGINS = (
    Login("admin@demo.example.com", "superuser"),
    Login("marketing@demo.example.com", "marketing"),
    Login("sales@demo.example.com", "sales"),
    Login("support@demo.example.com", "support"),
    Login("staff@demo.example.com", "staff"),
    Login("member@demo.example.com", ""),
)

NO_PASSWORD = "$argon2id$v=19$m=65536,t=3,p=4$bm9ib2R5IGxvZ3MgaW4$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"  # noqa: S105
"""A well-formed hash that is no password's: comparing takes as long as with any other, and says no."""


async def hash_for_logins(password: str) -> dict[str, str]:
    """The hashes to store, by address, for those who have no password yet. Raises `Invalid` if it breaks the policy."""
    closed = await _closed()
    for login in closed:
        check_password(password, login.email)
    return {login.email: await hash_password(password) for login in closed}


async def open_logins(hashes: Mapping[str, str]) -> list[Login]:
    """Give them the password and their role; returns who can log in now. Users of the owner's stay as they are."""
    opened = []
    for login in await _closed():
        if login.email not in hashes:
            continue
        async with transaction() as session:
            found = update(User).where(col(User.email) == login.email, col(User.password_hash) == NO_PASSWORD)
            user = await session.scalar(found.values(password_hash=hashes[login.email]).returning(col(User.id)))
            if user is not None:
                role = select(literal(user), col(Role.id)).where(col(Role.name) == login.role)
                await session.execute(insert(UserRole).from_select(["user_id", "role_id"], role))
                opened.append(login)
    return opened


async def _closed() -> list[Login]:
    """Those who are yet to be loaded or have no password."""
    async with reading() as session:
        keys = await read_existing_keys(session, User.__table__)  # type: ignore[attr-defined]
        ours = [keys.key(number) for number in range(len(LOGINS))]
        query = select(col(User.email)).where(col(User.id).in_(ours), col(User.password_hash) == NO_PASSWORD)
        without = set(await session.scalars(query))
    return [login for number, login in enumerate(LOGINS) if number >= len(keys) or login.email in without]
