"""`oppman docs`."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from oppman import console
from oppman.options import Json

app = typer.Typer(add_completion=False, no_args_is_help=True)

Format = Literal["all", "site", "openapi-json", "openapi-yaml"]


@app.callback()
def docs() -> None:
    """Export the API schema and the documentation.

    \b
    Example:
      oppman docs export
    """


@app.command()
def export(
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="The folder to write to.", show_default="docs/export")
    ] = None,
    format: Annotated[Format, typer.Option("--format", "-f", help="What to export.")] = "all",
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; exit with 1 if what is there is stale.")
    ] = False,
    stdout: Annotated[bool, typer.Option("--stdout", help="Print the OpenAPI document instead of writing it.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Write into a folder that holds other files.")] = False,
    as_json: Json = False,
) -> None:
    """Write the API schema and a folder of documentation.

    The pages show the API, the models with a diagram, the routes with their permissions and the commands; they open
    without a server and without a network. The same project gives the same files, so that they can be committed.
    What an earlier export wrote is brought up to date; other files are left alone.

    \b
    Example:
      oppman docs export
      oppman docs export --check
      oppman docs export --format openapi-json --stdout > openapi.json
    """
    from oppman.contract import Contract
    from oppman.docs import export as exporting
    from oppman.project import Project

    contract = Contract(Project.here())
    if stdout:
        console.out(exporting.document(contract, format).rstrip("\n"))
        return
    folder = contract.project.root / "docs" / "export" if output is None else output
    changes = exporting.run(contract, folder, format, check=check, force=force)
    if as_json:
        console.json({"folder": folder, "files": [vars(change) for change in changes]})
        return
    for change in changes:
        console.step(change.verb, change.name)
    console.out(str(exporting.entry(folder, format)))
