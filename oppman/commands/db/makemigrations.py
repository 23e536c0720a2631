"""`oppman db makemigrations`."""

from pathlib import Path
from typing import Annotated

import typer

from oppman import console
from oppman.contract import Contract
from oppman.options import Backfill
from oppman.project import Project

Message = Annotated[
    str, typer.Option("--message", "-m", help="What the migration does; names the file.", show_default=False)
]


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
