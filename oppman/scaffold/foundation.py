"""What the models of a resource stand on: definitions of the starter, for a project that had no need of them so far."""

import ast
import re
from collections.abc import Iterable, Iterator

from oppman.scaffold.insert import Definition, Edit, ImportNames
from oppman.scaffold.insert.outline import Outline, outline
from oppman.scaffold.insert.python import is_same
from oppman.scaffold.starter import starter_root

FOUNDATION = ("_EAGER_ONLY", "Timestamped", "_text_enum")


def used_in(source: str, before: str = "") -> list[str]:
    """The names of the foundation that the source mentions, and what it was `before` did not."""
    now, then = ({name for name in FOUNDATION if re.search(rf"\b{name}\b", text)} for text in (source, before))
    return [name for name in FOUNDATION if name in now - then]


def definition(name: str) -> str:
    """The starter's definition of one of them."""
    return _starter().source(name)


def module(names: Iterable[str]) -> str:
    """A module with those definitions and all that the starter's models import."""
    imports = [ast.unparse(node) for node in _imports()]
    return "\n".join(imports) + "".join(f"\n\n\n{definition(name)}" for name in names) + "\n"


def kept(source: str, names: Iterable[str]) -> Iterator[Edit]:
    """Those of the definitions that stand in the source as the starter has them, with their imports.

    A run can so say that it needs them: what another one has inserted then stays when that is undone.
    """
    there, starter = outline(source), _starter()
    for name in names:
        node, its = there.find(name), starter.find(name)
        if node is not None and its is not None and is_same(node, its):
            used = {one.id for one in ast.walk(its) if isinstance(one, ast.Name)}
            for statement in _imports():
                for alias in (alias for alias in statement.names if alias.name in used):
                    yield ImportNames(statement.module or "", (alias.name,))
            text = there.source(name)  # and not all of the file, which is long
            yield Definition(ast.get_source_segment(text, ast.parse(text).body[0]) or "")


def _imports() -> Iterator[ast.ImportFrom]:
    starter = _starter()
    for one in starter.statements:
        if one.kind == "import" and isinstance(node := starter.imported(one), ast.ImportFrom):
            yield node


def _starter() -> Outline:
    return outline((starter_root() / "webapp/models.py").read_text(encoding="utf-8"))
