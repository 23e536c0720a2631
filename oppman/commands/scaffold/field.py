"""`oppman scaffold field`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from oppman.commands.scaffold.carry_out import DryRun, answer, carry_out
from oppman.commands.scaffold.completion import complete_field, complete_model

if TYPE_CHECKING:
    from collections.abc import Iterable

    from oppman.database.backfill import Gap


def field(
    context: typer.Context,
    model: Annotated[
        str, typer.Argument(help="The model that gets them: Book.", show_default=False, autocompletion=complete_model)
    ],
    fields: Annotated[
        list[str],
        typer.Argument(help="name:type[:modifier...]", metavar="FIELD...", autocompletion=complete_field),
    ],
    backfill: Annotated[
        list[str] | None,
        typer.Option("--backfill", help="What existing rows get in a new column: TABLE.COLUMN=VALUE.", metavar="VALUE"),
    ] = None,
    dry_run: DryRun = False,
) -> None:
    """Add fields to a model: in its API, pages, admin and tests.

    What you have edited in these files is kept. Where it leaves no room, the file stays as it is, and the rows to add
    are printed. What a field can be: oppman scaffold fields.

    \b
    Example:
      oppman scaffold field Book subtitle:str:optional
      oppman scaffold field Book stock:int:min=0 --backfill books.stock=0
    """
    from oppman.commands.scaffold.ready import ready_project
    from oppman.scaffold.add_fields import addition, generate_fields
    from oppman.scaffold.options import options

    project = ready_project()
    added = addition(project, model, fields)
    values = _values(added.gaps, backfill or [])
    made = generate_fields(added, values, stubs=options(project)["stubs"])
    carry_out(project, made, answer(context, force=False, skip=False), "oppman db migrate", dry_run=dry_run)


def _values(gaps: Iterable[Gap], given: Iterable[str]) -> dict[str, str]:
    """A value for the rows that are there in each column that needs one, asked for where it was not given."""
    from oppman import console
    from oppman.errors import UsageError

    values = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not equals or name.count(".") != 1:
            raise UsageError(f"--backfill {text!r} cannot be understood.", "Write it as TABLE.COLUMN=VALUE.")
        values[name] = value
    for gap in gaps:
        if gap.name not in values:
            values[gap.name] = console.ask(
                f"{gap.name} may not be NULL and has no default. Which value do existing rows get?",
                f"--backfill {gap.name}=VALUE, or give the field a default or `optional`",
                "now" if gap.is_time else "",
            )
    return values
