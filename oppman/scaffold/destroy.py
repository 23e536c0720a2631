"""From the name of a resource to the plan that takes its slice out of the project; nothing is written."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from oppman.database.revisions import History
from oppman.errors import Refused
from oppman.project import Project
from oppman.scaffold import generated_slice, starter_slice
from oppman.scaffold.destroy_checks import links, refuse_referred, refuse_used
from oppman.scaffold.format import formatted
from oppman.scaffold.insert import Rewrite
from oppman.scaffold.minimal import SLICES
from oppman.scaffold.models import Model
from oppman.scaffold.naming import class_name_of, module_of, plural_of
from oppman.scaffold.plan import Action, Change, Create, Outcome, Plan, Remove, Step, Text, plan, read
from oppman.scaffold.slice_parts import Parts
from oppman.scaffold.table_history import drop_tables, removable
from oppman.scaffold.taken import models_of


@dataclass(frozen=True)
class Destruction:
    """The plan of a run, and the notes that its record keeps.

    `edited` are the files of the plan with something that neither the generator nor the starter wrote, and that would
    be lost. `leftovers` are files that stay as they are although they speak of the slice, each with the lines to look
    at. `migration` says what becomes of the tables: "removed" with the revisions that made them, "written" in a new
    revision, or "to write" by hand.
    """

    plan: Plan
    notes: dict[str, Any]
    edited: tuple[str, ...]
    leftovers: tuple[tuple[str, str], ...]
    migration: str
    models: str
    """The file with the model."""

    def keep(self, decide: Callable[[Action], bool]) -> "Destruction":
        """The same without the edited files for which `decide` says no: they stay as they are."""
        actions: list[Action] = []
        left = list(self.leftovers)
        for action in self.plan.actions:
            if action.path not in self.edited or decide(action):
                actions.append(action)
                continue
            if action.path == self.models:
                raise Refused(f"{action.path} keeps the model, so that nothing of it can go.", "Nothing was changed.")
            left.append((action.path, _lines(action)))
            actions.append(replace(action, outcome=Outcome.SKIP, after=action.before, edits=(), made=(), recorded=()))
        return replace(self, plan=Plan(tuple(actions)), edited=(), leftovers=tuple(left))


def destroy(project: Project, name: str, applied: Collection[str] | None) -> Destruction:
    """The plan that takes the slice of the model `name` out. `applied` are the database's revisions; None: unknown.

    Raises InvalidName, and Refused while something else needs the slice.
    """
    models = models_of(project)
    class_name = _model(class_name_of(name), models)
    parts = _parts(project, models, class_name)
    gone = {model.table: model.name for model in models.values() if model.name in parts.models}
    refuse_referred(class_name, gone, models, parts.models)
    files = _laid_out(project.root, parts)
    refuse_used(project, class_name, parts.files, {path: text for path, (_, text) in files.items()})
    steps: list[Step] = [Remove(path) for path in parts.files]
    steps += [Change(path, (Rewrite(before, after),)) for path, (before, after) in files.items() if before != after]
    plural = models[class_name].table
    addresses = {plural_of(word) for word in SLICES[class_name]} if parts.from_starter else {plural}
    leftovers = dict(parts.leftovers)
    texts = {path: text for path, (_, text) in files.items()}
    for address in sorted(addresses):
        for path, lines in links(project, f"/{address.replace('_', '-')}", parts.files, texts):
            leftovers.setdefault(path, lines)
    tables = sorted(gone)
    migration, more = _migration(project, tables, f"remove {plural.replace('_', ' ')}", applied)
    notes: dict[str, Any] = {"kind": "destroy", "class": class_name}
    for step in more:
        if isinstance(step, Create):
            notes["migration"] = step.path
    there = set(parts.edited) & {step.path for step in steps}
    where = models[class_name].path.relative_to(project.root).as_posix()
    found = plan(project.root, [*steps, *more])
    return Destruction(found, notes, tuple(sorted(there)), tuple(leftovers.items()), migration, where)


def _model(class_name: str, models: Mapping[str, Model]) -> str:
    if class_name not in models:
        from difflib import get_close_matches

        near = get_close_matches(class_name, models, 1)
        raise Refused(
            f"The project has no model {class_name}.",
            f"Did you mean {near[0]}?" if near else f"It has: {', '.join(sorted(models))}.",
        )
    return class_name


def _parts(project: Project, models: Mapping[str, Model], class_name: str) -> Parts:
    runs = generated_slice.runs_of(project.root, class_name)
    if not runs and class_name in SLICES:
        return starter_slice.parts(project, class_name, models)
    if not runs:
        owner = next((name for name, words in SLICES.items() if module_of(class_name) in words), "")
        if owner and owner in models:
            raise Refused(
                f"{class_name} is a part of the slice of {owner}.", f"`oppman scaffold destroy {owner}` takes both out."
            )
        generated_slice.refuse_foundation(class_name, models)
    return generated_slice.parts(project, models[class_name], models, runs)


def _laid_out(root: Path, parts: Parts) -> dict[str, tuple[str, str]]:
    """The files that are cut, before and after; what was laid out as ruff does it still is."""
    before = {path: Text.of(read(root, path) or b"").source for path in parts.cuts}
    python = [path for path, text in parts.cuts.items() if path.endswith(".py") and text != before[path]]
    neat = formatted(root, {path: before[path] for path in python}) if python else {}
    after = dict(parts.cuts)
    clean = [path for path in python if neat[path] == before[path]]
    if clean:
        after |= formatted(root, {path: after[path] for path in clean})
    return {path: (before[path], after[path]) for path in parts.cuts}


def _migration(
    project: Project, tables: list[str], message: str, applied: Collection[str] | None
) -> tuple[str, list[Step]]:
    history = History.read(project)
    if applied is not None and (going := removable(history, tables, applied)):
        return "removed", [Remove(one.path.relative_to(project.root).as_posix()) for one in going]
    if (made := drop_tables(project, tables, message)) is None:
        return "to write", []
    return "written", [Create(made[0].relative_to(project.root).as_posix(), made[1])]


def _lines(action: Action) -> str:
    """The lines that the kept file would have lost."""
    if action.after is None:
        return ""
    return "\n".join(_lost(action))


def _lost(action: Action) -> Iterator[str]:
    for line in action.diff().splitlines():
        if line.startswith("-") and not line.startswith("---"):
            yield line[1:]
