"""`oppman scaffold stubs`."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from oppman import console


def stubs(
    force: Annotated[bool, typer.Option("--force", help="Overwrite those that you have edited.")] = False,
) -> None:
    """Copy the stubs into the project, to edit them.

    What you edit in stubs/ wins over oppman's own; remove what you leave as it is, and it follows oppman's upgrades.
    [tool.oppman.scaffold] stubs = "..." in pyproject.toml names another folder.

    \b
    Example:
      oppman scaffold stubs
      oppman scaffold stubs --force
    """
    from oppman.commands.scaffold.ready import ready_project
    from oppman.scaffold import journal
    from oppman.scaffold.options import options
    from oppman.scaffold.plan import plan
    from oppman.scaffold.stub_files import stub_steps

    project = ready_project()
    folder = options(project)["stubs"]
    found = plan(project.root, stub_steps(folder)).settle(lambda _: "overwrite" if force else "keep")
    done = journal.apply(project.root, found, sys.argv[1:])
    for action in found.actions:
        console.step(action.outcome, action.path)
    if done:
        console.success(f"Edit what you like in {folder}/; the next `oppman scaffold resource` reads it.")
    else:
        console.note("Nothing to do: every stub is there.")
