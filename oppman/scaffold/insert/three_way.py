"""Two changes of one text brought together, row by row."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple


class _Hunk(NamedTuple):
    """The rows from `start` up to `stop` of the text that both began with, and what came in their place."""

    start: int
    stop: int
    rows: tuple[str, ...]


def three_way(
    base: Sequence[str], ours: Sequence[str], theirs: Sequence[str], *, apart: bool = False
) -> list[str] | None:
    """`ours` with what `theirs` changed in `base`; None if both changed the same rows, and not to the same.

    With `apart`, None as well if both changed rows beside each other.
    """
    mine, its = set(_hunks(base, ours)), set(_hunks(base, theirs))
    result: list[str] = []
    last = _Hunk(-1, -1, ())
    for hunk in sorted(mine | its):
        touches = hunk.start == last.stop and (apart or hunk.start == hunk.stop == last.start)
        if hunk.start < last.stop or touches:  # those of one side have rows between them that stay
            return None
        result += [*base[max(last.stop, 0) : hunk.start], *hunk.rows]
        last = hunk
    return [*result, *base[max(last.stop, 0) :]]


def _hunks(old: Sequence[str], new: Sequence[str]) -> Iterator[_Hunk]:
    from difflib import SequenceMatcher

    for tag, start, stop, first, last in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag != "equal":
            yield _Hunk(start, stop, tuple(new[first:last]))
