"""What stands between commas: the elements of a list, tuple, set or dict, or the names of an import."""

import ast
import re
from dataclasses import dataclass, field, replace
from functools import cached_property
from operator import itemgetter

from oppman.scaffold.insert.layout import fits, laid_out
from oppman.scaffold.insert.python import comments, own_comments
from oppman.scaffold.insert.spans import Span, spans


@dataclass(frozen=True)
class Elements:
    """The elements in `text[start:end]`, which includes the brackets, if there are any (`naked`: there are none).

    `node` is their tree, where it is known.
    """

    text: str
    start: int
    end: int
    naked: bool = False
    is_tuple: bool = False
    node: ast.expr | None = field(default=None, compare=False)

    @cached_property
    def spans(self) -> list[Span]:
        inside = self.text[self.start : self.end]
        return spans(f"({inside})", self.start - 1) if self.naked else spans(inside, self.start, self.node)

    @property
    def codes(self) -> list[str]:
        return [self.text[span.start : span.end] for span in self.spans]

    @property
    def is_one_row(self) -> bool:
        return "\n" not in self.text[self.start : self.end]

    def insert(self, index: int, code: str) -> "Elements":
        """With an element at that index: a row of its own where its neighbour has one, otherwise behind a comma.

        One row that would get too long becomes a row for each element.
        """
        items = self.spans
        if not items:
            return self._insert_first(code)
        neighbour = items[max(index - 1, 0)]
        if self._has_own_row(neighbour):
            indent = self.text[self._row_start(neighbour.start) : neighbour.start]
            end = self._row_end(neighbour.end if index else self.start)
            if neighbour is items[-1] and index and neighbour.comma is None:
                row = laid_out(code, indent, "")
                return self._changed((neighbour.end, neighbour.end, ","), (end, end, f"\n{row}"))
            return self._changed((end, end, f"\n{laid_out(code, indent, ',')}"))
        place, piece = (neighbour.end, f", {code}") if index else (neighbour.start, f"{code}, ")
        changes = [(place, place, piece)]
        if self.is_tuple and len(items) == 1 and neighbour.comma is not None and self.is_one_row:
            changes.append((neighbour.comma, neighbour.comma + 1, ""))  # it was there because the element was alone
        changed = self._changed(*changes)
        # A row that is too long already is as its owner wants it.
        return changed if not self._fits() or changed._fits() else changed._exploded()

    def remove(self, index: int, *, join: bool = False) -> "Elements":
        """Without that element. A comment in its row stays. With `join`, in one row again if that is possible."""
        items = self.spans
        item, last = items[index], len(items) - 1
        leaves_one = self.is_tuple and last == 1  # which needs a comma
        if self._has_own_row(item):
            changes = [(self._row_start(item.start), self._row_end(item.end) + 1, self._comment_left(item))]
            comma = items[index - 1].comma
            if index == last > 0 and item.comma is None and comma and not leaves_one:
                changes.append((comma, comma + 1, ""))
        elif last == 0:
            changes = [(item.start, item.end if item.comma is None else item.comma + 1, "")]
        elif index and "\n" not in self.text[items[index - 1].end : item.start]:
            changes = [(items[index - 1].end, item.end, "," if leaves_one and item.comma is None else "")]
        else:
            behind = re.compile(r"[ ]*,?[ ]*").match(self.text, item.end)
            changes = [(item.start, behind.end() if behind else item.end, "")]
        if leaves_one and index == 0 and items[1].comma is None:
            changes.append((items[1].end, items[1].end, ","))
        changed = self._changed(*changes)
        return changed._joined() if join else changed

    def _insert_first(self, code: str) -> "Elements":
        close = self.end - 1
        if not self.is_one_row:
            row = self._row_start(close)
            indent = self._indent() + " " * 4
            return self._changed((row, row, f"{laid_out(code, indent, ',')}\n"))
        changed = self._changed((self.start + 1, close, code + "," * self.is_tuple))
        return changed if changed._fits() else changed._exploded()

    def _has_own_row(self, span: Span) -> bool:
        """Whether nothing but a comma and a comment shares its rows with the element."""
        before = self.text[self._row_start(span.start) : span.start]
        behind = self.text[span.end : self._row_end(span.end)]
        return not before.strip() and bool(re.fullmatch(r"[ ]*,?[ ]*(#.*)?", behind)) and not self.naked

    def _comment_left(self, span: Span) -> str:
        indent = self.text[self._row_start(span.start) : span.start]
        rows = self.text[span.start : self._row_end(span.end)]
        return "".join(f"{indent}{comment}\n" for comment in own_comments(rows))

    def _fits(self) -> bool:
        row = self.text[self._row_start(self.start) : self._row_end(self.end)]
        return self.is_one_row and fits(row)

    def _exploded(self) -> "Elements":
        indent = self._indent()
        opening, closing = ("(", ")") if self.naked else (self.text[self.start], self.text[self.end - 1])
        rows = "".join(f"{laid_out(code, indent + ' ' * 4, ',')}\n" for code in self.codes)
        exploded = self._changed((self.start, self.end, f"{opening}\n{rows}{indent}{closing}"))
        return replace(exploded, naked=False)

    def _joined(self) -> "Elements":
        if comments(self.text[self.start : self.end]) or any("\n" in code for code in self.codes):
            return self
        names = ", ".join(self.codes) + "," * (self.is_tuple and len(self.spans) == 1)
        is_import = self.text[: self.start].rstrip(" ").endswith("import")
        brackets = ("", "") if is_import else (self.text[self.start], self.text[self.end - 1])
        joined = self._changed((self.start, self.end, names.join(brackets)))
        return replace(joined, naked=is_import) if joined._fits() else self

    def _changed(self, *changes: tuple[int, int, str]) -> "Elements":
        pieces, done = [], 0
        for start, end, instead in sorted(changes, key=itemgetter(0)):  # two at one place come in the order given
            pieces += [self.text[done:start], instead]
            done = end
        text = "".join([*pieces, self.text[done:]])
        return Elements(text, self.start, self.end + len(text) - len(self.text), self.naked, self.is_tuple)

    def _indent(self) -> str:
        row = self.text[self._row_start(self.start) :]
        return row[: len(row) - len(row.lstrip(" "))]

    def _row_start(self, offset: int) -> int:
        return self.text.rfind("\n", 0, offset) + 1

    def _row_end(self, offset: int) -> int:
        end = self.text.find("\n", offset)
        return len(self.text) if end < 0 else end
