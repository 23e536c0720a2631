"""The names that a project uses already, read from its source: nothing of the app is imported."""

import re
from collections.abc import Mapping
from pathlib import Path

from oppman.errors import Refused
from oppman.project import Project
from oppman.scaffold.models import Model, model_files, read_models
from oppman.scaffold.naming import SCHEMAS

MODULES = ("routes", "routes/api", "schemas", "services")
"""The folders of the web app in which a resource has a module of its own."""
_CLASS = re.compile(r"^class (\w+)", re.MULTILINE)
_ADDRESS = re.compile(r"""["']/(?:api/)?(?:v\d+/)?([a-z][a-z0-9_-]*)""")


def taken_names(project: Project, models: Mapping[str, Model]) -> set[str]:
    """The classes, tables, modules and addresses of the project, whose models these are.

    The files are looked through and not parsed: there may be many of them, and a name too much does no harm.
    """
    names = {model.table for model in models.values()}
    webapp = project.root / "webapp"
    for folder in MODULES:
        for path in (webapp / folder).glob("[!_]*.py"):
            if folder != "services" or path.stem.endswith("_service"):  # rules.py is no Rule's
                names.add(path.stem)
    names |= {f"demo/{path.stem}" for path in (webapp / "demo").glob("[!_]*.py")}
    names |= {path.name for path in (project.root / "templates").glob("*/")}
    for path in model_files(project):
        names |= {f"models/{path.stem}", *_CLASS.findall(_text(path))}
    for path in (webapp / "schemas").glob("*.py"):
        names |= {name for name in _CLASS.findall(_text(path)) if name.endswith(SCHEMAS)}
    for path in (webapp / "main.py", webapp / "admin.py", *(webapp / "routes").rglob("*.py")):
        names |= set(_ADDRESS.findall(_text(path)))
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


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return ""
