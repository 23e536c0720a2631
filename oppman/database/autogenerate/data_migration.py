"""A migration of data, as a skeleton: it walks through a table by key, in batches that are safe to run again."""

from pathlib import Path
from typing import Any

from oppman.contract import Contract
from oppman.database.autogenerate.drift import written
from oppman.errors import Refused, UsageError

_UPGRADE = '''\
    rows = sa.table(
        {table},
{columns}
    )
    # FILL IN which rows, such that one that is done is none of them any more: rows.c.{column}.is_(None)
    todo = sa.true()
    # FILL IN what they get: {{"{column}": sa.func.lower(rows.c.{column})}}
    values: dict[str, sa.ColumnElement] = {{}}

    if op.get_context().dialect.name == "postgresql":
        with op.get_context().autocommit_block():  # each batch is committed: short locks, and what is done stays done
            in_batches(rows, todo, values)
    else:
        in_batches(rows, todo, values)  # SQLite has one writer at a time anyway: all of it, or nothing


def in_batches(rows: sa.TableClause, todo: sa.ColumnElement, values: dict[str, sa.ColumnElement]) -> None:
    """Give the rows that are `todo` their `values`, a thousand at a time in the order of their keys."""
    change = sa.update(rows).values(values)
    if op.get_context().as_sql:  # a script cannot look where a batch ends
        op.execute(change.where(todo))
        return
    connection, log = op.get_bind(), logging.getLogger("alembic.data")
    batch = sa.select(rows.c.{key}).order_by(rows.c.{key}).limit(1_000)
    keys, seen, changed = connection.scalars(batch).all(), 0, 0
    while keys:
        if not values:
            raise ValueError("This migration does not say yet what the rows get: fill in `todo` and `values`.")
        changed += connection.execute(change.where(rows.c.{key}.between(keys[0], keys[-1]), todo)).rowcount
        seen += len(keys)
        log.info("%s: %s rows seen, %s changed", rows.name, f"{{seen:,}}", f"{{changed:,}}")
        keys = connection.scalars(batch.where(rows.c.{key} > keys[-1])).all()
'''
_DOWNGRADE = "    pass  # what the rows had before is not kept"


def tables(contract: Contract) -> list[str]:
    """The tables that the models have."""
    return sorted(contract.load("metadata").tables)


def data_migration(contract: Contract, table: str, message: str) -> tuple[Path, str]:
    """Where a revision that changes the rows of `table` would lie, and its text; two expressions are left to fill in.

    Raises UsageError if the models have no such table, Refused if its key is not one column, and SeveralHeads.
    """
    from sqlalchemy import String

    found = contract.load("metadata").tables.get(table)
    if found is None:
        raise UsageError(f"The models have no table {table!r}.", f"They have: {', '.join(tables(contract))}.")
    keys = list(found.primary_key)
    if len(keys) != 1:
        raise Refused(
            f"{table} has a key of {len(keys)} columns, and batches are walked by one.",
            "Write it by hand: oppman db makemigrations --empty.",
        )
    columns = "\n".join(f"        {_declared(column)}," for column in found.columns)
    texts = [column.name for column in found.columns if column.type._type_affinity is String and len(column.name) <= 20]
    facts = {"table": f'"{table}"', "columns": columns, "key": keys[0].name, "column": (texts or ["name"])[0]}
    return written(contract.project, message, _UPGRADE.format(**facts), _DOWNGRADE, "import logging")


def _declared(column: Any) -> str:
    from sqlalchemy import Enum, TypeDecorator

    kind = column.type
    while isinstance(kind, TypeDecorator) and type(kind).load_dialect_impl is TypeDecorator.load_dialect_impl:
        kind = kind.impl_instance
    if isinstance(kind, Enum) and not kind.native_enum:
        return f'sa.column("{column.name}", sa.String())'
    if not type(kind).__module__.startswith("sqlalchemy.sql."):  # a type of the project may change; its name is enough
        return f'sa.column("{column.name}")'
    return f'sa.column("{column.name}", sa.{kind!r})'
