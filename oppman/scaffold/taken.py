"""The names that a project uses already, read from its source: nothing of the app is imported."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from oppman.errors import Refused
from oppman.project import Project
from oppman.scaffold.models import Model, model_files, read_models

MODULES = ("demo", "routes", "routes/api", "schemas", "services")
"""The folders of the web app in which a resource has a module of its own."""
_ADDRESS = re.compile(r"/(?:api/)?(?:v\d+/)?([a-z][a-z0-9_-]*)")


def taken_names(project: Project) -> set[str]:
    """The classes, tables, modules and addresses of the project. A file that is no Python has none."""
    names = {model.table for model in models_of(project).values()}
    webapp = project.root / "webapp"
    for folder in MODULES:
        for path in (webapp / folder).glob("[!_]*.py"):
            names.add(path.stem)
    names |= {path.name for path in (project.root / "templates").glob("*/")}
    for path in (*model_files(project), *(webapp / "schemas").glob("*.py")):
        names |= {node.name for node in _tree(path).body if isinstance(node, ast.ClassDef)}
    for path in (webapp / "main.py", webapp / "admin.py", *(webapp / "routes").rglob("*.py")):
        names |= set(_addresses(path))
    return names


def models_of(project: Project) -> dict[str, Model]:
    """The models by class name. Raises Refused if a file of them, or of their schemas, is no Python."""
    try:
        return read_models(project)
    except (SyntaxError, ValueError) as problem:
        where = f", line {problem.lineno}" if isinstance(problem, SyntaxError) else ""
        raise Refused(
            f"A file of the models, or of their schemas, is no Python: {getattr(problem, 'msg', problem)}{where}.",
            "Mend it, and run the command again. Nothing was changed.",
            (getattr(problem, "text", "") or "").rstrip(),
        ) from None


def _addresses(path: Path) -> Iterator[str]:
    """The first word of each address in a router's prefix, a route or a mount."""
    for node in ast.walk(_tree(path)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and (found := _ADDRESS.match(node.value)):
            yield found[1]


def _tree(path: Path) -> ast.Module:
    try:
        return ast.parse(path.read_text(encoding="utf-8"))
    except (OSError, SyntaxError, UnicodeDecodeError):
        return ast.Module([], [])
