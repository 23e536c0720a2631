"""`oppman db migrate` and `oppman db rollback`."""

from typing import Annotated

import typer

from oppman import console
from oppman.commands.db.carry_out import NoBackup, carry_out, copy_first, undo, where
from oppman.options import Yes
from oppman.project import Project


def migrate(
    target: Annotated[str, typer.Argument(help="head, base, +1, or the start of a revision.")] = "head",
    yes: Yes = False,
    no_backup: NoBackup = False,
) -> None:
    """Apply the migrations that the database lacks.

    A target that the database has passed undoes what came after it, as `oppman db rollback` does. Before a migration
    that drops a table the database is copied to backups/, unless it is empty.

    \b
    Example:
      oppman db migrate
      oppman db migrate +1
    """
    from oppman.database.migrations import plan
    from oppman.database.revisions import drops_tables

    project = Project.here()
    wanted = plan(project, target)
    if wanted.undo:
        undo(project, wanted, yes, no_backup)
    elif wanted.steps:
        if not no_backup and wanted.steps[0].parents and any(map(drops_tables, wanted.steps)):
            copy_first(project)
        carry_out(project, wanted)
    else:
        console.note(f"Nothing to do: the database is {where(wanted)}.")


def rollback(
    target: Annotated[str, typer.Argument(help="The revision to stand at; base undoes all.", show_default=False)] = "",
    steps: Annotated[int, typer.Option("--steps", "-n", min=1, help="How many to undo, without a target.")] = 1,
    yes: Yes = False,
    no_backup: NoBackup = False,
) -> None:
    """Undo the last migration, or several.

    What they added is destroyed with its data, so the database is backed up to backups/ first; `oppman db restore`
    brings that back.

    \b
    Example:
      oppman db rollback
      oppman db rollback --steps 2 --yes
    """
    from oppman.database.migrations import plan
    from oppman.errors import UsageError

    project = Project.here()
    wanted = plan(project, target or f"-{steps}")
    if wanted.undo:
        undo(project, wanted, yes, no_backup)
    elif wanted.steps:
        raise UsageError(f"The database has not reached revision {wanted.target}.", "`oppman db migrate` goes there.")
    else:
        console.note(f"Nothing to undo: the database is {where(wanted)}.")
