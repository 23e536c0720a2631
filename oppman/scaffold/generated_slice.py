"""What the generator made of a resource, found in the project as it is now: by the journal, or by its model alone."""

import ast
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from oppman.errors import OppmanError, Refused
from oppman.project import Project
from oppman.scaffold import journal
from oppman.scaffold.forget import without_orphans
from oppman.scaffold.foundation import FOUNDATION
from oppman.scaffold.insert import Definition, Edit, ImportNames, ListItem, from_json
from oppman.scaffold.insert.module import module_edits
from oppman.scaffold.insert.outline import binds
from oppman.scaffold.insert.python import Python, comments, find, is_python, is_same, own_comments, parse
from oppman.scaffold.merge import reverse
from oppman.scaffold.model_fields import fields_of
from oppman.scaffold.model_home import MODULE, ModelHome, home_of
from oppman.scaffold.model_package import definitions, is_empty
from oppman.scaffold.models import Model
from oppman.scaffold.naming import Names, module_of
from oppman.scaffold.plan import Change, Create, Outcome, Text, read, same
from oppman.scaffold.record import Run, State
from oppman.scaffold.resource import Options, Resource
from oppman.scaffold.slice import steps, with_parts
from oppman.scaffold.slice_parts import Parts
from oppman.scaffold.starter import starter_root


@dataclass
class _Made:
    """What was done to one file: the edits, each with what takes it back, and the texts that it has had."""

    edits: list[tuple[Edit, Edit]] = field(default_factory=list)
    known: list[str] = field(default_factory=list)


def runs_of(root: Path, class_name: str) -> list[Run]:
    """The runs that made the resource or added to it, the oldest first; none if it was destroyed since."""
    found: list[Run] = []
    for run in journal.history(root, class_name):
        if run.state is State.DONE and run.notes.get("class") == class_name:
            found = [] if run.notes.get("kind") == "destroy" else [*found, run]
    return found


def refuse_foundation(class_name: str, models: Mapping[str, Model]) -> None:
    """Raise Refused if the model came with the project, or was written by hand: it has no slice."""
    starter = parse((starter_root() / "webapp/models.py").read_text(encoding="utf-8"))
    if find(starter.body, class_name):
        raise Refused(
            f"{class_name} is a part of every project.", "A slice can be taken out, what it stands on cannot."
        )
    name, root = module_of(class_name), models[class_name].root
    places = (f"webapp/services/{name}_service.py", f"webapp/schemas/{name}.py", f"webapp/routes/api/{name}.py")
    if not any((root / path).is_file() for path in places):
        raise Refused(
            f"{class_name} has no slice: there is none of {', '.join(places)}.",
            "Remove the model by hand, and write its migration with `oppman db makemigrations`.",
        )


def parts(project: Project, model: Model, models: Mapping[str, Model], runs: Sequence[Run]) -> Parts:
    """What there is of the resource of `model`. Raises Refused if a file that has to be cut cannot be read."""
    root, links = project.root, frozenset(_links(model, models))
    home, history = home_of(root), journal.history(root)
    path = model.path.relative_to(root).as_posix()
    made = _recorded(root, runs, history, path) if runs else _made_anew(project, model, models, path)
    made = _without_foundation(home, history, made, path)
    try:
        source = Text.of(read(root, path) or b"").source
        needed = home.needed_elsewhere(path, besides=path)
        cut = _Cut(source, made[path].known, model.name).of(made[path].edits, {model.name, *links}, needed)
    except (OppmanError, UnicodeDecodeError) as problem:
        raise Refused(f"{path} cannot be read: {problem}", "Mend it. Nothing was changed.") from None
    for step in home.offers(sorted(definitions(source) - definitions(cut.source)), path):
        made.setdefault(step.path, _Made()).edits += [(edit, edit) for edit in map(_edit, reversed(step.edits))]
    present = {name: content for name in made if (content := read(root, name)) is not None}
    files = [name for name in present if not made[name].edits and name != path]
    edited = [name for name in files if not any(same(present[name], text.encode()) for text in made[name].known)]
    cuts: dict[str, str] = {}
    if path != MODULE and not path.endswith("/__init__.py") and is_empty(cut.source):
        files.insert(0, path)
        cut.edited = cut.edited or bool(own_comments(cut.source))
    else:
        cuts[path] = cut.source
    if cut.edited:
        edited.append(path)
    leftovers: list[tuple[str, str]] = []
    for name in (name for name in present if name not in {*files, path}):
        try:
            cut = _Cut(Text.of(present[name]).source, made[name].known, model.name).of(made[name].edits, ())
        except (OppmanError, UnicodeDecodeError):
            leftovers.append((name, "\n".join(_lines(made[name].edits))))
            continue
        cuts[name] = cut.source
        if cut.edited:
            edited.append(name)
    return Parts(frozenset({model.name, *links}), tuple(files), cuts, tuple(edited), tuple(leftovers))


