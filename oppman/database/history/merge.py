"""Several heads joined by an empty revision."""

from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

from oppman.contract import Contract
from oppman.database.history.draft import draft
from oppman.database.history.facts import difference, facts
from oppman.database.history.sides import Overlap, Side, overlaps, sides
from oppman.database.history.trial import tried
from oppman.database.history.walk import Leg, walk
from oppman.database.revisions import History
from oppman.errors import Refused

MESSAGE = "merge"


@dataclass(frozen=True)
class Merge:
    """The revision that joins `sides`, not written yet. `overlaps` are what two of them change."""

    contract: Contract
    sides: list[Side]
    overlaps: list[Overlap]
    id: str
    path: Path
    text: str

    def write(self) -> None:
        """Write the file, if the sides make the same schema in whichever order they are applied.

        A database may have either side already, so each order happens. Raises MigrationFailed, and Refused if the
        schemas differ; there is no file then.
        """
        with tried({self.path: self.text.encode("utf-8")}):
            heads = [side.head.id for side in self.sides]
            seen = []
            for order in (heads, heads[::-1]):
                there = walk(self.contract, [*map(Leg, order), Leg(self.id)], facts)
                seen.append(there[-1])
            if lines := difference(*seen):
                raise Refused(
                    "The schema depends on which side is applied first, so a merge would make databases differ.",
                    "Put one behind the other: oppman db rebase",
                    f"With {heads[0]} first (-), with {heads[-1]} first (+):\n{lines}",
                )


def merge(contract: Contract, message: str) -> Merge | None:
    """What joins the heads of the project, or None if there are no two. Raises NoMigrations."""
    project = contract.project
    history = History.read(project)
    if len(history.heads) < 2:
        return None
    found = sides(history)
    both = [overlap for pair in combinations(found, 2) for overlap in overlaps(*pair)]
    heads = [side.head.id for side in found]
    made = draft(project, message or MESSAGE, heads, history.revisions.values())
    return Merge(contract, found, both, *made)
