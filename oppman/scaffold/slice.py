"""The files of a resource, as steps of a plan: those that are new, and what is inserted into those that are there."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from oppman.scaffold import model_code, schema_code
from oppman.scaffold.examples import example
from oppman.scaffold.insert import Definition, Edit, ImportNames, ListItem
from oppman.scaffold.insert.python import find, parse
from oppman.scaffold.kinds import Kind
from oppman.scaffold.layout import fit, import_lines
from oppman.scaffold.naming import plural_of
from oppman.scaffold.plan import Change, Create, Step
from oppman.scaffold.render import render_stub
from oppman.scaffold.resource import Resource
from oppman.scaffold.starter import starter_root

FILES = {
    "webapp/schemas/{name}.py": "webapp/schemas/NAME.py",
    "webapp/services/{name}_service.py": "webapp/services/NAME_service.py",
    "webapp/routes/api/{name}.py": "webapp/routes/api/NAME.py",
    "tests/integration/test_api_{plural}.py": "tests/integration/test_api_NAMES.py",
}
"""The files that are new: where they go, and their stubs."""


def steps(resource: Resource, models: Path, migration: tuple[str, str]) -> tuple[Step, ...]:
    """What to create and what to change. `models` is the file that the classes go into, `migration` path and text."""
    name, plural = resource.names.singular, resource.names.plural
    created = [Create(path.format(name=name, plural=plural), render(resource, stub)) for path, stub in FILES.items()]
    return (
        Change("webapp/models.py", tuple(_model_edits(resource, models.read_text(encoding="utf-8")))),
        *created,
        Change("webapp/routes/api/__init__.py", tuple(_api_edits(resource))),
        Change("webapp/admin.py", tuple(_admin_edits(resource))),
        Create(*migration),
    )


def render(resource: Resource, stub: str) -> str:
    """The text that a stub makes of the resource."""
    return render_stub(f"resource/{stub}.jinja", **_words(resource))


def _model_edits(resource: Resource, source: str) -> Iterator[Edit]:
    classes = render(resource, "webapp/models.py")
    there = parse(source).body
    definitions = [*_foundation(classes, there), *_definitions(classes)]
    names = {node.id for node in ast.walk(ast.parse("\n".join(definitions))) if isinstance(node, ast.Name)}
    for module, known in _MODEL_IMPORTS.items():
        if wanted := tuple(sorted(names & known)):
            yield ImportNames(module, wanted)
    for definition in definitions:
        yield Definition(definition)


def _foundation(classes: str, there: list[ast.stmt]) -> Iterator[str]:
    starter = (starter_root() / "webapp/models.py").read_text(encoding="utf-8")
    for name in _FOUNDATION:
        if re.search(rf"\b{name}\b", classes) and find(there, name) is None:
            yield ast.get_source_segment(starter, find(parse(starter).body, name) or ast.Pass()) or ""


def _definitions(source: str) -> Iterator[str]:
    for node in ast.parse(source).body:
        yield ast.get_source_segment(source, node) or ""


def _api_edits(r: Resource) -> Iterator[Edit]:
    tag = f'{{"name": "{r.names.plural_label.lower()}", "description": "{r.about}"}}'
    yield ImportNames("webapp.routes.api", (r.names.singular,))
    yield ListItem("TAGS", tag)
    yield ListItem("install:for resource", r.names.singular)


def _admin_edits(r: Resource) -> Iterator[Edit]:
    name = r.names.class_name
    yield ImportNames("webapp.models", (name,))
    yield ImportNames(f"webapp.schemas.{r.names.singular}", (f"{name}Create", f"{name}Update"))
    yield ImportNames("webapp.services", (f"{r.names.singular}_service",))
    yield Definition(render(r, "webapp/admin.py").rstrip("\n"), before="VIEWS")
    yield ListItem("VIEWS", f"{name}Admin", before="UserAdmin")


_API_SCHEMAS = ("Create", "Page", "Query", "Read", "Update")

_MODEL_IMPORTS = {
    "datetime": {"date", "datetime", "time"}, "decimal": {"Decimal"}, "enum": {"StrEnum"}, "typing": {"Any"},
    "uuid": {"UUID"}, "pydantic": {"AwareDatetime"},
    "sqlalchemy": {"JSON", "CheckConstraint", "Enum", "Index", "Text", "UniqueConstraint"},
    "sqlmodel": {"Field", "Relationship", "SQLModel"}, "webapp.db": {"UTCDateTime", "now"},
}  # fmt: skip

_FOUNDATION = ("_EAGER_ONLY", "Timestamped", "_text_enum")
"""What the classes of a resource stand on; a project whose models had no need of it so far gets the starter's."""


