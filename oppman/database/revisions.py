"""The project's migrations as a graph, read from their files without running them.

Importing Alembic and every revision takes a second that `db status` and `runserver` do not have. What they need, the
identifier, the parents and the first line of the docstring, stands at the top of each file as plain literals.
"""

import ast
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any

from oppman.errors import NoMigrations, SeveralHeads, UsageError
from oppman.files import content, file_names
from oppman.project import Project

BASE = "base"
"""The target before the first revision: an empty database."""

_NAMES = ("revision", "down_revision", "depends_on")
_ASSIGNED = re.compile(r"\s*(?::[^=\n]*)?=\s*(\([^)]*\)|\[[^\]]*\]|[^\n#]+)")
_STRING = re.compile(r"""(["'])([^"'\\]*)\1""")
_DOCSTRING = re.compile(r'\A(?:\s*#[^\n]*\n)*\s*[rRuU]?("""|\'\'\'|"|\')\s*([^\n]*?)(?:\1|\n|$)')


@dataclass(frozen=True)
class Revision:
    """One migration file. `parents` are those that have to be applied before it."""

    id: str
    parents: tuple[str, ...]
    message: str
    path: Path

    def __str__(self) -> str:
        return f"{self.id}  {self.message}".rstrip()


@dataclass(frozen=True)
class History:
    """All revisions of a project by identifier, parents before children."""

    revisions: Mapping[str, Revision]

    @classmethod
    def read(cls, project: Project) -> "History":
        """Read the project's migrations. Raises NoMigrations if there is no folder or a file makes no sense."""
        found: dict[str, Revision] = {}
        for folder in version_folders(project):
            for name in file_names(folder):
                if name.endswith(".py") and (revision := _read_revision(folder / name)):
                    if revision.id in found:
                        raise NoMigrations(
                            f"Two migrations call themselves {revision.id}: {found[revision.id].path.name} and {name}.",
                            "Give one of them another `revision`.",
                        )
                    found[revision.id] = revision
        return cls(_in_order(found))

    @cached_property
    def heads(self) -> tuple[str, ...]:
        """The revisions that nothing follows: one in good order, none without migrations."""
        followed = {parent for revision in self.revisions.values() for parent in revision.parents}
        return tuple(name for name in self.revisions if name not in followed)

    def head(self) -> str:
        """The only head, or BASE if there are no migrations. Raises SeveralHeads."""
        if len(self.heads) > 1:
            heads = "\n".join(f"  {self.revisions[name]} ({self.revisions[name].path.name})" for name in self.heads)
            raise SeveralHeads(
                f"The migrations have {len(self.heads)} heads: {', '.join(self.heads)}.",
                "`oppman db rebase` puts the one that is not applied yet behind the other; if databases have either, "
                "`oppman db merge` joins them.",
                f"Heads:\n{heads}",
            )
        return self.heads[0] if self.heads else BASE

    def applied(self, current: Iterable[str]) -> set[str]:
        """The revisions that a database at `current` has: these and all before them."""
        seen: set[str] = set()
        waiting = [name for name in current if name in self.revisions]
        while waiting:
            name = waiting.pop()
            if name not in seen:
                seen.add(name)
                waiting += self.revisions[name].parents
        return seen

    def missing(self, current: Iterable[str], targets: Iterable[str]) -> tuple[Revision, ...]:
        """What leads from `current` to `targets`, in the order in which it is applied."""
        wanted = self.applied(targets) - self.applied(current)
        return tuple(revision for name, revision in self.revisions.items() if name in wanted)

    def after(self, target: str, current: Iterable[str]) -> tuple[Revision, ...]:
        """What a database at `current` has to undo to stand at `target`, in the order in which it is undone."""
        applied = self.applied(current)
        if target == BASE:
            undone = applied
        else:
            undone = {name for name in applied if target in self.applied(self.revisions[name].parents)}
        return tuple(revision for name, revision in reversed(list(self.revisions.items())) if name in undone)

    def find(self, target: str, current: tuple[str, ...] = ()) -> str:
        """The identifier that `target` means: `head`, `base`, `+1`, `-1` (from `current`), or the start of one.

        Raises UsageError, with the nearest, if there is none, and SeveralHeads if `head` is not clear.
        """
        if target == "head":
            return self.head()
        if target == BASE:
            return BASE
        if re.fullmatch(r"[+-]\d+", target):
            return self._relative(int(target), current)
        matches = [target] if target in self.revisions else [name for name in self.revisions if name.startswith(target)]
        if len(matches) == 1:
            return matches[0]
        if matches:
            raise UsageError(
                f"{target!r} is the start of {len(matches)} revisions: {', '.join(matches)}.", "Give more of it."
            )
        from difflib import get_close_matches

        nearest = get_close_matches(target, self.revisions, 1, 0.4) or list(self.heads[:1])
        names = f"The nearest is {self.revisions[nearest[0]]}. " if nearest else "There are no migrations yet. "
        raise UsageError(
            f"There is no revision {target!r}.", f"{names}A target is head, base, +1 or the start of a revision."
        )

    def _relative(self, steps: int, current: tuple[str, ...]) -> str:
        if len(current) > 1:
            raise UsageError("The database stands at several revisions, so no step from there is clear.", "Name one.")
        if steps > 0:
            missing = self.missing(current, [self.head()])
            return missing[min(steps, len(missing)) - 1].id if missing else self.head()
        undone = self.after(BASE, current)
        return undone[-steps].id if -steps < len(undone) else BASE


