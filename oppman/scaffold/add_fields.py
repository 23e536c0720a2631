"""Fields added to a resource that is there: what the generator would write with them, and would have written without.

The difference between the two is what goes into the files that their owner may have edited.
"""

import ast
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory

from oppman.database.autogenerate.backfill import Gap
from oppman.errors import InvalidField, InvalidName, Refused
from oppman.project import Project
from oppman.scaffold import journal, migration, page_parents
from oppman.scaffold.fields import Field, parse_fields
from oppman.scaffold.generate import Generated, about_of, refuse_misfit
from oppman.scaffold.insert import HtmlAfter
from oppman.scaffold.insert.regenerate import is_like
from oppman.scaffold.kinds import Kind
from oppman.scaffold.model_fields import fields_of
from oppman.scaffold.model_home import home_of, refuse_without_models
from oppman.scaffold.models import Model, model_files, read_models
from oppman.scaffold.naming import Names, class_name_of
from oppman.scaffold.needed_rows import needing
from oppman.scaffold.plan import Action, Change, Create, Plan, Step, plan, read
from oppman.scaffold.record import Run, State
from oppman.scaffold.relationships import naming_their_keys
from oppman.scaffold.render import own_stubs
from oppman.scaffold.resource import Options, Resource
from oppman.scaffold.slice import FILES, MODELS, left_out_by, offers, place, render, with_parts
from oppman.scaffold.slice_change import by_attribute, by_definition, change, whole
from oppman.scaffold.taken import models_of

_ADMIN, _CONFTEST = "webapp/admin.py", "tests/integration/NAMES/conftest.py"


@dataclass(frozen=True)
class Addition:
    """Fields for a model of the project, checked against what it has."""

    project: Project
    model: Model
    fields: tuple[Field, ...]
    slices: tuple[Resource, ...]
    """The resource without them, as it was generated; then with the columns that its owner has added by hand."""

    @cached_property
    def resource(self) -> Resource:
        """The resource with the new fields."""
        return _with(self.slices[0], self.fields)

    @cached_property
    def gaps(self) -> list[Gap]:
        """The new columns that need a value for the rows that are there. Raises UsageError for a required secret."""
        return migration.gaps(self.resource, self.resource.fields[-len(self.fields) :])


def addition(project: Project, name: str, fields: Sequence[str]) -> Addition:
    """What was typed, read against the project. Raises InvalidName, InvalidField, UsageError and Refused."""
    parsed = parse_fields(fields)
    refuse_without_models(project, "Fields are added to a model of a web app.")
    models = models_of(project)
    model = _named(name, models)
    slices = tuple(_slices(project, model, models))
    _refuse_taken(parsed, model, slices)
    added = Addition(project, model, parsed, slices)
    _refuse_links(added, models)
    _refuse_circles(added, models)
    _ = added.gaps, added.resource.parents  # a secret that is required, a model that is not there
    page_parents.refuse_private(added.resource, added.resource.fields[-len(parsed) :])
    return added


def generate_fields(added: Addition, values: Mapping[str, str], *, stubs: str = "") -> Generated:
    """The plan that adds the fields; `values` has one for each of the gaps. Raises UsageError and Refused."""
    project, resource = added.project, added.resource
    new = resource.fields[-len(added.fields) :]
    path, text = migration.add_columns(project, resource, new, values)
    with own_stubs(project.root / stubs if stubs else None):
        steps = list(_steps(added))
        actions = plan(project.root, steps).actions
        steps += _tests_of_children(added, actions)
    path_of_migration = path.relative_to(project.root).as_posix()
    old_tables = {link.table for link in added.slices[0].links}
    notes = {
        "kind": "field",
        "class": resource.names.class_name,
        "plural": resource.names.plural,
        "tables": [link.table for link in resource.links if link.table not in old_tables],
        "said": [field.source for field in added.fields],
        "migration": path_of_migration,
    }
    models = added.model.path.relative_to(project.root).as_posix()
    found = refuse_misfit(plan(project.root, [*steps, Create(path_of_migration, text)]), models)
    return Generated(_in_order(found), notes)


def _in_order(made: Plan) -> Plan:
    """The plan without the files in which nothing would change."""
    return Plan(tuple(action for action in made.actions if action.edits or action.before != action.after))


