"""Backups of a project's database: one file each, with its uploads, proved before it counts."""

from pathlib import Path

from oppman.project import Project


def back_up(project: Project, url: str, why: str = "before a migration") -> Path:
    """Back up the database at `url` into the project's `backups/` and return the new file. Uploads are left out.

    It is proved by restoring it, unless the database is larger than a gigabyte. Must not be called from a running
    event loop. Raises BackupFailed, Refused and DatabaseUnreachable.
    """
    from oppman.database.backup.make import Wanted, make

    return make(project, url, Wanted(why, uploads=False, cheap=True)).path
