"""The models of a project as a package: a module for each resource, and an `__init__.py` that offers their names."""

import ast
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Self

from oppman.scaffold import foundation
from oppman.scaffold.format import formatted
from oppman.scaffold.insert import Edit, ImportForTypes, ImportNames
from oppman.scaffold.insert.import_for_types import GUARD
from oppman.scaffold.insert.module import module_edits
from oppman.scaffold.insert.outline import binds
from oppman.scaffold.insert.python import find, parse
from oppman.scaffold.model_home import FOLDER
from oppman.scaffold.models import Model
from oppman.scaffold.module_names import module_name
from oppman.scaffold.naming import Names
from oppman.scaffold.plan import Change, Create, Step, read, same
from oppman.scaffold.reexports import Reexports

INIT = f"{FOLDER}/__init__.py"


@dataclass(frozen=True)
class Package:
    """`webapp/models/`, with the text of each of its modules by path."""

    root: Path
    sources: Mapping[str, str]

    @classmethod
    def at(cls, root: Path) -> Self:
        paths = sorted((root / FOLDER).rglob("*.py"))
        return cls(root, {path.relative_to(root).as_posix(): path.read_text(encoding="utf-8") for path in paths})

    def foundation(self, source: str) -> Iterator[str]:
        if not self._base:
            yield from map(foundation.definition, self._missing(source))

    def completed(self, source: str, names: Names, models: Mapping[str, Model]) -> str:
        if ast.get_docstring(ast.parse(source)) is None:
            source = f'"""{names.plural_label} in the database."""\n\n{source}'
        for edit in self._imports(source, self._place(names, models)):
            source = edit.apply(source)
        return source

    def steps(self, source: str, names: Names, models: Mapping[str, Model]) -> Iterator[Step]:
        path = self._place(names, models)
        is_new = names.class_name not in models or same(read(self.root, path), source.encode())
        yield Create(path, source) if is_new else Change(path, tuple(module_edits(source)))
        yield from self.around(source, path)

    def around(self, source: str, path: str, before: str = "") -> Iterator[Step]:
        if self._base:
            yield Change(self._base, tuple(self._taken_from_base(source, before)))
        yield from self.offers([name for name in class_names(source) if name not in class_names(before)], path)

    def offers(self, names: Collection[str], path: str = "") -> Iterator[Change]:
        init = Reexports(self.sources[INIT])
        homes = {name: path or self._home(name, besides=INIT) for name in names if path or not init.has(name)}
        edits = [edit for name, home in homes.items() if home for edit in init.edits(module_name(home), name)]
        if edits:
            yield Change(INIT, tuple(sorted(edits, key=lambda edit: not isinstance(edit, ImportNames))))

    def needed_elsewhere(self, path: str, besides: str) -> set[str]:
        module = module_name(path)
        return {
            alias.name
            for other, text in self.sources.items() if other not in {path, besides, INIT}
            for node in ast.walk(ast.parse(text)) if isinstance(node, ast.ImportFrom)
            if node.module in {module, module.rpartition(".")[2]} for alias in node.names
        }  # fmt: skip

    def _place(self, names: Names, models: Mapping[str, Model]) -> str:
        """The file with the class, wherever that is by now, or the one that it gets."""
        model = models.get(names.class_name)
        return model.path.relative_to(self.root).as_posix() if model else f"{FOLDER}/{names.singular}.py"

    @cached_property
    def _base(self) -> str:
        """The module that has a part of the foundation and no table: what is missing goes there, too."""
        for path, text in self.sources.items():
            if path != INIT and "table=True" not in text and any(_has(text, name) for name in foundation.FOUNDATION):
                return path
        return ""

    def _missing(self, source: str) -> list[str]:
        return [name for name in foundation.used_in(source) if not self._home(name, besides=INIT)]

    def _taken_from_base(self, source: str, before: str) -> Iterator[Edit]:
        """The foundation that the module `source` imports from the base: what this has, and what it gets."""
        there = self.sources[self._base]
        own = parse(source).body
        needed = [name for name in foundation.used_in(source, before) if find(own, name) is None]
        yield from foundation.kept(there, needed)
        if missing := [name for name in needed if not self._home(name, besides=INIT)]:
            laid_out = formatted(self.root, {self._base: foundation.module(missing)})
            yield from module_edits(laid_out[self._base])

    def _imports(self, source: str, path: str) -> Iterator[Edit]:
        """What the module `source` needs of other modules; what it only quotes is for type checkers."""
        used, quoted = _names(source)
        own = {binds(node) for node in parse(source).body}
        there = self.sources.get(path, "")
        for name in sorted(name for name in (used | quoted) - own if not _has(there, name)):
            home = self._home(name, besides=path)
            if not home and name in foundation.FOUNDATION:
                home = self._base
            if name in used and home not in {"", INIT}:
                yield ImportNames(module_name(home), (name,))
            elif name not in used and home:
                yield ImportNames("typing", (GUARD,))
                yield ImportForTypes(module_name(home), (name,))

    def _home(self, name: str, besides: str) -> str:
        """The module that defines the name, one without tables first; "" if none does."""
        found = [path for path, text in self.sources.items() if path != besides and _has(text, name)]
        return min(found, key=lambda path: (path == INIT, "table=True" in self.sources[path]), default="")


def definitions(source: str) -> set[str]:
    """What a module gives a value to."""
    return {binds(node) for node in parse(source).body} - {""}


def is_empty(source: str) -> bool:
    """Whether nothing is left of a module but what it says of itself and imports."""
    return all(isinstance(node, ast.Import | ast.ImportFrom | ast.Expr) for node in parse(source).body)


def class_names(source: str) -> list[str]:
    """The classes of a resource's models."""
    names = [node.name for node in ast.parse(source).body if isinstance(node, ast.ClassDef)]
    return [name for name in names if name not in foundation.FOUNDATION]


def _has(text: str, name: str) -> bool:
    return re.search(rf"^(?:class|def|async def) {name}\b|^{name}\s*[:=]", text, re.MULTILINE) is not None


def _names(source: str) -> tuple[set[str], set[str]]:
    """The names that the source uses, and those in quoted annotations."""
    used, quoted = set[str](), set[str]()
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Name(id=name, ctx=ast.Load()):
                used.add(name)
            case ast.AnnAssign(annotation=annotation) | ast.arg(annotation=annotation):
                for one in ast.walk(annotation) if annotation else ():
                    if isinstance(one, ast.Constant) and isinstance(one.value, str):
                        quoted.update(re.findall(r"\w+", one.value))
            case _:
                pass
    return used, quoted
