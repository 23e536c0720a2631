"""Lines of a template."""

from dataclasses import dataclass
from itertools import takewhile

from oppman.scaffold.insert.edit import CannotInsert, Edit


@dataclass(frozen=True)
class HtmlAfter(Edit):
    """Lines after the one line that contains `anchor`, with the indent of that line.

    They count as there, and are taken back, wherever in the file they stand together, however far they are indented.
    """

    anchor: str
    html: str

    def apply(self, source: str) -> str:
        rows = source.split("\n")
        if self._found(rows) is not None:
            return source
        places = [row for row, line in enumerate(rows) if self.anchor in line]
        if len(places) != 1:
            count = "no line has" if not places else f"{len(places)} lines have"
            raise CannotInsert(
                f"The place for the new lines is not to be found: {count} {self.anchor!r}.",
                f"after the line with {self.anchor}",
                self.html,
            )
        line = rows[places[0]]
        indent = "".join(takewhile(str.isspace, line))
        rows[places[0] + 1 : places[0] + 1] = [f"{indent}{own}" if own else "" for own in self._lines]
        return "\n".join(rows)

    def take_back(self, source: str) -> str:
        rows = source.split("\n")
        first = self._found(rows)
        if first is not None:
            del rows[first : first + len(self._lines)]
        return "\n".join(rows)

    @property
    def _lines(self) -> list[str]:
        return self.html.strip("\n").split("\n")

    def _found(self, rows: list[str]) -> int | None:
        own = [line.strip() for line in self._lines]
        stripped = [row.strip() for row in rows]
        places = (row for row in range(len(rows)) if stripped[row : row + len(own)] == own)
        return next(places, None)
