"""`oppman db restore`."""

from typing import TYPE_CHECKING, Annotated

import typer

from oppman import console
from oppman.commands.db.backup import NoUploads
from oppman.options import Yes
from oppman.project import Project

if TYPE_CHECKING:
    from oppman.database.backup.archive import Archive


def restore(
    file: Annotated[str, typer.Argument(help="A file, a name in backups/, or latest.")] = "latest",
    yes: Yes = False,
    no_uploads: NoUploads = False,
    no_backup: Annotated[bool, typer.Option("--no-backup", help="Do without a backup of what is there.")] = False,
) -> None:
    """Replace the database and the uploaded files by those of a backup.

    The backup's checksum is compared first. It is restored beside the database and proved there, and what is there is
    backed up; only then does the new one take its place, all at once. A SQLite application may go on to run; from
    PostgreSQL its connections are cut, once, when all is ready. Settings and rights of a PostgreSQL database stay.
    `latest` is the newest of this database that was not made by a restore.

    \b
    Example:
      oppman db restore
      oppman db restore shop-20261125-101500 --yes
    """
    from oppman.database.address import database_url
    from oppman.database.backup import restore as restoring
    from oppman.database.backup.make import back_up_first
    from oppman.database.backup.uploads import upload_folder

    project = Project.here()
    url = database_url(project)
    archive = restoring.chosen(project, url, file)
    _ask(project, url, archive, yes)
    with_uploads = not no_uploads and archive.manifest.uploads is not None

    def keep() -> None:
        if not no_backup and (made := back_up_first(project, url, with_uploads)):
            console.note(f"What was there is in {made.path.relative_to(project.root)}.")

    done = restoring.restore(project, url, archive, upload_folder(project) if with_uploads else None, keep)
    said = archive.manifest
    console.success(
        f"Restored {said.total_rows:,} rows from {said.made_at:%Y-%m-%d %H:%M} UTC; the database is at revision "
        f"{', '.join(said.revision) or 'none'}."
    )
    if done.aside:
        console.warn(f"The old file was no database any more; it is {done.aside}.")
    if done.leftover:
        console.warn(f"The old database could not be dropped; it is {done.leftover}. The next restore tries again.")
    if done.pending:
        console.note(f"The code has {done.pending} newer migration{'s' * (done.pending > 1)}.")
        console.next_steps("oppman db migrate")


def _ask(project: Project, url: str, archive: "Archive", yes: bool) -> None:
    from oppman.database.backup.production import in_production
    from oppman.database.faults import masked
    from oppman.errors import Refused

    said = archive.manifest
    uploads = "left out of it; those that are there stay" if said.uploads is None else said.uploads
    console.note(f"  replaces  {masked(url)}")
    console.note(f"  backup    {archive.path}")
    console.note(f"  made      {said.made_at:%Y-%m-%d %H:%M:%S} UTC, {said.why}{f': {said.note}' if said.note else ''}")
    console.note(f"  rows      {said.total_rows:,} in {len(said.rows)} tables")
    console.note(f"  revision  {', '.join(said.revision) or 'none'}")
    console.note(f"  uploads   {uploads}")
    if yes:
        return
    if in_production(project):
        raise Refused("ENVIRONMENT is production. Nothing was changed.", "Give --yes to replace this database.")
    if not console.confirm("Replace the database by this backup?"):
        raise Refused("That was not confirmed. Nothing was changed.")
