"""One unit of work in the project's database, from a synchronous command."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar

from oppman.contract import Contract
from oppman.database.faults import explain
from oppman.errors import Refused

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

T = TypeVar("T")


def transact(contract: Contract, work: "Callable[[AsyncSession], Awaitable[T]]") -> T:
    """Await `work(session)` in one transaction of the project and return what it returns.

    Everything is rolled back if it raises. The project's domain errors become Refused; a database that is missing,
    unreachable or behind its migrations becomes the DatabaseError that says so.
    """
    settings = contract.settings()
    session, dispose, domain_error = contract.load("session"), contract.load("dispose"), contract.load("errors")

    async def run() -> T:
        try:
            async with session() as open_session:
                return await work(open_session)
        finally:
            await dispose()

    try:
        return asyncio.run(run())
    except domain_error as problem:
        raise _refused(problem) from None
    except Exception as problem:
        if explained := explain(problem, settings.database_url):
            raise explained from None
        raise


def _refused(problem: Exception) -> Refused:
    """The project's domain error as ours: what its fields say is added unless it says so already."""
    message, hint = str(getattr(problem, "message", problem)), str(getattr(problem, "hint", ""))
    fields = getattr(problem, "fields", {})
    reasons = "; ".join(f"{name}: {reason}" for name, reason in fields.items() if reason not in (message, hint))
    return Refused(f"{message} {reasons}".strip(), hint)