def _named(name: str, models: Mapping[str, Model]) -> Model:
    wanted = class_name_of(name)
    by_word = {known.lower(): known for known in models}
    if (known := by_word.get(wanted.lower())) is not None:
        return models[known]
    near = get_close_matches(wanted.lower(), by_word, n=1)
    hint = f"`{by_word[near[0]]}` is one." if near else f"It has: {', '.join(sorted(models))}."
    raise InvalidName(f"The project has no model {wanted}.", hint)


def _slices(project: Project, model: Model, models: Mapping[str, Model]) -> Iterator[Resource]:
    by_hand = fields_of(model, models)
    runs = [run for run in journal.history(project.root, model.name) if _is_about(run, model)]
    made = next((run for run in reversed(runs) if run.notes["kind"] == "resource"), None)
    if made is None:
        yield _read(project, model, models, by_hand)
        return
    said = [*made.notes["said"], *(word for run in runs if run.notes["kind"] == "field" for word in run.notes["said"])]
    flags = Options(owned="--owned" in said, soft_delete="--soft-delete" in said, uuid="--uuid" in said)
    fields = parse_fields([word for word in said if not word.startswith("--")])
    names = Names.of(model.name, made.notes["plural"])
    about = made.notes.get("about") or about_of(names)
    generated = Resource(names, fields, about, models, with_parts(project.root, names, flags))
    yield generated
    known = {field.column for field in fields}
    if more := tuple(field for field in by_hand if field.column not in known):
        yield _with(generated, more)


def _read(project: Project, model: Model, models: Mapping[str, Model], fields: tuple[Field, ...]) -> Resource:
    """The resource as its model tells it: it was written by hand, or no run is recorded here."""
    names = Names.of(model.name, model.table)
    if names.table != model.table:
        raise Refused(
            f"The table of {model.name} is called {model.table!r}, as the generator would call none.",
            "Add the fields to the model by hand, then run `oppman db makemigrations`.",
        )
    options = with_parts(project.root, names, Options.of(model))
    return Resource(names, fields, model.about or about_of(names), models, options)


def _is_about(run: Run, model: Model) -> bool:
    kind, name = run.notes.get("kind"), run.notes.get("class")
    return run.state is State.DONE and kind in {"resource", "field"} and name == model.name


def _with(resource: Resource, fields: Iterable[Field]) -> Resource:
    return replace(resource, fields=(*resource.fields, *fields))


def _refuse_taken(fields: Iterable[Field], model: Model, slices: Iterable[Resource]) -> None:
    there = [field for one in slices for field in one.fields]
    taken = {name for field in there for name in (field.name, field.column, field.key)} | set(model.columns)
    for field in fields:
        for name in (field.name, field.column, field.key):
            if name and name in taken:
                raise InvalidField(
                    f"{model.name} has a field {name!r} already.",
                    f"Give the new one another name, such as `{field.name}_2`; nothing was changed.",
                )


def _refuse_links(added: Addition, models: Mapping[str, Model]) -> None:
    """A second relation between two models is named after its field, and so the first one would have been."""
    before = {link.field.name: link.table for link in added.slices[0].links}
    tables = {model.table for model in models.values()}
    for link in added.resource.links:
        here = before.get(link.field.name)
        if (here is not None and here != link.table) or (
            here is None and (link.table in tables or link.class_name in models)
        ):
            raise InvalidField(
                f"Field {added.fields[0].name!r}: {added.model.name} and {link.model.name} are linked already, and the "
                f"table {here or link.table!r} would need another name.",
                "Write this relation by hand, then run `oppman db makemigrations`.",
            )


def _refuse_circles(added: Addition, models: Mapping[str, Model]) -> None:
    """Of two rows that cannot do without each other neither could be written first."""
    for field in added.fields:
        if field.type is not Kind.REF or field.optional or field.target not in models:
            continue
        if name := needing(models[field.target], added.model.table, models):
            raise InvalidField(
                f"Field {field.name!r}: {name} needs its {added.model.name} already, and neither of two rows that "
                "need each other could be written first.",
                f"Let it be empty: `{field.name}:ref:{field.target}:optional`. Nothing was changed.",
            )


