"""Work in the project's database, from a synchronous command."""

import asyncio
import traceback
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from oppman.contract import Contract
from oppman.database.faults import explain
from oppman.errors import OppmanError, Refused

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

T = TypeVar("T")


def transact(contract: Contract, work: "Callable[[AsyncSession], Awaitable[T]]") -> T:
    """Await `work(session)` in one transaction of the project and return what it returns.

    Everything is rolled back if it raises, and errors become ours as with `perform`.
    """
    session = contract.load("session")

    async def in_transaction() -> T:
        async with session() as open_session:
            return await work(open_session)

    return perform(contract, in_transaction)


def perform(contract: Contract, work: Callable[[], Awaitable[T]]) -> T:
    """Await `work()`, which opens the transactions that it needs by itself, and return what it returns.

    The project's domain errors become Refused; a database that is missing, unreachable or behind its migrations
    becomes the DatabaseError that says so. All connections are closed at the end.
    """
    settings = contract.settings()
    dispose, domain_error = contract.load("dispose"), contract.load("errors")

    async def run() -> T:
        try:
            return await work()
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


def ours(contract: Contract, problem: Exception) -> OppmanError | None:
    """What a problem of the project's own code amounts to: unusable settings, the database, a rule. None for a bug."""
    if not (contract.offers("settings") and contract.offers("errors")):
        return None
    try:
        settings = contract.settings()
    except OppmanError as unusable:
        return unusable
    if isinstance(problem, contract.load("errors")):
        return _refused(problem)
    if isinstance(problem, OSError) and not _is_of_the_driver(problem):
        return None
    return explain(problem, str(getattr(settings, "database_url", "")))


def _is_of_the_driver(problem: OSError) -> bool:
    """Whether it comes from a connection to PostgreSQL, and not from a file that the project's code looks for."""
    return any("asyncpg" in Path(frame.filename).parts for frame in traceback.extract_tb(problem.__traceback__))


def _refused(problem: Exception) -> Refused:
    """The project's domain error as ours: what its fields say is added unless it says so already."""
    message, hint = str(getattr(problem, "message", problem)), str(getattr(problem, "hint", ""))
    fields = getattr(problem, "fields", {})
    reasons = "; ".join(f"{name}: {reason}" for name, reason in fields.items() if reason not in (message, hint))
    return Refused(f"{message} {reasons}".strip(), hint)
