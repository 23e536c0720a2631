"""`oppman db inspect`."""

from typing import Annotated

import typer

from oppman import console
from oppman.options import Json
from oppman.project import Project


def inspect(
    table: Annotated[str, typer.Argument(help="Show this one.", show_default="all of them")] = "",
    exact: Annotated[bool, typer.Option("--exact", help="Count the rows, which reads them all.")] = False,
    as_json: Json = False,
) -> None:
    """Show the tables, and what about them deserves attention.

    Rows, sizes, and: foreign keys that no index begins with, indexes that another one makes needless or that nobody
    uses, sequences near their end, rows that wait to be vacuumed. A number of rows with a ~ is an estimate: the
    planner's on PostgreSQL, the greatest row number on SQLite. Of one table: columns, constraints, indexes, and what
    refers to it.

    \b
    Example:
      oppman db inspect
      oppman db inspect products
      oppman db inspect --json --exact
    """
    from oppman.database.inspect.findings import findings
    from oppman.database.inspect.look import look
    from oppman.database.inspect.report import facts, one
    from oppman.database.inspect.show import show_catalog, show_findings, show_table

    catalog = look(Project.here(), exact=exact)
    found = findings(catalog)
    if table:
        chosen = one(catalog, table)
        found = [finding for finding in found if finding.table == chosen.name]
    if as_json:
        console.json(facts(catalog, found, chosen if table else None))
    elif table:
        show_table(chosen, catalog.referring_to(chosen.name))
        show_findings(found)
    else:
        show_catalog(catalog, found)
