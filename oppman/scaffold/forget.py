"""Take resources out of Python source: whatever mentions them goes, the rest keeps its bytes.

Source is cut along its syntax tree, never rewritten: comments, formatting and order of what stays are its owner's.
A mention is a name (`ProductCreate`, `product_service`), an import from such a module, or a string that is such a name
(`"products"`, `"product.view"`). With it goes the smallest thing that can be left out: an import's name, an element of
a list, a keyword argument, a statement. What only that needed (an import, a private function) goes too.
"""

import ast
import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from itertools import groupby

Body = list[ast.stmt]
Mention = Callable[[str], bool]


def forget(source: str, words: Collection[str], *, whole_functions: bool = False) -> str:
    """`source` without what mentions one of `words` (singular, lower case: "product" finds `Products` too).

    With `whole_functions` a function that mentions them goes as a whole, as a test has to: half of one proves nothing.
    """
    pattern = re.compile(rf"_?(?:{'|'.join(map(re.escape, words))})s?(?:[A-Z_].*|\.[\w*]+)?", re.DOTALL)
    lower = re.compile(pattern.pattern, re.DOTALL | re.IGNORECASE)

    def mentioned(text: str) -> bool:
        return bool(pattern.fullmatch(text[:1].lower() + text[1:]) or (text.isupper() and lower.fullmatch(text)))

    return without_orphans(_cut(source, _Forgetting(source, mentioned, whole_functions).spans()), source)


def without_orphans(source: str, before: str, keep: Collection[str] = ()) -> str:
    """`source` without the imports and the private definitions that something used in `before` and nothing uses now.

    What other files need of it is to `keep`.
    """
    used = _used(ast.parse(before)) - set(keep)
    while True:  # what goes may have needed something itself
        spans = list(_orphans(source, used))
        if not spans:
            return source
        source = _cut(source, spans)


@dataclass(frozen=True, order=True)
class _Span:
    """A piece of the source, in characters."""

    start: int
    end: int
    instead: str = ""


