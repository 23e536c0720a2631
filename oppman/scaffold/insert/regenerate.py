"""What was generated as it would be generated now, in a file that its owner has edited."""

from dataclasses import dataclass

from oppman.scaffold.insert.edit import CannotInsert, Edit
from oppman.scaffold.insert.python import Python, is_python
from oppman.scaffold.insert.three_way import three_way

LEAST = 0.85
"""The part of a whole generated file that has to be still there, or it is a file of another kind."""


@dataclass(frozen=True)
class Regenerate(Edit):
    """The rows that differ between the texts `old` and `new`, brought into a file that once was `old`.

    `scope` is the class, function or constant whose text alone they are; "" for the whole file. What the owner has
    changed stays, if it is not in the rows that differ or right beside them.
    """

    old: str
    new: str
    scope: str = ""

    def apply(self, source: str) -> str:
        if self._is_there(source):
            return source
        if not self.scope and not is_like(source, self.old):
            raise self._failure("It is not what would be generated, or not any more.")
        changed = self._merged(source, self.old, self.new, apart=True)
        if changed is None:
            raise self._failure("Its owner has changed the rows that would change.")
        return changed

    def take_back(self, source: str) -> str:
        changed = self._merged(source, self.new, self.old)
        return source if changed is None else changed

    def _is_there(self, source: str) -> bool:
        without = self._merged(source, self.new, self.old)
        return without not in {None, source} and self._merged(without or "", self.old, self.new) == source

    def _merged(self, source: str, base: str, theirs: str, *, apart: bool = False) -> str | None:
        """`source` with the way from `base` to `theirs`; None if it cannot be gone there; `apart` from ours."""
        head, ours, tail = self._parts(source)
        rows = three_way(base.split("\n"), ours, theirs.split("\n"), apart=apart)
        if rows is None:
            return None
        changed = "\n".join([*head, *rows, *tail])
        return changed if is_python(changed) or not is_python(self.old) else None

    def _parts(self, source: str) -> tuple[list[str], list[str], list[str]]:
        if not self.scope:
            return [], source.split("\n"), []
        python = Python(source, self._where, self._shown)
        there = python.find(self.scope)
        if there is None:
            raise self._failure(f"There is no {self.scope} at the top level.")
        first, last = python.rows_of(there)
        return python.rows[:first], python.rows[first:last], python.rows[last:]

    def _failure(self, message: str) -> CannotInsert:
        return CannotInsert(message, self._where, self._shown)

    @property
    def _where(self) -> str:
        return f"in {self.scope}" if self.scope else "at these places"

    @property
    def _shown(self) -> str:
        """The rows that differ, each place with the row above and below it."""
        from difflib import unified_diff

        rows = list(unified_diff(self.old.split("\n"), self.new.split("\n"), lineterm="", n=1))[2:]
        return "\n".join("..." if row.startswith("@@") else row for row in rows).removeprefix("...\n")


def is_like(source: str, generated: str) -> bool:
    """Whether most of what was generated stands in the source."""
    from difflib import SequenceMatcher

    rows = generated.split("\n")
    blocks = SequenceMatcher(None, rows, source.split("\n"), autojunk=False).get_matching_blocks()
    return sum(block.size for block in blocks) >= LEAST * len(rows)
