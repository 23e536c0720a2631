"""A column that is there and may not be NULL any more: its rows without a value get one before."""

from collections.abc import Iterable, Iterator, Mapping
from copy import copy
from dataclasses import dataclass
from typing import Any

from oppman.database.autogenerate.parameters import without_parameters
from oppman.database.tables.quote import literal


@dataclass(frozen=True)
class Tightening:
    """One such column of a table, by the column of its model, and where in the revision it is changed."""

    table: str
    column: Any
    container: Any
    batch: Any
    operation: Any

    @property
    def filled(self) -> bool:
        """Whether its rows are given a value."""
        return any(getattr(each, "fills", None) == (self.table, self.column.name) for each in self.container.ops)

    def fill(self, value: str) -> None:
        """Give the rows without a value `value`, before the column refuses NULL; once more changes the value."""
        from alembic.operations.ops import ExecuteSQLOp

        statement: Any = ExecuteSQLOp(_update(self.table, self.column.name, value))
        statement.fills = (self.table, self.column.name)
        if self.filled:
            self.container.ops = [statement if _same(each, statement) else each for each in self.container.ops]
            return
        place = self.container.ops.index(self.batch)
        if self.operation.modify_type is not None:
            place = self._split(place)
        self.container.ops.insert(place, statement)

    def _split(self, place: int) -> int:
        """Change the type first, so that the value can be one of the new type, and refuse NULL in a step of its own."""
        from alembic.operations.ops import AlterColumnOp, ModifyTableOps

        typed = copy(self.operation)
        typed.modify_nullable = None
        typed.existing_nullable = True
        self.batch.ops[self.batch.ops.index(self.operation)] = typed
        narrow = AlterColumnOp(
            self.table, self.column.name, schema=self.operation.schema, existing_type=typed.modify_type,
            existing_nullable=True, modify_nullable=False,
        )  # fmt: skip
        self.container.ops.insert(place + 1, ModifyTableOps(self.table, [narrow], schema=self.operation.schema))
        return place + 1


def tightenings(containers: Iterable[Any], tables: Mapping[str, Any]) -> Iterator[Tightening]:
    """The columns of the models' `tables` that were nullable and will not be."""
    from alembic.operations.ops import AlterColumnOp, ModifyTableOps

    for container in containers:
        for batch in [each for each in container.ops if isinstance(each, ModifyTableOps)]:
            for each in batch.ops:
                table = tables.get(batch.table_name)
                if isinstance(each, AlterColumnOp) and each.modify_nullable is False and table is not None:
                    yield Tightening(table.name, table.columns[each.column_name], container, batch, each)


def _same(one: Any, other: Any) -> bool:
    return bool(getattr(one, "fills", None) == other.fills)


def _update(table: str, column: str, value: str) -> str:
    from sqlalchemy.dialects.postgresql import dialect

    server: Any = dialect()  # type: ignore[no-untyped-call]
    quoted = server.identifier_preparer.quote  # SQLite reads such quotes too
    text = f"UPDATE {quoted(table)} SET {quoted(column)} = {literal(value)} WHERE {quoted(column)} IS NULL"  # noqa: S608
    return without_parameters(text)
