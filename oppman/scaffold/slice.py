"""The files of a resource, as steps of a plan: those that are new, and what is inserted into those that are there."""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from oppman.project import Project
from oppman.scaffold import page_parents
from oppman.scaffold.format import formatted
from oppman.scaffold.insert import Edit, HtmlAfter, ImportNames, ListItem
from oppman.scaffold.insert.module import module_edits
from oppman.scaffold.model_home import ModelHome, home_of
from oppman.scaffold.naming import Names
from oppman.scaffold.plan import Change, Create, Step
from oppman.scaffold.render import render_stub
from oppman.scaffold.resource import Options, Resource
from oppman.scaffold.words import words

FILES = (
    "webapp/schemas/NAME.py",
    "webapp/services/NAME_service.py",
    "webapp/routes/api/NAME.py",
    "webapp/routes/NAME.py",
    "templates/NAME/list.html",
    "templates/NAME/detail.html",
    "templates/NAME/form.html",
    "webapp/demo/NAMES.py",
    "tests/integration/NAMES/conftest.py",
    "tests/integration/NAMES/test_service.py",
    "tests/integration/NAMES/test_api.py",
    "tests/integration/NAMES/test_admin.py",
    "tests/integration/NAMES/test_pages.py",
)
"""The stubs of the files that are new; a stub's name is the place of what it makes."""

PAGES = {stub for stub in FILES if "templates/" in stub or stub.endswith("test_pages.py")} | {"webapp/routes/NAME.py"}
ADMIN = {"webapp/admin.py", "tests/integration/NAMES/test_admin.py"}

MODELS = "webapp/models.py"
INSERTED = (MODELS, "webapp/admin.py")
"""The stubs whose imports and definitions go into a file that is there, or for a model into one of its own."""


def steps(project: Project, resource: Resource) -> tuple[Step, ...]:
    """What to create and what to change in the project; its migration is a step of its own."""
    left_out, home = left_out_by(resource.options), home_of(project.root)
    files = [stub for stub in FILES if stub not in left_out]
    made = render(project.root, resource, *files, *(stub for stub in INSERTED if stub not in left_out))
    return (
        *home.steps(made[MODELS], resource.names, resource.models),
        *offers(home, made),
        *(Create(place(stub, resource.names), made[stub]) for stub in files),
        Change("webapp/routes/api/__init__.py", tuple(api_edits(resource.names, resource.about))),
        *(page_changes(resource) if resource.options.pages else ()),
        *(admin_changes(resource, made["webapp/admin.py"]) if resource.options.admin else ()),
    )


def model_steps(project: Project, resource: Resource) -> tuple[Step, ...]:
    """The same for the model alone."""
    made = render(project.root, resource, MODELS)
    return tuple(home_of(project.root).steps(made[MODELS], resource.names, resource.models))


def offers(home: ModelHome, made: Mapping[str, str]) -> Iterator[Step]:
    """What lets the rendered files find the names that they import from the models, those of other resources too."""
    names: set[str] = set()
    for source in (source for stub, source in made.items() if stub.endswith(".py")):
        for node in ast.parse(source).body:
            if isinstance(node, ast.ImportFrom) and node.module == "webapp.models":
                names |= {alias.name for alias in node.names}
    yield from home.offers(sorted(names))


def left_out_by(options: Options) -> set[str]:
    """The stubs that a resource with these options does without."""
    return (set() if options.pages else PAGES) | (set() if options.admin else ADMIN)


def place(stub: str, names: Names) -> str:
    """Where the file that a stub makes goes."""
    return stub.replace("NAMES", names.plural).replace("NAME", names.singular)


def with_parts(root: Path, names: Names, options: Options) -> Options:
    """The options with the parts of the resource that the project at `root` has."""
    pages = (root / place("webapp/routes/NAME.py", names)).is_file()
    return replace(options, pages=pages, admin=has_admin(root, names))


def has_admin(root: Path, names: Names) -> bool:
    """Whether the project at `root` has an admin of the resource."""
    path = root / "webapp/admin.py"
    return path.is_file() and f"class {names.class_name}Admin(" in path.read_text(encoding="utf-8")


def render(root: Path, resource: Resource, *stubs: str) -> dict[str, str]:
    """What these stubs make of the resource, laid out for the project at `root`."""
    values = words(resource)
    made = {stub: render_stub(f"resource/{stub}.jinja", **values, foundation=[]) for stub in stubs}
    if MODELS in made:
        home = home_of(root)
        if foundation := list(home.foundation(made[MODELS])):
            made[MODELS] = render_stub(f"resource/{MODELS}.jinja", **values, foundation=foundation)
        made[MODELS] = home.completed(made[MODELS], resource.names, resource.models)
    laid_out = formatted(root, {stub: text for stub, text in made.items() if stub.endswith(".py")})
    return made | laid_out


def api_edits(names: Names, about: str) -> Iterator[Edit]:
    """The insertions that let the app have the API."""
    yield ImportNames("webapp.routes.api", (names.singular,))
    yield ListItem("TAGS", f'{{"name": "{names.plural_label.lower()}", "description": "{about}"}}')
    yield ListItem("install:for resource", names.singular)


def page_changes(r: Resource) -> Iterator[Change]:
    """What changes in the files that are there with the pages."""
    yield Change("webapp/main.py", tuple(main_edits(r.names)))
    yield Change("webapp/pages.py", tuple(navigation_edits(r.names, owned=r.options.owned)))
    for path, anchor, html in page_parents.links(r):
        yield Change(path, (HtmlAfter(anchor, html),))


def main_edits(names: Names) -> Iterator[Edit]:
    """The insertions that let the app have the pages."""
    yield ImportNames("webapp.routes", (names.singular,))
    yield ListItem("create_app:for resource", names.singular, before="pages")


def navigation_edits(names: Names, *, owned: bool) -> Iterator[Edit]:
    """The insertions that let every page lead to the list."""
    dashboard = '("Dashboard", "/dashboard", ANY_VIEW)'
    seen_by = "LOGGED_IN" if owned else '""'
    yield ListItem("NAVIGATION", f'("{names.plural_label}", "/{names.slug}", {seen_by})', before=dashboard)


def admin_changes(r: Resource, source: str) -> Iterator[Change]:
    """What changes with the admin's view, whose module is `source`."""
    view = ListItem("VIEWS", f"{r.names.class_name}Admin", before="UserAdmin")
    yield Change("webapp/admin.py", (*module_edits(source, before="VIEWS"), view))
