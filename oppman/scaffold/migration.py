"""The migration of a new resource, written from its fields: it needs no database and does not import the app.

The table is built with SQLAlchemy and rendered by Alembic, so that the file is what autogenerate would have written.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from oppman.database.drift import written
from oppman.project import Project
from oppman.scaffold import model_code
from oppman.scaffold.fields import Field
from oppman.scaffold.kinds import Kind
from oppman.scaffold.resource import Resource

if TYPE_CHECKING:
    from sqlalchemy import Column, Table

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
"""How the web app names constraints (`webapp/db.py`); a test holds the two together."""


def migration(project: Project, resource: Resource) -> tuple[Path, str]:
    """Where the revision would lie, and its text. Raises SeveralHeads."""
    from alembic.operations import ops
    from sqlalchemy import Index

    table = _table(resource)
    create: Any = ops.CreateTableOp.from_table(table)
    indexes = sorted((index for index in table.indexes if isinstance(index, Index)), key=lambda index: str(index.name))
    upgrade = ops.UpgradeOps([create, *(ops.CreateIndexOp.from_index(index) for index in indexes)])
    downgrade = ops.DowngradeOps(
        [*(ops.DropIndexOp.from_index(index) for index in reversed(indexes)), ops.DropTableOp.from_table(table)]
    )
    return written(project, f"add {resource.names.plural_label.lower()}", upgrade, downgrade)


def _table(r: Resource) -> "Table":
    from sqlalchemy import CheckConstraint, Column, DateTime, Index, Integer, MetaData, Table, UniqueConstraint

    metadata = MetaData(naming_convention=NAMING)
    for parent in r.parents:  # what a foreign key refers to has to have a type
        if parent.model.table != r.names.table and parent.model.table not in metadata.tables:
            Table(parent.model.table, metadata, Column("id", Integer, primary_key=True))
    table = Table(
        r.names.table,
        metadata,
        *(_column(field) for field in r.columns),
        Column("id", Integer, primary_key=True, nullable=False),
        *(_reference(parent.field, parent.model.table) for parent in r.parents),
        Column("created_at", DateTime(timezone=True), nullable=False),
        Column("updated_at", DateTime(timezone=True), nullable=False),
        sqlite_autoincrement=True,
    )
    for field in r.columns:
        for sql, name in model_code.checks(field):
            table.append_constraint(CheckConstraint(sql, name=name))
    for field in r.uniques:
        table.append_constraint(UniqueConstraint(table.c[field.column]))
    for name in r.indexed:
        Index(None, table.c[name], table.c.id)
    return table


def _column(field: Field) -> "Column[Any]":
    from sqlalchemy import JSON, Boolean, Column, Date, DateTime, Float, Integer, Numeric, String, Text, Time, Uuid

    kinds: dict[Kind, Any] = {
        Kind.TEXT: Text(), Kind.INT: Integer(), Kind.FLOAT: Float(), Kind.BOOL: Boolean(), Kind.DATE: Date(),
        Kind.DATETIME: DateTime(timezone=True), Kind.TIME: Time(), Kind.UUID: Uuid(), Kind.JSON: JSON(),
        Kind.DECIMAL: Numeric(field.digits, field.places), Kind.ENUM: String(20),
    }  # fmt: skip
    kind = kinds[field.type] if field.type in kinds else String(model_code.length(field))
    return Column(field.name, kind, nullable=model_code.is_nullable(field))


def _reference(field: Field, table: str) -> "Column[Any]":
    from sqlalchemy import Column, ForeignKey, Integer

    key = ForeignKey(f"{table}.id", ondelete=model_code.ON_DELETE[field.on_delete])
    return Column(field.column, Integer, key, nullable=field.optional)
