"""An edit that is the source of one statement, with the comments right above it."""

import ast
from abc import abstractmethod

from oppman.scaffold.insert.edit import CannotInsert, Edit
from oppman.scaffold.insert.outline import binds
from oppman.scaffold.insert.python import Python, is_same


class SourceEdit(Edit):
    """A class, a function or an assignment. One that its owner has changed, be it by a comment, is not taken back."""

    source: str

    @property
    def name(self) -> str:
        return binds(self._node)

    @property
    def _node(self) -> ast.stmt:
        [node] = ast.parse(self.source).body
        return node

    @property
    @abstractmethod
    def _where(self) -> str:
        """The place, for a person who has to paste the source there."""

    def _read(self, source: str) -> Python:
        return Python(source, self._where, self.source)

    def _is(self, there: ast.stmt | None, shown: str) -> bool:
        """Whether it stands `there` already. Raises `CannotInsert` if the name, as `shown`, means something else."""
        if there is not None and not is_same(there, self._node):
            raise self._failure(f"{shown} is already defined.")
        return there is not None

    def _failure(self, message: str) -> CannotInsert:
        return CannotInsert(message, self._where, self.source)
