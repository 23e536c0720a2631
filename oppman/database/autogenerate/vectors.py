"""The number of dimensions of vector columns in the comparison of models and migrations.

PostgreSQL is asked; SQLite keeps bytes, so there it is read from the migrations' files. Vectors of another model of
language cannot be converted: the rows lose theirs, or have to be gone where the column may not be empty.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from oppman.database.autogenerate.enum_operations import END, ON_POSTGRES, execute, name_of
from oppman.database.autogenerate.enums import give_types_back, leave_types
from oppman.database.autogenerate.postgres_history import PostgresHistory

_COLUMNS = """
    SELECT c.relname, a.attname, a.atttypmod
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_type t ON t.oid = a.atttypid
    JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE t.typname = 'vector' AND c.relkind IN ('r', 'p') AND NOT a.attisdropped AND n.nspname = current_schema()"""


@dataclass
class Dimensions:
    """A column of vectors gets others."""

    table: str
    name: str
    old: int
    new: int
    nullable: bool

    @property
    def text(self) -> str:
        """The change in a line."""
        return f"change {self.table}.{self.name}: dimensions {self.old} -> {self.new}"

    def to_diff_tuple(self) -> tuple[str, Any]:
        return "change_dimensions", self

    def reverse(self) -> "Dimensions":
        return Dimensions(self.table, self.name, self.new, self.old, self.nullable)

    def lines(self) -> list[str]:
        """The statements of the revision."""
        table, column = name_of(self.table), name_of(self.name)
        change = f"ALTER TABLE {table} ALTER COLUMN {column} TYPE vector({self.new})"
        return [*self._emptied(table, column), ON_POSTGRES, execute(change), END]

    def _emptied(self, table: str, column: str) -> list[str]:
        if self.nullable:
            return [execute(f"UPDATE {table} SET {column} = NULL WHERE {column} IS NOT NULL")]  # noqa: S608
        message = (
            f"{self.table}.{self.name} has vectors of {self.old} numbers, which cannot become {self.new}. "
            "Delete those rows first, or let the column be empty."
        )
        return [
            f"rows = sa.select(sa.literal(1)).select_from(sa.table({self.table!r})).limit(1)",
            "if not op.get_context().as_sql and op.get_bind().scalar(rows):",
            f"raise RuntimeError({message!r})",
            END,
        ]


def register() -> None:
    """Let Alembic write these operations."""
    from alembic.autogenerate import renderers

    renderers.dispatch_for(Dimensions, replace=True)(lambda _context, operation: operation.lines())


def vector_comparator(history: Callable[[], PostgresHistory]) -> Callable[[Any, Any, Any], None]:
    """What adds to the operations of a comparison those on dimensions. `history` is asked on SQLite alone."""

    def compare_vectors(context: Any, upgrade: Any, _schemas: Any) -> None:
        if context.connection.dialect.name == "postgresql":
            made = {(table, column): size for table, column, size in context.connection.exec_driver_sql(_COLUMNS)}
        else:
            made = history().dimensions
            if made and (kind := _vector_type(context)):
                give_types_back(upgrade, {key: kind(size) for key, size in made.items()})
        models = {
            (table.name, column.name): (size, column.nullable)
            for table in context.sorted_tables
            for column in table.columns
            if (size := _dimensions(column.type))
        }
        changed = [
            Dimensions(*key, made[key], *models[key])
            for key in sorted(made.keys() & models.keys())
            if made[key] not in (-1, models[key][0])
        ]
        leave_types(upgrade, {(item.table, item.name) for item in changed})
        upgrade.ops += changed

    return compare_vectors


def _vector_type(context: Any) -> Any:
    """The project's own: of a model, or else the one that `env.py` has imported."""
    from sqlalchemy import TypeDecorator

    kinds = [type(column.type) for table in context.sorted_tables for column in table.columns]
    return next((kind for kind in (*kinds, *TypeDecorator.__subclasses__()) if kind.__name__ == "Vector"), None)


def _dimensions(kind: Any) -> int | None:
    """Those of the starter's `Vector`, or of pgvector's own type; None for any other."""
    named = type(kind).__name__.lower() == "vector"
    size = getattr(kind, "dimensions", getattr(kind, "dim", None)) if named else None
    return size if isinstance(size, int) else None
