"""The names that a project uses already, read from its source: nothing of the app is imported."""

import os
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from oppman.errors import Refused
from oppman.files import content, file_names
from oppman.project import Project
from oppman.scaffold.models import Models, model_files, read_models
from oppman.scaffold.naming import SCHEMAS

MODULES = ("routes", "routes/api", "schemas", "services")
"""The folders of the web app in which a resource has a module of its own."""
_CLASS = re.compile(rb"^class (\w+)", re.MULTILINE)
_ADDRESS = re.compile(rb"""/(?<=["']/)(?:api/)?(?:v\d+/)?([a-z][a-z0-9_-]*)""")


def taken_names(project: Project, models: Models) -> set[str]:
    """The classes, tables, modules and addresses of the project, whose models these are.

    The files are looked through and not parsed: there may be many of them, and a name too much does no harm.
    """
    names = set(models.tables.values())
    webapp = project.root / "webapp"
    for folder in MODULES:
        for name in _modules(webapp / folder):
            if folder != "services" or name.endswith("_service"):  # rules.py is no Rule's
                names.add(name)
    names |= {f"demo/{name}" for name in _modules(webapp / "demo")}
    names |= set(next(os.walk(project.root / "templates"), ("", [], []))[1])
    models_in = model_files(project)
    names |= _found(_CLASS, models_in) | {f"models/{path.stem}" for path in models_in}
    names |= {name for name in _found(_CLASS, _python(webapp / "schemas")) if name.endswith(SCHEMAS)}
    return names | _found(_ADDRESS, [webapp / "main.py", webapp / "admin.py", *_python(webapp / "routes")])


def models_of(project: Project) -> Models:
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


def _modules(folder: Path) -> set[str]:
    return {
        name.removesuffix(".py") for name in file_names(folder) if name.endswith(".py") and not name.startswith("_")
    }


def _python(folder: Path) -> Iterator[str]:
    for place, _, names in os.walk(folder):
        yield from (f"{place}{os.sep}{name}" for name in names if name.endswith(".py"))


def _found(pattern: re.Pattern[bytes], files: Iterable[str | Path]) -> set[str]:
    """What the pattern finds in the files; what cannot be read has nothing."""
    text = bytearray()
    for path in files:
        with suppress(OSError):
            text += content(path) + b"\n"
    return {name.decode("utf-8", "replace") for name in pattern.findall(text)}