def _words(r: Resource) -> dict[str, Any]:
    names, enum = r.names, r.enum
    words = names.label.lower()
    a_words = f"{'an' if words[0] in 'aeiou' else 'a'} {words}"
    plural_words = names.plural_label.lower()
    title = r.title.name if r.title else ""
    shown = [f for f in r.fields if f.type not in {Kind.TEXT, Kind.JSON} and not f.hidden]
    listed = sorted(shown, key=lambda f: f.type not in model_code.TEXTS)  # words before figures, as a list has them
    detail = f", {title}={names.singular}.{title}" if title else ""
    return {
        "names": names, "name": names.singular, "Name": names.class_name, "about": r.about,
        "words": words, "a_words": a_words, "plural_words": plural_words,
        "fields": r.fields, "columns": r.columns, "parents": r.parents,
        "filters": r.filters, "facets": r.facets, "plural_of": plural_of, "enum": enum,
        # models
        "line": lambda field: model_code.line(field, enum(field)),
        "table_arguments": list(_table_arguments(r)),
        "ref_line": lambda parent: model_code.ref_line(parent.field, parent.model.table),
        "relationship": lambda parent: model_code.relationship(parent.field, names.class_name, parent.model.name),
        "str_expression": f"self.{title}" if title else f'f"{names.label} {{self.id}}"',
        # schemas
        "schema_imports": import_lines(_schema_imports(r)),
        "example": example, "update_example": _update_example(r),
        "needs_own_line": schema_code.needs_own_line,
        "create_line": lambda field: schema_code.create_line(field, enum(field)),
        "update_line": lambda field: schema_code.update_line(field, enum(field)),
        "read_type": lambda field: schema_code.read_type(field, enum(field)),
        "filter_lines": lambda field: schema_code.filter_lines(field, enum(field)),
        "sort_line": fit("sort: Literal[", [f'"{sort}"' for sort in _sorts(r)], '] = "id"', 4),
        # services
        "service_imports": import_lines(_service_imports(r)),
        "keyset": fit(
            "SORTS = Keyset(",
            [f"{names.plural}.c.id", *(f"{name}={names.plural}.c.{name}" for name in r.sort_names)], ")",
        ),
        "create_signature": fit(
            f"async def create_{names.singular}(",
            ["session: AsyncSession", f"new: {names.class_name}Create", "*", "actor: User | None = None"],
            f") -> {names.class_name}:",
        ),
        "audit_detail": detail, "checks": list(_checks(r)), "conditions": list(_conditions(r)),
        "search_condition": _search_condition(r),
        # routes
        "api_schema_import": import_lines({
            f"webapp.schemas.{names.singular}": [names.class_name + kind for kind in _API_SCHEMAS]
        })[0],
        "api_list_call": fit(
            f"found = await {names.singular}_service.list_{names.plural}(",
            ["session", "query", "sort=query.sort", "limit=query.limit", "after=query.after"], ")", 4,
        ),
        "conflict": ", 409" if r.uniques or r.parents else "",
        # tests
        "wrong_fields": _quoted([field.column for field in r.fields]), "tested_sorts": _quoted(["id", *r.sort_names]),
        "has_unique": bool(r.uniques),
        # admin
        "admin_columns": _quoted(["id", *(f.name for f in listed), "created_at"]),
        "admin_searched": _quoted([field.name for field in r.searched]),
        "admin_sorted": _quoted(["id", *(f.name for f in listed if f.column in r.indexed), "created_at"]),
        "admin_form": _quoted([field.name for field in r.fields]),
    }  # fmt: skip


