"""The migrations of a project carried out on a scratch database, up and down."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from oppman.contract import Contract
from oppman.database.environment import bring, config
from oppman.database.failures import failure
from oppman.database.scratch import on_scratch

if TYPE_CHECKING:
    from sqlalchemy import Connection

T = TypeVar("T")


@dataclass(frozen=True)
class Leg:
    """A part of the way: to `target`, up, or down if it `undo`es."""

    target: str
    undo: bool = False


def walk(
    contract: Contract,
    legs: Sequence[Leg],
    look: "Callable[[Connection], T]",
    begin: Callable[[str, Any], None] = lambda _revision, _context: None,
) -> list[T]:
    """Go the `legs` on one empty database and return what `look` sees at the end of each.

    `begin` is called with each revision and Alembic's context before it runs. Raises MigrationFailed, with the
    revision that raised, and the errors of the contract.
    """
    url = str(contract.settings().database_url)
    contract.load("metadata")
    made = config(contract.project)
    running = [""]

    def go(connection: "Connection", leg: Leg) -> T:
        from alembic import op

        def starts(revision: str) -> None:
            running.append(revision)
            begin(revision, op.get_context())

        bring(made, connection, leg.target, starts, undo=leg.undo)
        running.append("")
        seen = look(connection)
        connection.rollback()  # looking has begun a transaction; the next leg begins its own
        return seen

    try:
        return on_scratch(url, lambda connection: [go(connection, leg) for leg in legs])
    except Exception as problem:
        raise failure(contract.project, url, problem, running[-1]) from None
