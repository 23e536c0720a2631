"""The statements of a module and their rows, found without reading them.

The models of a large project are a thousand statements, and an edit is about one of them. So the text is parted at the
rows that begin at the left edge, and a statement becomes a tree when it is asked for. That the rest is Python too is
made sure of once for each statement: see `sound.py`.
"""

import ast
import keyword
import re
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache

from oppman.scaffold import sound


@dataclass(frozen=True)
class Statement:
    """A statement at the top level."""

    first: int
    """The row that it begins in, decorators included."""
    last: int
    """The row after it."""
    column: int = 0
    name: str = ""
    """What a class, a function or an assignment gives a value to."""
    kind: str = ""
    """"class", "def" or "import"; "" for another one."""


@dataclass(frozen=True)
class Outline:
    """A text that is valid Python, row by row and statement by statement. Rows are counted from 0."""

    text: str
    statements: tuple[Statement, ...]

    @cached_property
    def rows(self) -> list[str]:
        return self.text.split("\n")

    @cached_property
    def _nodes(self) -> dict[Statement, ast.stmt]:
        return {}

    def node(self, statement: Statement) -> ast.stmt:
        """The statement's own tree, its places those in the whole text. Nobody may change it."""
        if statement not in self._nodes:
            above = "\n" * statement.first
            body = ast.parse(above + "\n".join(self.rows[statement.first : statement.last])).body
            found = (node for node in body if node.col_offset == statement.column)  # `a = 1; b = 2` are two
            self._nodes[statement] = next(found)
        return self._nodes[statement]

    def imported(self, statement: Statement) -> ast.Import | ast.ImportFrom:
        """What an import says; its tree has no places in the text."""
        return _imported("\n".join(self.rows[statement.first : statement.last]), statement.column)

    def find(self, name: str) -> ast.stmt | None:
        """The first statement that gives a value to the name."""
        return next((node for _, node in self._found(name)), None)

    def source(self, name: str) -> str:
        """The rows of that statement; "" if there is none."""
        return next(("\n".join(self.rows[one.first : one.last]) for one, _ in self._found(name)), "")

    def _found(self, name: str) -> Iterator[tuple[Statement, ast.stmt]]:
        for one in self.statements:
            if one.name == name and binds(node := self.node(one)) == name:  # `x = y = 1` is none of x
                yield one, node


def outline(text: str) -> Outline:
    """The outline of `text`. Raises SyntaxError or ValueError for what is no Python.

    Of a text that differs from one of the last ones in a few rows, these rows alone are looked at.
    """
    for known in _recent:
        if known.text == text:
            return known
    found = next(filter(None, (_after_edit(known, text) for known in _recent)), None)
    if found is None:
        parts = _parts(text)
        found = Outline(text, tuple(_read(ast.parse(text)) if parts is None else parts))
    _recent.appendleft(found)
    return found


def binds(node: ast.stmt) -> str:
    """The name that a class, a function or a plain assignment gives a value to; "" for other statements."""
    match node:
        case ast.ClassDef(name=name) | ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
            return name
        case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
            return name
    return ""


@lru_cache(maxsize=4096)  # a module may have hundreds, and each new one is compared with them
def _imported(source: str, column: int) -> ast.Import | ast.ImportFrom:
    nodes = (node for node in ast.parse(source).body if node.col_offset == column)
    return next(node for node in nodes if isinstance(node, ast.Import | ast.ImportFrom))


_recent: deque[Outline] = deque(maxlen=8)
_SHORT = 4_000
"""Characters up to which a text is looked at as a whole sooner than compared."""

