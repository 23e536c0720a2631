"""Tables in the order in which their foreign keys let them be made and dropped.

Alembic drops tables in any order, and before the columns of others that refer to them, which PostgreSQL refuses. Of two
tables that refer to each other, the key of one is made by itself, after both.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any


def order_tables(_context: Any, upgrade: Any, _schemas: Any) -> None:
    """Put the operations of a comparison in order, each table with its indexes: new ones first, old ones last."""
    from alembic.operations import ops

    created = {_key(each): each for each in upgrade.ops if isinstance(each, ops.CreateTableOp)}
    dropped = {_key(each): each for each in upgrade.ops if isinstance(each, ops.DropTableOp)}
    columns = {name: each._reverse for name, each in sorted(dropped.items())}
    late, early = list(_cut(created)), list(_cut(columns))
    with_indexes: dict[str, list[Any]] = {name: [] for name in (*created, *dropped)}
    rest: list[Any] = []
    for each in upgrade.ops:
        if not isinstance(each, ops.CreateTableOp | ops.DropTableOp):
            with_indexes.get(_key(each), rest).append(each)
    upgrade.ops[:] = [
        *(each for name in _parents_first(created) for each in (created[name], *with_indexes[name])),
        *(ops.ModifyTableOps(table, [ops.CreateForeignKeyOp.from_constraint(key)]) for table, key in late),
        *rest,
        *(ops.ModifyTableOps(table, [ops.DropConstraintOp.from_constraint(key)]) for table, key in early),
        *(each for name in reversed(_parents_first(columns)) for each in (*with_indexes[name], dropped[name])),
    ]


def _key(operation: Any) -> str:
    schema, name = getattr(operation, "schema", None), getattr(operation, "table_name", "")
    return f"{schema}.{name}" if schema else str(name)


def _cut(tables: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Take the foreign keys that close a circle out of the operations, and return each with its table."""
    for name, operation in tables.items():
        for key in list(_foreign_keys(operation)):
            target = _target(key)
            if target in tables and target != name and name in _reached(tables, target):
                operation.columns = [item for item in operation.columns if item is not key]
                yield operation.table_name, key


def _reached(tables: Mapping[str, Any], start: str) -> set[str]:
    found: set[str] = set()
    waiting = [start]
    while waiting:
        name = waiting.pop()
        if name in tables and name not in found:
            found.add(name)
            waiting += map(_target, _foreign_keys(tables[name]))
    return found


def _parents_first(tables: Mapping[str, Any]) -> list[str]:
    found: dict[str, None] = {}

    def add(name: str) -> None:
        for target in sorted({*map(_target, _foreign_keys(tables[name]))} & tables.keys() - {name, *found}):
            add(target)
        found[name] = None

    for name in tables:
        if name not in found:
            add(name)
    return list(found)


def _foreign_keys(operation: Any) -> Iterable[Any]:
    from sqlalchemy import ForeignKeyConstraint

    return [item for item in operation.columns if isinstance(item, ForeignKeyConstraint)]


def _target(key: Any) -> str:
    return str(key.elements[0].target_fullname).rpartition(".")[0]
