"""The project's own commands: `webapp/commands/*.py`, one command for each file.

`send_reminders.py` becomes `oppman send-reminders`. Its function `send_reminders` is the command: plain or async, its
annotated parameters the arguments and options. For a group of commands the file offers a typer application `app`
instead. They are listed from their source, without being imported.
"""

import ast
import functools
import inspect
from pathlib import Path
from typing import Any

import typer

from oppman.contract import Contract
from oppman.errors import AttributeMissing, OppmanError
from oppman.manifest import OWN, Entry
from oppman.project import Project


def entries() -> list[Entry]:
    """The commands of the project around the current folder; none if there is no project or it cannot be read."""
    try:
        project = Project.find(Path.cwd())
        package = Contract(project).target("commands") if project else ""
    except (OppmanError, OSError, UnicodeDecodeError):
        return []  # whichever command needs the project will say what is wrong with it
    if project is None:
        return []
    files = sorted((project.root / package.replace(".", "/")).glob("[!_]*.py"))
    return [Entry(file.stem.replace("_", "-"), f"{package}.{file.stem}", summary(file), OWN) for file in files]


def typer_app(entry: Entry) -> typer.Typer:
    """Import the module of `entry` in the project's environment and wrap its function as a command."""
    contract = Contract(Project.here())
    module = contract.module(entry.module, "commands")
    app = getattr(module, "app", None)
    if isinstance(app, typer.Typer):
        return app
    name = entry.module.rpartition(".")[2]
    function = getattr(module, name, None)
    if not callable(function):
        raise AttributeMissing(
            f"{entry.module} has neither a function {name!r} nor a typer application `app`.",
            f"Define `def {name}() -> None:` there; it becomes `oppman {entry.name}`.",
        )
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    app.command(entry.name)(_told(contract, _synchronous(function)))
    return app


def summary(file: Path) -> str:
    """The first line of the docstring of the command's function, or else of the file."""
    try:
        tree = ast.parse(file.read_text(encoding="utf-8"))
    except (SyntaxError, UnicodeDecodeError):
        return "(cannot be read: a syntax error)"
    functions = [
        node for node in tree.body
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.name == file.stem
    ]  # fmt: skip
    for node in (*functions, tree):
        if text := ast.get_docstring(node):
            return text.splitlines()[0]
    return ""


def _told(contract: Contract, function: Any) -> Any:
    """The function with the errors that a person can mend as ours: settings, the database, the project's own."""

    @functools.wraps(function)
    def run(*args: Any, **kwargs: Any) -> Any:
        try:
            return function(*args, **kwargs)
        except OppmanError:
            raise
        except Exception as problem:
            from oppman.database.session import ours

            if (found := ours(contract, problem)) is not None:
                raise found from None
            raise

    return run


def _synchronous(function: Any) -> Any:
    if not inspect.iscoroutinefunction(function):
        return function

    @functools.wraps(function)
    def run(*args: Any, **kwargs: Any) -> Any:
        import asyncio

        return asyncio.run(function(*args, **kwargs))

    return run