def _quoted(names: list[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)


def _sorts(r: Resource) -> Iterator[str]:
    for name in ("id", *r.sort_names):
        yield name
        yield f"-{name}"


def _update_example(r: Resource) -> str:
    chosen = next((f for f in r.fields if f.type is Kind.DECIMAL), r.fields[0])
    value = '"79.00"' if chosen.name == "price" else example(chosen)
    return f"{chosen.column}={value}"


def _table_arguments(r: Resource) -> Iterator[str]:
    for field in r.columns:
        for sql, name in model_code.checks(field):
            yield f'CheckConstraint("{sql}", name="{name}")'
    for field in r.columns:
        if field.unique:
            yield f'UniqueConstraint("{field.name}")'
    for name in r.indexed:
        yield f'Index(None, "{name}", "id")'


def _schema_imports(r: Resource) -> dict[str, set[str]]:
    inputs = {schema_code.input_type(f, "").partition("[")[0] for f in r.fields if schema_code.needs_own_line(f)}
    written = (kind(field, "") for field in r.fields for kind in (schema_code.read_type, schema_code.input_type))
    types = " ".join(written)
    needed = {"Moment", "Clock", "Email", "WebAddress", "Slug", "Json", "Key"} & inputs
    if "Annotated" in inputs:
        needed.add("Exact")
    return {
        "datetime": {"datetime"} | {name for name in ("date", "time") if re.search(rf"\b{name}\b", types)},
        "decimal": {"Decimal"} if "Decimal" in types else set(),
        "typing": {"Literal"} | ({"Annotated"} if "Annotated" in inputs else set())
        | ({"Any"} if "Any" in types else set()),
        "uuid": {"UUID"} if "UUID" in types else set(),
        "pydantic": {"Field"},
        "webapp.models": {f"{r.names.class_name}Base", *(r.enum(f) for f in r.fields if f.type is Kind.ENUM)},
        "webapp.paging": {"MAX_LIMIT"},
        "webapp.schemas.fields": {"Input", "Output", "Query", "example", "unset"} | needed,
    }  # fmt: skip


def _service_imports(r: Resource) -> dict[str, set[str]]:
    name = r.names.class_name
    return {
        "collections.abc": {"Mapping"} if list(_checks(r)) else set(),
        "functools": {"lru_cache"},
        "typing": {"Any"},
        "sqlalchemy": {"Row", "Select", "bindparam", "select"} | ({"or_"} if len(r.searched) > 1 else set()),
        "sqlalchemy.ext.asyncio": {"AsyncSession"},
        "webapp.db": {"MAX_KEY"},
        "webapp.errors": {"NotFound"},
        "webapp.models": {name, "User"} | {parent.model.name for parent in r.parents},
        "webapp.paging": {"Keyset", "Page"},
        f"webapp.schemas.{r.names.singular}": {f"{name}{kind}" for kind in ("Create", "Filters", "Read", "Update")},
        "webapp.search": {"ESCAPE", "pattern"} | ({"in_use"} if r.facets else set()),
        "webapp.services": {"audit"} | ({"rules"} if list(_checks(r)) else set()),
    }  # fmt: skip


def _checks(r: Resource) -> Iterator[str]:
    for field in r.uniques:
        column = f"{r.names.plural}.c.{field.column}"
        yield fit("await rules.refuse_taken(", ["session", column, "values", f"{r.names.singular}_id"], ")", 4)
    for parent in r.parents:
        column = f"{r.names.plural}.c.{parent.field.column}"
        yield fit("await rules.refuse_missing(", ["session", column, "values"], ")", 4)


def _conditions(r: Resource) -> Iterator[dict[str, str]]:
    for field in r.filters:
        column = f"{r.names.plural}.c.{field.column}"
        if field.type in schema_code.RANGED:
            for end, sign in (("min", ">="), ("max", "<=")):
                name = f"{end}_{field.name}"
                yield {"name": name, "test": f'{column} {sign} bindparam("{name}")'}
        else:
            name = field.column
            yield {"name": name, "test": f'{column} == bindparam("{name}")'}


def _search_condition(r: Resource) -> str:
    parts = [f'{r.names.plural}.c.{field.name}.ilike(bindparam("q"), escape=ESCAPE)' for field in r.searched]
    return parts[0] if len(parts) == 1 else f"or_({', '.join(parts)})"
