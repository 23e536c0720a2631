"""A revision tried out on a scratch database: applied, undone and applied again."""

from oppman.contract import Contract
from oppman.database.history.walk import Leg, walk
from oppman.database.revisions import BASE, History


def round_trip(contract: Contract, revision: str) -> None:
    """Bring an empty database to `revision`, back to the one before it, and there again.

    Raises MigrationFailed, with the revision that raised, SeveralHeads and the errors of the contract.
    """
    parents = History.read(contract.project).revisions[revision].parents
    before = Leg(parents[0] if parents else BASE, undo=True)
    walk(contract, [Leg(revision), before, Leg(revision)], look=lambda _connection: None)
