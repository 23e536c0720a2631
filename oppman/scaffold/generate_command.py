"""A command of the project's own, as the web app's commands look, and its test."""

import keyword
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from oppman.contract import Contract
from oppman.errors import InvalidName
from oppman.project import Project
from oppman.scaffold.format import formatted
from oppman.scaffold.generate import Generated, sentence
from oppman.scaffold.naming import BUILTINS, class_name_of, module_of
from oppman.scaffold.plan import Create, plan
from oppman.scaffold.render import own_stubs, render_stub

IMPORTED = frozenset({"dispose", "func", "pytest", "select", "transaction"})
"""What the modules of a command import, and a function of that name would hide."""


@dataclass(frozen=True)
class CommandNames:
    """What a command is called: `send_reminders` in Python, `send-reminders` in a shell."""

    function: str

    @property
    def command(self) -> str:
        return self.function.replace("_", "-")

    @property
    def label(self) -> str:
        """Send reminders"""
        return self.function.replace("_", " ").capitalize()


def command_names(name: str, known: Collection[str]) -> CommandNames:
    """The names for send-reminders, send_reminders or SendReminders. `known` are oppman's own commands.

    Raises InvalidName for what is no name, or one that has another meaning.
    """
    try:
        names = CommandNames(module_of(class_name_of(name)))
    except InvalidName:
        raise InvalidName(
            f"{name!r} cannot name a command: it takes at most 40 ASCII letters and digits, begins with a letter, and "
            "has one - or _ between words.",
            "`send-reminders` would do.",
        ) from None
    if names.command in known:
        raise InvalidName(
            f"`oppman {names.command}` is a command of oppman, which would hide yours.", "Give it another name."
        )
    if keyword.iskeyword(names.function) or names.function in BUILTINS | IMPORTED:
        raise InvalidName(f"{names.function!r} has a meaning of its own in Python.", f"`{names.command}-all` would do.")
    return names


def generate_command(project: Project, names: CommandNames, *, about: str = "", stubs: str = "") -> Generated:
    """The plan that adds the command to the project. Raises UsageError and Refused."""
    package = Contract(project).target("commands")
    words = {
        "name": names.function,
        "command": names.command,
        "package": package,
        "about": sentence(about) or f"{names.label}.",
    }
    files = {
        f"{package.replace('.', '/')}/{names.function}.py": "command/webapp/commands/NAME.py.jinja",
        f"tests/integration/test_{names.function}.py": "command/tests/integration/test_NAME.py.jinja",
    }
    with own_stubs(project.root / stubs if stubs else None):
        made = {path: render_stub(stub, **words) for path, stub in files.items()}
    notes: dict[str, Any] = {"kind": "command", "name": names.function}
    laid_out = formatted(project.root, made)
    return Generated(plan(project.root, [Create(path, text) for path, text in laid_out.items()]), notes)