_PART = re.compile(
    r"""
    (?: [^"'\#\n]++
      | (?:\"{3} (?:[^"\\]++|\\.|"(?!""))*+ \"{3}) | (?:'{3} (?:[^'\\]++|\\.|'(?!''))*+ '{3})
      | " (?:[^"\\\n]++|\\.)*+ " | ' (?:[^'\\\n]++|\\.)*+ '
      | \# [^\n]*+
      | \n (?=[\s\#)\]}]|else\b|elif\b|except\b|finally\b|\Z)
    )++ \n? | \n
    """,
    re.VERBOSE | re.DOTALL,
)
"""From a row that begins at the left edge up to the next one, strings and comments being what they are."""
_LONG_QUOTES = re.compile("'''|\"\"\"")
_HEAD = re.compile(r"(?:async[ ]+)?(def|class)[ ]+(\w+)|(import|from)\b|(\w+)[ ]*(?::|=(?!=))")
_KINDS = {
    ast.ClassDef: "class", ast.FunctionDef: "def", ast.AsyncFunctionDef: "def",
    ast.Import: "import", ast.ImportFrom: "import",
}  # fmt: skip


def _parts(text: str, first: int = 0) -> list[Statement] | None:
    """The statements of the text, whose first row has that number; None if it cannot be parted with certainty."""
    found: list[Statement] = []
    done, row, decorators = 0, first, ""
    for match in _PART.finditer(text):
        if match.start() != done:
            return None
        done = match.end()
        part = decorators + match[0]
        decorators = part if match[0].startswith("@") else ""
        if decorators:
            continue
        if not sound.is_sound(part):
            return None
        found += _statements(part, row, _HEAD.match(match[0]))
        row += part.count("\n")
    return found if done == len(text) and not decorators else None


def _statements(part: str, row: int, head: re.Match[str] | None) -> Iterator[Statement]:
    body = part.rstrip()
    while (line := body[body.rfind("\n") + 1 :].lstrip()).startswith("#") and not _LONG_QUOTES.search(line):
        body = body[: -len(line)].rstrip()
    if ";" in part or "\\\n" in part or line.startswith("#"):
        # There may be two in a row, or none in rows that go on; or it is the end of a text that looks like a comment.
        yield from (_moved(one, row) for one in _read(ast.parse(part)))
        return
    last = row + body.count("\n") + bool(body)
    if last > row:
        name = (head[2] or head[4] or "") if head else ""
        kind = head[1] or ("import" if head[3] else "") if head else ""
        yield Statement(row, last, 0, "" if keyword.iskeyword(name) else name, kind)


def _read(tree: ast.Module) -> Iterator[Statement]:
    for node in tree.body:
        decorators: list[ast.expr] = getattr(node, "decorator_list", [])
        first = min([node.lineno, *(decorator.lineno for decorator in decorators)]) - 1
        kind = _KINDS.get(type(node), "")
        yield Statement(first, node.end_lineno or node.lineno, node.col_offset, binds(node), kind)


def _after_edit(known: Outline, text: str) -> Outline | None:
    """The outline of what `known` has become, if most of it is still there and the rest can be parted by itself.

    Statements that begin at the left edge and are complete stay what they are, whatever stands between them.
    """
    least = min(len(known.text), len(text))
    if least < _SHORT:
        return None
    head = _greatest(lambda count: known.text.startswith(text[:count]), least)
    tail = _greatest(lambda count: known.text.endswith(text[len(text) - count :]), least - head)
    if head + tail < least // 2:
        return None
    above, below = text.count("\n", 0, head), text.count("\n", len(text) - tail)
    moved = text.count("\n") - known.text.count("\n")
    first_below = known.text.count("\n") + 1 - below
    kept = [one for one in known.statements if one.last <= above]
    following = [one for one in known.statements if one.first >= first_below]
    rows = text.split("\n")
    first = kept[-1].last if kept else 0
    last = following[0].first + moved if following else len(rows)
    between = _parts("\n".join(rows[first:last]), first)
    if between is None:
        return None
    return Outline(text, (*kept, *between, *(_moved(one, moved) for one in following)))


def _greatest(holds: Callable[[int], bool], most: int) -> int:
    """The greatest number up to `most` for which it holds, as it does for all below it."""
    low, high = 0, most
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if holds(middle) else (low, middle - 1)
    return low


def _moved(statement: Statement, rows: int) -> Statement:
    if not rows:
        return statement
    one = statement
    return Statement(one.first + rows, one.last + rows, one.column, one.name, one.kind)
