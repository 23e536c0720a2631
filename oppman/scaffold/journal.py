"""What scaffold runs did to a project: each done whole or not at all, recorded, undone and redone.

A killed process leaves a run that is pending or undoing; `recover` brings it to one of its two ends. Undone runs stay
recorded, since redoing needs them.
"""

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Any

from oppman.errors import Refused
from oppman.scaffold import batch as batches
from oppman.scaffold import record, sound
from oppman.scaffold.merge import LoadEdit, withdraw
from oppman.scaffold.plan import Action, Change, Create, Outcome, Plan, Remove, Step, read
from oppman.scaffold.plan import plan as make_plan
from oppman.scaffold.record import Batch, Entry, Json, Run, State, Write


@dataclass(frozen=True)
class Line:
    """One line of a report: what was done to which file, and why where that is not plain."""

    outcome: str
    path: str
    why: str = ""


@dataclass(frozen=True)
class Recovered:
    """What became of an unfinished run: `completed`, or else rolled back. `lines` name the files that kept an edit."""

    run: Run
    completed: bool
    lines: tuple[Line, ...] = ()


@dataclass(frozen=True)
class Undone:
    """The run that was undone, and a line for each of its files."""

    run: Run
    lines: tuple[Line, ...]


def apply(root: Path, plan: Plan, argv: Sequence[str], notes: Mapping[str, Any] | None = None) -> Run | None:
    """Carry out `plan`, all of it or nothing, and record it with the caller's `notes`. None for nothing to write.

    Raises Refused, with nothing changed, while a conflict is unresolved, if a file has changed since the plan was made
    or cannot be written, and while another run is at work or unfinished.
    """
    with _alone(root):
        _refuse_unfinished(root)
        numbers = [int(path.stem) for path in record.records(root)]
        run = Run(max(numbers, default=0) + 1, tuple(argv), record.now(), State.PENDING, notes=dict(notes or {}))
        return _apply(root, plan, run)


def recover(root: Path) -> Recovered | None:
    """Finish what a killed process left: complete it if all was written, else roll it back. None if nothing was left.

    Call it before a command reads the project. A file that was edited meanwhile keeps the edit and is named.
    """
    if not (root / record.FOLDER.parent).is_dir():
        return None
    sound.recall(root / record.FOLDER)
    with _alone(root):
        try:
            for draft in (root / record.FOLDER).glob(".*.oppman-tmp"):
                draft.unlink()
            run = record.unfinished(root)
            if run is None:
                record.tidy(root)
                return None
            if batches.written(root, run):
                return Recovered(batches.finish(root, run), completed=True)
            edited = batches.roll_back(root, run)
        except OSError as problem:
            raise Refused(
                f"A scaffold run that was interrupted cannot be rolled back: {problem.strerror}.",
                f"Give yourself the right to write to {problem.filename or root}, and try again.",
            ) from None
    return Recovered(run, False, tuple(Line("keep", path, "it was edited since") for path in edited))


def history(root: Path, about: str = "") -> list[Run]:
    """All recorded runs, the oldest first; or those alone whose notes may say the text `about`."""
    return [record.load(path) for path in record.records(root) if not about or record.mentions(path, about)]


def to_undo(root: Path, number: int | None = None) -> Run:
    """The run that `undo` takes: the latest done one, or `number`. Raises Refused if there is none."""
    run = _numbered(root, number) if number else _last(root, State.DONE)
    if run is None or run.state is not State.DONE:
        raise Refused(_nothing_to("undo", run), "`oppman scaffold history` lists the runs.")
    return run


def to_redo(root: Path, number: int | None = None) -> Run:
    """The run that `redo` takes: the one undone last, or `number`. Raises Refused if there is none."""
    run = _numbered(root, number) if number else _last(root, State.UNDONE)
    if run is None or run.state is not State.UNDONE:
        raise Refused(_nothing_to("redo", run), "`oppman scaffold history` lists the runs.")
    return run


def undo(
    root: Path,
    load_edit: LoadEdit,
    number: int | None = None,
    *,
    also: Callable[[Sequence[str]], Iterable[Write]] = lambda _: (),
    adapt: Callable[[Create], Create] = lambda step: step,
) -> Undone:
    """Take back the run `number`, or the latest done one, all of it or nothing. `load_edit` makes an edit of its JSON.

    What was edited since is kept and reported. What another run wanted too stays until that one is undone. `also` is
    given the paths of the files that go, and says what changes with them; `adapt` may change a file that comes back to
    suit the project. Raises Refused as `apply` and `to_undo` do.
    """
    with _alone(root):
        _refuse_unfinished(root)
        run, runs = to_undo(root, number), history(root)
        writes: list[Write] = []
        lines: list[Line] = []
        left: list[tuple[str, Json | None]] = []
        for entry in run.entries:
            current = read(root, entry.path)
            result = withdraw(entry, current, run, runs, load_edit)
            if result is None:
                continue
            lines.append(Line(result.verb, entry.path, result.why))
            left += [(entry.path, edit) for edit in result.left]
            content = result.content
            if content is not None and current is None and b"down_revision" in content:
                content = adapt(Create(entry.path, content.decode("utf-8"))).content.encode("utf-8")
            if content != current:
                mode = entry.mode if current is None else batches.mode(root, entry.path)
                writes.append(Write(entry.path, current, content, mode))
        written = {write.path for write in writes}
        for write in also([write.path for write in writes if write.after is None]):
            if write.path not in written:
                lines.append(Line("update", write.path, "it followed what is gone"))
                writes.append(write)
        batch = Batch(tuple(writes), batches.missing_folders(root, writes), emptied=run.folders)
        run = replace(run, state=State.UNDOING, left=tuple(left), batch=batch)
        return Undone(batches.carry_out(root, run), tuple(lines))


