"""`oppman db dump`: rows as a fixture."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from oppman import console
from oppman.options import Yes
from oppman.project import Project

Format = Literal["jsonl", "yaml", "csv"]


def dump(
    tables: Annotated[
        list[str] | None, typer.Argument(metavar="TABLE", help="Tables; web* names several.", show_default="all")
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            help="The file (.jsonl, .yaml, .csv, with .gz), or a folder for CSV.",
            show_default="standard output",
        ),
    ] = None,
    kind: Annotated[
        Format | None, typer.Option("--format", help="What to write.", show_default="by the file's name, else jsonl")
    ] = None,
    without: Annotated[list[str] | None, typer.Option("--without", help="A table to leave out.")] = None,
    where: Annotated[
        list[str] | None, typer.Option("--where", help='Which rows, in SQL: "products: price > 3".')
    ] = None,
    related: Annotated[bool, typer.Option("--related", help="Also the rows that the chosen ones refer to.")] = False,
    natural: Annotated[
        bool, typer.Option("--natural", help="Refer to rows by what is unique of them, such as an email, not by id.")
    ] = False,
    anonymize: Annotated[
        bool, typer.Option("--anonymize", help="Apply the rules of [tool.oppman.anonymize] in pyproject.toml.")
    ] = False,
    rule: Annotated[
        list[str] | None, typer.Option("--rule", help="One more rule: users.email=email.", metavar="TABLE.COLUMN=RULE")
    ] = None,
    yes: Yes = False,
) -> None:
    """Write rows as JSON lines, YAML or CSV.

    What is written is one consistent view of the database, in an order in which it can be loaded again, and the same
    rows are always the same text. Times are in UTC.

    Rules make people unrecognisable: email, name, phone, text (words of the same length), hash, empty, null, =TEXT (the
    same text everywhere) and keep. Equal values stay equal, and unique ones unique: email, hash and null do that.

    \b
    Example:
      oppman db dump -o shop.jsonl.gz
      oppman db dump products --where "price > 100" --format csv
      oppman db dump users registrations --related --anonymize --rule users.email=email -o people.yaml
    """
    from oppman.database.address import database_url
    from oppman.database.fixtures import output as outputs
    from oppman.database.fixtures.dump import dump as write
    from oppman.database.fixtures.rules import Rules
    from oppman.database.fixtures.selection import Selection, parse_conditions
    from oppman.errors import Refused

    project, names = Project.here(), tuple(tables or ())
    selection = Selection(names, tuple(without or ()), parse_conditions(where or [], names), related)
    rules = Rules.read(project, anonymize, rule or [])
    if outputs.replaced(output, kind) and not yes and not console.confirm(f"{output} is there. Replace it?"):
        raise Refused("That was not confirmed. Nothing was written.")
    progress = console.Progress("Dumping", 0)
    try:
        with outputs.opened(output, kind, single=len(names) == 1 and not related) as writer:
            counts = write(
                project, database_url(project), selection, writer,
                natural=natural, rules=rules, begin=progress.expect, report=progress.advance,
            )  # fmt: skip
    finally:
        progress.close()
    if rules and (columns := rules.unnamed):
        console.warn(f"No rule says what to do with {', '.join(columns)}; they are as they were.")
    if output:
        rows, many = console.counted(sum(counts.values()), "row"), console.counted(len(counts), "table")
        console.success(f"Wrote {rows} of {many} to {output}.")
