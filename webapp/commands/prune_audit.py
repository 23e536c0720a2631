"""`oppman prune-audit`."""

from datetime import timedelta

from webapp.db import dispose, now, transaction
from webapp.services import audit


async def prune_audit(days: int = 365) -> None:
    """Delete the audit entries that are older than a number of days."""
    try:
        async with transaction() as session:
            count = await audit.prune(session, before=now() - timedelta(days=days))
    finally:
        await dispose()
    print(f"Deleted {count} audit entries that were older than {days} days.")  # noqa: T201
