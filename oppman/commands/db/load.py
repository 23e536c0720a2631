"""`oppman db load`: fixtures into the database."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from oppman import console
from oppman.contract import Contract
from oppman.options import Json
from oppman.project import Project


def load(
    files: Annotated[list[Path], typer.Argument(metavar="FILE", help="Fixtures, a folder of CSV, or - for a pipe.")],
    on_conflict: Annotated[
        Literal["error", "skip", "update"],
        typer.Option("--on-conflict", help="What to do with a row that is there: refuse all, keep it, or change it."),
    ] = "error",
    kind: Annotated[
        Literal["jsonl", "yaml", "csv"] | None,
        typer.Option("--format", help="What the files hold.", show_default="by their names"),
    ] = None,
    table: Annotated[
        str,
        typer.Option("--table", help="The table of CSV that is not named after it.", show_default="the file's name"),
    ] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Try everything, and keep nothing.")] = False,
    as_json: Json = False,
) -> None:
    """Write fixtures into the database: all of their rows, or none.

    Takes what `oppman db dump` writes, from either database, and what a person writes: a column that a row leaves out
    gets the default of its model, and a reference may be written as what is unique of the other row, such as
    `host_id: {email: ann@example.com}`.

    \b
    Example:
      oppman db load shop.jsonl.gz
      oppman db load fixtures/*.yaml --on-conflict update
      ssh shop oppman db dump | oppman db load -
    """
    from oppman.database.address import database_url
    from oppman.database.fixtures.fixture import fixtures
    from oppman.database.fixtures.load import load as read

    project = Project.here()
    progress = console.Progress("Loading", 0)
    try:
        done = read(
            Contract(project), database_url(project), fixtures(files, kind, table), on_conflict,
            dry_run=dry_run, begin=progress.expect, report=progress.advance,
        )  # fmt: skip
    finally:
        progress.close()
    if as_json:
        console.json({"read": done.read, "written": done.written, "dry_run": dry_run})
        return
    console.table(
        ["table", "rows", "written"], [(name, count, done.written[name]) for name, count in done.read.items()]
    )
    rows = console.counted(sum(done.written.values()), "row")
    console.success(f"Would write {rows}; nothing was kept." if dry_run else f"Wrote {rows}.")
