"""The command tree as data, read from the real commands: every module in the manifest is imported for it."""

import inspect
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any

import typer

from oppman.cli import LazyCommand, app
from oppman.manifest import MANIFEST

KINDS = {"str": "TEXT", "int": "INTEGER", "float": "NUMBER"}
EXAMPLE = re.compile(r"Examples?:$")


@dataclass(frozen=True)
class Parameter:
    """One argument or option: how it is written, what it means, and what holds if it is left out ("" if nothing)."""

    declaration: str
    meaning: str
    default: str
    required: bool


@dataclass(frozen=True)
class Command:
    """One command or group. `description` is Markdown, `examples` are lines to type."""

    name: str
    panel: str
    summary: str
    description: str
    usage: str
    examples: tuple[str, ...]
    arguments: tuple[Parameter, ...]
    options: tuple[Parameter, ...]
    children: tuple["Command", ...]

    def walk(self) -> Iterator["Command"]:
        """This command, and everything below it in the order of the help."""
        yield self
        for child in self.children:
            yield from child.walk()


def root_options() -> tuple[Parameter, ...]:
    """The options of `oppman` itself."""
    return _options(typer.main.get_command(app))


def read(*, own: bool) -> list[Command]:
    """Our commands in the order of the help, then with `own` those of the project around the current folder.

    Importing the project's commands raises what the contract raises (ModuleCrashed, WrongEnvironment, ...).
    """
    root: Any = typer.main.get_command(app)
    names = root.list_commands(None) if own else [entry.name for entry in MANIFEST]
    lazy: list[LazyCommand] = [root.commands[name] for name in names]
    return [_command(command.load(), command.entry.name, command.entry.panel) for command in lazy]


def _command(command: Any, name: str, panel: str) -> Command:
    children = [child for child in getattr(command, "commands", {}).values() if not child.hidden]
    summary, description, examples = _help(command.help or "")
    arguments = tuple(_parameter(p, _metavar(p)) for p in command.params if p.param_type_name == "argument")
    pieces = ["oppman", name, *(["[OPTIONS]"] if _options(command) else []), *(a.declaration for a in arguments)]
    if children:
        pieces.append("COMMAND [ARGS]...")
    elif command.context_settings.get("allow_extra_args"):
        pieces.append("[ARGS]...")
    return Command(
        name=name,
        panel=panel,
        summary=summary,
        description=description,
        usage=" ".join(pieces),
        examples=examples,
        arguments=arguments,
        options=_options(command),
        children=tuple(_command(child, f"{name} {child.name}", panel) for child in children),
    )


def _help(text: str) -> tuple[str, str, tuple[str, ...]]:
    """The summary, the description as Markdown and the example lines of a docstring."""
    summary, _, rest = inspect.cleandoc(text).partition("\f")[0].partition("\n")
    prose: list[str] = []
    examples: list[str] = []
    for block in re.split(r"\n\s*\n", rest.strip("\n")):
        verbatim = block.startswith("\b\n")
        lines = block.removeprefix("\b\n").splitlines()
        if lines and EXAMPLE.match(lines[0].strip()):
            examples += [line.strip() for line in lines[1:]]
        elif verbatim:
            title = lines[0] if lines[0].endswith(":") else ""
            body = inspect.cleandoc("\n" + "\n".join(lines[1:] if title else lines))
            prose += [escape(title)] * bool(title) + [f"```text\n{body}\n```"]
        elif lines:
            prose.append(escape("\n".join(lines)))
    return summary, "\n\n".join(prose), tuple(examples)


def escape(text: str) -> str:
    """Plain text with `code` in it as Markdown: what Markdown would take for its own outside code is escaped."""
    parts = re.split(r"(`[^`]*`)", text)
    return "".join(part if part.startswith("`") else re.sub(r"[*<\[\\]|\b_|_\b", r"\\\g<0>", part) for part in parts)


def _options(command: Any) -> tuple[Parameter, ...]:
    return tuple(
        _parameter(parameter, _flags(parameter))
        for parameter in command.params
        if parameter.param_type_name == "option" and not parameter.hidden
    )


def _flags(option: Any) -> str:
    spelled = ", ".join(sorted(option.opts, key=len, reverse=True))
    if option.secondary_opts:
        spelled += f" / {', '.join(option.secondary_opts)}"
    return spelled if option.is_flag or option.count else f"{spelled} {_metavar(option)}"


def _metavar(parameter: Any) -> str:
    if parameter.param_type_name == "option":
        choices = "|".join(map(_plain, getattr(parameter.type, "choices", ())))
        name = parameter.type.name.replace(" range", "")
        return str(parameter.metavar or choices or KINDS.get(name, name.upper()))
    name = str(parameter.metavar or parameter.name).strip("[].").upper() + ("..." if parameter.nargs == -1 else "")
    return name if parameter.required else f"[{name}]"


def _parameter(parameter: Any, declaration: str) -> Parameter:
    facts = [escape(parameter.help or ""), *_facts(parameter)]
    return Parameter(declaration, " ".join(filter(None, facts)), _default(parameter), parameter.required)


def _facts(parameter: Any) -> Iterable[str]:
    kind = parameter.type
    low, high = getattr(kind, "min", None), getattr(kind, "max", None)
    if low is not None and high is not None:
        yield f"From {low} to {high}."
    elif low is not None or high is not None:
        yield f"At least {low}." if high is None else f"At most {high}."
    if getattr(parameter, "multiple", False) and "repeat" not in (parameter.help or "").lower():
        yield "Can be given several times."
    if parameter.envvar:
        names = [parameter.envvar] if isinstance(parameter.envvar, str) else parameter.envvar
        yield f"Or the variable {', '.join(f'`{name}`' for name in names)}."


def _default(parameter: Any) -> str:
    value, shown = parameter.default, getattr(parameter, "show_default", True)
    if isinstance(shown, str):
        return shown
    if not shown or value is None or value == "" or value is False or (isinstance(value, (list, tuple)) and not value):
        secondary = getattr(parameter, "secondary_opts", [])
        return str(secondary[0]) if shown and value is False and secondary else ""
    if value is True and getattr(parameter, "is_flag", False):
        return str(parameter.opts[0])
    if callable(value) and not isinstance(value, type):
        return "computed"
    return ", ".join(map(_plain, value)) if isinstance(value, (list, tuple)) else _plain(value)


def _plain(value: Any) -> str:
    if isinstance(value, Enum):
        return str(value.value)
    return value.as_posix() if isinstance(value, Path) else str(value)
