"""From what was typed to the plan of a run: the names and fields are checked, and nothing is written."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from oppman.database.revisions import History
from oppman.errors import Refused, UsageError
from oppman.project import Project
from oppman.scaffold import journal
from oppman.scaffold.fields import parse_fields
from oppman.scaffold.insert import ImportNames
from oppman.scaffold.migration import migration
from oppman.scaffold.model_home import MODULE, refuse_without_models
from oppman.scaffold.naming import Names, check_name
from oppman.scaffold.page_parents import refuse_private
from oppman.scaffold.plan import Change, Create, Outcome, Plan, Step, plan
from oppman.scaffold.record import Run, State
from oppman.scaffold.render import own_stubs
from oppman.scaffold.resource import Options, Resource
from oppman.scaffold.slice import model_steps
from oppman.scaffold.slice import steps as steps_of
from oppman.scaffold.taken import models_of, taken_names
from oppman.scaffold.together import together

LONGEST_ABOUT = 80


@dataclass(frozen=True)
class Generated:
    """The plan of a run, and the notes that its record keeps."""

    plan: Plan
    notes: dict[str, Any]


def generate_resource(
    project: Project,
    name: str,
    fields: Sequence[str],
    *,
    plural: str | None = None,
    about: str = "",
    options: Options = Options(),  # noqa: B008 - it is frozen
    stubs: str = "",
    only_model: bool = False,
) -> Generated:
    """The plan that adds a resource to the project. `stubs` is a folder of the project's own stubs, which win.

    `options` name in `uniques` and `indexes` fields, or their columns. `only_model` leaves all out but the model and
    its migration.

    A run that has made the same resource before is found: its migration is not written a second time. Raises
    InvalidName, InvalidField, UsageError and Refused.
    """
    names = Names.of(name, plural)
    check_name(names)
    parsed = parse_fields(fields)
    refuse_without_models(project, "A resource needs a web app as `oppman new` makes it.")
    models = models_of(project)
    options = replace(
        options,
        uniques=together("--unique", options.uniques, parsed),
        indexes=together("--index", options.indexes, parsed),
    )
    said = [*(field.source for field in parsed), *options.words]
    earlier = _earlier(project.root, names, said)
    if earlier is None:
        check_name(names, taken=taken_names(project, models))
    resource = Resource(names, parsed, sentence(about) or about_of(names), models, options)
    if not only_model:
        refuse_private(resource)
    with own_stubs(project.root / stubs if stubs else None):
        made = model_steps(project, resource) if only_model else steps_of(project, resource)
        steps = [single_names(step) for step in made]
    path, text = _migration(project, resource, earlier)
    notes = {
        "kind": "model" if only_model else "resource",
        "class": names.class_name,
        "plural": names.plural,
        "tables": [names.table, *(link.table for link in resource.links)],
        "said": said,
        "about": resource.about,
        "migration": path,
    }
    return Generated(refuse_misfit(plan(project.root, [*steps, Create(path, text)]), MODULE), notes)


def refuse_misfit(made: Plan, models: str) -> Plan:
    """The plan, unless the file with the models has no place for what it should get: its migration would not fit it.

    Raises Refused, with the lines to paste.
    """
    for action in made.actions:
        if action.path == models and action.outcome is Outcome.MANUAL:
            raise Refused(
                f"{action.path} has no place for what the migration is about: it has changed too much.",
                "Nothing was written. Change it back at these places and type this again; or add what follows by hand, "
                "then run `oppman db makemigrations`.",
                action.lines,
            )
    return made


def _earlier(root: Path, names: Names, said: Sequence[str]) -> Run | None:
    """The run that made this very resource and was not undone. Refused if it made it with other fields or options."""
    for run in reversed(journal.history(root, names.class_name)):
        notes = run.notes
        if run.state is State.DONE and (notes.get("kind"), notes.get("class")) == ("destroy", names.class_name):
            return None
        if run.state is not State.DONE or (notes.get("class"), notes.get("plural")) != (names.class_name, names.plural):
            continue
        if notes["said"] != said:
            raise Refused(
                f"Run {run.number} made {names.class_name} otherwise: {' '.join(notes['said'])}.",
                f"Take it back first, `oppman scaffold undo {run.number}`; or change the model by hand and write its "
                "migration with `oppman db makemigrations`.",
            )
        return run
    return None


def about_of(names: Names) -> str:
    """What it is if nobody says it: "A book review."."""
    label = names.label if names.label[:2].isupper() else names.label[0].lower() + names.label[1:]
    return f"{'An' if label[0].lower() in 'aeiou' else 'A'} {label}."


def sentence(about: str) -> str:
    """The sentence that describes what is generated, for docstrings and strings of the code. Raises UsageError."""
    text = about.strip()
    if len(text) > LONGEST_ABOUT or not text.isprintable() or re.search(r"[\"\\{}<>]", text) or (about and not text):
        raise UsageError(
            f"--about is one line of at most {LONGEST_ABOUT} characters, without quotation marks, braces, < > or \\.",
            'As in --about "A book in the shop."',
        )
    return text if text[-1:] in {"", ".", "!", "?"} else f"{text}."


def _migration(project: Project, resource: Resource, earlier: Run | None) -> tuple[str, str]:
    """Where the migration lies and its text: as it is, if an earlier run wrote it and it is still there."""
    if earlier:
        path, there = earlier.notes["migration"], History.read(project).revisions.values()
        if path in {one.path.relative_to(project.root).as_posix() for one in there}:
            return path, (project.root / path).read_text(encoding="utf-8")
    file, text = migration(project, resource)
    return file.relative_to(project.root).as_posix(), text


def single_names(step: Step) -> Step:
    """`step` with an insertion for each imported name, so that a name which two runs need goes with the second."""
    return replace(step, edits=tuple(_singles(step))) if isinstance(step, Change) else step


def _singles(step: Change) -> Iterator[Any]:
    for edit in step.edits:
        if isinstance(edit, ImportNames):
            yield from (replace(edit, names=(name,)) for name in edit.names)
        else:
            yield edit
