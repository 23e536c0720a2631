"""`oppman db backup`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from oppman import console
from oppman.options import Json
from oppman.project import Project

if TYPE_CHECKING:
    from oppman.database.backup.make import Made

NoUploads = Annotated[bool, typer.Option("--no-uploads", help="Leave uploaded files alone.")]
To = Annotated[Path | None, typer.Option("--to", help="The folder for the file.", show_default="backups/")]
Form = Annotated[
    Literal["native", "portable"] | None,
    typer.Option("--format", help="For PostgreSQL: as pg_dump writes it, or without it.", show_default="what can be"),
]


def backup(
    note: Annotated[str, typer.Option("--note", help="A text to know it by.", show_default=False)] = "",
    no_uploads: NoUploads = False,
    no_verify: Annotated[bool, typer.Option("--no-verify", help="Do without restoring it as a proof.")] = False,
    to: To = None,
    form: Form = None,
    as_json: Json = False,
) -> None:
    """Back up the database and the uploaded files.

    The application may go on to write: the backup holds one moment. It is one file in backups/, a zip archive with
    checksums, and has its name only once it was restored to a scratch database and found to be the same. PostgreSQL is
    written by pg_dump where that is installed, else in a portable form.

    \b
    Example:
      oppman db backup
      oppman db backup --note "before the sale" --to /mnt/backups
    """
    from oppman.database.address import database_url
    from oppman.database.backup.make import Wanted, make

    project = Project.here()
    wanted = Wanted(note=note, uploads=not no_uploads, verify=not no_verify, form=form or "")
    report(make(project, database_url(project), wanted, to), as_json)


def report(made: "Made", as_json: bool) -> None:
    """Show what was made."""
    said = made.manifest
    if as_json:
        facts = {"file": made.path, "bytes": made.bytes, "seconds": round(made.seconds, 2)}
        about = {"made_at": said.made_at, "kind": said.kind, "form": said.form, "revision": list(said.revision)}
        counts = {"rows": said.rows, "uploads": said.uploads, "vanished": list(said.vanished)}
        console.json(facts | about | counts | {"verified": said.verified, "unverified_because": made.unproved or None})
    else:
        console.facts(
            [
                ("file", made.path),
                ("size", size(made.bytes)),
                ("rows", f"{said.total_rows:,} in {len(said.rows)} tables"),
                ("uploads", "left out" if said.uploads is None else said.uploads),
                ("form", said.form),
                ("revision", said.revision or "none"),
                ("seconds", f"{made.seconds:.1f}"),
                ("verified", f"no: {made.unproved}" if made.unproved else "restored to a scratch database"),
            ]
        )
    if said.vanished:
        console.warn(f"{len(said.vanished)} uploads were deleted while they were copied; they are not in it.")
    if said.orphans:
        console.warn(
            f"{said.orphans} rows of the database refer to rows that are not there; they are in it as they are."
        )


def size(count: int) -> str:
    """A number of bytes as a person reads it."""
    value, units = float(count), iter(("bytes", "kB", "MB", "GB"))
    unit = next(units)
    for larger in units:
        if value < 1000:
            break
        value, unit = value / 1000, larger
    return f"{value:.0f} {unit}" if unit == "bytes" else f"{value:.1f} {unit}"
