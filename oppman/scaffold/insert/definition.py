"""A class, a function or an assignment at the top level of a module."""

from dataclasses import dataclass, replace
from typing import Self

from oppman.scaffold.insert.python import Python, comments, is_same
from oppman.scaffold.insert.source_edit import SourceEdit


@dataclass(frozen=True)
class Definition(SourceEdit):
    """The source of one definition, with the comments right above it; after or before another one, or at the end.

    `gap` is the number of blank rows that were at the place beside the other one. A definition that its owner has
    changed, be it by a comment inside, is not taken back.
    """

    source: str
    after: str | None = None
    before: str | None = None
    gap: int = 2

    def apply(self, source: str) -> str:
        lines = self.source.strip("\n").split("\n")
        python = self._read(source)
        if self._is(python.find(self.name), self.name):
            return source
        top, bottom = self._place(python)
        head, tail = python.rows[:top], python.rows[bottom:]
        if not tail:  # at the end, what follows the last row stays as it is
            return "\n".join([*head, *["", ""] * bool(head), *lines]) + "\n" * max(bottom - top, not head)
        return "\n".join([*head, *["", ""] * bool(head), *lines, "", "", *tail])

    def recorded(self, before: str, after: str) -> Self:
        if not (self.before or self.after):
            return self
        top, bottom = self._place(self._read(before))
        return replace(self, gap=bottom - top)

    def take_back(self, source: str) -> str:
        python = self._read(source)
        there = python.find(self.name)
        if there is None or not is_same(there, self._node):
            return source
        first, last = python.rows_of(there)
        lines = self.source.strip("\n").split("\n")
        own = next(number for number, line in enumerate(lines) if not line.startswith("#"))
        start = first - own
        if start < 0 or comments("\n".join(python.rows[start:last])) != comments("\n".join(lines)):
            return source
        return python.cut(start, last, self.gap if self._stands_there(python) else None)

    def _place(self, python: Python) -> tuple[int, int]:
        """The blank rows, from the first up to the last, in whose place the definition comes."""
        anchor = self.before or self.after
        if anchor is None:
            end = len(python.rows)
            return end - python.blank(end - 1, -1), end
        node = python.find(anchor)
        if node is None:
            raise self._failure(f"There is no {anchor} at the top level.")
        first, last = python.rows_of(node)
        if self.before:
            first = python.with_comments(first)
            return first - python.blank(first - 1, -1), first
        return last, last + python.blank(last, 1)

    def _stands_there(self, python: Python) -> bool:
        """Whether the definition is still next to the one that it was put beside."""
        names = [one.name for one in python.statements]
        index = names.index(self.name)
        if self.before:
            return names[index + 1 : index + 2] == [self.before]
        return index > 0 and names[index - 1] == self.after

    @property
    def _where(self) -> str:
        if self.before:
            return f"before {self.before}"
        return f"after {self.after}" if self.after else "at the end of the file"
