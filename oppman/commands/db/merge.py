"""`oppman db merge`."""

from typing import Annotated

import typer

from oppman import console
from oppman.contract import Contract
from oppman.project import Project


def merge(
    message: Annotated[str, typer.Option("--message", "-m", help="What it joins; names the file.")] = "merge",
) -> None:
    """Join the heads of the migrations with an empty one.

    For branches that databases have already applied apart from each other; otherwise `oppman db rebase` leaves a
    history that is easier to read. Both orders are tried out on an empty database first, and have to make the same
    schema.

    \b
    Example:
      oppman db merge
      oppman db merge -m "join stock and notes"
    """
    from oppman.database.history.merge import merge as find

    project = Project.here()
    found = find(Contract(project), message)
    if found is None:
        console.note("Nothing to join: the migrations have one head.")
        return
    console.note("\n".join(f"  {side}" for side in found.sides))
    for overlap in found.overlaps:
        console.warn(f"Both sides change {overlap.place} ({overlap.text}).")
    found.write()
    console.step("create", found.path.relative_to(project.root).as_posix())
    console.next_steps("oppman db migrate")
