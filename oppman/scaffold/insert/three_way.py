"""Two changes of one text brought together, row by row."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple


class _Hunk(NamedTuple):
    """The rows from `start` up to `stop` of the text that both began with, and what came in their place."""

    start: int
    stop: int
    rows: tuple[str, ...]


def three_way(base: Sequence[str], ours: Sequence[str], theirs: Sequence[str]) -> list[str] | None:
    """`ours` with what `theirs` changed in `base`; None if both changed the same rows, and not to the same."""
    hunks = sorted({*_hunks(base, ours), *_hunks(base, theirs)})
    result: list[str] = []
    done, last_start = 0, -1
    for start, stop, rows in hunks:
        if start < done or (start == stop == last_start == done):
            return None
        result += [*base[done:start], *rows]
        done, last_start = stop, start
    return [*result, *base[done:]]


def _hunks(old: Sequence[str], new: Sequence[str]) -> Iterator[_Hunk]:
    from difflib import SequenceMatcher

    for tag, start, stop, first, last in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag != "equal":
            yield _Hunk(start, stop, tuple(new[first:last]))
