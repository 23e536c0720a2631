"""What Alembic found, put so that both databases can run it.

Alembic writes what the database at hand would be told. What is told to the other one differs in a few places: a default
of true, the time of day, an index of vectors, which has no use on SQLite.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from oppman.database.autogenerate.checks import plain_check
from oppman.database.autogenerate.enums import native_enum
from oppman.database.autogenerate.wording import is_a_rule

VECTOR_METHODS = {"hnsw", "ivfflat"}

_ANY = re.compile(r"= ANY (\(+)ARRAY\[(.*?)\](\)+)")
_CAST = re.compile(
    r'::(?:"[^"]+"|character varying|double precision|timestamp with(?:out)? time zone|\w+)(?:\([\d, ]+\))?(?:\[\])*'
)


def make_portable(containers: Iterable[Any], *, undo: bool) -> None:
    """Change the operations in place. Columns are copied first: those in the operations are the models' own.

    `undo` says that what they make again was read from a database.
    """
    from alembic.operations import ops

    for container in containers:
        for operation in list(_flat([container])):
            if isinstance(operation, ops.CreateTableOp):
                operation.columns = [*map(_portable_item, operation.columns), *_member_checks(operation.columns)]
            elif isinstance(operation, ops.AddColumnOp):
                checks = _member_checks([operation.column])
                operation.column = _portable_item(operation.column)
                _add_after(container, operation, checks)
            elif isinstance(operation, ops.AlterColumnOp):
                for name in ("modify_server_default", "existing_server_default"):
                    setattr(operation, name, _portable_default(getattr(operation, name)))
                for name in ("modify_type", "existing_type"):
                    setattr(operation, name, _portable_type(getattr(operation, name)))
            elif isinstance(operation, ops.CreateCheckConstraintOp) and undo:
                operation.condition = without_casts(str(operation.condition))
            elif isinstance(operation, ops.DropIndexOp):
                operation.kw = {key: value for key, value in operation.kw.items() if key == "postgresql_concurrently"}
            elif isinstance(operation, ops.CreateIndexOp):
                _complete(operation, undo=undo)


def _flat(containers: Iterable[Any]) -> Iterator[Any]:
    for item in containers:
        yield item
        yield from _flat(getattr(item, "ops", ()))


def _portable_item(item: Any) -> Any:
    from sqlalchemy import CheckConstraint, Column, text

    if isinstance(item, CheckConstraint) and "::" in str(item.sqltext):
        return CheckConstraint(text(without_casts(str(item.sqltext))), name=item.name)
    if not isinstance(item, Column):
        return item
    default, kind = _portable_default(item.server_default), _portable_type(item.type)
    if default is not item.server_default or kind is not item.type:
        item = item._copy()
        item.server_default, item.type = default, kind
    return item


def _portable_type(kind: Any) -> Any:
    """A type that is written the same for both.

    An enum type is made by a statement of its own: made with its table, a second table would make it again. The members
    of one that is kept as text stand in a CHECK constraint.
    """
    from sqlalchemy import JSON, Enum, String
    from sqlalchemy.dialects import postgresql, sqlite

    enum = native_enum(kind)
    if enum is not None:
        length = max(map(len, enum.enums), default=None)
        return String(length).with_variant(
            postgresql.ENUM(*enum.enums, name=enum.name, create_type=False), "postgresql"
        )
    if type(kind) in {postgresql.JSON, sqlite.JSON}:  # as it is read from a database
        return JSON()
    return String(kind.length) if isinstance(kind, Enum) and kind.create_constraint else kind


def _member_checks(items: Iterable[Any]) -> list[Any]:
    """The CHECK constraints of columns whose type is an enum that is kept as text. Alembic leaves them to the type."""
    from sqlalchemy import CheckConstraint, Column
    from sqlalchemy.dialects import sqlite

    dialect = sqlite.dialect()
    return [
        plain_check(check, dialect)
        for column in items
        if isinstance(column, Column) and column.table is not None
        for check in column.table.constraints
        if isinstance(check, CheckConstraint) and getattr(check, "_type_bound", False) and is_a_rule(check)
        if column.name in check.columns
    ]


def _add_after(container: Any, operation: Any, checks: Iterable[Any]) -> None:
    from alembic.operations import ops

    for parent in [item for item in (container, *container.ops) if operation in getattr(item, "ops", ())]:
        place = parent.ops.index(operation) + 1
        parent.ops[place:place] = [ops.CreateCheckConstraintOp.from_constraint(check) for check in checks]


def _portable_default(default: Any) -> Any:
    from sqlalchemy import DefaultClause, false, func, text, true

    argument = getattr(default, "arg", None)
    if isinstance(argument, type(true()) | type(false())):
        return DefaultClause(str(int(isinstance(argument, type(true())))))
    written = str(argument)
    if isinstance(argument, type(func.now())) or written in {"now()", "(CURRENT_TIMESTAMP)"}:  # the latter: as read
        return DefaultClause(text("CURRENT_TIMESTAMP"))
    if literal := re.fullmatch(r"'((?:[^']|'')*)'::[\w\s\"]+", written):
        return DefaultClause(literal[1].replace("''", "'"))
    return default


def _complete(operation: Any, *, undo: bool) -> None:
    """An index as both databases make it. One of vectors is of no use on SQLite, where it stays empty."""
    from sqlalchemy import literal_column, text

    options = {key: value for key, value in operation.kw.items() if value not in ([], {}, None)}
    if options.get("postgresql_using") in VECTOR_METHODS:
        options.setdefault("sqlite_where", text("0"))
    elif undo and (where := options.get("postgresql_where", options.get("sqlite_where"))) is not None:
        plain = without_casts(str(where))
        options |= {"postgresql_where": text(plain), "sqlite_where": text(plain)}
    if undo:
        operation.columns = [
            column if isinstance(column, str) or "::" not in str(column) else literal_column(without_casts(str(column)))
            for column in operation.columns
        ]
    operation.kw = options


def without_casts(text: str) -> str:
    """What PostgreSQL says of a condition, in words that SQLite knows as well."""
    parts = re.split(r"('(?:[^']|'')*')", text)
    parts[::2] = [_CAST.sub("", part) for part in parts[::2]]
    return _ANY.sub(lambda found: f"IN ({found[2]}){found[3][len(found[1]) :]}", "".join(parts))
