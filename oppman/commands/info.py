"""`oppman info`."""

import typer

from oppman import console
from oppman.options import Json

app = typer.Typer(add_completion=False)


@app.command()
def info(as_json: Json = False) -> None:
    """Show versions, settings, database and migrations.

    Secrets and passwords are masked. What is broken is told at the end, and the exit code is 1.

    \b
    Example:
      oppman info
      oppman info --json
    """
    from oppman.inspect.report import as_data, as_text
    from oppman.inspect.state import state
    from oppman.project import Project

    found = state(Project.here())
    if as_json:
        console.json(as_data(found))
    else:
        for title, pairs in as_text(found):
            console.out(f"{title}")
            console.facts((f"  {name}", value) for name, value in pairs)
            console.out()
    for problem in found.problems:
        console.error(problem)
    raise SystemExit(1 if found.problems else 0)
