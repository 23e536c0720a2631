"""The root of the command line: it mounts the manifest lazily and renders an OppmanError once.

`oppman --help` imports no command module. What stands in the manifest is enough to draw it; the module is imported
when its command is called.
"""

import sys
from collections.abc import Iterable
from importlib import import_module
from typing import Any, cast

import typer
from typer.core import TyperCommand, TyperGroup

from oppman import __version__, console
from oppman.errors import OppmanError
from oppman.manifest import MANIFEST, Entry


def main() -> None:
    """Run the command line and exit: 0 done, 1 refused or failed, 2 bad usage."""
    for stream in (sys.stdout, sys.stderr):
        if not stream.isatty() and sys.platform == "win32":
            stream.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    try:
        typer.main.get_command(app)(prog_name="oppman")
    except OppmanError as problem:
        console.error(problem)
        raise SystemExit(problem.exit_code) from None


class LazyCommand(TyperCommand):
    """Stands for a command in the help and hands over to the real one when it is called."""

    def __init__(self, entry: Entry) -> None:
        super().__init__(entry.name, help=entry.summary, rich_help_panel=entry.panel)
        self.entry = entry

    def load(self) -> Any:
        """Import the module of the command and return the command itself."""
        command = typer.main.get_command(_typer_app(self.entry))
        command.name = self.entry.name
        plain(command)
        return command

    def make_context(self, info_name: Any, args: Any, parent: Any = None, **extra: Any) -> Any:
        return self.load().make_context(info_name, args, parent=parent, **extra)


class Root(TyperGroup):
    """The group behind `oppman`: ours from the manifest, the project's own beside them.

    The project's files are read for a list, or for a name that is none of ours: calling `oppman db` opens none of them.
    """

    def __init__(self, **attrs: Any) -> None:
        super().__init__(**attrs)
        self._knows_own = False
        self._add(MANIFEST)

    def list_commands(self, ctx: Any) -> list[str]:
        self._add_own()
        return super().list_commands(ctx)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name not in self.commands:
            self._add_own()
        return super().get_command(ctx, cmd_name)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """The plain help's list of commands, a section for each panel (rich help draws panels of its own)."""
        shown = [command for name in self.list_commands(ctx) if not (command := self.commands[name]).hidden]
        width = max(len(str(command.name)) for command in shown)
        for panel in dict.fromkeys(getattr(command, "rich_help_panel", None) for command in shown):
            with formatter.section(str(panel)):
                formatter.write_dl(
                    [
                        (str(command.name).ljust(width), command.get_short_help_str(formatter.width - width - 6))
                        for command in shown
                        if getattr(command, "rich_help_panel", None) == panel
                    ]
                )

    def _add_own(self) -> None:
        if not self._knows_own:
            from oppman.own_commands import entries

            self._knows_own = True
            self._add(entries())

    def _add(self, entries: Iterable[Entry]) -> None:
        for entry in entries:
            self.commands.setdefault(entry.name, LazyCommand(entry))
        plain(self)


def plain(command: Any) -> None:
    """Turn rich help off in a pipe: nobody sees the colours, and importing rich is a third of the time."""
    if not console.decorated(sys.stdout):
        command.rich_markup_mode = None
        for child in getattr(command, "commands", {}).values():
            plain(child)


def _typer_app(entry: Entry) -> typer.Typer:
    if entry.module.startswith("oppman."):
        return cast("typer.Typer", import_module(entry.module).app)
    from oppman.own_commands import typer_app

    return typer_app(entry)


def _version(asked: bool) -> None:
    if asked:
        console.out(f"oppman {__version__}")
        raise typer.Exit()


app = typer.Typer(cls=Root, no_args_is_help=True, pretty_exceptions_enable=False)


@app.callback()
def oppman(
    version: bool = typer.Option(
        False, "--version", help="Show the version and exit.", callback=_version, is_eager=True
    ),
) -> None:
    """The management command line for FastAPI + SQLModel.

    \b
    From an empty folder to a served app:
      oppman new shop && cd shop && oppman init && oppman runserver
    """
