"""What undoing a run makes of one file, which may have changed since and which other runs may need."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from oppman.errors import OppmanError
from oppman.scaffold.chain import alike
from oppman.scaffold.plan import Edit, Outcome, Text, same
from oppman.scaffold.record import Entry, Json, Run, State

LoadEdit = Callable[[dict[str, Any]], Edit]


class Verb(StrEnum):
    """What undoing did to a file."""

    REMOVE = "remove"  # it is gone again
    RESTORE = "restore"  # it has its bytes from before the run
    MERGE = "merge"  # what the run inserted is out, what came since stays
    KEEP = "keep"  # it stays as it is
    SKIP = "skip"  # there is nothing to undo any more


@dataclass(frozen=True)
class Withdrawal:
    """The file's bytes without the run (None: no such file), and what to report.

    `left` are the run's edits that are still in it; None stands for the file as a whole.
    """

    content: bytes | None
    verb: Verb
    why: str = ""
    left: tuple[Json | None, ...] = ()


def withdraw(
    entry: Entry, current: bytes | None, run: Run, runs: Sequence[Run], load_edit: LoadEdit
) -> Withdrawal | None:
    """What undoing `run` makes of the file of its `entry`; None where the run did nothing to it.

    What another done run of `runs` wanted too stays, and goes with the last run that wanted it.
    """
    others = [one for one in runs if one.state is State.DONE and one.number != run.number]
    left = [edit for one in runs for path, edit in one.left if path == entry.path]
    if not entry.edits:
        return _withdraw_file(entry, current, run.number, others, inherited=None in left)
    inherited = [edit for edit in entry.edits if edit in left and edit not in entry.made]
    mine = [edit for edit in entry.edits if edit in entry.made or edit in inherited]
    if not mine:
        return None
    if current is None:
        return Withdrawal(None, Verb.SKIP, "it was removed since")
    needing = [number for edit in mine for number in _wanting(entry, edit, others)]
    going = [edit for edit in mine if not _wanting(entry, edit, others)]
    made_by = [entry, *(its for one in reversed(runs) for its in one.entries if its.path == entry.path)]
    result = _withdraw_edits(entry, current, mine, [(edit, reverse(edit, made_by)) for edit in going], load_edit)
    if not needing:
        return result
    why = f"what stays is needed by {_name(needing)}"
    return replace(result, why=f"{result.why}; {why}" if result.why else why)


def _withdraw_file(
    entry: Entry, current: bytes | None, number: int, others: Sequence[Run], *, inherited: bool
) -> Withdrawal | None:
    before = None if inherited and entry.outcome is Outcome.IDENTICAL else entry.before
    if before == entry.after:
        return None
    # A run before this one knew the file as it was before, too: what was overwritten since comes back.
    wanting = [other for other in _wanting(entry, None, others) if before is None or other > number]
    if current is not None and wanting:
        return Withdrawal(current, Verb.KEEP, f"it is needed by {_name(wanting)}", (None,))
    if same(current, entry.after) or alike(current, entry.after):
        return Withdrawal(before, Verb.REMOVE if before is None else Verb.RESTORE)
    if same(current, before):
        return Withdrawal(current, Verb.SKIP, "it is as it was before the run")
    changing = [one.number for one in others for its in one.entries if its.path == entry.path and its.made]
    if current is None:
        why = "it was removed since"
    elif entry.after is None:
        why = "another file stands there now"
    else:
        why = f"it was changed since by {_name(changing)}" if changing else "it was edited since"
    return Withdrawal(current, Verb.KEEP, why)


def _withdraw_edits(
    entry: Entry, current: bytes, mine: Sequence[Json], going: Sequence[tuple[Json, Json]], load_edit: LoadEdit
) -> Withdrawal:
    """`going` are the edits to be taken out, each with what takes it back."""
    # An untouched file gets its very bytes back; only what an earlier run left in it is then still to be taken out.
    edits = [edit for edit, _ in going]
    untouched = current == entry.after and entry.before is not None and all(edit in edits for edit in entry.made)
    start = entry.before if untouched and entry.before is not None else current
    try:
        text = Text.of(start)
    except UnicodeDecodeError:
        return Withdrawal(current, Verb.KEEP, "it is no UTF-8 text any more")
    source, stuck = text.source, False
    for edit, reverse in reversed(going):
        if untouched and edit in entry.made:
            continue
        try:
            shorter = load_edit(dict(reverse)).take_back(source)
        except OppmanError as problem:
            return Withdrawal(current, Verb.KEEP, problem.message)
        stuck = stuck or shorter == source
        source = shorter
    content = text.encode(source)
    left = tuple(edit for edit in mine if _holds(source, load_edit(dict(edit))))
    if untouched and content == start:
        return Withdrawal(content, Verb.RESTORE, left=left)
    why = "what was inserted is edited, gone, or used by other code: look at it" if stuck else ""
    return Withdrawal(content, Verb.KEEP if content == current else Verb.MERGE, why, left)


def reverse(edit: Json, made_by: Sequence[Entry]) -> Json:
    """What takes `edit` back, as the run that made it recorded it.

    A list that one run has broken into rows comes into one row again with the last edit that is taken out of it,
    whichever run made that.
    """
    found = next((reverse for entry in made_by if (reverse := entry.reverse(edit))), edit)
    near = (kept for entry in made_by for kept in entry.recorded if _place(kept) == _place(found))
    return {**found, "exploded": True} if any(kept.get("exploded") for kept in near) else found


def _place(edit: Json) -> tuple[Any, ...]:
    return tuple(edit.get(name) for name in ("edit", "module", "target"))


def _wanting(entry: Entry, edit: Json | None, others: Sequence[Run]) -> list[int]:
    """The numbers of the `others` that wanted the same edit, or (None) the same file, there."""
    return [other.number for other in others if any(_wants(its, entry, edit) for its in other.entries)]


def _wants(its: Entry, entry: Entry, edit: Json | None) -> bool:
    if its.path != entry.path or its.outcome in {Outcome.SKIP, Outcome.MANUAL}:
        return False
    if edit is not None:
        return edit in its.edits
    return not its.edits and its.after is not None and same(its.after, entry.after)


def _holds(source: str, edit: Edit) -> bool:
    try:
        return edit.apply(source) == source
    except OppmanError:
        return False


def _name(numbers: Sequence[int]) -> str:
    found = sorted(set(numbers))
    return f"run {found[0]}" if len(found) == 1 else f"runs {', '.join(map(str, found))}"