def _steps(added: Addition) -> Iterator[Step]:
    names, options, root = added.resource.names, added.resource.options, added.project.root
    left_out, home = left_out_by(options), home_of(root)
    paths = {place(stub, names): stub for stub in FILES if stub not in left_out}
    paths = {path: stub for path, stub in paths.items() if (root / path).is_file()}
    inserted = {added.model.path.relative_to(root).as_posix(): MODELS} | ({_ADMIN: _ADMIN} if options.admin else {})
    pairs = [_renderings(root, one, _with(one, added.fields), *inserted.values(), *paths.values())
             for one in added.slices]  # fmt: skip
    classes = [node.name for node in ast.parse(added.model.path.read_text(encoding="utf-8")).body
               if isinstance(node, ast.ClassDef)]  # fmt: skip
    for path, stub in inserted.items():
        grains = [by_definition(*pair[stub]) for pair in pairs]
        if stub == MODELS:
            grains += [by_attribute(*pair[stub], classes) for pair in pairs]
        yield change(root, path, grains)
        if stub == MODELS:
            yield from home.around(pairs[0][stub][1], path, before=pairs[0][stub][0])
            yield from _relationships(added)
    yield from offers(home, {stub: pair[1] for stub, pair in pairs[0].items()})
    for path, stub in paths.items():
        if pairs[0][stub][0] != pairs[0][stub][1]:
            like = path.endswith(".py") and is_like((root / path).read_text(encoding="utf-8"), pairs[0][stub][0])
            finer = [by_definition(*pair[stub]) for pair in pairs] if like else []
            yield change(root, path, [*(whole(*pair[stub]) for pair in pairs), *finer])
    if options.pages:
        before = set(page_parents.links(added.slices[0]))
        for path, anchor, html in page_parents.links(added.resource):
            if (path, anchor, html) not in before:
                yield Change(path, (HtmlAfter(anchor, html),))


def _relationships(added: Addition) -> Iterator[Step]:
    """The relationships between the model and those that it refers to now: two keys may lead the same way."""
    new = added.resource.fields[-len(added.fields) :]
    targets = {parent.model.name: parent.model for parent in added.resource.parents if parent.field in new}
    written = {field.name: field for field in added.slices[0].fields}
    for target in targets.values():
        yield from naming_their_keys(added.project.root, added.model, target, written)


def _renderings(root: Path, old: Resource, new: Resource, *stubs: str) -> dict[str, tuple[str, str]]:
    """Each of the stubs as it is without the new fields and with them."""
    before, after = render(root, old, *stubs), render(root, new, *stubs)
    return {stub: (before[stub], after[stub]) for stub in stubs}


def _tests_of_children(added: Addition, actions: Sequence[Action]) -> Iterator[Step]:
    """The tests of other resources begin with rows of this model, which now need more."""
    root, before = added.project.root, added.slices[0].models
    after = _models_after(added.project, actions)
    runs = [run for run in journal.history(root) if run.state is State.DONE and run.notes.get("kind") == "resource"]
    for name in dict.fromkeys(run.notes["class"] for run in runs):
        if name == added.model.name or name not in before:
            continue
        old = next(_slices(added.project, before[name], before))
        path = f"tests/integration/{old.names.plural}/conftest.py"
        if (root / path).is_file():
            pair = _renderings(root, old, replace(old, models=after), _CONFTEST)[_CONFTEST]
            if pair[0] != pair[1]:
                yield change(root, path, [whole(*pair), by_definition(*pair)])


def _models_after(project: Project, actions: Sequence[Action]) -> dict[str, Model]:
    """The models as they will be read when the plan has been carried out."""
    contents = {action.path: action.after for action in actions}
    with TemporaryDirectory() as temporary:
        for path in (*model_files(project), *(project.root / "webapp/schemas").glob("*.py")):
            name = path.relative_to(project.root).as_posix()
            copy = Path(temporary) / name
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(contents.get(name) or read(project.root, name) or b"")
        found = read_models(replace(project, root=Path(temporary)))
    known = models_of(project)
    return {name: replace(model, path=known[name].path) for name, model in found.items() if name in known}
