"""A piece of the history that can become one revision."""

import ast
from collections.abc import Sequence
from dataclasses import dataclass

from oppman.database.lint.report import read
from oppman.database.revisions import BASE, History, Revision
from oppman.errors import Refused, UsageError


@dataclass(frozen=True)
class Span:
    """Revisions in the order in which they are applied. `parents` are those that the first of them follow."""

    revisions: Sequence[Revision]
    parents: tuple[str, ...]

    @property
    def last(self) -> Revision:
        """The one that all others come before."""
        return self.revisions[-1]

    @property
    def inner(self) -> set[str]:
        """All but the last."""
        return {revision.id for revision in self.revisions} - {self.last.id}

    @property
    def start(self) -> str:
        """The target that undoes all of them."""
        return self.parents[0] if self.parents else BASE


def span(history: History, first: str, last: str) -> Span:
    """The revisions from `first` (all of the first ones if empty) to `last` (the head if empty), with both.

    Raises Refused if they are no piece by themselves, and UsageError.
    """
    end = history.find(last or "head")
    begin = history.find(first) if first else BASE
    if end == BASE:
        raise UsageError("There are no migrations to squash.")
    before = history.applied([end])
    if begin not in {BASE, *before}:
        raise UsageError(f"Revision {begin} does not come before {end}.", "Give the older one first.")
    chosen = [
        revision
        for name, revision in history.revisions.items()
        if name in before and (begin == BASE or begin in history.applied([name]))
    ]
    if len(chosen) < 2:
        raise UsageError("One migration is one already.", "Name an older FROM, or a newer TO.")
    names = {revision.id for revision in chosen}
    found = Span(chosen, history.revisions[begin].parents if begin != BASE else ())
    for revision in history.revisions.values():
        outside = revision.id not in names
        if outside and (middle := {*revision.parents} & found.inner):
            raise Refused(
                f"{revision} follows {', '.join(sorted(middle))}, which would be no more.",
                f"Squash up to there, or only what comes after: oppman db squash {min(middle)} ...",
            )
        if not outside and revision.id != begin and {*revision.parents} - names:
            raise Refused(
                f"{revision} also follows a revision that comes before {begin}.", "Begin the squash further back."
            )
    _refuse_labels(chosen)
    return found


def _refuse_labels(chosen: Sequence[Revision]) -> None:
    for revision in chosen:
        for node in ast.parse(read(revision.path)).body:
            if (
                isinstance(node, ast.Assign)
                and {getattr(target, "id", "") for target in node.targets} & {"branch_labels", "depends_on"}
                and ast.unparse(node.value) not in {"None", "()"}
            ):
                raise Refused(
                    f"{revision.path.name} has a branch label or a dependency, which one revision cannot keep.",
                    "Squash around it: oppman db squash FROM TO.",
                )
