"""`oppman db rebase`."""

from typing import TYPE_CHECKING, Annotated

import typer

from oppman import console
from oppman.contract import Contract
from oppman.project import Project

if TYPE_CHECKING:
    from oppman.database.history.sides import Side

Revision = Annotated[
    str, typer.Argument(help="A revision of the side that moves.", show_default="the one not applied yet, or newer")
]


def rebase(
    revision: Revision = "",
    onto: Annotated[str, typer.Option("--onto", help="The head to follow, where there are three or more.")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the change; write nothing.")] = False,
) -> None:
    """Put one of two heads behind the other.

    The side moves of which the database has nothing; if it has neither, the one that git has not yet, or has later.
    What the database has applied is never moved; other databases are not asked. One file changes, in the revision
    that it follows; first the migrations have to run on an empty database, up, down and up again.

    \b
    Example:
      oppman db rebase
      oppman db rebase 4f2a --dry-run
    """
    from oppman.database.history.rebase import rebase as find

    project = Project.here()
    found = find(Contract(project), revision, onto, _ask)
    if found is None:
        console.note("Nothing to move: the migrations have one head.")
        return
    console.note(f"{found.moved} goes behind {found.onto}: {found.reason}.")
    for overlap in found.overlaps:
        console.warn(f"Both sides change {overlap.place} ({overlap.text}).")
    console.diff(found.diff, commentary=not dry_run)
    if dry_run:
        return
    found.write()
    console.step("update", found.path.relative_to(project.root).as_posix())
    console.next_steps("oppman db migrate")


def _ask(sides: "list[Side]") -> "Side":
    keys = [str(number) for number in range(1, len(sides) + 1)]
    offered = {key: f"{side} ({side.head.path.name})" for key, side in zip(keys, sides, strict=True)}
    answer = console.choose("Which one moves behind the other?", offered, " or ".join(side.head.id for side in sides))
    return dict(zip(keys, sides, strict=True))[answer]
