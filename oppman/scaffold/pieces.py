"""One piece of a resource, written for the model that is there: its service, its API, its pages, its admin, its tests.

Without such a model it is a skeleton, which says what there is to fill in.
"""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from oppman.errors import Refused
from oppman.project import Project
from oppman.scaffold import slice as whole
from oppman.scaffold.existing import model_called, names_of, quotable, resource_of
from oppman.scaffold.format import formatted
from oppman.scaffold.generate import Generated, about_of, single_names
from oppman.scaffold.model_home import home_of, refuse_without_models
from oppman.scaffold.naming import Names, check_name
from oppman.scaffold.page_parents import refuse_private
from oppman.scaffold.plan import Action, Change, Create, Plan, Step, plan, same
from oppman.scaffold.render import own_stubs, render_stub
from oppman.scaffold.resource import Resource
from oppman.scaffold.taken import models_of


class Piece(StrEnum):
    """What can be written by itself."""

    SERVICE = "service"
    ROUTE = "route"
    PAGE = "page"
    ADMIN = "admin"
    TEST = "test"


@dataclass(frozen=True)
class Parts:
    """The stubs that a piece is made of."""

    own: tuple[str, ...]
    """Its files; the first one is what its test is about."""
    test: str
    below: tuple[str, ...] = ("webapp/schemas/NAME.py", "webapp/services/NAME_service.py")
    """What it stands on."""


_TESTS = "tests/integration/NAMES/"
PARTS: Mapping[Piece, Parts] = {
    Piece.SERVICE: Parts(("webapp/services/NAME_service.py",), "test_service.py", ("webapp/schemas/NAME.py",)),
    Piece.ROUTE: Parts(("webapp/routes/api/NAME.py",), "test_api.py"),
    Piece.PAGE: Parts(
        ("webapp/routes/NAME.py", *(f"templates/NAME/{page}.html" for page in ("list", "detail", "form"))),
        "test_pages.py",
    ),
    Piece.ADMIN: Parts(("webapp/admin.py",), "test_admin.py"),
}

_SKELETONS: Mapping[Piece, tuple[str, ...]] = {
    Piece.SERVICE: ("webapp/services/NAME_service.py",),
    Piece.ROUTE: ("webapp/routes/api/NAME.py",),
    Piece.PAGE: ("webapp/routes/NAME.py", "templates/NAME/list.html"),
    Piece.TEST: ("tests/integration/test_NAME.py",),
}
"""The stubs of a piece that has no model."""


@dataclass(frozen=True)
class Written(Generated):
    """The plan of a piece: what is there stays. `warnings` tell what a file that stays should have and has not."""

    warnings: tuple[str, ...] = field(default=())
    has_model: bool = True

    @property
    def tests(self) -> str:
        """Where the tests of the piece are; "" if it has none."""
        found = [action.path for action in self.plan.actions if action.path.startswith("tests/")]
        return "" if not found else found[0] if len(found) == 1 else found[0].rpartition("/")[0]


def generate_piece(
    project: Project, piece: Piece, name: str, *, plural: str | None = None, force: bool = False, stubs: str = ""
) -> Written:
    """The plan that adds the piece. With `force` its own files are overwritten; what it stands on never is.

    Raises InvalidName and Refused.
    """
    refuse_without_models(project, "A piece needs a web app as `oppman new` makes it.")
    models = models_of(project)
    model = model_called(name, models)
    with own_stubs(project.root / stubs if stubs else None):
        if model is None:
            return _skeleton(project, piece, Names.of(name, plural))
        about = quotable(model) or about_of(names_of(model))
        return _of_model(project, piece, resource_of(project.root, model, models, about), force=force)


def _of_model(project: Project, piece: Piece, resource: Resource, *, force: bool) -> Written:
    if piece is Piece.ADMIN:
        _refuse_unrelated(resource)
    if piece is Piece.PAGE:
        refuse_private(resource)
    pieces = [one for one in PARTS if _is_there(project, one, resource)] if piece is Piece.TEST else [piece]
    if not pieces:
        raise Refused(
            f"There is nothing of {resource.names.class_name} to test yet: no service, API, pages or admin.",
            f"`oppman scaffold service {resource.names.class_name}` writes a service and its tests.",
        )
    own = [stub for one in pieces for stub in PARTS[one].own] if piece is not Piece.TEST else []
    below = [] if piece is Piece.TEST else [*PARTS[piece].below]
    tests = [_TESTS + PARTS[one].test for one in pieces]
    made = whole.render(project.root, resource, *below, *own, *tests, f"{_TESTS}conftest.py")
    paths = {stub: whole.place(stub, resource.names) for stub in whole.FILES}
    if piece is not Piece.TEST and _is_other(project, paths.get(own[0], ""), made[own[0]]) and not force:
        tests = []  # they would test what is not there
    files = [*below, *(stub for stub in own if stub in paths), *([f"{_TESTS}conftest.py"] if tests else []), *tests]
    steps: list[Step] = [Create(paths[stub], made[stub]) for stub in files]
    steps += [
        *_changes(piece, resource, made),
        *whole.offers(home_of(project.root), {stub: made[stub] for stub in (*files, *own)}),
    ]
    overwritten = {paths[stub] for stub in (*own, *tests) if stub in paths} if force else set()
    found = plan(project.root, [single_names(step) for step in steps])
    warnings = tuple(_warnings(found, made, resource))
    settled = found.settle(lambda action: "overwrite" if action.path in overwritten else "keep")
    return Written(settled, _notes(piece, resource.names), warnings)


