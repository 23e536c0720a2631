"""What Alembic makes of a resource's table: built with SQLAlchemy, compared and rendered by Alembic itself.

It is the measure for the migrations that the scaffold writes as text.
"""

import ast
import re
from collections.abc import Collection, Mapping
from functools import cache
from itertools import groupby
from typing import Any

from alembic.autogenerate import comparators, produce_migrations, renderers
from alembic.autogenerate.api import AutogenContext
from alembic.migration import MigrationContext
from alembic.operations import ops
from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Numeric,
    String,
    Table,
    Text,
    Time,
    UniqueConstraint,
    Uuid,
    create_engine,
)

from oppman.database.autogenerate.backfill import fill, gaps
from oppman.database.autogenerate.checks import compare_checks
from oppman.database.autogenerate.drift import _render, _revision_context, scripts
from oppman.database.environment import config
from oppman.project import Project
from oppman.scaffold import model_code
from oppman.scaffold.fields import Field
from oppman.scaffold.kinds import Kind
from oppman.scaffold.models import Model
from oppman.scaffold.resource import Resource
from oppman.scaffold.table import NAMING
from webapp.vector import Vector


def created(project: Project, r: Resource) -> str:
    """The revision that creates the tables of the resource."""
    metadata = tables(r)
    own = [metadata.tables[r.names.table], *(metadata.tables[link.table] for link in r.links)]
    made: list[Any] = []
    for table in own:
        create: Any = ops.CreateTableOp.from_table(table)
        made += [create, *map(ops.CreateIndexOp.from_index, _indexes(table))]
    gone: list[Any] = []
    for table in reversed(own):
        gone += [*map(ops.DropIndexOp.from_index, reversed(_indexes(table))), ops.DropTableOp.from_table(table)]
    message = f"add {r.names.plural_label.lower()}"
    return _rendered(project, message, ops.UpgradeOps(made), ops.DowngradeOps(gone), batch=False)


def added(project: Project, r: Resource, new: Collection[Field], values: Mapping[str, str]) -> str:
    """The revision that adds fields to the table, with the message "more"."""
    _watch_checks()
    engine = create_engine("sqlite://")
    wanted = tables(r)
    with engine.connect() as connection:
        tables(r, without=new).create_all(connection)
        context = MigrationContext.configure(connection, opts={"target_metadata": wanted, "render_as_batch": True})
        script = produce_migrations(context, wanted)
    engine.dispose()
    gaps(script.upgrade_ops_list)
    fill(script.upgrade_ops_list, values)
    for operations in (script.upgrade_ops, script.downgrade_ops):
        assert operations is not None
        operations.ops = [plain for operation in operations.ops for plain in _without_batch(operation)]
    return _rendered(project, "more", script.upgrade_ops, script.downgrade_ops, batch=True)


def tables(r: Resource, without: Collection[Field] = ()) -> MetaData:
    """The resource's table, those that it refers to, and those that link it with others."""
    metadata = MetaData(naming_convention=NAMING)
    fields = [field for field in r.fields if field not in without]
    for model in [*r.models.values(), Model("User", "users", (), "id", next(iter(r.models.values())).path)]:
        if model.table not in {r.names.table, *metadata.tables}:
            Table(model.table, metadata, Column("id", _key(model.key_type == "UUID"), primary_key=True))

    def key(name: str) -> Any:
        return metadata.tables[name].c.id.type if name != r.names.table else _key(r.options.uuid)

    autoincrement: Any = {} if r.options.uuid else {"sqlite_autoincrement": True}
    table = Table(
        r.names.table,
        metadata,
        *(_column(field) for field in r.columns if field in fields),
        Column("id", _key(r.options.uuid), primary_key=True, nullable=False),
        **autoincrement,
    )
    if r.options.owned:
        to = ForeignKey("users.id", ondelete="CASCADE")
        table.append_column(Column("owner_id", key("users"), to, nullable=False))
    for parent in r.parents:
        if parent.field in fields:
            to = ForeignKey(f"{parent.model.table}.id", ondelete=model_code.ON_DELETE[parent.field.on_delete] or None)
            column = Column(parent.field.column, key(parent.model.table), to, nullable=parent.field.optional)
            table.append_column(column)
    for field in (*r.secrets, *r.uploads):
        if field in fields:
            table.append_column(_column(field))
    table.append_column(Column("created_at", DateTime(timezone=True), nullable=False))
    table.append_column(Column("updated_at", DateTime(timezone=True), nullable=False))
    if r.options.soft_delete:
        table.append_column(Column("deleted_at", DateTime(timezone=True), nullable=True))
    _add_rules(table, r, fields)
    for link in r.links:
        if link.field in fields:
            own, theirs = (ForeignKey(f"{name}.id", ondelete="CASCADE") for name in (r.names.table, link.model.table))
            Table(
                link.table,
                metadata,
                Column(link.own, key(r.names.table), own, primary_key=True),
                Column(link.theirs, key(link.model.table), theirs, primary_key=True, index=True),
            )
    return metadata


