"""Migrations that are about to be deleted, and where they can be had again."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from oppman.database.backup.folder import FOLDER
from oppman.database.history import git
from oppman.errors import Refused
from oppman.project import Project


def in_git(project: Project, paths: Sequence[Path]) -> bool:
    """Whether git has the files as they are. Raises Refused if there is a repository that has not."""
    if not git.is_kept(project.root):
        return False
    if missing := git.uncommitted(project.root, paths):
        names = "\n".join(f"  {path.relative_to(project.root).as_posix()}" for path in missing)
        raise Refused("Git does not have these migrations as they are, so they are not deleted.", "Commit them.", names)
    return True


def pack(project: Project, paths: Sequence[Path]) -> Path:
    """Copy the files into a new archive under `backups/` and return it."""
    from zipfile import ZIP_DEFLATED, ZipFile

    folder = project.root / FOLDER
    folder.mkdir(exist_ok=True)
    target = folder / f"migrations-{datetime.now().astimezone():%Y%m%d-%H%M%S}.zip"
    with ZipFile(target, "x", ZIP_DEFLATED) as archive:
        for path in paths:
            archive.write(path, path.relative_to(project.root))
    return target
