"""Two heads put in a row: one side follows the other."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from oppman.contract import Contract
from oppman.database.history import git
from oppman.database.history.parent import with_parent
from oppman.database.history.sides import Overlap, Side, overlaps, sides
from oppman.database.history.trial import tried
from oppman.database.history.walk import Leg, walk
from oppman.database.revisions import BASE, History, Revision
from oppman.database.status import migration_status
from oppman.diff import unified
from oppman.errors import Refused, UsageError
from oppman.project import Project

Ask = Callable[[list[Side]], Side]
"""Ask a person which side moves."""


@dataclass(frozen=True)
class Rebase:
    """The side that moves behind the other, not written yet. `reason` says why it is that one."""

    contract: Contract
    moved: Side
    onto: Revision
    reason: str
    overlaps: list[Overlap]
    path: Path
    before: bytes
    after: bytes

    @property
    def diff(self) -> str:
        """The change as a unified diff."""
        name = self.path.relative_to(self.contract.project.root).as_posix()
        return unified(self.before.decode(), self.after.decode(), f"a/{name}", f"b/{name}")

    def write(self) -> None:
        """Write the file, if the migrations go up, the moved ones down, and up again; else it stays as it was.

        Raises MigrationFailed and the errors of the contract.
        """
        with tried({self.path: self.after}):
            head = self.moved.head.id
            walk(self.contract, [Leg(head), Leg(self.onto.id, undo=True), Leg(head)], lambda _connection: None)


def rebase(contract: Contract, revision: str, onto: str, ask: Ask) -> Rebase | None:
    """What puts the heads in a row, or None if there are no two.

    The side that moves is that of `revision`; else the one of which the database has nothing; else the one that git
    has not, or has later; else the one that `ask` returns. Raises Refused if the database has what would move,
    UsageError, NewerDatabase and NoMigrations.
    """
    project = contract.project
    history = History.read(project)
    if len(history.heads) < 2:
        return None
    status = migration_status(project)
    status.refuse_unknown()
    applied = history.applied(status.current)
    found = sides(history)
    if revision:
        moved, reason = _named(history, found, history.find(revision)), "you named it"
    else:
        if len(found) > 2:
            raise UsageError(f"The migrations have {len(found)} heads.", "Name a revision of the side that moves.")
        moved, reason = _chosen(project, found, applied, ask)
    target = _target(history, [side for side in found if side is not moved], onto)
    own = [item for item in moved.revisions if item.id not in history.applied([target.head.id])]
    if there := [item for item in own if item.id in applied]:
        raise Refused(
            f"The database has {there[0]}. If that moved, {target} would count as applied and never run.",
            f"Roll it back first: oppman db rollback {(there[0].parents or (BASE,))[0]}. "
            "Where databases have both sides, use `oppman db merge`.",
        )
    first = _first(own)
    source = first.path.read_bytes()
    both = overlaps(target, moved)
    return Rebase(
        contract, moved, target.head, reason, both, first.path, source, with_parent(first, source, target.head.id)
    )


def _named(history: History, found: list[Side], revision: str) -> Side:
    """The side to which the revision belongs."""
    having = [side for side in found if revision in {item.id for item in side.revisions}]
    if len(having) == 1:
        return having[0]
    raise UsageError(
        f"Revision {history.revisions.get(revision, revision)} belongs to {'no side' if not having else 'several'}.",
        f"Name one of the heads: {', '.join(history.heads)}.",
    )


def _target(history: History, others: list[Side], onto: str) -> Side:
    """The side that the moving one follows."""
    if onto:
        name = history.find(onto)
        others = [side for side in others if side.head.id == name]
    if len(others) != 1:
        raise UsageError(
            "It is not clear behind which head to move it.", f"Give --onto, one of {', '.join(history.heads)}."
        )
    return others[0]


def _chosen(project: Project, found: list[Side], applied: set[str], ask: Ask) -> tuple[Side, str]:
    waiting = [side for side in found if not applied & {item.id for item in side.revisions}]
    if not waiting:
        raise Refused(
            "The database has revisions of both sides, so neither can move.",
            "Join them: oppman db merge. Or roll one back, and name it here.",
        )
    if len(waiting) == 1:
        return waiting[0], "the database has nothing of it"
    root = project.root
    if git.is_kept(root):
        new = [side for side in found if git.uncommitted(root, [item.path for item in side.revisions[:1]])]
        if len(new) == 1:
            return new[0], "it is not committed yet"
        first, second = sorted(found, key=lambda side: git.added_at(root, side.revisions[0].path))
        if not new and git.added_at(root, first.revisions[0].path) != git.added_at(root, second.revisions[0].path):
            return second, "it was committed later"
    return ask(found), "you chose it"


def _first(own: list[Revision]) -> Revision:
    """The revision with which the side begins."""
    names = {item.id for item in own}
    begins = [item for item in own if not names & {*item.parents}]
    entries = [item for item in own if not {*item.parents} <= names or not item.parents]
    if len(begins) != 1 or len(entries) != 1:
        listed = ", ".join(item.id for item in entries)
        raise Refused(f"The side begins at several places ({listed}).", "Join the heads: oppman db merge")
    return begins[0]