def operations(source: str) -> list[str]:
    """The statements of a revision's functions, those of a batch each by itself.

    Alembic keeps the foreign keys and the checks of a table in sets: their order among each other is left to chance.
    """
    found = []
    for function in [node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)]:
        found.append(function.name)
        for statement in function.body:
            if not isinstance(statement, ast.With):
                found.append(ast.unparse(statement))
                continue
            found.append(ast.unparse(statement.items[0]))
            for _, calls in groupby(map(ast.unparse, statement.body), _kind):
                same = list(calls)
                found += sorted(same) if re.search("constraint|foreign_key", same[0]) else same
    return found


def _kind(call: str) -> str:
    """Which operation it is: `create_foreign_key`, `drop_constraint check`."""
    name, _, rest = call.partition("(")
    return f"{name} {rest.rpartition('type_=')[2]}" if "drop_constraint" in name else name


def _rendered(project: Project, message: str, upgrade: Any, downgrade: Any, *, batch: bool) -> str:
    context = _revision_context(made := config(project), scripts(made))
    script: Any = context.generated_revisions[-1]
    script.upgrade_ops, script.downgrade_ops, script._needs_render = upgrade, downgrade, True
    columns = [column for operation in upgrade.ops for column in _new_columns(operation)]
    if any(isinstance(column.type, Vector) for column in columns):
        upgrade.ops.insert(0, VectorExtension())
    options = {
        "sqlalchemy_module_prefix": "sa.", "alembic_module_prefix": "op.", "user_module_prefix": None,
        "render_item": _import_vector, "render_as_batch": batch,
    }  # fmt: skip
    offline = MigrationContext.configure(dialect_name="postgresql", opts=options)
    context._last_autogen_context = AutogenContext(offline, autogenerate=False)
    return _render(project, context, message)[1]


class VectorExtension(ops.OpContainer):
    """As the project's env.py has it: what PostgreSQL needs before its first column of vectors."""


@renderers.dispatch_for(VectorExtension)
def _render_extension(_autogen: AutogenContext, _operation: VectorExtension) -> list[str]:
    create = 'op.execute("CREATE EXTENSION IF NOT EXISTS vector")'
    return ['if op.get_context().dialect.name == "postgresql":', create, ""]


def _import_vector(_kind: str, item: Any, autogen: AutogenContext) -> bool:
    if isinstance(item, Vector):
        autogen.imports.add("import webapp.vector")
    return False


def _new_columns(operation: Any) -> list[Any]:
    if isinstance(operation, ops.CreateTableOp):
        return [column for column in operation.columns if isinstance(column, Column)]
    return [inner.column for inner in getattr(operation, "ops", ()) if isinstance(inner, ops.AddColumnOp)]


@cache
def _watch_checks() -> None:
    comparators.dispatch_for("table")(compare_checks)


def _without_batch(operation: Any) -> list[Any]:
    """As the project's env.py has it: an index alone needs no batch."""
    if isinstance(operation, ops.ModifyTableOps) and all(
        isinstance(inner, ops.CreateIndexOp | ops.DropIndexOp) for inner in operation.ops
    ):
        return list(operation.ops)
    return [operation]


def _indexes(table: Table) -> list[Index]:
    return sorted(table.indexes, key=lambda index: str(index.name))


def _add_rules(table: Table, r: Resource, fields: Collection[Field]) -> None:
    """Constraints and indexes, as far as their columns are there."""
    for field in fields:
        for sql, name in model_code.checks(field):
            table.append_constraint(CheckConstraint(sql, name=name))
    for columns in r.unique_columns:
        if set(columns) <= set(table.c.keys()):
            table.append_constraint(UniqueConstraint(*(table.c[name] for name in columns)))
    for columns in r.index_columns:
        if set(columns) <= set(table.c.keys()):
            Index(None, *(table.c[name] for name in columns))


def _key(uuid: bool) -> Any:
    return Uuid() if uuid else Integer()


def _column(field: Field) -> "Column[Any]":
    kinds: dict[Kind, Any] = {
        Kind.TEXT: Text(), Kind.INT: Integer(), Kind.FLOAT: Float(), Kind.BOOL: Boolean(), Kind.DATE: Date(),
        Kind.DATETIME: DateTime(timezone=True), Kind.TIME: Time(), Kind.UUID: Uuid(), Kind.JSON: JSON(),
        Kind.DECIMAL: Numeric(field.digits, field.places), Kind.ENUM: String(20), Kind.SECRET: String(255),
        Kind.FILE: String(100), Kind.IMAGE: String(100), Kind.VECTOR: Vector(field.dimensions),
    }  # fmt: skip
    kind = kinds[field.type] if field.type in kinds else String(model_code.length(field))
    default = field.default
    if default is None and field.type is Kind.JSON:
        default = dict
    elif default is None and field.optional and field.type in model_code.TEXTS:
        default = ""
    return Column(field.column, kind, nullable=model_code.is_nullable(field), default=default)
