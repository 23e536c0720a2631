"""What migrations make of a schema, followed through the operations that they carry out."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import copy
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from oppman.database.history.state import ColumnState, Part, State, TableState, with_column, with_table

if TYPE_CHECKING:
    from alembic.migration import MigrationContext
    from alembic.operations.ops import CreateTableOp, MigrateOperation
    from sqlalchemy import Column


class Unaccounted(Exception):
    """The operation is about something that no operation before it has made."""


class Follower:
    """Follows operations one by one; `state` is what they have made so far and is never changed in place."""

    def __init__(self) -> None:
        self.state: State = {}

    def follow(self, operation: "MigrateOperation", context: "MigrationContext") -> None:
        """Apply one operation. Raises Unaccounted; what does not change the schema is passed over."""
        from alembic.operations import ops

        if isinstance(operation, ops.CreateTableOp):
            self._put(_created(operation, context))
        elif isinstance(operation, ops.DropTableOp):
            self._drop(_key(operation.table_name, operation.schema))
        elif isinstance(operation, ops.RenameTableOp):
            self._rename(operation)
        elif isinstance(operation, ops.AddColumnOp):
            self._add_column(operation, context)
        elif isinstance(operation, ops.DropColumnOp):
            self._drop_column(operation)
        elif isinstance(operation, ops.AlterColumnOp):
            self._alter(operation)
        elif isinstance(operation, ops.AddConstraintOp):
            self._add_constraint(operation, context)
        elif isinstance(operation, ops.DropConstraintOp):
            self._drop_constraint(operation, context)
        elif isinstance(operation, ops.CreateIndexOp):
            table = self._table(operation.table_name, operation.schema)
            made = ops.CreateIndexOp.from_index(operation.to_index(context))
            self._put(replace(table, indexes={**table.indexes, str(made.index_name): Part(object(), made)}))
        elif isinstance(operation, ops.DropIndexOp):
            self._drop_index(str(operation.index_name))
        elif isinstance(operation, (ops.CreateTableCommentOp, ops.DropTableCommentOp)):
            table = self._table(operation.table_name, operation.schema)
            self._put(replace(table, comment=getattr(operation, "comment", None)))

    def _table(self, name: object, schema: str | None) -> TableState:
        try:
            return self.state[_key(str(name), schema)]
        except KeyError:
            raise Unaccounted from None

    def _put(self, table: TableState) -> None:
        self.state = {**self.state, _key(table.name, table.schema): table}

    def _drop(self, key: str) -> None:
        if key not in self.state:
            raise Unaccounted
        self.state = {name: table for name, table in self.state.items() if name != key}

    def _rename(self, operation: Any) -> None:
        old, new, schema = operation.table_name, operation.new_table_name, operation.schema
        table = self._table(old, schema)
        self.state = {
            (_key(new, schema) if name == _key(old, schema) else name): replace(
                other,
                name=new if other is table else other.name,
                constraints={key: with_table(part, old, new) for key, part in other.constraints.items()},
                indexes={key: with_table(part, old, new) for key, part in other.indexes.items()},
            )
            for name, other in self.state.items()
        }

    def _add_column(self, operation: Any, context: "MigrationContext") -> None:
        from alembic.operations import ops

        table = self._table(operation.table_name, operation.schema)
        alone = ops.CreateTableOp(table.name, [operation.column._copy()], schema=table.schema)
        added = _created(alone, context)
        constraints = {key: part for key, part in added.constraints.items() if part.make.constraint_type != "primary"}
        self._put(
            replace(
                table,
                columns={**table.columns, **added.columns},
                constraints={**table.constraints, **constraints},
                indexes={**table.indexes, **added.indexes},
            )
        )

    def _drop_column(self, operation: Any) -> None:
        table, name = self._table(operation.table_name, operation.schema), operation.column_name
        if name not in table.columns:
            raise Unaccounted
        self._put(
            replace(
                table,
                columns={key: column for key, column in table.columns.items() if key != name},
                constraints={key: part for key, part in table.constraints.items() if name not in _columns(part.make)},
                indexes={key: part for key, part in table.indexes.items() if name not in _columns(part.make)},
            )
        )

    def _alter(self, operation: Any) -> None:
        from sqlalchemy import DefaultClause
        from sqlalchemy.schema import FetchedValue

        table, name = self._table(operation.table_name, operation.schema), operation.column_name
        if name not in table.columns:
            raise Unaccounted
        column = table.columns[name].now._copy()
        column.type = table.columns[name].now.type  # the copy has one of its own
        if operation.modify_type is not None:
            from sqlalchemy.types import to_instance

            column.type = to_instance(operation.modify_type)
        if operation.modify_nullable is not None:
            column.nullable = operation.modify_nullable
        if operation.modify_comment is not False:
            column.comment = operation.modify_comment
        if (default := operation.modify_server_default) is not False:
            column.server_default = (
                default if default is None or isinstance(default, FetchedValue) else DefaultClause(default)
            )
        new = operation.modify_name or name
        column.name = column.key = new
        altered = replace(table.columns[name], now=column)
        columns = {(new if key == name else key): (altered if key == name else c) for key, c in table.columns.items()}
        self._put(replace(table, columns=columns))
        if new != name:
            self._rename_column(table.name, name, new)

    def _rename_column(self, table: str, old: str, new: str) -> None:
        self.state = {
            key: replace(
                other,
                constraints={k: with_column(part, table, old, new) for k, part in other.constraints.items()},
                indexes={k: with_column(part, table, old, new) for k, part in other.indexes.items()},
            )
            for key, other in self.state.items()
        }

    def _add_constraint(self, operation: Any, context: "MigrationContext") -> None:
        from alembic.operations.ops import AddConstraintOp

        name = getattr(operation, "source_table", None) or operation.table_name
        schema = operation.kw.get("source_schema") if hasattr(operation, "kw") else None
        table = self._table(name, schema or getattr(operation, "schema", None))
        made = AddConstraintOp.from_constraint(operation.to_constraint(context))
        self._put(replace(table, constraints={**table.constraints, _name(made): Part(object(), made)}))

    def _drop_constraint(self, operation: Any, context: "MigrationContext") -> None:
        from alembic.operations.schemaobj import SchemaObjects

        table = self._table(operation.table_name, operation.schema)
        # A naming convention makes the full name of one that is not wrapped in op.f().
        generic = SchemaObjects(context).generic_constraint
        full = generic(operation.constraint_name, operation.table_name, operation.constraint_type).name
        name = next((found for found in (str(full), operation.constraint_name) if found in table.constraints), None)
        if name is None:
            raise Unaccounted
        self._put(replace(table, constraints={key: part for key, part in table.constraints.items() if key != name}))

    def _drop_index(self, name: str) -> None:
        owner = next((table for table in self.state.values() if name in table.indexes), None)
        if owner is None:
            raise Unaccounted
        self._put(replace(owner, indexes={key: part for key, part in owner.indexes.items() if key != name}))


@contextmanager
def watched(see: Callable[[Any, Any], None]) -> Iterator[None]:
    """Call `see(operation, context)` before each operation that Alembic carries out in the block.

    Alembic has no hook of its own for that; all operations, those of a batch too, go through this one method.
    """
    from alembic.operations.base import AbstractOperations

    original = AbstractOperations.invoke

    def invoke(self: Any, operation: Any) -> Any:
        see(operation, self.migration_context)
        return original(self, operation)

    AbstractOperations.invoke = invoke  # type: ignore[method-assign]
    try:
        yield
    finally:
        AbstractOperations.invoke = original  # type: ignore[method-assign]


def _created(operation: "CreateTableOp", context: "MigrationContext") -> TableState:
    from alembic.operations.ops import AddConstraintOp, CreateIndexOp
    from sqlalchemy import Column

    # A column belongs to the first table that it is put into, with its foreign keys, and that has to be Alembic's.
    own = copy(operation)
    own.columns = [item._copy() if isinstance(item, Column) else item for item in operation.columns]
    table = own.to_table(context)
    constraints = [
        AddConstraintOp.from_constraint(constraint)
        for constraint in table.constraints
        if not getattr(constraint, "_type_bound", False) and _says_something(constraint)
    ]
    columns = {column.name: ColumnState(object(), _bare(column), _bare(column)) for column in table.columns}
    return TableState(
        object(),
        table.name,
        table.schema,
        columns,
        {_name(made): Part(object(), made) for made in sorted(constraints, key=_name)},
        {str(made.index_name): Part(object(), made) for made in map(CreateIndexOp.from_index, table.indexes)},
        dict(table.dialect_kwargs),
        table.comment,
    )


def _says_something(constraint: Any) -> bool:
    """Whether it is more than the primary key without columns that every table has."""
    return bool(hasattr(constraint, "sqltext") or constraint.columns)


def _bare(column: "Column[Any]") -> "Column[Any]":
    """The column without what its table keeps apart: keys, unique constraints, indexes."""
    bare = column._copy()
    bare.type = column.type
    bare.unique = bare.index = None
    bare.foreign_keys.clear()
    bare.constraints.clear()
    return bare


def _key(name: str, schema: str | None) -> str:
    return f"{schema}.{name}" if schema else name


def _name(made: Any) -> str:
    """The name of a constraint, or what tells one without a name from the others of its table."""
    return str(made.constraint_name or f"{made.constraint_type} {_columns(made) or made.condition}")


def _columns(made: Any) -> list[str]:
    """The columns of its own table that a constraint or an index is about, as far as it lists them."""
    listed = getattr(made, "local_cols", None) or getattr(made, "columns", None) or []
    return [str(getattr(item, "name", item)) for item in listed]
