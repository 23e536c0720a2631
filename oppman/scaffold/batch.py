"""Carry out the writes of a run, all of them or none. Its record, written first, says what each file was and becomes.

What a killed process leaves is finished by the same functions: every file is then what it was, or what it becomes, or
what somebody has made of it meanwhile.
"""

import shutil
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path, PurePosixPath

from oppman.errors import Refused
from oppman.scaffold import record, sound
from oppman.scaffold.plan import place, read
from oppman.scaffold.record import Batch, Run, State, Write


def carry_out(root: Path, run: Run) -> Run:
    """Write the run's batch and record it as done, or undone. Raises Refused if it cannot; nothing is changed then."""
    try:
        _announce(root, run)
        for write in _batch(run).writes:
            _put(root, write.path, write.after, write.mode)
        return finish(root, run)
    except BaseException as problem:  # an interrupt too leaves all or nothing
        try:
            roll_back(root, run)
        except (OSError, Refused):
            message = problem.message if isinstance(problem, Refused) else f"The run stopped in the middle: {problem}"
            raise Refused(
                message, "Mend that: the next `oppman scaffold` command rolls back what was written."
            ) from problem
        if isinstance(problem, Refused):
            raise Refused(problem.message, f"{problem.hint} Nothing was changed.") from None
        raise


def finish(root: Path, run: Run) -> Run:
    """The run, recorded as done or undone, now that all its files are written. Raises OSError."""
    batch = _batch(run)
    _clear_folders(root, batch.emptied)
    state = State.DONE if run.state is State.PENDING else State.UNDONE
    finished = replace(run, state=state, changed=record.now(), redone=False, batch=None)
    record.save(root, finished)
    if content := sound.to_remember():
        with suppress(OSError):  # it saves time and nothing else
            record.replace_file(root / record.FOLDER / sound.NAME, content)
    return finished


def roll_back(root: Path, run: Run) -> list[str]:
    """Give each file its bytes from before, except for those edited meanwhile, which are returned.

    The run is what it was before: done, undone, or not recorded at all. Raises OSError and Refused.
    """
    batch = _batch(run)
    _clear_drafts(root, batch)
    edited: list[str] = []
    for write in reversed(batch.writes):
        current = read(root, write.path)
        if current == write.before:
            continue
        if current == write.after:
            _put(root, write.path, write.before, write.mode)
        else:
            edited.append(write.path)
    _clear_folders(root, batch.made)
    if run.state is State.UNDOING:
        record.save(root, replace(run, state=State.DONE, left=(), batch=None))
    elif run.redone:
        record.save(root, replace(run, state=State.UNDONE, redone=False, batch=None))
    else:
        record.forget(root, run)
    return edited


def written(root: Path, run: Run) -> bool:
    """Whether every file of the batch is what it becomes."""
    return all(read(root, write.path) == write.after for write in _batch(run).writes)


def mode(root: Path, path: str) -> int | None:
    """The permissions of the project's file `path`; None if there is none."""
    try:
        return place(root, path).stat().st_mode & 0o7777
    except OSError:
        return None


def missing_folders(root: Path, writes: Iterable[Write]) -> tuple[str, ...]:
    """The folders that have to be made before `writes`."""
    parents = {parent for write in writes if write.after is not None for parent in PurePosixPath(write.path).parents}
    return tuple(sorted(str(parent) for parent in parents if not (root / parent).exists()))


def _batch(run: Run) -> Batch:
    return run.batch or Batch(())


def _announce(root: Path, run: Run) -> None:
    try:
        record.save(root, run)
    except OSError as problem:
        raise Refused(
            f"{record.FOLDER.as_posix()} cannot be written: {problem.strerror}.",
            "What a scaffold does is recorded there, so that it can be undone.",
        ) from None


def _put(root: Path, path: str, content: bytes | None, mode_if_new: int | None) -> None:
    target = place(root, path)
    try:
        if content is None:
            target.unlink(missing_ok=True)
            return
        target.parent.mkdir(parents=True, exist_ok=True)
        present = mode(root, path)
        record.replace_file(target, content, mode_if_new if present is None else present)
    except OSError as problem:
        raise Refused(
            f"{path} cannot be written: {problem.strerror}.", "Give yourself the right to write there, and try again."
        ) from None


def _clear_drafts(root: Path, batch: Batch) -> None:
    """Remove what a killed process had begun to write."""
    for write in batch.writes:
        with suppress(NotADirectoryError):
            record.temporary(place(root, write.path)).unlink(missing_ok=True)


def _clear_folders(root: Path, folders: Iterable[str]) -> None:
    """Remove those of `folders` in which nothing is left but what Python compiled."""
    for folder in sorted(folders, key=lambda folder: folder.count("/"), reverse=True):
        with suppress(OSError, Refused):
            target = place(root, folder)
            if {child.name for child in target.iterdir()} == {"__pycache__"}:
                shutil.rmtree(target / "__pycache__")
            target.rmdir()
