"""`oppman scaffold field`."""

from __future__ import annotations

from typing import Annotated

import typer

from oppman.commands.scaffold.carry_out import DryRun, answer, carry_out
from oppman.commands.scaffold.completion import complete_field, complete_model
from oppman.options import Backfill


def field(
    context: typer.Context,
    model: Annotated[
        str, typer.Argument(help="The model that gets them: Book.", show_default=False, autocompletion=complete_model)
    ],
    fields: Annotated[
        list[str],
        typer.Argument(help="name:type[:modifier...]", metavar="FIELD...", autocompletion=complete_field),
    ],
    backfill: Backfill = None,
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
    from oppman.database.autogenerate.backfill import chosen
    from oppman.scaffold.add_fields import addition, generate_fields
    from oppman.scaffold.options import options

    project = ready_project()
    added = addition(project, model, fields)
    values = chosen(added.gaps, backfill or [], "optional")
    made = generate_fields(added, values, stubs=options(project)["stubs"])
    carry_out(project, made, answer(context, force=False, skip=False), "oppman db migrate", dry_run=dry_run)
