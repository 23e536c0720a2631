"""How the `__init__.py` of a package offers what its modules define, so that one more name is offered like the rest."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from oppman.scaffold.insert import Edit, Exported, ImportAliases, ImportNames
from oppman.scaffold.insert.outline import binds
from oppman.scaffold.insert.python import find


@dataclass(frozen=True)
class Reexports:
    """The source of an `__init__.py`: with an `__all__`, with `Name as Name`, or with imports alone."""

    source: str

    def has(self, name: str) -> bool:
        """Whether the name is there, or may be by a star."""
        offered = {alias.asname or alias.name for node in self._statements for alias in node.names}
        return not offered.isdisjoint({name, "*"}) or find(self._tree.body, name) is not None

    def edits(self, module: str, name: str) -> Iterator[Edit]:
        """The insertions that offer the `name` of `module`.

        They cannot be made where nothing is offered in one of these ways: a list that is made when it runs.
        """
        module = module.removeprefix("webapp.models") if self._is_relative else module
        if self._has_list:
            yield ImportNames(module, (name,))
            yield Exported.of(name)
        elif any(alias.name == "*" for node in self._own for alias in node.names):
            yield ImportNames(module, ("*",))
        elif not self._own:
            yield ImportAliases(module, (name,))
            yield Exported.of(name)  # there is no such list, which is to be told
        else:
            yield ImportNames(module, (name,)) if self._is_plain else ImportAliases(module, (name,))

    @cached_property
    def _tree(self) -> ast.Module:
        return ast.parse(self.source)

    @property
    def _statements(self) -> list[ast.ImportFrom]:
        return [node for node in self._tree.body if isinstance(node, ast.ImportFrom)]

    @property
    def _own(self) -> list[ast.ImportFrom]:
        """The imports from modules of the package."""
        return [node for node in self._statements if node.level or (node.module or "").startswith("webapp.models")]

    @property
    def _has_list(self) -> bool:
        return any(
            binds(node) == "__all__" or (isinstance(node, ast.AugAssign) and ast.unparse(node.target) == "__all__")
            for node in self._tree.body
        )

    @property
    def _is_relative(self) -> bool:
        return bool(self._own) and all(node.level for node in self._own)

    @property
    def _is_plain(self) -> bool:
        """Whether names are imported and nothing more: with a `# noqa` beside them they are better said twice."""
        rows = self.source.split("\n")
        marked = any("noqa" in row for node in self._own for row in rows[node.lineno - 1 : node.end_lineno])
        return not marked and all(alias.asname is None for node in self._own for alias in node.names)
