"""`oppman new`."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from oppman import console
from oppman.options import Yes

app = typer.Typer(add_completion=False)


@app.command()
def new(
    name: Annotated[str, typer.Argument(help="The project's name, or a path that ends in it.")],
    db: Annotated[Literal["sqlite", "postgres"], typer.Option(help="The database it starts on.")] = "sqlite",
    minimal: Annotated[bool, typer.Option("--minimal", help="Leave out the products and the webinars.")] = False,
    no_git: Annotated[bool, typer.Option("--no-git", help="Make no git repository.")] = False,
    yes: Yes = False,
) -> None:
    """Create a project in a new folder.

    \b
    Example:
      oppman new shop
      oppman new shop --db postgres --minimal
    """
    from oppman.scaffold.names import check_project_name
    from oppman.scaffold.starter import Plan, confirm_nesting, create_project

    target = Path(name).expanduser()
    check_project_name(target.name or name)
    confirm_nesting(target, yes)
    files = create_project(Plan(target, target.name, database=db, minimal=minimal, git=not no_git))
    for file in files:
        console.step("create", (target / file).as_posix())
    console.success(f"{target.name}: {len(files)} files.")
    if db == "postgres":
        _warn_of_earlier_data(target)
    console.next_steps(f"cd {target}", "oppman init", "oppman runserver")


def _warn_of_earlier_data(target: Path) -> None:
    from oppman.database.server.place import earlier_data

    if data := earlier_data(target):
        console.warn(
            f"A project that was here before has left its database in {data}, and `oppman init` will take it. "
            "To begin anew, `oppman db stop` and remove that folder."
        )
