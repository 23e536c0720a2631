"""Enum types of PostgreSQL in the comparison of models and migrations: which are new, gone, or have other members.

On PostgreSQL the migrated scratch database is asked. SQLite keeps such a column as text and has no types, so there it
is read from the migrations' files what they make on PostgreSQL: a project that lives on SQLite gets the same revisions.
"""

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from oppman.database.autogenerate.enum_operations import ColumnToEnum, EnumColumn, EnumOperation
from oppman.database.autogenerate.postgres_history import PostgresHistory

if TYPE_CHECKING:
    from sqlalchemy import Connection

Key = tuple[str, str]
"""A table and a column."""

_TYPES = """
    SELECT t.typname, array_agg(e.enumlabel::text ORDER BY e.enumsortorder)
    FROM pg_type t JOIN pg_enum e ON e.enumtypid = t.oid JOIN pg_namespace n ON n.oid = t.typnamespace
    WHERE n.nspname = current_schema() GROUP BY t.typname"""
_COLUMNS = """
    SELECT c.relname, a.attname, t.typname
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_type t ON t.oid = a.atttypid
    JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE t.typtype = 'e' AND c.relkind IN ('r', 'p') AND NOT a.attisdropped AND n.nspname = current_schema()"""


def enum_comparator(history: Callable[[], PostgresHistory]) -> Callable[[Any, Any, Any], None]:
    """What adds to the operations of a comparison those on enum types. `history` is asked on SQLite alone."""

    def compare_enums(context: Any, upgrade: Any, _schemas: Any) -> None:
        if context.connection.dialect.name == "postgresql":
            enums, columns = _from_postgres(context.connection)
        else:
            found = history()
            enums, columns = found.enums, found.column_enums
            give_types_back(
                upgrade, {key: _enum(name, enums[name]) for key, name in columns.items() if enums.get(name)}
            )
        _compare(enums, columns, context, upgrade)

    return compare_enums


def _from_postgres(connection: "Connection") -> tuple[dict[str, tuple[str, ...]], dict[Key, str]]:
    enums = {name: tuple(members) for name, members in connection.exec_driver_sql(_TYPES)}
    columns = {(table, column): name for table, column, name in connection.exec_driver_sql(_COLUMNS)}
    return enums, columns


def _compare(enums: dict[str, tuple[str, ...]], columns: dict[Key, str], context: Any, upgrade: Any) -> None:
    """`enums` are the types that the migrations make, `columns` the ones that have such a type."""
    models = dict(_model_columns(context))
    kinds = {kind.name: tuple(kind.enums) for kind in models.values()}
    unknown = {name for name, members in enums.items() if not members}  # a revision computes them
    new, going = _coming_and_going(upgrade)
    first: list[Any] = []
    for name, members in sorted(kinds.items()):
        if name not in unknown and set(enums.get(name, ())) != set(members):
            affected = tuple(_there(context, key) for key, kind in sorted(columns.items()) if kind == name)
            first.append(EnumOperation(name, enums.get(name, ()), members, affected))
    changed = [
        key
        for key in sorted(models.keys() | columns.keys())
        if key not in new | going and columns.get(key, "") != (models[key].name if key in models else "")
    ]
    first += [_conversion(context, key, columns.get(key, ""), models.get(key)) for key in changed]
    leave_types(upgrade, {key for key, kind in models.items() if kind.name not in unknown} | set(changed))
    left = {name for key, name in columns.items() if key not in going and key not in changed}
    gone = sorted(set(columns.values()) - left - kinds.keys() - unknown)
    upgrade.ops[:] = [*first, *upgrade.ops, *(EnumOperation(name, enums[name], ()) for name in gone if name in enums)]


def _model_columns(context: Any) -> Iterator[tuple[Key, Any]]:
    """The models' columns whose type is an enum type on PostgreSQL."""
    for table in context.sorted_tables:
        for column in table.columns:
            kind = native_enum(column.type)
            if kind is not None and table.schema is None:
                yield (table.name, column.name), kind


