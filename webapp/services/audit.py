"""The audit log: written by the services, in the transaction of the change itself."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import SQLModel

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


def target_of(row: SQLModel) -> str:
    """A row's name in the log, such as "user:3"."""
    return f"{model_name(type(row))}:{getattr(row, 'id', '')}"
