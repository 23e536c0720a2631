"""`oppman db migrate`, `oppman db rollback` and `oppman db redo`."""

from typing import Annotated

import typer

from oppman import console
from oppman.commands.db.carry_out import (
    LockTimeout,
    NoBackup,
    StatementTimeout,
    Wait,
    agree,
    as_data,
    carry_out,
    show,
    these,
    undo,
    where,
)
from oppman.options import Json, Yes
from oppman.project import Project

Steps = Annotated[int, typer.Option("--steps", "-n", min=1, help="How many, without a target.")]


def migrate(
    target: Annotated[
        str, typer.Argument(help="head (the default), base, +1, or the start of a revision.", show_default=False)
    ] = "",
    to: Annotated[str, typer.Option("--to", help="The target, as an option.", show_default=False)] = "",
    plan_only: Annotated[bool, typer.Option("--plan", help="Show what would be done, and do nothing.")] = False,
    as_json: Json = False,
    fake: Annotated[bool, typer.Option("--fake", help="Record the migrations without running them.")] = False,
    yes: Yes = False,
    no_backup: NoBackup = False,
    wait: Wait = None,
    lock_timeout: LockTimeout = None,
    statement_timeout: StatementTimeout = None,
) -> None:
    """Apply the migrations that the database lacks.

    What they do is shown first. Before one that can lose data (it drops a table or a column, changes a type, runs SQL
    that deletes or changes rows) the database is copied to backups/. A target that the database has passed undoes what
    came after it, as `oppman db rollback` does. Of several processes at once one migrates and the others wait.

    \b
    Example:
      oppman db migrate
      oppman db migrate --plan
      oppman db migrate +1
    """
    from oppman.database.limits import Limits
    from oppman.database.migrations import plan
    from oppman.errors import UsageError

    if target and to:
        raise UsageError(f"Two targets are given: {target} and --to {to}.", "Give one of them.")
    if as_json and not plan_only:
        raise UsageError("--json shows a plan.", "Give --plan with it.")
    project = Project.here()
    limits = Limits.of(project, wait=wait, lock_timeout=lock_timeout, statement_timeout=statement_timeout)
    wanted = plan(project, target or to or "head")
    if as_json:
        console.json(as_data(project, wanted))
    elif plan_only:
        show(project, wanted, console.out)
    elif not wanted.steps:
        console.note(f"Nothing to do: the database is {where(wanted)}.")
    elif fake:
        show(project, wanted, fake=True)
        agree(f"Record {these(wanted)} The database is taken to be {where(wanted)}; nothing is run.", yes)
        carry_out(project, [wanted], limits, fake=True)
    elif wanted.undo:
        undo(project, wanted, yes, not no_backup, limits)
    else:
        show(project, wanted)
        carry_out(project, [wanted], limits, backup=not no_backup)


def rollback(
    target: Annotated[str, typer.Argument(help="The revision to stand at; base undoes all.", show_default=False)] = "",
    steps: Steps = 1,
    yes: Yes = False,
    no_backup: NoBackup = False,
    wait: Wait = None,
    lock_timeout: LockTimeout = None,
    statement_timeout: StatementTimeout = None,
) -> None:
    """Undo the last migration, or several.

    What they added is destroyed with its data, so the database is backed up to backups/ first; `oppman db restore`
    brings that back.

    \b
    Example:
      oppman db rollback
      oppman db rollback --steps 2 --yes
    """
    from oppman.database.limits import Limits
    from oppman.database.migrations import plan
    from oppman.errors import UsageError

    project = Project.here()
    limits = Limits.of(project, wait=wait, lock_timeout=lock_timeout, statement_timeout=statement_timeout)
    wanted = plan(project, target or f"-{steps}")
    if wanted.undo:
        undo(project, wanted, yes, not no_backup, limits)
    elif wanted.steps:
        raise UsageError(f"The database has not reached revision {wanted.target}.", "`oppman db migrate` goes there.")
    else:
        console.note(f"Nothing to undo: the database is {where(wanted)}.")


def redo(
    steps: Steps = 1,
    yes: Yes = False,
    no_backup: NoBackup = False,
    wait: Wait = None,
    lock_timeout: LockTimeout = None,
    statement_timeout: StatementTimeout = None,
) -> None:
    """Undo the last migration, or several, and apply them again.

    This tries out both directions of a migration that is being written. What it added is destroyed with its data, so
    the database is copied to backups/ first. On SQLite both directions are one transaction.

    \b
    Example:
      oppman db redo
      oppman db redo --steps 2 --yes
    """
    from oppman.database.limits import Limits
    from oppman.database.migrations import again, plan

    project = Project.here()
    limits = Limits.of(project, wait=wait, lock_timeout=lock_timeout, statement_timeout=statement_timeout)
    wanted = plan(project, f"-{steps}")
    if not wanted.undo:
        console.note(f"Nothing to redo: the database is {where(wanted)}.")
        return
    show(project, wanted)
    agree(f"Undo {these(wanted)[:-1]} and apply again? What was added is destroyed with its data.", yes)
    carry_out(project, [wanted, again(wanted)], limits, backup=not no_backup)
