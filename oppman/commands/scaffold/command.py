"""`oppman scaffold command`."""

from typing import Annotated

import typer

from oppman.commands.scaffold.carry_out import DryRun, Force, Skip, answer, carry_out


def command(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="What to type after oppman: send-reminders.", show_default=False)],
    about: Annotated[str, typer.Option("--about", help="What it does, in a sentence.", show_default=False)] = "",
    dry_run: DryRun = False,
    force: Force = False,
    skip: Skip = False,
) -> None:
    """Add a command of the project's own, with a test.

    \b
    Example:
      oppman scaffold command send-reminders
      oppman scaffold command send-reminders --about "Write to everybody who has a webinar tomorrow."
    """
    from oppman.commands.scaffold.ready import ready_project
    from oppman.manifest import MANIFEST
    from oppman.scaffold.generate_command import command_names, generate_command
    from oppman.scaffold.options import options

    settled = answer(context, force, skip)
    names = command_names(name, [entry.name for entry in MANIFEST])
    project = ready_project()
    made = generate_command(project, names, about=about, stubs=options(project)["stubs"])
    carry_out(project, made, settled, f"oppman {names.command} --help", dry_run=dry_run)
