"""What a stub can say of a resource: its names, and the lines that its fields make in each file."""

from collections.abc import Iterator
from textwrap import wrap
from typing import Any

from oppman.scaffold import demo_code, model_code, page_code, schema_code, test_code
from oppman.scaffold.changed_example import Changed, changed_example
from oppman.scaffold.examples import example
from oppman.scaffold.fields import Field
from oppman.scaffold.insert.python import WIDTH
from oppman.scaffold.kinds import Kind
from oppman.scaffold.model_code import quoted
from oppman.scaffold.naming import plural_of
from oppman.scaffold.resource import Resource


def words(r: Resource) -> dict[str, Any]:
    """The values and functions of the stubs."""
    names, enum, options = r.names, r.enum, r.options
    label = names.label.lower()
    title, changed = r.title.name if r.title else "", changed_example(r)
    return {
        "r": r, "names": names, "name": names.singular, "Name": names.class_name, "about": r.about,
        "words": label, "a_words": f"{'an' if label[0] in 'aeiou' else 'a'} {label}",
        "plural_words": names.plural_label.lower(),
        "fields": r.fields, "sent": r.sent, "uploads": r.uploads,
        "columns": r.columns, "filters": r.filters, "facets": r.facets, "searched": r.searched,
        "enum": enum, "enums": list(dict.fromkeys(enum(field) for field in r.fields if field.type is Kind.ENUM)),
        "docstring": docstring, "plural_of": plural_of, "title": title,
        "owned": options.owned, "soft_delete": options.soft_delete, "uuid": options.uuid,
        "key_type": r.key_type, "owner_parameter": "owner_id: int, " if options.owned else "",
        "key_input": "UUID" if options.uuid else "Key",
        "own_plural_words": ("your " if options.owned else "") + names.plural_label.lower(),
        "owner": "owner_id, " if options.owned else "", "within": ", owner_id=owner_id" if options.owned else "",
        # models
        "parents": r.parents, "links": r.links, "secrets": r.secrets,
        "secret_line": model_code.secret_line, "upload_line": model_code.upload_line,
        "link_line": lambda link: model_code.link_relationship(
            link, names.class_name, later=r.is_later(link.model.name)
        ),
        "table_arguments": list(_table_arguments(r)),
        "model_line": lambda field: model_code.line(field, enum(field)),
        "reference_line": lambda parent: model_code.ref_line(parent.field, parent.model.table),
        "relationship_line": lambda parent: model_code.relationship(
            parent.field, names.class_name, parent.model.name,
            several=r.has_several(parent.model.table), later=r.is_later(parent.model.name),
        ),
        "said": names.singular + (f".{title}" if title and r.existing and not r.existing.has_str else ""),
        "several_owners": r.has_several("users"),
        "owner_type": '"User"' if options.owned and r.is_later("User") else "User",
        "str_expression": f"self.{title}" if title else f'f"{names.label} {{self.id}}"',
        # schemas
        "plain_example": any(f.type not in {Kind.MANY, Kind.SECRET} for f in r.sent),
        "example": example, "changed": changed, "update_example": _update_example(r, changed),
        "needs_own_line": lambda field: schema_code.needs_own_line(field) or not r.is_shared(field),
        "has_base": r.existing is None or r.existing.base is not None, "stamps": r.stamps,
        "create_line": lambda field: schema_code.create_line(field, enum(field)),
        "update_line": lambda field: schema_code.update_line(field, enum(field)),
        "read_type": lambda field: schema_code.read_type(field, enum(field)),
        "filter_lines": lambda field: schema_code.filter_lines(field, enum(field)),
        "sorts": [f'"{sign}{name}"' for name in ("id", *r.sort_names) for sign in ("", "-")],
        # services
        "column": lambda name: model_code.column(names.many, name),
        "scope": ", ".join(_scope(r, 'bindparam("owner_id")')),
        "scope_here": "".join(f", {part}" for part in _scope(r)),
        "sort_names": r.sort_names, "checks": list(_checks(r)), "conditions": list(_conditions(r)),
        "row_type": "Any" if r.links else "Row[Any]",
        "link_tables": ", ".join(f"{link.field.key}={link.table}" for link in r.links if not link.field.hidden),
        "all_link_tables": ", ".join(f"{link.field.key}={link.table}" for link in r.links),
        "search_condition": _search_condition(r),
        "audit_detail": f", {title}={names.singular}.{title}" if title else "",
        # routes
        "conflict": ", 409" if r.unique_columns or r.parents else "",
        # admin
        "listed": r.listed,
        "admin_columns": quoted(["id", *(field.name for field in r.listed), *r.stamps[:1]]),
        "admin_searched": quoted([field.name for field in r.searched]),
        "admin_sorted": quoted(["id", *(f.name for f in r.listed if f.column in r.indexed), *r.stamps[:1]]),
        "admin_form": quoted([field.name for field in r.sent if field.type is not Kind.SECRET]),
        "admin_unsent": quoted(_unsent(r)),
        **page_code.words(r),
        **demo_code.words(r),
        **test_code.words(r, changed),
    }  # fmt: skip


