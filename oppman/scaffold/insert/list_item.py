"""An element of a list, tuple, set or dict that a name is given, or that a loop runs over."""

import ast
import re
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Self

from oppman.scaffold.insert.edit import CannotInsert, Edit
from oppman.scaffold.insert.elements import Elements
from oppman.scaffold.insert.python import Python, find, is_python


@dataclass(frozen=True)
class ListItem(Edit):
    """`item`, the source of an element, in the collection that `target` names.

    A target is the name of a constant (`VIEWS`), an attribute of a class (`BookAdmin.form_columns`), or a loop of a
    function (`create_app:for resource`). The place is behind or in front of the element `after` or `before`, and at
    the end where that is not to be found. `exploded`: adding the item made several rows of one.
    """

    target: str
    item: str
    before: str | None = None
    after: str | None = None
    exploded: bool = False

    def apply(self, source: str) -> str:
        elements = self._read(source)
        codes = elements.codes
        if _position(codes, self.item) is not None:
            return source
        index = self._index(codes)
        changed = elements.insert(index, self.item)
        if not _are_same(changed.codes, [*codes[:index], self.item, *codes[index:]]) or not is_python(changed.text):
            raise self._failure(f"An element of {self.target} is written in a way that leaves no room for another.")
        return changed.text

    def recorded(self, before: str, after: str) -> Self:
        return replace(self, exploded=self._read(before).is_one_row and not self._read(after).is_one_row)

    def take_back(self, source: str) -> str:
        elements = self._elements(self._python(source))
        if elements is None or (index := _position(elements.codes, self.item)) is None:
            return source
        return elements.remove(index, join=self.exploded).text

    def has_rows(self, source: str) -> bool:
        """Whether the collection is there and has a row for each element."""
        elements = self._elements(self._python(source))
        return elements is not None and not elements.is_one_row

    def _read(self, source: str) -> Elements:
        elements = self._elements(self._python(source))
        if elements is None:
            raise self._failure(f"There is no {self.target} that is written as a list of its elements.")
        return elements

    def _index(self, codes: list[str]) -> int:
        if self.before is not None and (index := _position(codes, self.before)) is not None:
            return index
        if self.after is not None and (index := _position(codes, self.after)) is not None:
            return index + 1
        return len(codes)

    def _elements(self, python: Python) -> Elements | None:
        value = _collection(python, self.target)
        if value is None:
            return None
        start, end = python.start(value), python.end(value)
        if python.text[start] not in "([{" or (isinstance(value, ast.Tuple) and _is_bare(python, value)):
            return None
        return Elements(python.text, start, end, is_tuple=isinstance(value, ast.Tuple), node=value)

    def _python(self, source: str) -> Python:
        return Python(source, self._where, f"{self.item},")

    def _failure(self, message: str) -> CannotInsert:
        return CannotInsert(message, self._where, f"{self.item},")

    @property
    def _where(self) -> str:
        function, _, loop = self.target.partition(":")
        return f"in the loop `{loop} in (…)` of {function}" if loop else f"in {self.target}"


@dataclass(frozen=True)
class TableArgument(ListItem):
    """An element of a model's `__table_args__`, in front of the options that may stand at its end."""

    @classmethod
    def of(cls, class_name: str, item: str) -> Self:
        return cls(f"{class_name}.__table_args__", item)

    def _index(self, codes: list[str]) -> int:
        return len(codes) - (bool(codes) and codes[-1].startswith("{"))


def _collection(python: Python, target: str) -> ast.expr | None:
    """The collection that a target names, if it is written as one."""
    name, _, loop = target.partition(":")
    owner, _, attribute = name.rpartition(".")
    node = python.find(owner or attribute)
    if owner:
        node = find(node.body, attribute) if isinstance(node, ast.ClassDef) else None
    value: ast.expr | None = None
    if loop:
        for inner in ast.walk(node) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) else ():
            if isinstance(inner, ast.For) and f"for {ast.unparse(inner.target)}" == loop:
                value = inner.iter
                break
    elif isinstance(node, ast.Assign | ast.AnnAssign):
        value = node.value
    return value if isinstance(value, ast.List | ast.Tuple | ast.Set | ast.Dict) else None


def _is_bare(python: Python, value: ast.Tuple) -> bool:
    """Whether a tuple has no brackets of its own."""
    return bool(value.elts) and python.start(value) == python.start(value.elts[0])


def _position(codes: list[str], wanted: str) -> int | None:
    """Where the element stands that means the same as `wanted`; None if there is none."""
    if wanted in codes:
        return codes.index(wanted)
    return next((index for index, code in enumerate(codes) if _is_same(code, wanted)), None)


def _are_same(codes: list[str], wanted: list[str]) -> bool:
    return len(codes) == len(wanted) and all(map(_is_same, codes, wanted))


def _is_same(code: str, other: str) -> bool:
    """Whether two elements mean the same, however they are laid out."""
    if code == other or (code.isidentifier() and other.isidentifier()):
        return code == other
    if _SAID_DIFFERENTLY.isdisjoint(code) and _LAYOUT.sub("", code) != _LAYOUT.sub("", other):
        return False  # hardly ever are two trees needed
    return _key(code) == _key(other)


_LAYOUT = re.compile(r"[\W_]+")
_SAID_DIFFERENTLY = frozenset("#\\")
"""A comment is no part of what an element means, and an escape can say what a letter says."""


@lru_cache(maxsize=64)
def _key(code: str) -> str:
    """What an element means; two that are written alike have the same one."""
    try:
        node: ast.expr = ast.parse(f"[{code}\n]", mode="eval").body
        return ", ".join(ast.dump(element) for element in node.elts)  # type: ignore[attr-defined]
    except SyntaxError:
        return ast.dump(ast.parse(f"{{{code}\n}}", mode="eval"))  # `key: value` of a dict
