"""Python source, its syntax tree, and where in the text a node stands. Rows are counted from 0."""

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from functools import lru_cache
from textwrap import dedent

from oppman.scaffold.insert.edit import CannotInsert
from oppman.scaffold.insert.outline import Statement, binds, outline

WIDTH = 120  # columns, as the project's pyproject.toml has it
_PRAGMA = re.compile(r"#\s*(noqa|type:|pyright:|pragma:|pylint:|ruff:|fmt:)")


@lru_cache(maxsize=4)
def parse(text: str) -> ast.Module:
    """The whole tree, which nobody may change. Raises `SyntaxError`."""
    return ast.parse(text)


class Python:
    """A source that parses. Raises `CannotInsert`, with the place and the code of the edit, for one that does not."""

    def __init__(self, text: str, where: str, code: str) -> None:
        try:
            self._outline = outline(text)
        except (SyntaxError, ValueError) as error:
            line = f", line {error.lineno}" if isinstance(error, SyntaxError) and error.lineno else ""
            raise CannotInsert(f"The file is not valid Python{line}.", where, code) from None
        self.text = text
        self.rows = self._outline.rows

    @property
    def tree(self) -> ast.Module:
        """All of it, which takes long for a long file."""
        return parse(self.text)

    @property
    def statements(self) -> tuple[Statement, ...]:
        """Those at the top level."""
        return self._outline.statements

    def find(self, name: str) -> ast.stmt | None:
        """The first statement at the top level that gives a value to the name."""
        return self._outline.find(name)

    def node(self, statement: Statement) -> ast.stmt:
        """The tree of one of the statements."""
        return self._outline.node(statement)

    def imported(self, statement: Statement) -> ast.Import | ast.ImportFrom:
        """What an import says; its tree has no places in the text."""
        return self._outline.imported(statement)

    def start(self, node: ast.expr | ast.stmt) -> int:
        return self._offset(node.lineno, node.col_offset)

    def end(self, node: ast.expr | ast.stmt) -> int:
        return self._offset(node.end_lineno or 0, node.end_col_offset or 0)

    def rows_of(self, node: ast.stmt) -> tuple[int, int]:
        """The first row of a statement, decorators included, and the row after its last."""
        decorators: list[ast.expr] = getattr(node, "decorator_list", [])
        return min([node.lineno, *(decorator.lineno for decorator in decorators)]) - 1, node.end_lineno or node.lineno

    def with_comments(self, first: int) -> int:
        """The first of the rows of comments right above a row, or the row itself."""
        indent = _indent(self.rows[first])
        while first and self.rows[first - 1].lstrip().startswith("#") and _indent(self.rows[first - 1]) == indent:
            first -= 1
        return first

    def blank(self, row: int, step: int) -> int:
        """How many blank rows there are from `row` on, downwards (1) or upwards (-1)."""
        count = 0
        while 0 <= row + count * step < len(self.rows) and not self.rows[row + count * step].strip():
            count += 1
        return count

    def stands_alone(self, node: ast.stmt) -> bool:
        """Whether nothing but a comment shares the rows of a statement."""
        before = self.rows[node.lineno - 1][: self._column(node.lineno, node.col_offset)]
        behind = self.rows[(node.end_lineno or 0) - 1][self._column(node.end_lineno or 0, node.end_col_offset or 0) :]
        return not before.strip() and (not behind.strip() or behind.lstrip().startswith("#"))

    def says(self, node: ast.stmt, source: str) -> bool:
        """Whether the statement, alone in its rows, is the one in `source`, its comments too."""
        [wanted] = ast.parse(source).body
        first, last = self.rows_of(node)
        rows = dedent("\n".join(self.rows[first:last]))
        return is_same(node, wanted) and self.stands_alone(node) and comments(rows) == comments(source)

    def put(self, row: int, *lines: str) -> str:
        """The text with lines before a row."""
        return self.replace(row, row, *lines)

    def cut(self, first: int, last: int, gap: int | None = None) -> str:
        """The text without the rows from `first` up to `last`, and with one of the two gaps around them.

        `gap` says how many blank rows stay in the middle of a file; without it, as many as the larger gap has.
        """
        above, below = self.blank(first - 1, -1), self.blank(last, 1)
        head, tail = self.rows[: first - above], self.rows[last + below :]
        if not tail:  # at the end, what follows the last row stays as it is
            return "\n".join(head) + "\n" * below if head else ""
        middle = [""] * (max(above, below) if gap is None else gap)
        return "\n".join([*head, *(middle if head else ()), *tail])

    def replace(self, first: int, last: int, *lines: str) -> str:
        """The text with lines in the place of the rows from `first` up to `last`."""
        return "\n".join([*self.rows[:first], *lines, *self.rows[last:]])

    def _offset(self, line: int, column: int) -> int:
        return len("\n".join(self.rows[: line - 1])) + (line > 1) + self._column(line, column)

    def _column(self, line: int, column: int) -> int:
        row = self.rows[line - 1]  # the tree counts columns in bytes of UTF-8
        return column if row.isascii() else len(row.encode()[:column].decode())


def is_python(text: str) -> bool:
    try:
        outline(text)
    except (SyntaxError, ValueError):
        return False
    return True


def find(body: list[ast.stmt], name: str) -> ast.stmt | None:
    """The first statement that gives a value to the name."""
    return next((node for node in body if binds(node) == name), None)


def tokens(text: str) -> Iterator[tokenize.TokenInfo]:
    return tokenize.generate_tokens(io.StringIO(text).readline)


def comments(text: str) -> list[str]:
    return [token.string for token in tokens(text) if token.type == tokenize.COMMENT]


def own_comments(text: str) -> list[str]:
    """The comments that mean something without the code beside them: no `# noqa` and its like."""
    return [comment for comment in comments(text) if not _PRAGMA.match(comment)]


def is_same(node: ast.stmt, other: ast.stmt) -> bool:
    """Whether two statements mean the same, however they are laid out."""
    return ast.dump(node) == ast.dump(other)


def _indent(row: str) -> int:
    return len(row) - len(row.lstrip())
