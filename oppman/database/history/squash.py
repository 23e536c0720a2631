"""Many revisions made one, which keeps the identifier of the last: a database that is there is where it was."""

import ast
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from oppman.contract import Contract
from oppman.database.history.carry import Carried, carry, function
from oppman.database.history.draft import draft
from oppman.database.history.extras import Extra, extensions, extras
from oppman.database.history.facts import difference, facts
from oppman.database.history.fold import fold, written
from oppman.database.history.follow import Follower, Unaccounted, watched
from oppman.database.history.span import Span, span
from oppman.database.history.state import State
from oppman.database.history.trial import tried
from oppman.database.history.walk import Leg, walk
from oppman.database.lint.report import read
from oppman.database.revisions import History, Revision
from oppman.database.status import migration_status
from oppman.errors import MigrationFailed, Refused

CARRY = "--keep-data carries them over as they are, in order. Or squash what lies between: oppman db squash FROM TO."


@dataclass(frozen=True)
class Squash:
    """The one revision, not written yet. `carried` are those of the old ones that stay whole in it."""

    contract: Contract
    span: Span
    carried: list[Revision]
    path: Path
    text: str
    made: frozenset[str]
    """The facts of the schema that the old ones make."""
    again: frozenset[str] | None
    """The same when they were undone and made again; None if they cannot be."""

    def write(self) -> None:
        """Put it in the place of the old ones, if it makes what they make, and goes down and up again.

        Raises MigrationFailed, and Refused if the schemas differ; the files are what they were then.
        """
        last = self.span.last.id
        changes: dict[Path, bytes | None] = {revision.path: None for revision in self.span.revisions}
        down = [Leg(self.span.start, undo=True), Leg(last)] if self.again is not None else []
        with tried({**changes, self.path: self.text.encode("utf-8")}):
            seen = walk(self.contract, [*_to_start(self.span), Leg(last), *down], facts)
            made = seen[len(self.span.parents)]
            if lines := difference(self.made, made) or difference(self.again or made, seen[-1]):
                raise Refused(
                    "The one migration would not make what the many make. Nothing was changed.",
                    "Squash a part of them: oppman db squash FROM TO.",
                    f"Only the many (-), only the one (+):\n{lines}",
                )


@dataclass
class _Recording:
    """What the revisions of the span did to the schema: the state behind each, and those that cannot be followed."""

    follower: Follower = field(default_factory=Follower)
    states: list[tuple[str, State]] = field(default_factory=list)
    lost: set[str] = field(default_factory=set)
    context: Any = None

    def begin(self, revision: str, context: Any) -> None:
        self.states.append((revision, self.follower.state))
        self.context = context

    def see(self, operation: Any, context: Any) -> None:
        try:
            self.follower.follow(operation, context)
        except Unaccounted:
            self.lost.add(self.states[-1][0])


def squash(contract: Contract, first: str, last: str, message: str, *, keep_data: bool) -> Squash:
    """What makes the revisions from `first` (the very first if empty) to `last` one.

    Raises Refused if they cannot be: the database is in the midst of them, another follows one in the midst, or some do
    more than change the schema and `keep_data` does not carry those over. Raises UsageError, NewerDatabase,
    MigrationFailed and the errors of the contract.
    """
    project = contract.project
    history = History.read(project)
    chosen = span(history, first, last)
    status = migration_status(project)
    status.refuse_unknown()
    if stuck := [name for name in status.current if name in chosen.inner]:
        raise Refused(
            f"The database is at {history.revisions[stuck[0]]}, in the midst of what would become one.",
            f"Bring it to the end first: oppman db migrate {chosen.last.id}",
        )
    recording = _Recording()
    made, again = _record(contract, chosen, recording)
    more = _more(chosen, recording)
    if more and not keep_data:
        lines = "\n".join(
            f"  {revision.path.name}:{extra.line}: {extra.text}"
            for revision, found in more.items() for extra in found
        )  # fmt: skip
        count = "one of these migrations does" if len(more) == 1 else f"{len(more)} of these migrations do"
        raise Refused(f"{count.capitalize()} more than change the schema, which must not get lost.", CARRY, lines)
    bodies, kept = _bodies(chosen, recording, more)
    before = [item for item in history.revisions.values() if item.id in history.applied(chosen.parents)]
    _, path, text = draft(
        project, message or f"squash {len(chosen.revisions)} migrations", chosen.parents, before, chosen.last.id, bodies
    )  # fmt: skip
    path = _named_like(chosen.last.path, path)
    return Squash(contract, chosen, list(more), path, _complete(text, chosen, kept), made, again)