def migrations_folder(project: Project) -> Path:
    """The folder with `env.py`, as Alembic finds it. Raises NoMigrations."""
    folder = Path(str(_alembic_option(project, "script_location") or project.root / "migrations"))
    folder = project.root / folder
    if not (folder / "env.py").is_file():
        raise NoMigrations(
            f"There are no migrations: {folder / 'env.py'} does not exist.",
            "Restore the folder, or name another in pyproject.toml: [tool.alembic] script_location = "
            '"%(here)s/migrations". `alembic init --template pyproject_async migrations` makes a new one.',
        )
    return folder


def version_folders(project: Project) -> list[Path]:
    """The folders that hold the revisions; one, unless `version_locations` names more."""
    folder = migrations_folder(project)
    locations = _alembic_option(project, "version_locations")
    if isinstance(locations, str):
        locations = locations.split()
    return [project.root / location for location in locations] if locations else [folder / "versions"]


def _alembic_option(project: Project, name: str) -> Any:
    """`name` from [tool.alembic] in pyproject.toml or from alembic.ini, which Alembic prefers."""
    import tomllib

    here = project.root.as_posix()
    if (ini := project.root / "alembic.ini").is_file():
        from configparser import ConfigParser

        parser = ConfigParser({"here": here})
        parser.read(ini, encoding="utf-8")
        if value := parser.get("alembic", name, fallback=""):
            return value
    with (project.root / "pyproject.toml").open("rb") as file:
        value = tomllib.load(file).get("tool", {}).get("alembic", {}).get(name)
    if isinstance(value, list):
        return [str(item).replace("%(here)s", here) for item in value]
    return value and str(value).replace("%(here)s", here)


def _read_revision(path: Path) -> Revision | None:
    """The revision in `path`, or None if the file is none (it names no `revision`)."""
    text = content(path).decode("utf-8")
    values: dict[str, Any] = {}
    for name in _NAMES:
        if literal := _literal(text, name):
            try:
                values[name] = _value(literal)
            except (ValueError, SyntaxError):
                raise NoMigrations(
                    f"{path.name} computes its `{name}`: {literal}", f"Write it as a plain string in {path}."
                ) from None
    if "revision" not in values:
        return None
    docstring = _DOCSTRING.match(text)
    parents = (*_tuple(values.get("down_revision")), *_tuple(values.get("depends_on")))
    return Revision(str(values["revision"]), parents, docstring[2].strip() if docstring else "", path)


def _literal(text: str, name: str) -> str:
    """What the first row that gives the name a value gives it; "" if there is none."""
    text = f"\n{text}"
    place = -1
    while (place := text.find(f"\n{name}", place + 1)) >= 0:
        if match := _ASSIGNED.match(text, place + 1 + len(name)):
            return match[1].strip()
    return ""


def _value(literal: str) -> Any:
    """What a literal says. Raises ValueError or SyntaxError for what is none."""
    string = _STRING.fullmatch(literal)  # nearly all of them are
    return string[2] if string else ast.literal_eval(literal)


def _tuple(value: Any) -> tuple[str, ...]:
    if value is None:
        return ()
    return (value,) if isinstance(value, str) else tuple(value)


def _in_order(found: Mapping[str, Revision]) -> dict[str, Revision]:
    """`found` with parents before children. Raises NoMigrations if one is missing or they form a circle."""
    for revision in found.values():
        for parent in revision.parents:
            if parent not in found:
                raise NoMigrations(
                    f"{revision.path.name} follows revision {parent}, which is not there.",
                    "Restore that file (has it been committed?), or correct `down_revision`.",
                )
    try:
        order = TopologicalSorter({name: revision.parents for name, revision in found.items()}).static_order()
        return {name: found[name] for name in order}
    except CycleError as problem:
        raise NoMigrations(
            f"These migrations follow each other in a circle: {', '.join(problem.args[1])}.",
            "Correct the `down_revision` of one of them.",
        ) from None