@dataclass
class _Cut:
    """A source that loses one thing after the other; `edited` once it has lost what only its owner can have written."""

    source: str
    known: Sequence[str]
    class_name: str
    edited: bool = False

    def of(self, edits: Iterable[tuple[Edit, Edit]], names: Iterable[str], keep: Collection[str] = ()) -> "_Cut":
        """After all of `edits` and the definitions of `names` are gone, but for what others need of it."""
        before, edits = self.source, list(edits)
        for edit, back in edits:
            if isinstance(edit, Definition):
                self._definition(edit.name, back)
            elif not isinstance(edit, ImportNames):
                self._other(edit, back)
        for name in sorted(names):
            self._definition(name, Definition(f"{name} = 0"))
        for edit, back in edits:
            if isinstance(edit, ImportNames):  # goes when nothing uses it any more
                self.source = back.take_back(self.source)
        if is_python(before):
            self.source = without_orphans(self.source, before, keep)
        return self

    def _definition(self, name: str, back: Edit) -> None:
        python = Python(self.source, f"the definition of {name}", "")
        there = python.find(name)
        if there is None:
            return
        first, last = python.rows_of(there)
        segment = "\n".join(python.rows[python.with_comments(first) : last])
        if not name.startswith(self.class_name):
            without = back.take_back(self.source)
            if not any(isinstance(node, ast.Name) and node.id == name for node in ast.walk(parse(without))):
                self.source = without
            return
        if self.known and not any(_has(text, there, segment) for text in self.known):
            self.edited = True
        whole = replace(back, source=segment) if isinstance(back, Definition) else Definition(segment)
        self.source = whole.take_back(self.source)

    def _other(self, edit: Edit, back: Edit) -> None:
        without = back.take_back(self.source)
        if without == self.source and isinstance(edit, ListItem) and (item := _similar(self.source, edit)):
            without = replace(edit, item=item).take_back(self.source)
            self.edited = self.edited or bool(self.known)
        self.source = without


def _has(text: str, node: ast.stmt, segment: str) -> bool:
    """Whether a text that the file had has this very definition, however it is laid out."""
    if segment in text:
        return True
    there = find(parse(text).body, binds(node)) if is_python(text) else None
    if there is None or not is_same(there, node):
        return False
    return comments(ast.get_source_segment(text, there) or "") == comments(segment)


def _similar(source: str, edit: ListItem) -> str:
    """The element that its owner has changed, found by what names it: a tag's name, a link's address."""
    wanted = _named(edit.item)
    if not wanted:
        return ""
    for node in ast.walk(parse(source)):
        if isinstance(node, ast.Dict | ast.Tuple):
            code = ast.get_source_segment(source, node) or ""
            if type(node) is type(ast.parse(edit.item, mode="eval").body) and _named(code) == wanted:
                return code
    return ""


def _named(item: str) -> str:
    try:
        match ast.parse(item, mode="eval").body:
            case ast.Dict(keys=[ast.Constant(value="name"), *_], values=[ast.Constant(value=str(name)), *_]):
                return name
            case ast.Tuple(elts=[_, ast.Constant(value=str(address)), *_]):
                return address
    except SyntaxError:
        pass
    return ""


def _links(model: Model, models: Mapping[str, Model]) -> Iterator[str]:
    """The link tables that are the model's own: nothing but keys, and named after it."""
    for other in models.values():
        keys = [one for one in other.attributes if one.refers_to]
        tables = {one.refers_to for one in keys}
        is_link = len(keys) == len(other.attributes) > 1 and all("primary_key" in one.arguments for one in keys)
        if is_link and model.table in tables and other.name.startswith(model.name):
            yield other.name


