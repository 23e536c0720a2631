"""Logging in with email and password, and the brake on guessing.

The one service with transactions of its own: a failed attempt has to stay recorded although it ends in an error, and
no transaction may be open while a password is hashed.
"""

from datetime import timedelta

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload
from sqlmodel import col

from webapp.db import now, reading, transaction
from webapp.errors import NotAuthenticated, TooManyAttempts
from webapp.models import AuditEntry, User
from webapp.passwords import verify_password

MAX_FAILURES = 10
WINDOW = timedelta(minutes=15)

FAILED = "login.failed"
SUCCEEDED = "login.succeeded"


async def log_in(email: str, password: str) -> User:
    """The active user with that password, roles loaded.

    `NotAuthenticated` says no more than that the two do not fit, after the same time whether or not the user exists.
    `TooManyAttempts` after 10 failures for an address within 15 minutes; a success forgets the failures before it.
    """
    email = email.strip().lower()[:254]
    # The attempt counts as a failure until the password has been found right. So a crowd of attempts at the same
    # moment, in whichever processes, cannot slip through between counting and recording.
    attempt = await _record_attempt(email)
    async with reading() as session:
        user = await session.scalar(select(User).where(col(User.email) == email))
    fits, new_hash = await verify_password(password, user.password_hash if user else None)
    if user is None or not fits or not user.is_active:
        raise NotAuthenticated("The email address and the password do not fit.", "Check both and try again.")
    async with transaction() as session:
        return await _record_success(session, attempt, user, new_hash)


async def _record_attempt(email: str) -> AuditEntry:
    async with transaction() as session:
        if session.get_bind().dialect.name == "postgresql":  # SQLite's writer is alone already
            await session.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:email, 0))"), {"email": email})
        last_success = (
            select(func.coalesce(func.max(col(AuditEntry.id)), 0))
            .where(col(AuditEntry.target) == email, col(AuditEntry.action) == SUCCEEDED)
            .scalar_subquery()
        )
        failures = (
            select(func.count())
            .where(col(AuditEntry.target) == email, col(AuditEntry.action) == FAILED)
            .where(col(AuditEntry.id) > last_success, col(AuditEntry.at) > now() - WINDOW)
        )
        if (await session.scalar(failures) or 0) >= MAX_FAILURES:
            raise TooManyAttempts(
                "There were too many attempts to log in.", "Wait a quarter of an hour and try again.",
                retry_after=int(WINDOW.total_seconds()),
            )  # fmt: skip
        attempt = AuditEntry(action=FAILED, target=email)
        session.add(attempt)
        await session.flush()
        return attempt


async def _record_success(session: AsyncSession, attempt: AuditEntry, checked: User, new_hash: str | None) -> User:
    roles = selectinload(User.roles)  # type: ignore[arg-type]
    user = await session.scalar(select(User).where(col(User.id) == checked.id).with_for_update().options(roles))
    if user is None or not user.is_active or user.password_hash != checked.password_hash:
        raise NotAuthenticated("The account was changed at this moment.", "Try again.")
    user.last_login_at = now()
    if new_hash:
        user.password_hash = new_hash
    attempt = await session.merge(attempt)
    attempt.action, attempt.actor_id, attempt.actor_email = SUCCEEDED, user.id, user.email
    await session.flush()
    return user