def _record(contract: Contract, chosen: Span, recording: _Recording) -> tuple[frozenset[str], frozenset[str] | None]:
    """Carry out the old revisions; return the facts of what they make, before and after they were undone."""
    up = [*_to_start(chosen), Leg(chosen.last.id)]
    with watched(recording.see):
        made = walk(contract, up, facts, recording.begin)[-1]
        recording.states.append(("", recording.follower.state))
    try:
        return made, walk(contract, [*up, Leg(chosen.start, undo=True), Leg(chosen.last.id)], facts)[-1]
    except MigrationFailed:
        return made, None


def _to_start(chosen: Span) -> list[Leg]:
    return [Leg(parent) for parent in chosen.parents]


def _more(chosen: Span, recording: _Recording) -> dict[Revision, list[Extra]]:
    """The revisions that do more than change the schema, and what."""
    found = {revision: extras(read(revision.path)) for revision in chosen.revisions}
    for revision in chosen.revisions:
        if revision.id in recording.lost and not found[revision]:
            found[revision] = [Extra(1, "changes something that no operation before it has made")]
    return {revision: its for revision, its in found.items() if its}


def _bodies(
    chosen: Span, recording: _Recording, more: Mapping[Revision, list[Extra]]
) -> tuple[dict[str, str], Carried]:
    """The bodies of the one revision: what folds between those that are carried over, and calls of these."""
    from alembic.autogenerate.api import AutogenContext

    autogen = AutogenContext(recording.context, autogenerate=False)
    whole = {revision.id: revision for revision in more}
    ours = {revision.id for revision in chosen.revisions}
    places = [place for place, (name, _) in enumerate(recording.states) if name in ours]
    start = recording.states[places[0]][1]
    plain = [read(revision.path) for revision in chosen.revisions if revision.id not in whole]
    wanted = dict.fromkeys(statement for source in plain for statement in extensions(source))
    up = [row for statement in wanted for row in statement.splitlines()]
    down: list[list[str]] = []
    for place in places:
        name, before = recording.states[place]
        after = recording.states[place + 1][1]
        if name in whole:
            up += written(fold(start, before, recording.context), autogen)
            down.append(written(fold(before, start, recording.context), autogen))
            up.append(f"{function(whole[name], 'upgrade')}()")
            down.append([f"{function(whole[name], 'downgrade')}()"])
            start = after
    end = recording.states[places[-1] + 1][1]
    up += written(fold(start, end, recording.context), autogen)
    down.append(written(fold(end, start, recording.context), autogen))
    kept = carry(whole.values())
    imports = sorted({*autogen.imports, *kept.imports})
    backwards = [row for rows in reversed(down) for row in rows]
    return {
        "upgrades": _indented(up), "downgrades": _indented(backwards), "imports": "\n".join(imports)
    }, kept  # fmt: skip


def _indented(rows: list[str]) -> str:
    return "\n".join(f"    {row}" if row.strip() else "" for row in rows or ["pass"]).strip("\n")


def _complete(text: str, chosen: Span, kept: Carried) -> str:
    """The text with what the template does not have: which revisions it replaces, and what is carried over."""
    rows = text.rstrip("\n").split("\n")
    nodes = ast.parse(text).body
    head = [node.end_lineno or 0 for node in nodes if isinstance(node, (ast.Assign, ast.AnnAssign))]
    names = [f'    "{revision.id}",' for revision in chosen.revisions if revision is not chosen.last]
    rows[max(head) : max(head)] = ["replaces = (", *names, ")"]
    imports = [node.lineno for node in nodes if isinstance(node, (ast.Import, ast.ImportFrom))]
    if kept.future and imports:
        rows[imports[0] - 1 : imports[0] - 1] = [*kept.future, ""]
    return "\n".join(rows) + "\n" + (f"\n\n{kept.text}\n" if kept.text else "")


def _named_like(old: Path, new: Path) -> Path:
    """The new file with the date of the one whose place it takes, so that a list of names stays in order."""
    date = re.match(r"\d{8}_\d{4}_", old.name)
    return old.with_name(re.sub(r"^\d{8}_\d{4}_", date[0], new.name) if date else new.name)