def _recorded(root: Path, runs: Sequence[Run], history: Sequence[Run], path: str) -> dict[str, _Made]:
    """What the runs did, the last thing first. What they did to the models stands for the file `path` by now."""
    made = {path: _Made()}
    for run in reversed(runs):
        for entry in run.entries:
            if entry.outcome in {Outcome.SKIP, Outcome.REMOVE} or b"down_revision" in (entry.after or b""):
                continue
            one = made.setdefault(entry.path, _Made())
            by = [entry, *(its for other in reversed(history) for its in other.entries if its.path == entry.path)]
            for edit in reversed(entry.edits):
                one.edits.append((from_json(dict(edit)), from_json(dict(reverse(edit, by)))))
            if entry.path == path and not entry.edits:
                one.edits += _of_module(Text.of(entry.after or b"").source)
    for other in history:
        for its in other.entries:
            if its.path in made and its.after is not None:
                made[its.path].known.append(Text.of(its.after).source)
    if path != MODULE and MODULE in made and read(root, MODULE) is None:  # its owner has made a package of it since
        moved = made.pop(MODULE)
        made[path].edits += moved.edits
        made[path].known += moved.known
    return _files_first(made, {entry.path for run in runs for entry in run.entries if not entry.edits} - {path})


def _made_anew(project: Project, model: Model, models: Mapping[str, Model], path: str) -> dict[str, _Made]:
    """What the generator would make of the model as it is, for a project whose journal does not know it."""
    names = Names.of(model.name, model.table)
    options = with_parts(project.root, names, Options.of(model))
    fields = tuple(one for one in fields_of(model, models) if one.column != "owner_id" or not options.owned)
    resource = Resource(names, fields, f"{names.label}.", models, options)
    made = {path: _Made()}
    created: set[str] = set()
    for step in steps(project, resource):
        one = made.setdefault(step.path, _Made())
        if isinstance(step, Change):
            starter = Text.of(read(starter_root(), step.path) or b"").source
            one.edits += [(edit, _in_one_row(edit, starter)) for edit in reversed(list(map(_edit, step.edits)))]
        elif isinstance(step, Create) and step.path == path:
            one.edits += _of_module(step.content)
        elif isinstance(step, Create):
            created.add(step.path)
            one.known.append(step.content)
    return _files_first(made, created)


def _of_module(source: str) -> list[tuple[Edit, Edit]]:
    """The insertions that a module stands for which was written as a whole."""
    return [(edit, edit) for edit in reversed(list(module_edits(source)))]


def _without_foundation(
    home: ModelHome, history: Sequence[Run], made: Mapping[str, _Made], path: str
) -> dict[str, _Made]:
    """`made` without the definitions that others stand on, and those in other files that no run has made."""
    left: dict[str, _Made] = {}
    for name, one in made.items():
        stands_on = [edit for edit, _ in one.edits if isinstance(edit, Definition) and edit.name in FOUNDATION]
        if not stands_on:
            left[name] = one
            continue
        needed = home.needed_elsewhere(name, besides=path)
        entries = (its for run in history for its in run.entries if its.path == name)
        mine = [edit for its in entries for edit in its.made]
        is_own_module = name == path != MODULE
        keep = [one for one in stands_on if one.name in needed or not (is_own_module or one.to_json() in mine)]
        edits = [(edit, back) for edit, back in one.edits if edit not in keep]
        if edits or name == path:
            left[name] = replace(one, edits=edits)
    return left


def _edit(edit: Any) -> Edit:
    return from_json(edit.to_json())


def _in_one_row(edit: Edit, starter: str) -> Edit:
    """What takes the edit back; a list that fits into one row again comes there, unless the starter has it in rows."""
    if isinstance(edit, ListItem) and edit.has_rows(starter):
        return edit
    return replace(edit, exploded=True) if isinstance(edit, ListItem | ImportNames) else edit


def _files_first(made: dict[str, _Made], files: Iterable[str]) -> dict[str, _Made]:
    """In the order of a report; a file that a later run has changed goes as a whole all the same."""
    whole = set(files)
    for path in whole & made.keys():
        made[path].edits.clear()
    return {path: made[path] for path in sorted(made, key=lambda path: path not in whole)}


def _lines(edits: Iterable[tuple[Edit, Edit]]) -> Iterator[str]:
    for edit, _ in edits:
        for name in ("source", "item", "html"):
            if text := getattr(edit, name, ""):
                yield str(text)