def docstring(text: str, indent: int = 4) -> str:
    """The docstring, in lines that are not too long."""
    whole = f'"""{text}"""'
    if indent + len(whole) <= WIDTH:
        return whole
    most = min(WIDTH - indent - 3, len(text) - 1)  # two lines at least: ruff would draw one and its quotes together
    lines = wrap(text, most, break_long_words=False, break_on_hyphens=False)
    gap = "\n" + " " * indent
    return f'"""{gap.join(lines)}{gap}"""'


def _update_example(r: Resource, changed: Changed | None) -> str:
    if changed:
        return f"{changed.field.key}={changed.value}"
    shown = [field for field in r.sent if field.type is not Kind.SECRET] or r.sent
    return f"{shown[0].key}={example(shown[0])}" if shown else ""


def _table_arguments(r: Resource) -> Iterator[str]:
    for field in r.columns:
        for sql, name in model_code.checks(field):
            yield f'CheckConstraint("{sql}", name="{name}")'
    for columns in r.unique_columns:
        yield f"UniqueConstraint({quoted(columns)})"
    for columns in r.index_columns:
        yield f"Index(None, {quoted(columns)})"


def _unsent(r: Resource) -> Iterator[str]:
    """What the admin's form must not ask for although the model has it."""
    yield from (field.column for field in r.fields if field.column)
    yield from ("owner_id", "owner") if r.options.owned else ()
    yield from r.stamps
    yield from ("deleted_at",) if r.options.soft_delete else ()


def _scope(r: Resource, owner: str = "owner_id") -> Iterator[str]:
    """The conditions of every query."""
    if r.options.owned:
        yield f"{r.names.many}.c.owner_id == {owner}"
    if r.options.soft_delete:
        yield f"{r.names.many}.c.deleted_at.is_(None)"


def _checks(r: Resource) -> Iterator[str]:
    within = ", owner_id=owner_id" if r.options.owned else ""
    for parent in r.parents:
        yield f"await refuse_missing(session, {_column(r, parent.field)}, values{within})"
    for field in r.uniques:
        yield f"await refuse_taken(session, {_column(r, field)}, values, {r.names.singular}_id{within})"
    for columns in r.options.uniques:
        unique = ", ".join(f"{r.names.many}.c.{column}" for column in columns)
        yield f"await refuse_taken(session, ({unique}), values, {r.names.singular}_id{within})"


def _conditions(r: Resource) -> Iterator[dict[str, str]]:
    for field in r.filters:
        if field.type in schema_code.RANGED:
            for end, sign in (("min", ">="), ("max", "<=")):
                name = f"{end}_{field.name}"
                yield {"name": name, "test": f'{_column(r, field)} {sign} bindparam("{name}")'}
        elif field.type is Kind.MANY:
            link = next(link for link in r.links if link.field is field)
            is_chosen = f'{link.table}.c.{link.theirs} == bindparam("{field.key[:-1]}")'
            chosen = f"select({link.table}.c.{link.own}).where({is_chosen})"
            yield {"name": field.key[:-1], "test": f"{r.names.many}.c.id.in_({chosen})"}
        else:
            yield {"name": field.column, "test": f'{_column(r, field)} == bindparam("{field.column}")'}


def _search_condition(r: Resource) -> str:
    parts = [f'{_column(r, field)}.ilike(bindparam("q"), escape=ESCAPE)' for field in r.searched]
    return parts[0] if len(parts) == 1 else f"or_({', '.join(parts)})"


def _column(r: Resource, field: Field) -> str:
    return model_code.column(r.names.many, field.column)
