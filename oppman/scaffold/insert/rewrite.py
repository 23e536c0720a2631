"""A file's text before and after a change that is no single insertion, such as the cut of a whole slice."""

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

from oppman.scaffold.insert.edit import CannotInsert, Edit
from oppman.scaffold.insert.python import is_python


@dataclass(frozen=True)
class Rewrite(Edit):
    """`before` becomes `after`. In a file that has changed meanwhile the rows do that still stand."""

    before: str
    after: str

    def apply(self, source: str) -> str:
        return _merged(source, self.before, self.after)

    def take_back(self, source: str) -> str:
        return _merged(source, self.after, self.before)


def _merged(source: str, base: str, wanted: str) -> str:
    """`source`, which was `base` once, with what leads from `base` to `wanted`. Raises `CannotInsert`."""
    if source in {base, wanted}:
        return wanted
    rows = base.split("\n")
    theirs, ours = list(_changes(rows, source.split("\n"))), list(_changes(rows, wanted.split("\n")))
    for change in ours:
        if any(_meet(change, other) and change != other for other in theirs):
            start, stop, new = change
            raise CannotInsert(
                "The rows that would change have been edited since.",
                f"near row {start + 1}",
                "\n".join(new if new else [f"- {row}" for row in rows[start:stop]]),
            )
    merged = sorted([*ours, *(change for change in theirs if change not in ours)], key=lambda change: change[:2])
    for start, stop, new in reversed(merged):
        rows[start:stop] = new
    result = "\n".join(rows)
    if is_python(source) and is_python(wanted) and not is_python(result):
        raise CannotInsert(
            "The file has changed too much since.", "in it", "\n".join(new for _, _, n in ours for new in n)
        )
    return result


_Change = tuple[int, int, list[str]]


def _changes(before: list[str], after: list[str]) -> Iterator[_Change]:
    """The rows of `before` that become others, from the first up to the last, and those that they become."""
    for tag, start, stop, new_start, new_stop in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag != "equal":
            yield start, stop, after[new_start:new_stop]


def _meet(one: _Change, other: _Change) -> bool:
    """Whether both change the same rows. New rows of both at one place come after each other."""
    if one[0] == one[1] and other[0] == other[1]:
        return False
    return max(one[0], other[0]) < min(one[1], other[1]) or one[0] == one[1] in range(other[0] + 1, other[1])
