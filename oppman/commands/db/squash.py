"""`oppman db squash`."""

from typing import TYPE_CHECKING, Annotated

import typer

from oppman import console
from oppman.contract import Contract
from oppman.options import Yes
from oppman.project import Project

if TYPE_CHECKING:
    from oppman.database.history.squash import Squash


def squash(
    first: Annotated[str, typer.Argument(metavar="FROM", help="The first.", show_default="the very first")] = "",
    last: Annotated[str, typer.Argument(metavar="TO", help="The last.", show_default="the head")] = "",
    message: Annotated[str, typer.Option("--message", "-m", help="What it does; names the file.")] = "",
    keep_data: Annotated[
        bool, typer.Option("--keep-data", help="Carry over as they are what does more than change the schema.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print the migration; write nothing.")] = False,
    yes: Yes = False,
) -> None:
    """Make many migrations one.

    It keeps the revision of the last, so a database that has all of them goes on as if nothing had happened; one that
    has some of them has to be brought to the last first. The new migration has to make the same schema on an empty
    database, and to go down and up again. The old files are deleted: git has to have them, or they are packed into
    backups/.

    \b
    Example:
      oppman db squash
      oppman db squash 843a 9c1f -m "the shop of 2025"
    """
    from oppman.database.history.squash import squash as find

    project = Project.here()
    found = find(Contract(project), first, last, message, keep_data=keep_data)
    if dry_run:
        console.note(f"This would be {found.path.relative_to(project.root)}; nothing was written.\n")
        console.out(found.text.rstrip())
        return
    _write(project, found, yes)


def _write(project: Project, found: "Squash", yes: bool) -> None:
    from oppman.database.history.archive import in_git, pack
    from oppman.errors import Refused

    console.note("\n".join(f"  {revision}" for revision in found.span.revisions))
    for revision in found.carried:
        console.note(f"Carried over as it is: {revision}.")
    count = len(found.span.revisions)
    paths = [revision.path for revision in found.span.revisions]
    kept = in_git(project, paths)
    if not yes and not console.confirm(f"Make these {count} migrations one, and delete their files?"):
        raise Refused("That was not confirmed. Nothing was changed.")
    if not kept:
        console.note(f"The old files were packed into {pack(project, paths).relative_to(project.root)}.")
    found.write()
    for path in paths:
        if path != found.path:
            console.step("remove", path.relative_to(project.root).as_posix())
    console.step("create", found.path.relative_to(project.root).as_posix())
    if found.again is None:
        console.warn("The old ones cannot be undone and made again, so that was not tried with the new one either.")
    console.success(f"{count} migrations are one now, at revision {found.span.last.id}.")