def redo(
    root: Path, load_edit: LoadEdit, number: int | None = None, *, adapt: Callable[[Step], Step] = lambda step: step
) -> Run:
    """Do the run `number`, or the one undone last, again on the project as it is now. It keeps its number.

    `adapt` may change a step to suit the project. A conflict is refused, unless it is the very file that the run
    overwrote before. Raises Refused as `apply` and `to_redo` do, and if there is nothing to write any more.
    """
    with _alone(root):
        _refuse_unfinished(root)
        run = to_redo(root, number)
        plan = make_plan(root, [adapt(step) for entry in run.entries for step in _steps(entry, load_edit)])
        overwritten = {entry.path: entry.before for entry in run.entries if entry.outcome is Outcome.OVERWRITE}
        if all(overwritten.get(action.path) == action.before for action in plan.conflicts):
            plan = plan.settle(lambda _: "overwrite")
        done = _apply(root, plan, replace(run, state=State.PENDING, redone=True))
        if done is None:
            to_paste = "\n\n".join(action.lines for action in plan.actions if action.lines)
            raise Refused(f"Run {run.number} has nothing to write.", "Its files are as it would make them.", to_paste)
        return done


def _apply(root: Path, plan: Plan, run: Run) -> Run | None:
    if plan.conflicts:
        paths = ", ".join(action.path for action in plan.conflicts)
        raise Refused(f"There with other content: {paths}.", "Move them away, or overwrite them. Nothing was changed.")
    before = {entry.path: entry for entry in run.entries}
    entries = tuple(_entry(root, action, before.get(action.path)) for action in plan.actions)
    writes = tuple(Write(one.path, one.before, one.after, one.mode) for one in entries if one.before != one.after)
    if not writes:
        return None
    for write in writes:
        if read(root, write.path) != write.before:
            raise Refused(f"{write.path} has changed meanwhile.", "Run the command again. Nothing was changed.")
    made = batches.missing_folders(root, writes)
    emptied = {
        str(folder)
        for write in writes
        if write.after is None
        for folder in PurePosixPath(write.path).parents
        if folder.name
    }
    batch = Batch(writes, made, tuple(sorted(emptied)))
    return batches.carry_out(root, replace(run, entries=entries, folders=made, batch=batch))


def _entry(root: Path, action: Action, before: Entry | None) -> Entry:
    """The entry of `action`; `before` is the one of the same run before it was undone."""
    return Entry(
        action.path,
        action.outcome,
        action.before,
        action.after,
        mode=batches.mode(root, action.path),
        edits=tuple(edit.to_json() for edit in action.edits),
        made=tuple(edit.to_json() for edit in action.made),
        recorded=tuple(_again(edit.to_json(), before) for edit in action.recorded),
        lines=action.lines,
    )


def _again(recorded: Json, before: Entry | None) -> Json:
    """`recorded`, still knowing that the run broke a list into rows, which undoing it could not join."""
    exploded = {**recorded, "exploded": True}
    return exploded if before is not None and exploded in before.recorded else recorded


def _steps(entry: Entry, load_edit: LoadEdit) -> Iterator[Step]:
    if entry.edits:
        yield Change(entry.path, tuple(load_edit(dict(edit)) for edit in entry.edits))
    elif entry.outcome is Outcome.REMOVE:
        yield Remove(entry.path)
    elif entry.outcome is not Outcome.SKIP and entry.after is not None:
        yield Create(entry.path, entry.after.decode("utf-8"))


def _numbered(root: Path, number: int) -> Run:
    for run in history(root):
        if run.number == number:
            return run
    raise Refused(f"There is no run {number}.", "`oppman scaffold history` lists the runs.")


def _last(root: Path, state: State) -> Run | None:
    """The run to undo is the one made last, whenever it was redone; the run to redo is the one undone last."""
    found = [run for run in history(root) if run.state is state]
    return max(found, default=None, key=lambda run: run.changed if state is State.UNDONE else f"{run.number:09}")


def _nothing_to(verb: str, run: Run | None) -> str:
    return f"There is nothing to {verb}." if run is None else f"Run {run.number} is {run.state}: nothing to {verb}."


def _refuse_unfinished(root: Path) -> None:
    if run := record.unfinished(root):
        raise Refused(f"Run {run.number} was interrupted.", "Run the command again: it clears that up first.")


@contextmanager
def _alone(root: Path) -> Iterator[None]:
    """Hold the project against other scaffold processes; the system lets go of it even when this one is killed."""
    handle = _handle(root)
    try:
        try:
            _lock(handle)
        except (BlockingIOError, PermissionError):  # the latter on Windows
            raise Refused(
                "Another scaffold command is at work in this project.", "Try again when it is done."
            ) from None
        yield
    finally:
        os.close(handle)


if sys.platform == "win32":
    import msvcrt
    import tempfile
    from hashlib import blake2b

    def _handle(root: Path) -> int:
        """A file that stands for the project, since Windows locks no folders."""
        name = blake2b(str(root.resolve()).lower().encode(), digest_size=8).hexdigest()
        return os.open(Path(tempfile.gettempdir()) / f"oppman-{name}.lock", os.O_RDWR | os.O_CREAT)

    def _lock(handle: int) -> None:
        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _handle(root: Path) -> int:
        return os.open(root, os.O_RDONLY)

    def _lock(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