def native_enum(kind: Any) -> Any:
    """The enum that a column type is, or is built on; None if it is none or kept as text everywhere."""
    from sqlalchemy import Enum, TypeDecorator

    while isinstance(kind, TypeDecorator):
        kind = kind.impl_instance
    if kind is None:
        return None
    kind = kind._variant_mapping.get("postgresql", kind)
    return kind if isinstance(kind, Enum) and kind.native_enum and kind.name else None


def _coming_and_going(upgrade: Any) -> tuple[set[Key], set[Key]]:
    """The columns that the operations add, and those that they drop."""
    from alembic.operations import ops

    new: set[Key] = set()
    going: set[Key] = set()
    for operation in [inner for item in upgrade.ops for inner in getattr(item, "ops", [item])]:
        if isinstance(operation, ops.CreateTableOp):
            new |= {(operation.table_name, getattr(column, "name", "")) for column in operation.columns}
        elif isinstance(operation, ops.DropTableOp):
            going |= {(operation.table_name, column.name) for column in operation.to_table().columns}
        elif isinstance(operation, ops.AddColumnOp):
            new.add((operation.table_name, operation.column.name))
        elif isinstance(operation, ops.DropColumnOp):
            going.add((operation.table_name, operation.column_name))
    return new, going


def leave_types(upgrade: Any, columns: set[Key]) -> None:
    """Take out what Alembic says of these columns' types."""
    from alembic.operations import ops

    for item in upgrade.ops:
        if isinstance(item, ops.ModifyTableOps):
            for operation in item.ops:
                if isinstance(operation, ops.AlterColumnOp) and (item.table_name, operation.column_name) in columns:
                    operation.modify_type = None
            item.ops[:] = [
                inner for inner in item.ops if not isinstance(inner, ops.AlterColumnOp) or inner.has_changes()
            ]
    upgrade.ops[:] = [item for item in upgrade.ops if not isinstance(item, ops.ModifyTableOps) or not item.is_empty()]


def give_types_back(upgrade: Any, kinds: dict[Key, Any]) -> None:
    """Let a downgrade that makes columns again make them of these types, which SQLite did not tell."""
    from alembic.operations import ops

    for operation in [inner for item in upgrade.ops for inner in getattr(item, "ops", [item])]:
        made = operation._reverse if isinstance(operation, ops.DropColumnOp | ops.DropTableOp) else None
        for column in () if made is None else [getattr(made, "column", None), *getattr(made, "columns", ())]:
            if (kind := kinds.get((operation.table_name, getattr(column, "name", "")))) is not None:
                column.type = kind


def _enum(name: str, members: tuple[str, ...]) -> Any:
    from sqlalchemy import Enum

    return Enum(*members, name=name)


def _conversion(context: Any, key: Key, old: str, kind: Any) -> ColumnToEnum:
    model = next(table for table in context.sorted_tables if table.name == key[0]).columns[key[1]].type
    new_length = getattr(kind if kind is not None else model, "length", None)
    return ColumnToEnum(
        _there(context, key), old, kind.name if kind is not None else "", _length(context, key), new_length
    )


def _there(context: Any, key: Key) -> EnumColumn:
    """The column as it is in the database, with a default that is plain text."""
    literal = re.match(r"\(?'((?:[^']|'')*)'", str(_reflected(context, key).get("default") or ""))
    return EnumColumn(*key, literal[1].replace("''", "'") if literal else None)


def _length(context: Any, key: Key) -> int | None:
    kind: Any = _reflected(context, key).get("type")
    length: int | None = getattr(kind, "length", None)
    return length


def _reflected(context: Any, key: Key) -> dict[str, Any]:
    columns = context.inspector.get_columns(key[0]) if context.inspector.has_table(key[0]) else []
    return next((dict(column) for column in columns if column["name"] == key[1]), {})
