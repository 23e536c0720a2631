"""`oppman db makemigrations`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from oppman import console
from oppman.contract import Contract
from oppman.errors import UsageError
from oppman.options import Backfill
from oppman.project import Project

if TYPE_CHECKING:
    from oppman.database.autogenerate.drift import Comparison

Message = Annotated[
    str, typer.Option("--message", "-m", help="What the migration does; names the file.", show_default=False)
]
Renames = Annotated[
    list[str] | None,
    typer.Option("--rename", help="TABLE.COLUMN:NEW or TABLE:NEW: the same data under another name.", metavar="NAMES"),
]
Drops = Annotated[
    list[str] | None,
    typer.Option("--allow-drop", help="TABLE.COLUMN, TABLE or all: it may go, with its data.", metavar="NAME"),
]


def makemigrations(
    message: Message = "",
    empty: Annotated[bool, typer.Option("--empty", help="Write a migration for you to fill in.")] = False,
    data: Annotated[bool, typer.Option("--data", help="Write one that walks through the rows of a table.")] = False,
    table: Annotated[str, typer.Option("--table", help="The table of --data.", show_default=False)] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print the migration; write nothing.")] = False,
    sql: Annotated[bool, typer.Option("--sql", help="Print the SQL that it would run; write nothing.")] = False,
    check: Annotated[bool, typer.Option("--check", help="Exit with 1 if one is missing; write nothing.")] = False,
    rename: Renames = None,
    allow_drop: Drops = None,
    backfill: Backfill = None,
) -> None:
    """Write a migration from the models' changes.

    The models are compared with the migrations, not with your database, which is not touched. A column or a table that
    went is never dropped unless you say so: it may have been renamed. The migration is applied, undone and applied
    again on a scratch database before it is kept.

    \b
    Example:
      oppman db makemigrations -m "add stock to products"
      oppman db makemigrations -m "add stock" --backfill products.stock=0
      oppman db makemigrations -m "titles" --rename products.name:title --allow-drop products.category
      oppman db makemigrations -m "fill slugs" --data --table products
    """
    from oppman.database.autogenerate import drift
    from oppman.database.autogenerate.intent import Intent, settle

    contract = Contract(Project.here())
    if empty or data or table:
        if sql:
            raise UsageError("A migration that you fill in has no SQL yet.", "--dry-run prints what it is.")
        _keep(contract, *_by_hand(contract, message, table, data=data or bool(table)), dry_run=dry_run, by_hand=True)
        return
    intent = Intent.parse(rename or [], allow_drop or [])
    comparison = drift.compare(contract)
    _warn_of_unseen(contract)
    if check:
        _check(comparison)
        return
    comparison = settle(contract, comparison, intent)
    if not comparison.differences:
        console.note("No changes: the models and the migrations agree.")
        return
    _report(comparison, backfill or [])
    if not message:
        message = comparison.suggestion() if dry_run or sql else _ask_message(comparison.suggestion())
    _keep(contract, *comparison.source(message), dry_run=dry_run, sql=sql)


def _by_hand(contract: Contract, message: str, table: str, *, data: bool) -> tuple[Path, str]:
    from oppman.database.autogenerate import drift

    if not data:
        return drift.empty(contract, message or _ask_message(""))
    from oppman.database.autogenerate.data_migration import data_migration, tables

    table = table or console.ask(f"Which table? ({', '.join(tables(contract))})", "--table NAME")
    return data_migration(contract, table, message or _ask_message(f"fill {table}"))


def _check(comparison: "Comparison") -> None:
    from oppman.errors import SchemaDrift

    if comparison.differences:
        console.out("\n".join(difference.text for difference in comparison.differences))
        raise SchemaDrift("The models have changes that no migration makes.", "Write one: oppman db makemigrations")
    console.success("No migration is missing.")


def _report(comparison: "Comparison", backfill: list[str]) -> None:
    from oppman.database.autogenerate.backfill import chosen

    console.note("\n".join(f"  {difference.text}" for difference in comparison.differences))
    comparison.fill(chosen(comparison.gaps, backfill, "| None"))
    for line in comparison.stopping:
        console.note(f"  {line}")


def _warn_of_unseen(contract: Contract) -> None:
    from oppman.database.autogenerate.unseen_models import unseen_models

    for path, names in unseen_models(contract):
        console.warn(f"{path} has models that nothing imports, so no migration sees them: {', '.join(names)}.")


def _ask_message(suggestion: str) -> str:
    return console.ask("What does this migration do?", '--message "..."', suggestion)


def _keep(
    contract: Contract, path: Path, text: str, *, dry_run: bool, sql: bool = False, by_hand: bool = False
) -> None:
    from oppman.database.autogenerate.drift import write
    from oppman.database.autogenerate.proof import prove

    name = path.relative_to(contract.project.root).as_posix()
    if dry_run:
        console.note(f"\nThis would be {name}; nothing was written.\n")
        console.out(text.rstrip())
    proof = prove(contract, path, text)
    for difference in proof.left:
        console.warn(f"The migration does not make this, and would be asked to again: {difference.text}")
    if sql:
        console.note("\nThis is what it would run; nothing was written.\n")
        console.out("\n\n".join(f"{statement};" for statement in proof.statements))
    if dry_run or sql:
        return
    write(path, text)
    console.step("create", name)
    if by_hand:
        console.note("\nWhat it does is for you to fill in.")
    console.next_steps(*(["oppman db lint"] if _would_hurt(contract, path, text) else []), "oppman db migrate")


def _would_hurt(contract: Contract, path: Path, text: str) -> bool:
    """Whether the linter finds something in a new migration for PostgreSQL. On SQLite it is a matter of the deploy."""
    from oppman.database import address
    from oppman.database.lint.report import Linter
    from oppman.database.revisions import Revision

    if address.is_sqlite(str(contract.settings().database_url)):
        return False
    new = Revision("new", (), "", path)
    return bool(Linter((new,), {new.id}, (), "postgres", True).of_text(new, text))
