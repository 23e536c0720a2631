"""The files of a resource, as steps of a plan: those that are new, and what is inserted into those that are there."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from oppman.project import Project
from oppman.scaffold import page_parents
from oppman.scaffold.format import formatted
from oppman.scaffold.insert import Definition, Edit, HtmlAfter, ImportNames, ListItem
from oppman.scaffold.insert.python import find, parse
from oppman.scaffold.naming import Names
from oppman.scaffold.plan import Change, Create, Step
from oppman.scaffold.render import render_stub
from oppman.scaffold.resource import Resource
from oppman.scaffold.starter import starter_root
from oppman.scaffold.words import words

FILES = {
    "webapp/schemas/{name}.py": "webapp/schemas/NAME.py",
    "webapp/services/{name}_service.py": "webapp/services/NAME_service.py",
    "webapp/routes/api/{name}.py": "webapp/routes/api/NAME.py",
    "webapp/routes/{name}.py": "webapp/routes/NAME.py",
    "templates/{name}/list.html": "templates/NAME/list.html",
    "templates/{name}/detail.html": "templates/NAME/detail.html",
    "templates/{name}/form.html": "templates/NAME/form.html",
    "webapp/demo/{plural}.py": "webapp/demo/NAMES.py",
    "tests/integration/{plural}/conftest.py": "tests/integration/NAMES/conftest.py",
    "tests/integration/{plural}/test_service.py": "tests/integration/NAMES/test_service.py",
    "tests/integration/{plural}/test_api.py": "tests/integration/NAMES/test_api.py",
    "tests/integration/{plural}/test_admin.py": "tests/integration/NAMES/test_admin.py",
    "tests/integration/{plural}/test_pages.py": "tests/integration/NAMES/test_pages.py",
}
"""The files that are new: where they go, and their stubs."""

PAGES = {stub for stub in FILES.values() if "templates/" in stub or stub.endswith("test_pages.py")} | {
    "webapp/routes/NAME.py"
}
ADMIN = {"webapp/admin.py", "tests/integration/NAMES/test_admin.py"}

INSERTED = ("webapp/models.py", "webapp/admin.py")
"""The stubs whose imports and definitions go into a file of that name."""

_FOUNDATION = ("_EAGER_ONLY", "Timestamped", "_text_enum")
"""What the classes of a resource stand on; a project whose models had no need of it so far gets the starter's."""


def steps(project: Project, resource: Resource) -> tuple[Step, ...]:
    """What to create and what to change in the project; its migration is a step of its own."""
    left_out = set() if resource.options.pages else PAGES
    left_out |= set() if resource.options.admin else ADMIN
    files = {path: stub for path, stub in FILES.items() if stub not in left_out}
    made = render(project.root, resource, *files.values(), *(stub for stub in INSERTED if stub not in left_out))
    names = {"name": resource.names.singular, "plural": resource.names.plural}
    return (
        Change("webapp/models.py", tuple(module_edits(made["webapp/models.py"]))),
        *(Create(path.format_map(names), made[stub]) for path, stub in files.items()),
        Change("webapp/routes/api/__init__.py", tuple(api_edits(resource))),
        *(page_changes(resource) if resource.options.pages else ()),
        *(admin_changes(resource, made["webapp/admin.py"]) if resource.options.admin else ()),
    )


def render(root: Path, resource: Resource, *stubs: str) -> dict[str, str]:
    """What these stubs make of the resource, laid out for the project at `root`."""
    values = words(resource)
    foundation = list(_foundation(root, render_stub("resource/webapp/models.py.jinja", **values, foundation=[])))
    made = {stub: render_stub(f"resource/{stub}.jinja", **values, foundation=foundation) for stub in stubs}
    laid_out = formatted(root, {stub: text for stub, text in made.items() if stub.endswith(".py")})
    return made | laid_out


def module_edits(source: str, *, before: str | None = None) -> Iterator[Edit]:
    """The insertions that bring a module's imports and definitions into another one, in front of `before`."""
    for node in ast.parse(source).body:
        if isinstance(node, ast.ImportFrom):
            yield ImportNames(node.module or "", tuple(alias.name for alias in node.names))
        else:
            yield Definition(ast.get_source_segment(source, node) or "", before=before)


def _foundation(root: Path, classes: str) -> Iterator[str]:
    starter = (starter_root() / "webapp/models.py").read_text(encoding="utf-8")
    models = root / "webapp/models.py"
    there = parse(models.read_text(encoding="utf-8")).body if models.is_file() else []
    for name in _FOUNDATION:
        if re.search(rf"\b{name}\b", classes) and find(there, name) is None:
            yield ast.get_source_segment(starter, find(parse(starter).body, name) or ast.Pass()) or ""


def api_edits(r: Resource) -> Iterator[Edit]:
    """The insertions that let the app have the API."""
    tag = f'{{"name": "{r.names.plural_label.lower()}", "description": "{r.about}"}}'
    yield ImportNames("webapp.routes.api", (r.names.singular,))
    yield ListItem("TAGS", tag)
    yield ListItem("install:for resource", r.names.singular)


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
    dashboard = '("Dashboard", "/dashboard", "registration.view")'
    seen_by = "LOGGED_IN" if owned else '""'
    yield ListItem("NAVIGATION", f'("{names.plural_label}", "/{names.slug}", {seen_by})', before=dashboard)


def admin_changes(r: Resource, source: str) -> Iterator[Change]:
    """What changes with the admin's view, whose module is `source`."""
    view = ListItem("VIEWS", f"{r.names.class_name}Admin", before="UserAdmin")
    yield Change("webapp/admin.py", (*module_edits(source, before="VIEWS"), view))
