"""Apply or undo the steps of a plan: asked about, backed up and reported."""

from typing import TYPE_CHECKING, Annotated

import typer

from oppman import console
from oppman.contract import Contract
from oppman.project import Project

if TYPE_CHECKING:
    from oppman.database.migrations import Plan

NoBackup = Annotated[bool, typer.Option("--no-backup", help="Do without copying the database first.")]


def undo(project: Project, wanted: "Plan", yes: bool, no_backup: bool) -> None:
    """Undo the steps of a plan, after a question and a copy of the database."""
    from oppman.errors import Refused

    count, it = (
        ("this migration", "it") if len(wanted.steps) == 1 else (f"these {len(wanted.steps)} migrations", "they")
    )
    console.note("\n".join(f"  undo {revision}" for revision in wanted.steps))
    if not yes and not console.confirm(f"Undo {count}? What {it} added is destroyed with its data."):
        raise Refused("That was not confirmed. Nothing was changed.")
    if not no_backup:
        copy_first(project)
    carry_out(project, wanted)


def copy_first(project: Project) -> None:
    from oppman.database.address import database_url
    from oppman.database.backup import back_up

    console.note(f"The database was copied to {back_up(project, database_url(project)).relative_to(project.root)}.")


def carry_out(project: Project, wanted: "Plan") -> None:
    from oppman.database import migrations

    _show_progress()
    names = {revision.id: str(revision) for revision in wanted.steps}
    verb = "undo" if wanted.undo else "apply"
    done = migrations.carry_out(
        Contract(project), wanted, lambda revision: console.step(verb, names.get(revision, revision))
    )
    if not done:
        console.note(f"Nothing to do: meanwhile another process left the database {where(wanted)}.")
        return
    count = "1 migration" if len(done) == 1 else f"{len(done)} migrations"
    console.success(f"{'Undid' if wanted.undo else 'Applied'} {count}; the database is {where(wanted)}.")


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


def where(wanted: "Plan") -> str:
    return "before the first migration" if wanted.target == "base" else f"at revision {wanted.target}"