class _Forgetting:
    """Finds what goes from one source."""

    def __init__(self, source: str, mentioned: Mention, whole_functions: bool) -> None:
        self._text = _Text(source)
        self._whole_functions = whole_functions
        self._tree = ast.parse(source)
        self._parents = {child: node for node in ast.walk(self._tree) for child in ast.iter_child_nodes(node)}
        self._mentioned = mentioned
        self._bound: set[str] = set()  # names that top-level statements bound which are gone now
        self._gone: set[ast.AST] = set()

    def spans(self) -> list[_Span]:
        size = -1
        while len(self._gone) > size:  # until nothing that stays mentions what is gone
            size = len(self._gone)
            for node in ast.walk(self._tree):
                if self._mentions(node) and not self._is_gone(node):
                    self._remove(self._unit(node))
        return [span for node in ast.walk(self._tree) for span in self._spans_of_children(node)]

    def _mentions(self, node: ast.AST) -> bool:
        names: list[str] = []
        match node:
            case ast.Name(id=name) | ast.keyword(arg=str(name)) | ast.arg(arg=name):
                names = [name]
            case ast.ClassDef(name=name) | ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                names = [name.removeprefix("test_")]
            case ast.alias(name=name):
                names = [name.rpartition(".")[2]]
            case ast.ImportFrom(module=str(module)):
                names = module.split(".")
            case ast.Constant(value=str(value)):
                names = [value]
        if isinstance(node, ast.ImportFrom):
            return any(map(self._mentioned, names))
        return any(self._mentioned(name) or name in self._bound for name in names)

    def _unit(self, node: ast.AST) -> ast.AST:
        """The smallest thing around `node` that can be left out."""
        unit = self._smallest(node)
        if not self._whole_functions or isinstance(unit, ast.alias):
            return unit
        function, current, asserted = unit, unit, isinstance(unit, ast.stmt | ast.keyword)
        while current in self._parents:
            asserted = asserted or isinstance(current, ast.Assert)  # half a comparison proves nothing
            if asserted and isinstance(current, ast.FunctionDef | ast.AsyncFunctionDef):
                function = current
            current = self._parents[current]
        return function

    def _smallest(self, node: ast.AST) -> ast.AST:
        literal = isinstance(node, ast.Constant)  # a name given by keyword can be left out, what a call is about cannot
        while not isinstance(node, ast.stmt | ast.alias) and (literal or not isinstance(node, ast.keyword)):
            parent = self._parents[node]
            if isinstance(parent, ast.List | ast.Tuple | ast.Set | ast.Dict) and self._is_literal(parent):
                outer = self._parents[parent]
                if isinstance(outer, ast.List | ast.Tuple | ast.Set) and self._is_literal(outer):
                    return parent  # a record in a list goes as a whole
                if not isinstance(parent, ast.Dict):
                    return node
            node = parent
        return node

    def _is_literal(self, node: ast.AST) -> bool:
        """Whether `node` is written as a list of things, and is not a type's arguments or an assignment's targets."""
        parent = self._parents[node]
        return not isinstance(parent, ast.Subscript) and isinstance(getattr(node, "ctx", ast.Load()), ast.Load)

    def _remove(self, node: ast.AST) -> None:
        self._gone.add(node)
        parent = self._parents.get(node)
        if isinstance(node, ast.stmt) and isinstance(parent, ast.Module):
            self._bound |= set() if isinstance(node, ast.Import) else _binds(node)  # other imports bind `webapp` too
        children = _siblings(parent, node) if parent else []
        if parent and parent in self._parents and children and all(child in self._gone for child in children):
            if isinstance(parent, ast.stmt | ast.ExceptHandler):
                self._remove(parent)
            elif not isinstance(self._parents[parent], ast.Assign | ast.AnnAssign):  # a constant may be empty
                self._remove(self._unit(parent))

    def _is_gone(self, node: ast.AST) -> bool:
        current: ast.AST | None = node
        while current is not None and current not in self._gone:
            current = self._parents.get(current)
        return current is not None

    def _spans_of_children(self, node: ast.AST) -> Iterator[_Span]:
        if self._is_gone(node):
            return
        for name in ("body", "orelse", "finalbody"):
            statements = getattr(node, name, None)
            for gone, run in groupby(statements if isinstance(statements, list) else (), self._gone.__contains__):
                if gone:
                    yield self._text.lines(*run)
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield from self._text.elements(node.names, self._gone)
        elif isinstance(node, ast.List | ast.Tuple) and node.elts and self._gone.issuperset(node.elts):
            yield _Span(self._text.start(node) + 1, self._text.end(node) - 1)
        elif isinstance(node, ast.List | ast.Tuple | ast.Set):
            yield from self._text.elements(node.elts, self._gone, comma=isinstance(node, ast.Tuple))
        elif isinstance(node, ast.Call):
            yield from self._text.elements([*node.args, *node.keywords], self._gone)


