"""What Alembic found, put so that both databases can run it.

Alembic writes what the database at hand would be told. What is told to the other one differs in a few places: a default
of true, the time of day, an index of vectors, which has no use on SQLite.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from oppman.database.enums import native_enum

VECTOR_METHODS = {"hnsw", "ivfflat"}


def make_portable(containers: Iterable[Any]) -> None:
    """Change the operations in place. Columns are copied first: those in the operations are the models' own."""
    from alembic.operations import ops

    for operation in _flat(containers):
        if isinstance(operation, ops.CreateTableOp):
            operation.columns = [_portable_column(item) for item in operation.columns]
        elif isinstance(operation, ops.AddColumnOp):
            operation.column = _portable_column(operation.column)
        elif isinstance(operation, ops.AlterColumnOp):
            for name in ("modify_server_default", "existing_server_default"):
                setattr(operation, name, _portable_default(getattr(operation, name)))
            for name in ("modify_type", "existing_type"):
                setattr(operation, name, _portable_type(getattr(operation, name)))
        elif isinstance(operation, ops.CreateIndexOp | ops.DropIndexOp):
            _empty_on_sqlite(operation.kw)


def _flat(containers: Iterable[Any]) -> Iterator[Any]:
    for item in containers:
        yield item
        yield from _flat(getattr(item, "ops", ()))


def _portable_column(column: Any) -> Any:
    from sqlalchemy import Column

    if not isinstance(column, Column):
        return column
    default, kind = _portable_default(column.server_default), _portable_type(column.type)
    if default is not column.server_default or kind is not column.type:
        column = column._copy()
        column.server_default, column.type = default, kind
    return column


def _portable_type(kind: Any) -> Any:
    """An enum type is made by a statement of its own: with its table, a second table would make it again."""
    from sqlalchemy import String
    from sqlalchemy.dialects.postgresql import ENUM

    enum = native_enum(kind)
    if enum is None:
        return kind
    length = max(map(len, enum.enums), default=None)
    return String(length).with_variant(ENUM(*enum.enums, name=enum.name, create_type=False), "postgresql")


def _portable_default(default: Any) -> Any:
    from sqlalchemy import DefaultClause, false, func, text, true

    argument = getattr(default, "arg", None)
    if isinstance(argument, type(true()) | type(false())):
        return DefaultClause(str(int(isinstance(argument, type(true())))))
    if isinstance(argument, func.now().__class__):
        return DefaultClause(text("CURRENT_TIMESTAMP"))
    if str(argument) in {"now()", "(CURRENT_TIMESTAMP)"}:  # as it is read from a database
        return DefaultClause(text("CURRENT_TIMESTAMP"))
    return default


def _empty_on_sqlite(options: dict[str, Any]) -> None:
    from sqlalchemy import text

    if options.get("postgresql_using") in VECTOR_METHODS:
        options.setdefault("sqlite_where", text("0"))
