"""`oppman scaffold resource`."""

from typing import Annotated

import typer

from oppman.commands.scaffold.carry_out import DryRun, Force, Skip, answer, carry_out
from oppman.commands.scaffold.completion import complete_field


def resource(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="One of them: Book, BookReview or book_review.", show_default=False)],
    fields: Annotated[
        list[str],
        typer.Argument(help="name:type[:modifier...]", metavar="FIELD...", autocompletion=complete_field),
    ],
    plural: Annotated[
        str | None, typer.Option("--plural", help="Several of them, where English is no help.", metavar="WORD")
    ] = None,
    about: Annotated[str, typer.Option("--about", help="What it is, in a sentence.", show_default=False)] = "",
    owned: Annotated[bool, typer.Option("--owned", help="Each row belongs to a user, who alone sees it.")] = False,
    soft_delete: Annotated[
        bool, typer.Option("--soft-delete", help="Keep deleted rows, where nothing finds them.")
    ] = False,
    uuid: Annotated[bool, typer.Option("--uuid", help="Keys are UUIDs (version 7) and no numbers.")] = False,
    dry_run: DryRun = False,
    force: Force = False,
    skip: Skip = False,
) -> None:
    """Add a resource: model, API, admin, tests, migration.

    Its files are yours from then on. What a field can be: oppman scaffold fields.

    \b
    Example:
      oppman scaffold resource Book title:str price:decimal:min=0
      oppman scaffold resource Review text:text book:ref:Book --dry-run
    """
    from oppman.commands.scaffold.ready import ready_project
    from oppman.scaffold.generate import generate_resource
    from oppman.scaffold.options import options
    from oppman.scaffold.resource import Options

    said = Options(owned=owned, soft_delete=soft_delete, uuid=uuid)
    settled = answer(context, force, skip)
    project = ready_project()
    stubs = options(project)["stubs"]
    made = generate_resource(project, name, fields, plural=plural, about=about, options=said, stubs=stubs)
    carry_out(project, made, settled, "oppman db migrate", dry_run=dry_run)
