"""The migrations of a resource, written from its fields: no database, no app, and neither SQLAlchemy nor Alembic.

What they hold is what autogenerate would have written, which the tests compare it with.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import chain
from pathlib import Path

from oppman.database.autogenerate.backfill import Gap
from oppman.errors import UsageError
from oppman.project import Project
from oppman.scaffold import existing_rows
from oppman.scaffold.fields import Field
from oppman.scaffold.insert.python import WIDTH
from oppman.scaffold.resource import Resource
from oppman.scaffold.revision_file import revision_file
from oppman.scaffold.table import VECTOR, Column, Reference, Table, links, table


def migration(project: Project, resource: Resource) -> tuple[Path, str]:
    """Where the revision that creates the resource's tables would lie, and its text.

    Raises SeveralHeads, NoMigrations and InvalidName.
    """
    tables = [table(resource), *links(resource, resource.fields)]
    upgrade = [*_before(tables), *(statement for made in tables for statement in _create(made))]
    downgrade = [statement for made in reversed(tables) for statement in _drop(made)]
    message = f"add {resource.names.plural_label.lower()}"
    return revision_file(project, message, _body(upgrade), _body(downgrade))


def add_columns(
    project: Project,
    resource: Resource,
    fields: Collection[Field],
    values: Mapping[str, str] | None = None,
) -> tuple[Path, str]:
    """Where the revision that adds `fields` to the resource's table would lie, and its text.

    `resource` has these fields among its own. `values` are for the rows that are there: `{"books.stock": "0"}`, one
    for each of `gaps`. Raises UsageError if one is missing or wrong, SeveralHeads, NoMigrations and InvalidName.
    """
    whole = table(resource)
    part = whole.only({field.column for field in fields})
    new_links = list(links(resource, fields))
    part = replace(part, columns=tuple(_filled(part, fields, values or {})))
    upgrade = [*_before([part]), *(statement for made in new_links for statement in _create(made))]
    downgrade = [statement for made in reversed(new_links) for statement in _drop(made)]
    if part.columns:
        upgrade.append(_batch(part.name, _add(part)))
        downgrade.insert(0, _batch(part.name, _remove(part)))
    first, *more = [field.name for field in fields]
    names = first if not more else f"{first} and {more[0]}" if len(more) == 1 else f"{first} and {len(more)} more"
    message = f"add {names} to {resource.names.plural_label.lower()}"
    return revision_file(project, message, _body(upgrade), _body(downgrade))


def gaps(resource: Resource, fields: Iterable[Field]) -> list[Gap]:
    """The new columns that may not be NULL and for which rows that are there have no value."""
    fields = list(fields)
    part = table(resource).only({field.column for field in fields})
    by_column = {field.column: field for field in fields}
    return [
        existing_rows.gap(part.name, column.name, by_column[column.name])
        for column in part.columns
        if not column.nullable and existing_rows.default(by_column[column.name]) is None
    ]


def _filled(part: Table, fields: Iterable[Field], values: Mapping[str, str]) -> Iterator[Column]:
    """The new columns with what the rows that are there get. What a person chose goes before the field's default."""
    by_column = {field.column: field for field in fields}
    needed = [f"{part.name}.{column.name}" for column in part.columns if not column.nullable]
    for name in values:
        if name not in needed:
            raise UsageError(
                f"{name} needs no value for existing rows.",
                f"Those that do: {', '.join(needed)}." if needed else "No new column does.",
            )
    for column in part.columns:
        field = by_column[column.name]
        where = existing_rows.gap(part.name, column.name, field)
        if column.nullable:
            yield column
        else:
            default = existing_rows.default(field)
            if default is None or where.name in values:
                default = existing_rows.chosen(field, where, values)
            yield replace(column, default=default)


def _before(tables: Iterable[Table]) -> Iterator[str]:
    """What PostgreSQL needs before its first column of vectors."""
    if any(column.type.startswith(VECTOR) for made in tables for column in made.columns):
        yield _EXTENSION


_EXTENSION = """\
    if op.get_context().dialect.name == "postgresql":
        op.execute("CREATE EXTENSION IF NOT EXISTS vector")"""


