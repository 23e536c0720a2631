"""Models of the project that are in none of the modules that were imported, so that the metadata lacks them."""

import ast
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from oppman.contract import Contract
from oppman.files import content, file_names

_SIGNS = (b"table=True", b"table = True", b"__tablename__")


def unseen_models(contract: Contract) -> list[tuple[str, list[str]]]:
    """Files, by their path in the project, and the models in them that nothing has imported.

    To be called once the metadata is loaded. Only the package of the metadata is looked at, as text: quick, and nothing
    is run for it.
    """
    root = contract.project.root
    module = contract.target("metadata").partition(":")[0].partition(".")[0]
    package = root / module
    paths = _sources(package) if package.is_dir() else (root / name for name in file_names(root))
    loaded = {
        os.path.realpath(file) for each in list(sys.modules.values()) if (file := getattr(each, "__file__", None))
    }
    found = []
    for path in paths:
        if path.suffix != ".py" or os.path.realpath(path) in loaded:
            continue
        source = content(path)
        if any(sign in source for sign in _SIGNS) and (names := _models(source)):
            found.append((path.relative_to(root).as_posix(), names))
    return found


def _sources(package: Path) -> Iterator[Path]:
    for folder, folders, names in os.walk(package):
        folders[:] = sorted(name for name in folders if not name.startswith(("__", ".")))
        yield from (Path(folder, name) for name in sorted(names))


def _models(source: bytes) -> list[str]:
    try:
        nodes = ast.walk(ast.parse(source))
    except (SyntaxError, ValueError):
        return []
    return [node.name for node in nodes if isinstance(node, ast.ClassDef) and _is_table(node)]


def _is_table(node: ast.ClassDef) -> bool:
    if any(word.arg == "table" and getattr(word.value, "value", None) is True for word in node.keywords):
        return True
    return any(
        isinstance(statement, ast.Assign)
        and isinstance(statement.value, ast.Constant)
        and any(getattr(target, "id", "") == "__tablename__" for target in statement.targets)
        for statement in node.body
    )
