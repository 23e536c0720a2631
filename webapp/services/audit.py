"""The audit log: written by the services, in the transaction of the change itself."""

from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import SQLModel, col

from webapp.models import AuditEntry, User
from webapp.permissions import model_name


def record(
    session: AsyncSession, action: str, target: SQLModel | str, *, actor: User | None = None, **details: Any
) -> AuditEntry:
    """Note that `actor` (nobody: the command line) did `action`, such as "user.deactivated", to a flushed row.

    `details` are values for JSON, and never a secret.
    """
    entry = AuditEntry(
        actor_id=actor.id if actor else None,
        actor_email=actor.email if actor else "",
        action=action,
        target=target if isinstance(target, str) else target_of(target),
        details=details,
    )
    session.add(entry)
    return entry


async def prune(session: AsyncSession, *, before: datetime) -> int:
    """Delete the entries from before that time and return their number. That it was done is an entry of its own."""
    old = col(AuditEntry.at) < before
    count = await session.scalar(select(func.count()).select_from(AuditEntry).where(old)) or 0
    if count:
        await session.execute(delete(AuditEntry).where(old))
        record(session, "audit.pruned", "", before=before.isoformat(), count=count)
    return count


def target_of(row: SQLModel) -> str:
    """A row's name in the log, such as "user:3"."""
    return f"{model_name(type(row))}:{getattr(row, 'id', '')}"
