"""The file of a new revision. Alembic writes the same, but importing it costs more than the rest of a scaffold."""

import os
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from oppman.database.revisions import BASE, History, migrations_folder
from oppman.project import Project
from oppman.scaffold.render import STUBS, render
from oppman.scaffold.starter import starter_root

FILE_TEMPLATE = "%%(year)d%%(month).2d%%(day).2d_%%(hour).2d%%(minute).2d_%%(slug)s"
_LONGEST_SLUG = 40  # Alembic's own limit
_KNOWN = {"script_location", "prepend_sys_path", "file_template", "timezone"}
_TEMPLATE = "script.py.mako"


def revision_file(project: Project, message: str, upgrade: str, downgrade: str) -> tuple[Path, str]:
    """Where a revision after the head would lie, and its text; nothing is written.

    `upgrade` and `downgrade` are the bodies of its functions, indented. If the project has a template of its own, or
    options of Alembic beyond the usual, Alembic writes the file. Raises SeveralHeads and NoMigrations.
    """
    options, folder = _options(project), migrations_folder(project)
    imports = "".join(f"\nimport {module}\n" for module in _own_modules(upgrade + downgrade))
    if (project.root / "alembic.ini").is_file() or not _is_usual(folder, options):
        from oppman.database.autogenerate.drift import written

        return written(project, message, upgrade, downgrade, imports.strip())
    head = History.read(project).head()
    revision = os.urandom(6).hex()
    now = datetime.now(UTC) if "timezone" in options else datetime.now(UTC).astimezone()
    first = head == BASE
    stub = (STUBS / "resource/migrations/REVISION.py.jinja").read_text(encoding="utf-8")
    text = render(stub, {
        "message": message, "revision": revision, "day": f"{now:%Y-%m-%d}",
        "after": "nothing" if first else head, "down_revision": "None" if first else f'"{head}"',
        "upgrade": upgrade, "downgrade": downgrade, "imports": imports,
    })  # fmt: skip
    return folder / "versions" / f"{now:%Y%m%d_%H%M}_{_slug(message)}.py", text


def _own_modules(source: str) -> list[str]:
    """The modules of the column types that are the web app's own: `webapp.vector` of `webapp.vector.Vector(3)`."""
    return sorted(set(re.findall(r"\b(webapp(?:\.[a-z_]+)+)\.[A-Z]", source)))


def _options(project: Project) -> dict[str, Any]:
    import tomllib

    with (project.root / "pyproject.toml").open("rb") as file:
        return dict(tomllib.load(file).get("tool", {}).get("alembic", {}))


def _is_usual(folder: Path, options: dict[str, Any]) -> bool:
    """Whether the project has the template and the options that a new one has."""
    if not options.keys() <= _KNOWN:
        return False
    if options.get("file_template", FILE_TEMPLATE) != FILE_TEMPLATE or options.get("timezone", "UTC") != "UTC":
        return False
    template = folder / _TEMPLATE
    ours = starter_root() / "migrations" / _TEMPLATE
    return template.is_file() and template.read_text(encoding="utf-8") == ours.read_text(encoding="utf-8")


def _slug(message: str) -> str:
    slug = "_".join(re.findall(r"\w+", message)).lower()
    return slug if len(slug) <= _LONGEST_SLUG else slug[:_LONGEST_SLUG].rsplit("_", 1)[0] + "_"
