"""`oppman db`: the migrations of the project."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from oppman import console
from oppman.commands.db_lint import lint
from oppman.contract import Contract
from oppman.options import Backfill, Json, Yes
from oppman.project import Project

if TYPE_CHECKING:
    from oppman.database.migrations import Plan

app = typer.Typer(add_completion=False, no_args_is_help=True, help="Write, apply and check migrations.")

NoBackup = Annotated[bool, typer.Option("--no-backup", help="Do without copying the database first.")]
Message = Annotated[
    str, typer.Option("--message", "-m", help="What the migration does; names the file.", show_default=False)
]


@app.command()
def makemigrations(
    message: Message = "",
    empty: Annotated[bool, typer.Option("--empty", help="Write a migration for you to fill in.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print the migration; write nothing.")] = False,
    backfill: Backfill = None,
) -> None:
    """Write a migration from the models' changes.

    The models are compared with the migrations, not with your database, which is not touched.

    \b
    Example:
      oppman db makemigrations -m "add stock to products"
      oppman db makemigrations -m "add stock" --backfill products.stock=0
    """
    from oppman.database import drift
    from oppman.database.backfill import chosen

    contract = Contract(Project.here())
    if empty:
        _keep(contract.project, *drift.empty(contract, message or _ask_message("")), dry_run)
        return
    comparison = drift.compare(contract)
    if not comparison.differences:
        console.note("No changes: the models and the migrations agree.")
        return
    console.note("\n".join(f"  {difference.text}" for difference in comparison.differences))
    comparison.fill(chosen(comparison.gaps, backfill or [], "| None"))
    if not message:
        message = comparison.suggestion() if dry_run else _ask_message(comparison.suggestion())
    _keep(contract.project, *comparison.source(message), dry_run)


@app.command()
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
        _undo(project, wanted, yes, no_backup)
    elif wanted.steps:
        if not no_backup and wanted.steps[0].parents and any(map(drops_tables, wanted.steps)):
            _copy(project)
        _carry_out(project, wanted)
    else:
        console.note(f"Nothing to do: the database is {_where(wanted)}.")


@app.command()
def rollback(
    target: Annotated[str, typer.Argument(help="The revision to stand at; base undoes all.", show_default=False)] = "",
    steps: Annotated[int, typer.Option("--steps", "-n", min=1, help="How many to undo, without a target.")] = 1,
    yes: Yes = False,
    no_backup: NoBackup = False,
) -> None:
    """Undo the last migration, or several.

    What they added is destroyed with its data, so the database is copied to backups/ first: a SQLite file by itself,
    PostgreSQL with pg_dump. Where pg_dump is missing, nothing is undone without --no-backup.

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
        _undo(project, wanted, yes, no_backup)
    elif wanted.steps:
        raise UsageError(f"The database has not reached revision {wanted.target}.", "`oppman db migrate` goes there.")
    else:
        console.note(f"Nothing to undo: the database is {_where(wanted)}.")


@app.command()
def status(as_json: Json = False) -> None:
    """Show the revision and what is pending.

    \b
    Example:
      oppman db status
      oppman db status --json
    """
    from oppman.database import address
    from oppman.database.faults import masked
    from oppman.database.revisions import History
    from oppman.database.status import migration_status

    project = Project.here()
    url = address.database_url(project)
    found = migration_status(project, url)
    if as_json:
        pending = [
            {"revision": item.id, "message": item.message, "file": item.path.relative_to(project.root).as_posix()}
            for item in found.pending
        ]
        facts = {"database": masked(url), "current": list(found.current), "heads": list(found.heads)}
        console.json(facts | {"pending": pending, "unknown": list(found.unknown), "up_to_date": found.up_to_date})
    else:
        known = History.read(project).revisions
        console.facts(
            [
                ("database", masked(url)),
                ("current", [known.get(name, name) for name in found.current] or "before the first migration"),
                ("head", [known[name] for name in found.heads] or "there are no migrations"),
                ("pending", len(found.pending) or "none"),
            ]
        )
        if found.pending:
            console.out()
            console.table(["revision", "message", "file"], [(i.id, i.message, i.path.name) for i in found.pending])
            console.next_steps("oppman db migrate")
    if len(found.heads) > 1:
        console.warn("The migrations have several heads; `oppman db migrate` refuses until they are joined.")
    found.refuse_unknown()


@app.command()
def check(as_json: Json = False) -> None:
    """Check the models against the migrations.

    Exits with 1 if a model has a change that no migration makes. Needs no database of yours: the migrations are applied
    to an empty one that is thrown away.

    \b
    Example:
      oppman db check
      oppman db check --json
    """
    from oppman.database.drift import compare
    from oppman.errors import SchemaDrift

    differences = compare(Contract(Project.here())).differences
    if as_json:
        console.json({"clean": not differences, "differences": [vars(difference) for difference in differences]})
    elif differences:
        console.out("\n".join(difference.text for difference in differences))
    if differences:
        changes = "a change" if len(differences) == 1 else f"{len(differences)} changes"
        raise SchemaDrift(f"The models have {changes} that no migration makes.", "Write one: oppman db makemigrations")
    if not as_json:
        console.success("The models and the migrations agree.")


app.command()(lint)


def _ask_message(suggestion: str) -> str:
    return console.ask("What does this migration do?", '--message "..."', suggestion)


def _keep(project: Project, path: Path, text: str, dry_run: bool) -> None:
    from oppman.database.drift import write

    if dry_run:
        console.note(f"\nThis would be {path.relative_to(project.root)}; nothing was written.\n")
        console.out(text.rstrip())
        return
    write(path, text)
    console.step("create", str(path.relative_to(project.root)))
    console.next_steps("oppman db migrate")


def _undo(project: Project, wanted: "Plan", yes: bool, no_backup: bool) -> None:
    """Undo the steps of a plan, after a question and a copy of the database."""
    from oppman.errors import Refused

    count, it = (
        ("this migration", "it") if len(wanted.steps) == 1 else (f"these {len(wanted.steps)} migrations", "they")
    )
    console.note("\n".join(f"  undo {revision}" for revision in wanted.steps))
    if not yes and not console.confirm(f"Undo {count}? What {it} added is destroyed with its data."):
        raise Refused("That was not confirmed. Nothing was changed.")
    if not no_backup:
        _copy(project)
    _carry_out(project, wanted)


def _copy(project: Project) -> None:
    from oppman.database.address import database_url
    from oppman.database.backup import back_up

    console.note(f"The database was copied to {back_up(project, database_url(project)).relative_to(project.root)}.")


def _carry_out(project: Project, wanted: "Plan") -> None:
    from oppman.database.migrations import carry_out

    names = {revision.id: str(revision) for revision in wanted.steps}
    verb = "undo" if wanted.undo else "apply"
    done = carry_out(Contract(project), wanted, lambda revision: console.step(verb, names.get(revision, revision)))
    if not done:
        console.note(f"Nothing to do: meanwhile another process left the database {_where(wanted)}.")
        return
    count = "1 migration" if len(done) == 1 else f"{len(done)} migrations"
    console.success(f"{'Undid' if wanted.undo else 'Applied'} {count}; the database is {_where(wanted)}.")


def _where(wanted: "Plan") -> str:
    return "before the first migration" if wanted.target == "base" else f"at revision {wanted.target}"
