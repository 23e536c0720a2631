"""The operations that lead from one state of a schema to another, and their text."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from oppman.database.history.state import ColumnState, Part, State, TableState

if TYPE_CHECKING:
    from alembic.autogenerate.api import AutogenContext
    from alembic.migration import MigrationContext
    from alembic.operations.ops import MigrateOperation
    from sqlalchemy import Column, Table


def fold(before: State, after: State, context: "MigrationContext") -> "list[MigrateOperation]":
    """What makes `after` of `before`.

    A column that is new in a table that was there is added as it was then, and changed afterwards: rows that are there
    get the value that they got. What was renamed keeps its rows.
    """
    from alembic.operations import ops

    old = {table.mark: table for table in before.values()}
    new = {table.mark: table for table in after.values()}
    kept = [(old[mark], table) for mark, table in new.items() if mark in old]
    found: list[MigrateOperation] = [
        ops.RenameTableOp(was.name, table.name, schema=table.schema) for was, table in kept if was.name != table.name
    ]
    found += _created([table for mark, table in new.items() if mark not in old], after, context)
    for was, table in kept:
        found += _changed(was, table)
    return [*found, *_dropped([table for mark, table in old.items() if mark not in new], before, context)]


def written(operations: "Sequence[MigrateOperation]", autogen: "AutogenContext") -> list[str]:
    """The operations as rows of Python, without indentation; imports that they need are added to `autogen`."""
    from alembic.autogenerate.render import _render_cmd_body
    from alembic.operations.ops import RenameTableOp, UpgradeOps

    rows: list[str] = []
    for operation in operations:
        if isinstance(operation, RenameTableOp):  # autogenerate never finds one, so Alembic cannot write it
            where = f", schema={operation.schema!r}" if operation.schema else ""
            rows.append(f"op.rename_table({operation.table_name!r}, {operation.new_table_name!r}{where})")
        else:
            rows += _render_cmd_body(UpgradeOps([operation]), autogen).splitlines()
    return [row for row in rows if row.strip() != "pass" and not row.lstrip().startswith("# ###")]


def _created(tables: list[TableState], state: State, context: "MigrationContext") -> "Iterator[MigrateOperation]":
    """The tables after those that they refer to; keys of a circle come when all of its tables are there."""
    from alembic.operations import ops

    order, made, late = _sorted(tables, state, context)
    for table in order:
        create: Any = ops.CreateTableOp.from_table(made[table.mark])
        create.columns = [
            item for item in create.columns if getattr(item, "name", None) not in late.get(table.mark, ())
        ]
        yield create
        yield from (part.make for part in table.indexes.values())
    for table in order:
        if keys := [table.constraints[name].make for name in late.get(table.mark, ())]:
            yield ops.ModifyTableOps(table.name, keys, schema=table.schema)


def _dropped(tables: list[TableState], state: State, context: "MigrationContext") -> "Iterator[MigrateOperation]":
    """The tables before those that they refer to, when the keys of circles are gone."""
    from alembic.operations import ops

    order, _, late = _sorted(tables, state, context)
    for table in order:
        keys = [table.constraints[name].make for name in late.get(table.mark, ())]
        if lost := [ops.DropConstraintOp(key.constraint_name, table.name, "foreignkey") for key in keys]:
            yield ops.ModifyTableOps(table.name, lost, schema=table.schema)
    yield from (ops.DropTableOp(table.name, schema=table.schema) for table in reversed(order))


def _sorted(
    tables: list[TableState], state: State, context: "MigrationContext"
) -> "tuple[list[TableState], dict[object, Table], dict[object, list[str]]]":
    """Some tables of a state, those first to which others refer; as SQLAlchemy has them; and the keys of circles."""
    import warnings

    from sqlalchemy import MetaData
    from sqlalchemy.exc import SAWarning
    from sqlalchemy.sql.ddl import sort_tables_and_constraints

    metadata = MetaData()
    made = {table.mark: _table(table, metadata, context) for table in state.values()}
    marks = {id(table): mark for mark, table in made.items()}
    wanted = {table.mark: table for table in tables}
    order: list[TableState] = []
    late: dict[object, list[str]] = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SAWarning)
        for found, keys in sort_tables_and_constraints([made[table.mark] for table in tables]):  # type: ignore[no-untyped-call]
            if found is not None:
                order.append(wanted[marks[id(found)]])
            else:
                for key in keys:
                    late.setdefault(marks[id(key.parent)], []).append(str(key.name))
    return order, made, late


def _table(table: TableState, metadata: Any, context: "MigrationContext") -> "Table":
    from sqlalchemy import Table

    options: dict[str, Any] = dict(table.options)
    columns = [_copied(column.now) for column in table.columns.values()]
    made = Table(table.name, metadata, *columns, schema=table.schema, comment=table.comment, **options)
    for part in table.constraints.values():
        made.append_constraint(part.make.to_constraint(context)._copy(target_table=made))
    return made


def _changed(was: TableState, table: TableState) -> "Iterator[MigrateOperation]":
    """What happens to a table that stays. One batch is enough, unless a column that is new changes again."""
    from alembic.operations import ops

    name, schema = table.name, table.schema
    old = {column.mark: (key, column) for key, column in was.columns.items()}
    new = {column.mark: (key, column) for key, column in table.columns.items()}
    lost, made = _apart(was.constraints, table.constraints)
    lost_indexes, made_indexes = _apart(was.indexes, table.indexes)
    batch: list[MigrateOperation] = [
        ops.DropConstraintOp(part.make.constraint_name, name, part.make.constraint_type, schema=schema) for part in lost
    ]
    batch += [ops.DropColumnOp(name, key, schema=schema) for mark, (key, _) in old.items() if mark not in new]
    changed = [(old[mark], found) for mark, found in new.items() if mark in old]
    for (old_key, old_column), (key, column) in changed:
        batch += _altered(table, old_key, old_column.now, column.now, key)
    added = [column for mark, (_, column) in new.items() if mark not in old]
    batch += [ops.AddColumnOp(name, _copied(column.made), schema=schema) for column in added]
    again = [change for column in added for change in _altered_since(table, column)]
    keys = [part.make for part in made]
    yield from (ops.DropIndexOp(part.make.index_name, name, schema=schema) for part in lost_indexes)
    for group in ([*batch, *keys],) if not again else (batch, [*again, *keys]):
        if group:
            yield ops.ModifyTableOps(name, group, schema=schema)
    yield from (part.make for part in made_indexes)
    if was.comment != table.comment:
        yield ops.CreateTableCommentOp(name, table.comment, schema=schema, existing_comment=was.comment)


def _apart(before: Mapping[str, Part], after: Mapping[str, Part]) -> tuple[list[Part], list[Part]]:
    """What only the one and only the other has."""
    old, new = {part.mark for part in before.values()}, {part.mark for part in after.values()}
    return [p for p in before.values() if p.mark not in new], [p for p in after.values() if p.mark not in old]


def _altered_since(table: TableState, column: ColumnState) -> "list[MigrateOperation]":
    return list(_altered(table, column.made.name, column.made, column.now, column.now.name))


def _altered(
    table: TableState, name: str, was: "Column[Any]", now: "Column[Any]", new: str
) -> "Iterator[MigrateOperation]":
    from alembic.operations.ops import AlterColumnOp

    changes: dict[str, Any] = {}
    if was.type is not now.type:
        changes["modify_type"] = now.type
    if was.nullable != now.nullable:
        changes["modify_nullable"] = now.nullable
    if was.comment != now.comment:
        changes["modify_comment"] = now.comment
    if _default(was) != _default(now):
        changes["modify_server_default"] = now.server_default
    if name != new:
        changes["modify_name"] = new
    if changes:
        existing: dict[str, Any] = {"existing_type": was.type, "existing_nullable": was.nullable}
        existing |= {"existing_server_default": was.server_default or False, "existing_comment": was.comment}
        yield AlterColumnOp(table.name, name, schema=table.schema, **existing, **changes)


def _default(column: "Column[Any]") -> str | None:
    return None if column.server_default is None else str(getattr(column.server_default, "arg", column.server_default))


def _copied(column: "Column[Any]") -> "Column[Any]":
    copy = column._copy()
    copy.type = column.type
    return copy
