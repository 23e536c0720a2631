"""Which models are not there yet when a class is made: those below it, and those of modules that import its own."""

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

from oppman.scaffold.insert.import_for_types import type_checking
from oppman.scaffold.models import Model
from oppman.scaffold.module_names import imported_from

_PACKAGE = "webapp.models"


def is_later(model: Model, own: Model | None, models: Mapping[str, Model]) -> bool:
    """Whether the class `own`, or a new one, can only name the model in quotes."""
    if own is None:  # it comes last; the `__init__.py` of a package imports it
        return model.path.name == "__init__.py"
    if model.path == own.path:
        return model.row > own.row
    return _Imports(models).leads(model.path, own.path)


class _Imports:
    """Which modules of the models import which at run time; each is read when it is asked for."""

    def __init__(self, models: Mapping[str, Model]) -> None:
        self._models = models
        self._known: dict[Path, set[Path]] = {}

    def leads(self, start: Path, to: Path) -> bool:
        """Whether importing `start` imports `to`, be it through others."""
        seen: set[Path] = set()
        left = [start]
        while left:
            path = left.pop()
            if path == to:
                return True
            if path not in seen:
                seen.add(path)
                left += self._of(path)
        return False

    def _of(self, path: Path) -> set[Path]:
        if path not in self._known:
            tree = ast.parse(path.read_text(encoding="utf-8"))
            self._known[path] = {one for node in _at_run_time(tree) for one in self._targets(node, path)}
        return self._known[path]

    def _targets(self, node: ast.Import | ast.ImportFrom, path: Path) -> Iterator[Path]:
        folder = next(folder for folder in path.parents if folder.name == "models")
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names if alias.name.startswith(f"{_PACKAGE}.")]
            yield from (one for name in names if (one := _file(folder, name)))
            return
        module = imported_from(node, path.relative_to(folder.parents[1]).as_posix())
        if module != _PACKAGE and not module.startswith(f"{_PACKAGE}."):
            return
        if module != _PACKAGE and (one := _file(folder, module)):
            yield one
        for alias in node.names:
            if one := _file(folder, f"{module}.{alias.name}"):
                yield one
            elif module == _PACKAGE and alias.name in self._models:
                yield self._models[alias.name].path


def _at_run_time(tree: ast.Module) -> Iterator[ast.Import | ast.ImportFrom]:
    """The imports of a module that are made when it is imported itself."""
    left: list[ast.AST] = [node for node in tree.body if node is not type_checking(tree)]
    while left:
        node = left.pop()
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield node
        elif not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            left += ast.iter_child_nodes(node)


def _file(folder: Path, module: str) -> Path | None:
    """Where a module of the package lies; None if there is no such module."""
    place = folder.joinpath(*module.removeprefix(_PACKAGE).strip(".").split("."))
    return next((path for path in (place.with_suffix(".py"), place / "__init__.py") if path.is_file()), None)
