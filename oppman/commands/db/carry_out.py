"""Show a plan, ask about it, copy the database and carry it out: what the commands that move a database share."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from oppman import console
from oppman.contract import Contract
from oppman.project import Project

if TYPE_CHECKING:
    from oppman.database.limits import Limits
    from oppman.database.migrations import Plan

_PAST = {"undo": "undone", "apply": "applied"}

NoBackup = Annotated[bool, typer.Option("--no-backup", help="Do without copying the database first.")]
Wait = Annotated[
    float | None,
    typer.Option(
        min=0, metavar="SECONDS", show_default=False,
        help="How long to wait for another process that migrates this database; 300 by default.",
    ),
]  # fmt: skip
LockTimeout = Annotated[
    float | None,
    typer.Option(
        min=0, metavar="SECONDS", show_default=False,
        help="How long a statement waits for a table that is in use; 10 by default, 0 for ever.",
    ),
]  # fmt: skip
StatementTimeout = Annotated[
    float | None,
    typer.Option(
        min=0, metavar="SECONDS", show_default=False,
        help="How long a statement may take on PostgreSQL; without a limit by default.",
    ),
]  # fmt: skip


def show(project: Project, wanted: "Plan", say: Callable[[str], None] = console.note, *, fake: bool = False) -> None:
    """The steps of a plan, and what is worth knowing of each before it runs. `fake` runs none of it."""
    if not wanted.steps:
        say(f"Nothing to do: the database is {where(wanted)}.")
        return
    direction = "undo" if wanted.undo else "apply"
    done = f"record as {_PAST[direction]}" if fake else direction
    say(f"{console.counted(len(wanted.steps), 'migration')} to {done}:")
    found = {} if fake else _effects(project, wanted)
    for step in wanted.steps:
        say(f"  {step}")
        for effect in found.get(step.id, ()):
            say(f"      {effect.text}")


def as_data(project: Project, wanted: "Plan") -> dict[str, Any]:
    """A plan as JSON tells it; `backup` says whether the database would be copied first."""
    from oppman.database.address import database_url
    from oppman.database.migrations import can_lose, database_kind

    found = _effects(project, wanted)
    steps = [
        {
            "revision": step.id,
            "message": step.message,
            "file": step.path.relative_to(project.root).as_posix(),
            "effects": [effect.text for effect in found[step.id]],
        }
        for step in wanted.steps
    ]
    backup = bool(steps) and can_lose(wanted, database_kind(database_url(project)))
    facts = {"current": list(wanted.start), "target": wanted.target, "undo": wanted.undo}
    return facts | {"backup": backup, "steps": steps}


def agree(question: str, yes: bool) -> None:
    """Go on if `yes` is given or the answer to the question is yes. Raises Refused and NotAsked."""
    from oppman.errors import Refused

    if not yes and not console.confirm(question):
        raise Refused("That was not confirmed. Nothing was changed.")


def type_to_agree(question: str, name: str, yes: bool) -> None:
    """Go on if `yes` is given or `name` is typed. Raises Refused and NotAsked."""
    from oppman.errors import Refused

    if not yes and console.ask(question, "--yes").strip() != name:
        raise Refused(f"That is not {name}. Nothing was changed.")


def undo(project: Project, wanted: "Plan", yes: bool, backup: bool, limits: "Limits") -> None:
    """Undo the steps of a plan, after a question and a copy of the database."""
    show(project, wanted)
    agree(f"Undo {these(wanted)} What was added is destroyed with its data.", yes)
    carry_out(project, [wanted], limits, backup=backup)


def carry_out(
    project: Project, plans: Sequence["Plan"], limits: "Limits", *, backup: bool = False, fake: bool = False
) -> list[str]:
    """Carry out plans and report each step and the end; the revisions that were done are returned."""
    from oppman.database import migrations

    _show_progress()
    verbs = {(plan.undo, step.id): step for plan in plans for step in plan.steps}
    seen: set[str] = set()

    def report(revision: str) -> None:
        undone = plans[0].undo and revision not in seen
        seen.add(revision)
        console.step("undo" if undone else "apply", str(verbs[undone, revision]))

    conduct = migrations.Conduct(report, console.warn, (lambda: copy_first(project)) if backup else None, limits, fake)
    done = migrations.carry_out(Contract(project), plans, conduct)
    last = plans[-1]
    if not done:
        console.note(f"Nothing to do: meanwhile another process left the database {where(last)}.")
        return done
    count = console.counted(len(set(done)), "migration")
    did = "Recorded" if fake else "Undid and applied again" if len(plans) > 1 else "Undid" if last.undo else "Applied"
    console.success(f"{did} {count}; the database is {where(last)}.")
    return done


def copy_first(project: Project, why: str = "before a migration") -> None:
    """Copy the database to backups/ and say where it is."""
    from oppman.database.address import database_url
    from oppman.database.backup import back_up

    path = back_up(project, database_url(project), why)
    console.note(f"The database was copied to {path.relative_to(project.root)}.")


def where(wanted: "Plan") -> str:
    """Where a database stands when the plan was carried out."""
    return "before the first migration" if wanted.target == "base" else f"at revision {wanted.target}"


def these(wanted: "Plan") -> str:
    """What a question is about."""
    return "this migration?" if len(wanted.steps) == 1 else f"these {len(wanted.steps)} migrations?"


def _effects(project: Project, wanted: "Plan") -> dict[str, Any]:
    from oppman.database.address import database_url
    from oppman.database.effects import effects
    from oppman.database.migrations import database_kind

    return dict(effects(wanted.steps, database_kind(database_url(project)), undo=wanted.undo))


def _show_progress() -> None:
    """Show what a migration of data logs as `alembic.data`."""
    import logging

    class Shown(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            console.step("", record.getMessage())

    log = logging.getLogger("alembic.data")
    log.setLevel(logging.INFO)
    log.propagate = False
    log.addHandler(Shown())
