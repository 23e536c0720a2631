"""`oppman secrets`."""

from typing import Annotated

import typer

from oppman import console
from oppman.options import Json

app = typer.Typer(add_completion=False)


@app.command()
def secrets(
    write: Annotated[
        bool, typer.Option("--write", help="Write what is missing to .env; nothing there is changed.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Print fresh secrets, or write them to .env.

    \b
    Example:
      oppman secrets
      oppman secrets --write
    """
    from oppman.dotenv import fresh_secrets, write_missing

    values = fresh_secrets()
    if write:
        from oppman.project import Project

        path = Project.here().root / ".env"
        added = write_missing(path, values)
        console.note(f"{path}: added {', '.join(added)}." if added else f"{path}: every secret is there already.")
    elif as_json:
        console.json(values)
    else:
        for name, value in values.items():
            console.out(f"{name}={value}")
