"""What filled tables need that autogenerate does not write.

A type that PostgreSQL does not turn into another by itself gets a USING, and its default is put away meanwhile. A
column that the downgrade brings back gets a value for the rows that are there; what it held is gone.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from alembic.autogenerate import render, renderers
from alembic.autogenerate.api import AutogenContext
from alembic.operations import ops
from sqlalchemy import CheckConstraint, DefaultClause
from sqlalchemy.dialects import postgresql

from oppman.database.autogenerate.renames import Column

_POSTGRES: Any = postgresql.dialect()  # type: ignore[no-untyped-call]
_DEFAULT = re.compile(r"\(?'((?:[^']|'')*)'(?:::.*)?\)?|\(?(-?[\d.]+)\)?")
_NEUTRAL = {"text": "", "number": "0", "BOOLEAN": "false", "json": "{}", "time": "1970-01-01 00:00:00+00:00"}


class ConvertColumn(ops.AlterColumnOp):
    """Another type, with the expression that makes the new value of the old one on PostgreSQL."""

    using = ""


@renderers.dispatch_for(ConvertColumn)
def _render_conversion(autogen: AutogenContext, operation: ConvertColumn) -> str:
    plain = render._alter_column(autogen, operation)  # its own renderer knows no `postgresql_using`
    return f"{plain[:-1]}, postgresql_using={operation.using!r})"


def convert(containers: Iterable[Any]) -> None:
    """Write out the changes of type that PostgreSQL needs help with."""
    for table in _tables(containers):
        if any(isinstance(each, ops.AlterColumnOp) and each.modify_type is not None for each in table.ops):
            table.ops.sort(key=_turn)
        table.ops = [
            plain
            for each in table.ops
            for plain in (_converted(each) if isinstance(each, ops.AlterColumnOp) else [each])
        ]


def give_back(containers: Iterable[Any]) -> None:
    """Give NOT NULL columns that the downgrade adds a value for existing rows.

    A rule that no one value fits for all of them (a check, a unique or foreign key) leaves the column empty instead.
    """
    for container in containers:
        every = list(_leaves([container]))
        for each in every:
            if not isinstance(each, ops.AddColumnOp) or each.column.nullable:
                continue
            if each.column.server_default is not None or each.column.computed is not None:
                continue
            column = each.column._copy()
            family = Column("", "", ddl(column.type)).family
            if family not in _NEUTRAL or any(_rules(other, each) for other in every):
                column.nullable = True
            else:
                date = family == "time" and ddl(column.type) == "DATE"
                column.server_default = DefaultClause(_NEUTRAL[family][: 10 if date else None])
            each.column = column


def ddl(kind: Any) -> str:
    """The type as PostgreSQL declares it: `VARCHAR(100)`."""
    return str(kind.compile(_POSTGRES))


def needs_using(old: Any, new: Any) -> bool:
    """Whether PostgreSQL turns values of the one type into the other only when it is told how."""
    before, after = (Column("", "", ddl(kind)).family for kind in (old, new))
    return after not in (before, "text")


def _turn(operation: Any) -> int:
    """A rule about values of the old type goes before the type changes, one about the new type comes after."""
    if isinstance(operation, ops.DropIndexOp | ops.DropConstraintOp):
        return 0
    return 2 if isinstance(operation, ops.CreateIndexOp | ops.AddConstraintOp) else 1


def _converted(operation: ops.AlterColumnOp) -> list[ops.AlterColumnOp]:
    old, new = operation.existing_type, operation.modify_type
    if new is None or old is None or not needs_using(old, new):
        return [operation]
    default, wanted = operation.existing_server_default, operation.modify_server_default
    facts: dict[str, Any] = {"existing_nullable": operation.existing_nullable, "schema": operation.schema}
    changed = ConvertColumn(
        operation.table_name, operation.column_name, existing_type=old, modify_type=new,
        modify_nullable=operation.modify_nullable, modify_comment=operation.modify_comment,
        existing_comment=operation.existing_comment, existing_server_default=None if default else False, **facts,
    )  # fmt: skip
    changed.using = _using(operation.column_name, old, new)
    if not default and wanted is False:
        return [changed]
    where = (operation.table_name, operation.column_name)
    without = ops.AlterColumnOp(*where, existing_type=old, modify_server_default=None, **facts)
    if wanted is False:
        wanted = _kept(default, new)
    nullable = operation.existing_nullable if operation.modify_nullable is None else operation.modify_nullable
    facts["existing_nullable"] = nullable
    again = ops.AlterColumnOp(*where, existing_type=new, modify_server_default=wanted, **facts)
    return [*([without] if default else []), changed, *([again] if wanted is not None else [])]


def _using(column: str, old: Any, new: Any) -> str:
    before, after = (Column("", "", ddl(kind)).family for kind in (old, new))
    name = _POSTGRES.identifier_preparer.quote(column)
    if (before, after) == ("number", "BOOLEAN"):
        return f"{name} <> 0"
    if (before, after) == ("BOOLEAN", "number"):
        return f"{name}::integer::{ddl(new)}"
    return f"{name}::{ddl(new)}"


def _kept(default: Any, new: Any) -> Any:
    """The default as one of the new type; None if it would be none there."""
    found = _DEFAULT.fullmatch(str(getattr(getattr(default, "arg", default), "text", getattr(default, "arg", default))))
    if not found:
        return None
    value = (found[1] or "").replace("''", "'") if found[2] is None else found[2]
    fits = {"number": r"-?\d+(\.\d+)?", "BOOLEAN": "0|1|true|false", "time": r"\d{4}-\d\d-\d\d.*", "json": r"[\[{].*"}
    pattern = fits.get(Column("", "", ddl(new)).family)
    return DefaultClause(value) if pattern and re.fullmatch(pattern, value) else None


def _rules(operation: Any, added: ops.AddColumnOp) -> bool:
    """Whether `operation` makes a rule about the values of the column that is added."""
    name = added.column.name
    if isinstance(operation, ops.CreateForeignKeyOp):
        return bool(operation.source_table == added.table_name and name in operation.local_cols)
    if getattr(operation, "table_name", None) != added.table_name:
        return False
    if isinstance(operation, ops.CreateUniqueConstraintOp):
        return name in operation.columns
    if isinstance(operation, ops.CreateIndexOp):
        columns = {getattr(column, "name", column) for column in operation.columns}
        return bool(operation.unique) and name in columns
    if isinstance(operation, ops.CreateCheckConstraintOp):
        rule = operation.condition.sqltext if isinstance(operation.condition, CheckConstraint) else operation.condition
        return re.search(rf"\b{re.escape(name)}\b", str(rule)) is not None
    return False


def _tables(containers: Iterable[Any]) -> Iterator[ops.ModifyTableOps]:
    for container in containers:
        yield from (each for each in container.ops if isinstance(each, ops.ModifyTableOps))


def _leaves(operations: Iterable[Any]) -> Iterator[Any]:
    for each in operations:
        if isinstance(each, ops.OpContainer):
            yield from _leaves(each.ops)
        else:
            yield each
