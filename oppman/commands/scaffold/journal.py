"""`oppman scaffold history, undo, redo`."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from oppman import console
from oppman.options import Json, Yes

if TYPE_CHECKING:
    from oppman.database.revisions import History
    from oppman.project import Project
    from oppman.scaffold.record import Run

Number = Annotated[
    int | None, typer.Argument(help="Its number, as the history has it.", metavar="RUN", show_default=False, min=1)
]


def history(as_json: Json = False) -> None:
    """List the runs that wrote code.

    \b
    Example:
      oppman scaffold history
      oppman scaffold history --json
    """
    from oppman.commands.scaffold.ready import ready_project
    from oppman.scaffold.journal import history as runs_of

    runs = runs_of(ready_project().root)
    if as_json:
        console.json([_facts(run) for run in runs])
        return
    rows = [(run.number, _when(run.time), run.state.value, _command(run), len(_files(run))) for run in runs]
    console.table(["run", "when", "state", "command", "files"], rows, "No run so far.")


def undo(
    run: Number = None,
    rollback: Annotated[bool, typer.Option("--rollback", help="Undo its migration first, if it is applied.")] = False,
    not_applied: Annotated[
        bool, typer.Option("--not-applied", help="Its migration is not applied: for a database that cannot be asked.")
    ] = False,
    yes: Yes = False,
) -> None:
    """Take back what the last run wrote, or run RUN.

    What you have edited since is kept, and told. A migration that is applied is undone first, after a question or with
    --rollback: what it added is destroyed with its data, so the database is copied before.

    \b
    Example:
      oppman scaffold undo
      oppman scaffold undo 3 --rollback
    """
    from oppman.commands.scaffold.ready import ready_project
    from oppman.scaffold import chain, journal
    from oppman.scaffold.insert import from_json
    from oppman.scaffold.undo_checks import refuse_built_upon, refuse_imported, refuse_moved, refuse_referred

    project = ready_project()
    found = journal.to_undo(project.root, run)
    refuse_moved(project, found)
    refuse_built_upon(project, found)
    refuse_referred(project, found)
    refuse_imported(project, found)
    _roll_back(project, found, rollback or yes, not_applied=not_applied)
    undone = journal.undo(
        project.root, from_json, found.number,
        also=partial(chain.without, project), adapt=partial(chain.come_back, project),
    )  # fmt: skip
    for line in undone.lines:
        console.step(line.outcome, f"{line.path} ({line.why})" if line.why else line.path)
    console.success(f"Run {found.number} is undone; `oppman scaffold redo` does it again.")
    if any(line.outcome == "update" for line in undone.lines):  # the database may stand before these now
        console.next_steps("oppman db migrate")


def redo(run: Number = None) -> None:
    """Do again what was undone last, or run RUN.

    \b
    Example:
      oppman scaffold redo
      oppman scaffold redo 3
    """
    from oppman.commands.scaffold.ready import ready_project
    from oppman.scaffold import chain, journal
    from oppman.scaffold.insert import from_json
    from oppman.scaffold.undo_checks import refuse_needed, refuse_without_model

    project = ready_project()
    again = journal.to_redo(project.root, run)
    refuse_needed(project, again)
    refuse_without_model(project, again)
    done = journal.redo(project.root, from_json, run, adapt=partial(chain.at_the_end, project))
    for entry in done.entries:
        console.step(entry.outcome, entry.path)
    console.success(f"Run {done.number} is done again.")
    console.next_steps("oppman db migrate")


def _roll_back(project: Project, run: Run, wanted: bool, *, not_applied: bool) -> None:
    """Undo the run's migration in the project's database, if it is applied there. Raises Refused.

    A database that cannot be asked is an error, unless it is `not_applied`.
    """
    from oppman.commands.db.migrate import rollback
    from oppman.database.address import database_url
    from oppman.database.revisions import BASE, History
    from oppman.database.status import current_revisions
    from oppman.errors import OppmanError, Refused
    from oppman.scaffold.undo_checks import migration_of

    if (revision := migration_of(project, run)) is None:
        return
    try:
        current = current_revisions(project, database_url(project))
    except OppmanError as problem:
        if not not_applied:
            raise Refused(
                f"{problem.message} So nobody knows whether {revision.path.name} is applied. Nothing was changed.",
                "Start the database and try again; if it does not have that migration, give --not-applied.",
            ) from None
        return
    if not current:
        console.note(f"No migration is applied to the database, so {revision.path.name} is not either.")
    history = History.read(project)
    if revision.id not in history.applied(current):
        return
    target = revision.parents[0] if revision.parents else BASE
    if not wanted and not console.interactive():
        raise Refused(
            f"The migration of run {run.number} is applied to the database ({revision}). Nothing was changed.",
            f"Undo it first: `oppman db rollback {target}`, or give --rollback.{_and_others(history, target, current)}",
        )
    rollback(target=target, yes=wanted)


def _and_others(history: History, target: str, current: tuple[str, ...]) -> str:
    others = len(history.after(target, current)) - 1
    if not others:
        return ""
    return f" That undoes {'the one migration' if others == 1 else f'the {others} migrations'} after it as well."


def _facts(run: Run) -> dict[str, object]:
    return {
        "number": run.number,
        "time": run.time,
        "state": run.state.value,
        "changed": run.changed,
        "command": _command(run),
        "files": [{"path": path, "outcome": outcome} for path, outcome in _files(run)],
    }


def _files(run: Run) -> list[tuple[str, str]]:
    """The files that the run wrote."""
    return [(entry.path, entry.outcome.value) for entry in run.entries if entry.before != entry.after]


def _command(run: Run) -> str:
    import shlex

    return shlex.join(["oppman", *run.argv])


def _when(time: str) -> str:
    return time[:16].replace("T", " ")
