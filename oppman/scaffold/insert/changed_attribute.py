"""An attribute of a class that is there and has to say more, such as a relationship that now has to name its key."""

import ast
from dataclasses import dataclass, replace
from textwrap import dedent, indent
from typing import Self

from oppman.scaffold.insert.edit import CannotInsert, Edit
from oppman.scaffold.insert.outline import binds
from oppman.scaffold.insert.python import Python, find, is_same


@dataclass(frozen=True)
class ChangedAttribute(Edit):
    """The assignment `old` in the body of a class becomes `new`, which gives a value to the same name.

    One that its owner has changed, be it by a comment, is neither changed nor taken back.
    """

    class_name: str
    old: str
    new: str

    def apply(self, source: str) -> str:
        python = self._read(source)
        there = self._there(python)
        if there is None:
            raise self._failure(f"There is no {self._name} in it.")
        if is_same(there, _node(self.new)):
            return source
        if not python.says(there, self.old):
            raise self._failure(f"{self._name} is not what was generated, or not any more.")
        return self._replaced(python, there, self.new)

    def take_back(self, source: str) -> str:
        python = self._read(source)
        there = self._there(python)
        if there is None or not python.says(there, self.new):
            return source
        return self._replaced(python, there, self.old)

    def recorded(self, before: str, after: str) -> Self:
        python = self._read(before)
        there = self._there(python)
        return replace(self, old=dedent(_text(python, there))) if there else self

    def _there(self, python: Python) -> ast.stmt | None:
        owner = python.find(self.class_name)
        return find(owner.body, binds(_node(self.new))) if isinstance(owner, ast.ClassDef) else None

    def _replaced(self, python: Python, there: ast.stmt, other: str) -> str:
        return python.replace(*python.rows_of(there), *indent(other, " " * there.col_offset).split("\n"))

    def _read(self, source: str) -> Python:
        return Python(source, self._where, self.new)

    def _failure(self, message: str) -> CannotInsert:
        return CannotInsert(message, self._where, self.new)

    @property
    def _name(self) -> str:
        return f"{self.class_name}.{binds(_node(self.new))}"

    @property
    def _where(self) -> str:
        return f"in the class {self.class_name}, in the place of {binds(_node(self.new))}"


def _node(source: str) -> ast.stmt:
    [node] = ast.parse(source).body
    return node


def _text(python: Python, node: ast.stmt) -> str:
    first, last = python.rows_of(node)
    return "\n".join(python.rows[first:last])