class _Text:
    """A source, and where its nodes lie in it."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.rows = source.splitlines(keepends=True)
        self._starts = [0]
        for row in self.rows:
            self._starts.append(self._starts[-1] + len(row))

    def start(self, node: ast.AST) -> int:
        return self._offset(node.lineno, node.col_offset)  # type: ignore[attr-defined]

    def end(self, node: ast.AST) -> int:
        return self._offset(node.end_lineno, node.end_col_offset)  # type: ignore[attr-defined]

    def lines(self, node: ast.stmt, *following_nodes: ast.stmt) -> _Span:
        """The whole lines of statements in a row: decorators and the comment right above, blank lines on one side."""
        decorators: list[ast.expr] = getattr(node, "decorator_list", [])
        first = min([node.lineno, *(decorator.lineno for decorator in decorators)]) - 1
        while first and self.rows[first - 1].lstrip().startswith("#") and self._indent(first - 1) == node.col_offset:
            first -= 1
        final = (node, *following_nodes)[-1]
        last = final.end_lineno or final.lineno
        above, below = self._blank(first - 1, -1), self._blank(last, 1)
        following = last + below
        if following == len(self.rows) or self._indent(following) < node.col_offset:
            first -= above  # the last of its block: the blank lines after it part the blocks
        else:
            last += min(above, below) if first else below
        return _Span(self._starts[first], self._starts[last])

    def elements(
        self, items: list[ast.AST] | list[ast.expr] | list[ast.alias], gone: set[ast.AST], *, comma: bool = False
    ) -> Iterator[_Span]:
        """The spans of the gone ones among `items`, each with its comma."""
        left = [item for item in items if item not in gone]
        if (
            comma
            and len(left) == 1
            and left[0] is items[-1]
            and not re.match(r"\s*,", self.source[self.end(left[0]) :])
        ):
            yield _Span(self.end(left[0]), self.end(left[0]), ",")  # one that is alone in a tuple needs it
        for index, item in enumerate(items):
            if item not in gone:
                continue
            if rows := self._own_rows(item):
                yield rows
            elif any(later in left for later in items[index + 1 :]):
                yield _Span(self.start(item), self.start(items[index + 1]))
            else:  # the last ones, with the comma before them
                kept = [earlier for earlier in items[:index] if earlier in left]
                begin = self.end(kept[-1]) if kept else self.start(items[0])
                yield _Span(begin, self.end(items[-1]), "," if comma and len(left) == 1 else "")
                return

    def _own_rows(self, item: ast.AST) -> _Span | None:
        """The whole lines of an item that shares them with nothing but a comma and a comment."""
        first = self._starts[item.lineno - 1]  # type: ignore[attr-defined]
        rest = re.compile(r"[ ]*,[ ]*(#[^\n]*)?\n").match(self.source, self.end(item))
        if rest is None or self.source[first : self.start(item)].strip():
            return None
        return _Span(first, rest.end())

    def _offset(self, line: int, column: int) -> int:
        # The tree counts columns in bytes of UTF-8.
        return self._starts[line - 1] + len(self.rows[line - 1].encode()[:column].decode())

    def _blank(self, row: int, step: int) -> int:
        """How many blank lines there are from `row` on, downwards or upwards."""
        count = 0
        while 0 <= row + count * step < len(self.rows) and not self.rows[row + count * step].strip():
            count += 1
        return count

    def _indent(self, row: int) -> int:
        return len(self.rows[row]) - len(self.rows[row].lstrip())


def _cut(source: str, spans: Collection[_Span]) -> str:
    for span in sorted(spans, reverse=True):
        source = source[: span.start] + span.instead + source[span.end :]
    return source


def _orphans(source: str, before: set[str]) -> Iterator[_Span]:
    """Imports and private definitions that something used before and nothing uses now."""
    tree, text = ast.parse(source), _Text(source)
    unused = before - _used(tree)
    for node in tree.body:
        if (names := _binds(node)) and all(name in unused and name.startswith("_") for name in names):
            yield text.lines(node)
    for block in ast.walk(tree):
        for node in getattr(block, "body", None) or () if isinstance(block, ast.Module | ast.If) else ():
            if not isinstance(node, ast.Import | ast.ImportFrom):
                continue
            gone: set[ast.AST] = {a for a in node.names if (a.asname or a.name.partition(".")[0]) in unused}
            if len(gone) < len(node.names):
                yield from text.elements(node.names, gone)
            elif isinstance(block, ast.If) and len(block.body) == 1:
                yield text.lines(block)
            else:
                yield text.lines(node)
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            dependencies: set[ast.AST] = {
                argument
                for argument in function.args.args
                if argument.arg
                in before - {n.id for s in function.body for n in ast.walk(s) if isinstance(n, ast.Name)}
                and ast.unparse(argument.annotation or argument).endswith("Dep")
            }
            yield from text.elements(function.args.args, dependencies)  # type: ignore[arg-type]


def _used(tree: ast.AST) -> set[str]:
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
    strings = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    return names | strings


def _binds(node: ast.stmt) -> set[str]:
    match node:
        case ast.ClassDef(name=name) | ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
            return {name}
        case ast.Assign(targets=targets):
            return {name.id for target in targets for name in ast.walk(target) if isinstance(name, ast.Name)}
        case ast.AnnAssign(target=ast.Name(id=name)):
            return {name}
        case ast.Import(names=aliases) | ast.ImportFrom(names=aliases):
            return {alias.asname or alias.name.partition(".")[0] for alias in aliases}
    return set()


def _siblings(parent: ast.AST, node: ast.AST) -> list[ast.AST]:
    """The list of the parent in which `node` stands, if the parent makes no sense without any of it."""
    for name in ("names", "elts", "body"):
        children: list[ast.AST] = getattr(parent, name, None) or []
        if isinstance(children, list) and node in children:
            return children
    return []