def _changes(piece: Piece, resource: Resource, made: Mapping[str, str]) -> Iterator[Step]:
    if piece is Piece.ROUTE:
        yield Change("webapp/routes/api/__init__.py", tuple(whole.api_edits(resource.names, resource.about)))
    elif piece is Piece.PAGE:
        yield from whole.page_changes(resource)
    elif piece is Piece.ADMIN:
        yield from whole.admin_changes(resource, made["webapp/admin.py"])


def _refuse_unrelated(resource: Resource) -> None:
    """The admin chooses a row's parent through the relationship. Raises Refused if the model has none."""
    model = resource.existing
    for parent in resource.parents:
        name = parent.field.name
        if model and name not in model.relations:
            kind = f"{parent.model.name} | None" if parent.field.optional else parent.model.name
            raise Refused(
                f"The admin shows {model.name}.{parent.field.column} through a relationship, and the model has none.",
                "Add this to the model, which needs no migration.",
                f"    {name}: {kind} = Relationship(sa_relationship_kwargs=_EAGER_ONLY)",
            )


def _is_there(project: Project, piece: Piece, resource: Resource) -> bool:
    if piece is Piece.ADMIN:
        return whole.has_admin(project.root, resource.names)
    return (project.root / whole.place(PARTS[piece].own[0], resource.names)).is_file()


def _is_other(project: Project, path: str, content: str) -> bool:
    there = project.root / path
    return bool(path) and there.is_file() and not same(there.read_bytes(), content.encode())


def _warnings(found: Plan, made: Mapping[str, str], resource: Resource) -> Iterator[str]:
    """What the new files use of those that stay, and those do not have."""
    service = f"{resource.names.singular}_service"
    used = {"services": set[str](), "schemas": set[str]()}
    new = {action.after for action in found.actions if action.before is None}
    for source in (source for stub, source in made.items() if stub.endswith(".py") and source.encode() in new):
        for node in ast.walk(ast.parse(source)):
            match node:
                case ast.Attribute(value=ast.Name(id=name), attr=attribute) if name == service:
                    used["services"].add(attribute)
                case ast.ImportFrom(module=module, names=names) if (
                    module == f"webapp.schemas.{resource.names.singular}"
                ):
                    used["schemas"].update(alias.name for alias in names)
    for action in found.conflicts:
        if missing := _missing(action, used):
            yield f"{action.path} stays as it is, and what is new needs of it: {', '.join(missing)}."


def _missing(action: Action, used: Mapping[str, set[str]]) -> list[str]:
    folder = action.path.split("/")[1] if action.path.startswith("webapp/") else ""
    if not used.get(folder) or action.before is None:
        return []
    try:
        tree = ast.parse(action.before)
    except (SyntaxError, ValueError):
        return sorted(used[folder])
    have = {getattr(node, "name", "") for node in tree.body}
    have |= {target.id for node in tree.body if isinstance(node, ast.Assign) for target in node.targets
             if isinstance(target, ast.Name)}  # fmt: skip
    return sorted(used[folder] - have)


def _skeleton(project: Project, piece: Piece, names: Names) -> Written:
    if piece not in _SKELETONS:
        raise Refused(
            f"The project has no model {names.class_name}, and the admin shows rows of one.",
            f"`oppman scaffold model {names.class_name} name:str` makes one; then type this again.",
        )
    check_name(names)
    name, plural = names.singular, names.plural_label.lower()
    words = {"names": names, "name": name, "Name": names.class_name, "plural_words": plural}
    made = {whole.place(stub, names): render_stub(f"piece/{stub}.jinja", **words) for stub in _SKELETONS[piece]}
    made |= formatted(project.root, {path: text for path, text in made.items() if path.endswith(".py")})
    steps: list[Step] = [Create(path, text) for path, text in made.items()]
    if piece is Piece.ROUTE:
        steps.append(Change("webapp/routes/api/__init__.py", tuple(whole.api_edits(names, about_of(names)))))
    elif piece is Piece.PAGE:
        steps.append(Change("webapp/main.py", tuple(whole.main_edits(names))))
        steps.append(Change("webapp/pages.py", tuple(whole.navigation_edits(names, owned=False))))
    found = plan(project.root, [single_names(step) for step in steps]).settle(lambda _: "keep")
    return Written(found, _notes(piece, names), has_model=False)


def _notes(piece: Piece, names: Names) -> dict[str, object]:
    return {"kind": piece.value, "class": names.class_name}
