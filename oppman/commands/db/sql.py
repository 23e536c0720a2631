"""`oppman db sql`."""

from typing import Annotated, Literal

import typer

from oppman import console
from oppman.contract import Contract
from oppman.project import Project


def sql(
    target: Annotated[str, typer.Argument(help="head, base, +1, or the start of a revision.")] = "head",
    start: Annotated[
        str,
        typer.Option(
            "--from",
            metavar="REV",
            help="Where to start, instead of where the database is; -1 is one before TARGET.",
            show_default=False,
        ),
    ] = "",
    backwards: Annotated[bool, typer.Option("--backwards", help="What undoes these migrations, instead.")] = False,
    database: Annotated[
        Literal["sqlite", "postgres"] | None,
        typer.Option(help="The kind of database; the project's own by default.", show_default=False),
    ] = None,
) -> None:
    """Print the SQL that `oppman db migrate` would run.

    No database is changed, and with --from none is asked.

    \b
    Example:
      oppman db sql
      oppman db sql head --from -1
      oppman db sql head --from base --database postgres > schema.sql
      oppman db sql --backwards
    """
    from oppman.database.address import database_url
    from oppman.database.migrations import database_kind, plan_between
    from oppman.database.script import sql_of

    project = Project.here()
    wanted = plan_between(project, start, target, backwards=backwards)
    if wanted.steps:
        console.out(sql_of(Contract(project), wanted, database or database_kind(database_url(project))))
    else:
        console.note("Nothing to run: both ends are the same revision. --from names another start.")
