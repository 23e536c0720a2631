"""A revision file written with the project's own template, at any place of the history."""

import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from oppman.database.autogenerate.drift import FILE_TEMPLATE
from oppman.database.autogenerate.tidy import tidy
from oppman.database.environment import config
from oppman.database.revisions import BASE, Revision, version_folders
from oppman.project import Project


def draft(
    project: Project,
    message: str,
    parents: Sequence[str],
    before: Iterable[Revision],
    identifier: str = "",
    bodies: dict[str, str] | None = None,
) -> tuple[str, Path, str]:
    """The identifier of a revision that follows `parents`, where it would lie, and its text. Nothing is written.

    `before` are the revisions that the template's Alembic has to know: the parents and all before them. `bodies` are
    `upgrades`, `downgrades` (indented) and `imports`.
    """
    from alembic.script import ScriptDirectory
    from alembic.util import rev_id

    made = config(project)
    identifier = identifier or str(rev_id())
    with TemporaryDirectory() as name:
        folder = Path(name)
        for number, revision in enumerate(before):
            shutil.copyfile(revision.path, folder / f"{number}.py")
        script = ScriptDirectory.from_config(made)
        script.messaging_opts = {"quiet": True}
        if made.get_alembic_option("file_template") is None:
            script.file_template = FILE_TEMPLATE
        script.version_locations = [name]
        values: dict[str, Any] = {"upgrades": "", "downgrades": "", "imports": "", **(bodies or {})}
        values["upgrades"], values["downgrades"] = values["upgrades"].lstrip(), values["downgrades"].lstrip()
        written = script.generate_revision(
            identifier, message, head=list(parents) or BASE, splice=True, version_path=name, **values
        )
        path = Path(str(written and written.path))
        text = tidy(path.read_text(encoding="utf-8"))
        return identifier, version_folders(project)[0] / path.relative_to(folder), text
