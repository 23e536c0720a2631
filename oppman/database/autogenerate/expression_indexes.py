"""Indexes on expressions beside a batch change, for which SQLite copies the table: they are lost or simplified by it.

What is dropped or made of them stands before and after the batch, and those that stay are made again on SQLite.
"""

from dataclasses import dataclass
from typing import Any

from oppman.database.autogenerate.enum_operations import END, ON_SQLITE
from oppman.database.autogenerate.wording import index_wording


@dataclass
class RemakeIndex:
    """No difference between models and migrations: what a copied table needs. In a revision it follows its batch."""

    index: Any
    follows: bool
    ops: tuple[Any, ...] = ()

    def reverse(self) -> "RemakeIndex":
        return RemakeIndex(self.index, not self.follows)

    def lines(self, context: Any) -> list[str]:
        """The statements of the revision."""
        from alembic.autogenerate.render import render_op
        from alembic.operations.ops import CreateIndexOp

        if not self.follows:
            return []
        drop = f"op.drop_index({str(self.index.name)!r}, table_name={self.index.table.name!r}, if_exists=True)"
        return [ON_SQLITE, drop, *render_op(context, CreateIndexOp.from_index(self.index)), END]


def register() -> None:
    """Let Alembic write these operations."""
    from alembic.autogenerate import renderers

    renderers.dispatch_for(RemakeIndex, replace=True)(lambda context, operation: operation.lines(context))


def keep_expression_indexes(context: Any, upgrade: Any, _schemas: Any) -> None:
    """Take the indexes on expressions out of the batch changes, and put beside these what keeps the others."""
    from alembic.operations import ops

    wording = index_wording(context)
    found: list[Any] = []
    for item in upgrade.ops:
        changes: list[Any] = list(item.ops) if isinstance(item, ops.ModifyTableOps) else []
        if all(isinstance(change, ops.CreateIndexOp | ops.DropIndexOp) for change in changes):
            found.append(item)
            continue
        copied = not all(
            isinstance(change, ops.CreateIndexOp | ops.DropIndexOp | ops.AddColumnOp) for change in changes
        )
        apart = [change for change in changes if _is_index(change) and has_expression(change.to_index())]
        item.ops[:] = [change for change in item.ops if change not in apart]
        there, model = wording.of_table(item.schema, item.table_name)
        touched = {change.index_name for change in changes if _is_index(change)}
        kept = [
            wording.models[key]
            for key in sorted(there & model)
            if key[2] not in touched and has_expression(wording.models[key])
        ]
        found += [change for change in apart if isinstance(change, ops.DropIndexOp)]
        found += [RemakeIndex(index, follows=False) for index in kept]
        found.append(item)
        found += [RemakeIndex(index, follows=True) for index in kept if copied]  # a column is dropped with a copy only
        found += [change for change in apart if isinstance(change, ops.CreateIndexOp)]
    upgrade.ops[:] = found


def _is_index(change: Any) -> bool:
    return hasattr(change, "index_name")


def has_expression(index: Any) -> bool:
    """Whether it is on more than plain columns."""
    from sqlalchemy import Column

    return not all(isinstance(item, Column) for item in index.expressions)
