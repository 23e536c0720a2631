"""`oppman scaffold destroy`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from oppman import console
from oppman.commands.scaffold.carry_out import DryRun, Questions
from oppman.options import Yes

if TYPE_CHECKING:
    from oppman.project import Project
    from oppman.scaffold.destroy import Destruction


def destroy(
    name: Annotated[str, typer.Argument(help="The resource: Book, Product.", show_default=False)],
    dry_run: DryRun = False,
    force: Annotated[bool, typer.Option("--force", help="Remove what you have edited too.")] = False,
    yes: Yes = False,
) -> None:
    """Remove a resource: its files, its lines in other files, its tables.

    What you have edited is asked about first. If the database has its tables already, a migration is written that drops
    them.

    \b
    Example:
      oppman scaffold destroy Book
      oppman scaffold destroy Product --dry-run
    """
    from oppman.commands.scaffold.ready import ready_project
    from oppman.scaffold import destroy as slices
    from oppman.scaffold import journal

    project = ready_project()
    found = slices.destroy(project, name, _applied(project))
    if dry_run:
        _show(found)
        return
    found = _asked(name, found, force=force, yes=yes)
    done = journal.apply(project.root, found.plan, sys.argv[1:], found.notes)
    for action in found.plan.actions:
        console.step(action.outcome, action.path)
    _tell(found)
    if done:
        console.success(f"Run {done.number} is done; `oppman scaffold undo` brings {found.notes['class']} back.")
    _next(found)


def _applied(project: Project) -> set[str] | None:
    """The revisions that the project's database has; None if it cannot say."""
    from oppman.database.address import database_url
    from oppman.database.revisions import History
    from oppman.database.status import current_revisions
    from oppman.errors import DatabaseError, NoMigrations, SeveralHeads

    try:
        return History.read(project).applied(current_revisions(project, database_url(project)))
    except (NoMigrations, SeveralHeads):
        raise
    except DatabaseError as problem:
        console.warn(f"{problem.message} So its tables may be there, and a migration drops them.")
        return None


def _asked(name: str, found: Destruction, *, force: bool, yes: bool) -> Destruction:
    """What is left of the plan after the questions. Raises Refused and NotAsked."""
    from oppman.errors import Refused

    if found.edited and not force:
        if not console.interactive():
            for path in found.edited:
                console.step("conflict", path)
            count = "A file has" if len(found.edited) == 1 else f"{len(found.edited)} files have"
            raise Refused(
                f"{count} code that may be your own and would be lost. Nothing was changed.",
                "--force removes it too, --dry-run shows it. `oppman scaffold undo` would bring it back.",
            )
        questions = Questions("has code that may be your own and would be lost", _CHOICES, "--force", "changed")
        found = found.keep(lambda action: questions.ask(action) != "k")
    files = sum(action.before != action.after for action in found.plan.actions)
    if not yes and not console.confirm(f"Take {found.notes['class']} out? That changes {files} files."):
        raise Refused("Nothing was changed.")
    return found


_CHOICES = {
    "r": "remove it",
    "k": "keep it as it is",
    "d": "show what would be lost",
    "a": "remove it, and all the rest",
    "q": "quit; nothing is changed",
}


def _show(found: Destruction) -> None:
    for action in found.plan.actions:
        console.step("conflict" if action.path in found.edited else action.outcome, action.path)
    console.note("Nothing was written.\n")
    console.diff(found.plan.diff())
    _tell(found)


def _tell(found: Destruction) -> None:
    """The lines that a person has to look at."""
    for path, lines in found.leftovers:
        console.warn(f"{path} stays as it is. Look at {'these lines' if lines else 'it: it needs what is gone'}")
        for line in lines.split("\n") if lines else ():
            console.note(f"    {line}".rstrip())


def _next(found: Destruction) -> None:
    if found.migration == "written":
        console.note("The migration drops its tables with their rows; `oppman db migrate` copies the database first.")
        console.next_steps("oppman db migrate")
    elif found.migration == "to write":
        console.warn("The migrations do not tell how its tables were made, so none was written that drops them.")
        console.next_steps("oppman db makemigrations", "oppman db migrate")