def _create(made: Table) -> Iterator[str]:
    name = f'"{made.name}"'
    rules = [
        *(("Check", [f'"{rule.sql}"'], rule.name, []) for rule in made.checks),
        *(("ForeignKey", [_list(each.column), _list(f"{each.table}.id")], each.name, _ondelete(each))
          for each in made.references),
        ("PrimaryKey", _quoted(made.key.columns), made.key.name, []),
        *(("Unique", _quoted(unique.columns), unique.name, []) for unique in made.uniques),
    ]  # fmt: skip
    calls = [(kind, [*before, f'name=op.f("{its_name}")', *after]) for kind, before, its_name, after in rules]
    lines = [f"{name},", *(_column(column, 8, ",") for column in made.columns)]
    lines += [_fit(f"sa.{kind}Constraint(", arguments, "),", 8) for kind, arguments in sorted(calls)]
    lines += ["sqlite_autoincrement=True,"] * made.autoincrement
    yield "\n".join(["    op.create_table(", *(f"        {line}" for line in lines), "    )"])
    for index in made.indexes:
        columns = _list(*index.columns)
        yield "    " + _fit("op.create_index(", [f'op.f("{index.name}")', name, columns, "unique=False"], ")", 4)


def _drop(made: Table) -> Iterator[str]:
    for index in reversed(made.indexes):
        yield "    " + _fit("op.drop_index(", [f'op.f("{index.name}")', f'table_name="{made.name}"'], ")", 4)
    yield f'    op.drop_table("{made.name}")'


def _batch(name: str, calls: Iterable[tuple[str, list[str]]]) -> str:
    """The calls in one batch: SQLite copies the table for some of them, and once is enough."""
    lines = [f'    with op.batch_alter_table("{name}") as batch_op:']
    lines += ["        " + _fit(f"batch_op.{call}(", arguments, ")", 8) for call, arguments in calls]
    return "\n".join(lines)


def _add(part: Table) -> Iterator[tuple[str, list[str]]]:
    for column in part.columns:
        yield "add_column", [_column(column, 12)]
    for rule in part.checks:
        yield "create_check_constraint", [_batch_name(rule.name), f'"{rule.sql}"']
    for index in part.indexes:
        yield "create_index", [_batch_name(index.name), _list(*index.columns), "unique=False"]
    for unique in part.uniques:
        yield "create_unique_constraint", [_batch_name(unique.name), _list(*unique.columns)]
    for each in part.references:
        keys = [f'"{each.table}"', _list(each.column), _list("id")]
        yield "create_foreign_key", [_batch_name(each.name), *keys, *_ondelete(each)]


def _remove(part: Table) -> Iterator[tuple[str, list[str]]]:
    kinds = chain(
        (("drop_constraint", each.name, ['type_="foreignkey"']) for each in reversed(part.references)),
        (("drop_constraint", unique.name, ['type_="unique"']) for unique in reversed(part.uniques)),
        (("drop_index", index.name, []) for index in reversed(part.indexes)),
        (("drop_constraint", rule.name, ['type_="check"']) for rule in reversed(part.checks)),
    )
    for call, name, arguments in kinds:
        yield call, [_batch_name(name), *arguments]
    for column in reversed(part.columns):
        yield "drop_column", [f'"{column.name}"']


def _column(column: Column, indent: int, after: str = "") -> str:
    default = [] if column.default is None else [f"server_default={_literal(column.default)}"]
    arguments = [f'"{column.name}"', column.type, *default, f"nullable={column.nullable}"]
    return _fit("sa.Column(", arguments, f"){after}", indent)


def _body(statements: Iterable[str]) -> str:
    """The statements under each other, a block apart from the rest."""
    source, before = "", ""
    for statement in statements:
        gap = "\n" if before and any(each.startswith("    with ") for each in (before, statement)) else ""
        source += gap + statement + "\n"
        before = statement
    return source.rstrip("\n") or "    pass"


def _fit(before: str, items: list[str], after: str, indent: int) -> str:
    """A call as ruff lays it out: on one line, else the arguments on one, else each on its own."""
    joined = ", ".join(items)
    if indent + len(before + joined + after) <= WIDTH:
        return before + joined + after
    inner = " " * (indent + 4)
    if len(inner + joined) > WIDTH:
        joined = f",\n{inner}".join(items) + ","
    return f"{before}\n{inner}{joined}\n{' ' * indent}{after}"


def _ondelete(reference: Reference) -> list[str]:
    return [f'ondelete="{reference.on_delete}"'] if reference.on_delete else []


def _batch_name(name: str) -> str:
    return f'batch_op.f("{name}")'


def _list(*names: str) -> str:
    return f"[{', '.join(_quoted(names))}]"


def _quoted(names: Iterable[str]) -> list[str]:
    return [f'"{name}"' for name in names]


def _literal(text: str) -> str:
    """The text as Python source, in double quotes unless that takes more backslashes."""
    source = repr(text)
    return f'"{source[1:-1]}"' if source.startswith("'") and '"' not in source else source
