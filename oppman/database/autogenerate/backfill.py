"""The value that existing rows take in a column that may not be NULL from now on.

In a new column, SQLite refuses to go without at once and PostgreSQL as soon as the table has a row. A constant default
in the database serves both, needs no copy of the table, and lets the app's previous version keep inserting meanwhile.
In a column that is there, the rows without a value are given one first.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from oppman import console
from oppman.database.autogenerate.tightening import tightenings
from oppman.errors import UsageError

NOW = "now"
"""The answer that means the moment at which the revision is written, for dates and times."""

NO_TABLES: Mapping[str, Any] = {}


@dataclass(frozen=True)
class Gap:
    """A column without a value for the rows that are there; `new`, or with NULL in it that is no longer allowed."""

    table: str
    column: str
    is_time: bool
    new: bool = True

    @property
    def name(self) -> str:
        """How a person names it: `products.stock`."""
        return f"{self.table}.{self.column}"


def chosen(new: Iterable[Gap], given: Iterable[str], empty: str) -> dict[str, str]:
    """A value for each of the new columns: as `given`, "TABLE.COLUMN=VALUE" each, else as a person is asked for it.

    `empty` is how it is written that the column may be empty, which needs no value. Raises UsageError and NotAsked.
    """
    values = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not equals or name.count(".") != 1:
            raise UsageError(f"--backfill {text!r} cannot be understood.", "Write it as TABLE.COLUMN=VALUE.")
        values[name] = value
    for gap in new:
        if gap.name not in values:
            values[gap.name] = console.ask(
                f"{gap.name} may not be NULL and has no default. Which value do "
                f"{'existing rows' if gap.new else 'rows without one'} get?",
                f"--backfill {gap.name}=VALUE, or give the field a default or `{empty}`",
                NOW if gap.is_time else "",
            )
    return values


def gaps(containers: Iterable[Any], tables: Mapping[str, Any] = NO_TABLES) -> list[Gap]:
    """Give columns that may not be NULL the default of their model; return those that have none that is constant.

    `tables` are the models' own, in which the columns that are there already are found.
    """
    found = []
    for operation in _added(containers):
        default = _model_default(operation.column)
        if default is None:
            found.append(Gap(operation.table_name, operation.column.name, _is_time(operation.column)))
        else:
            _set(operation, default)
    for tightening in tightenings(containers, tables):
        default = None if tightening.filled else _model_default(tightening.column)
        if default is not None:
            tightening.fill(default)
        elif not tightening.filled:
            found.append(Gap(tightening.table, tightening.column.name, _is_time(tightening.column), new=False))
    return found


def fill(containers: Iterable[Any], values: Mapping[str, str], tables: Mapping[str, Any] = NO_TABLES) -> None:
    """Give columns the values that a person chose. Raises UsageError for a column that needs none."""
    added = {f"{operation.table_name}.{operation.column.name}": operation for operation in _added(containers)}
    tightened = {f"{each.table}.{each.column.name}": each for each in tightenings(containers, tables)}
    for name, value in values.items():
        if name in added:
            _set(added[name], _parsed(added[name].column, name, value))
        elif name in tightened:
            tightened[name].fill(_parsed(tightened[name].column, name, value))
        else:
            those = ", ".join([*added, *tightened])
            raise UsageError(
                f"{name} needs no value for existing rows.",
                f"Those that do: {those}." if those else "No column does.",
            )


def _added(containers: Iterable[Any]) -> Iterator[Any]:
    from alembic.operations.ops import AddColumnOp

    waiting = list(containers)
    while waiting:
        operation = waiting.pop(0)
        waiting += getattr(operation, "ops", [])
        if isinstance(operation, AddColumnOp):
            column = operation.column
            if not column.nullable and column.server_default is None and column.computed is None:
                yield operation


def _model_default(column: Any) -> str | None:
    """The default of the model as the database stores it; None if there is none or it differs by the row."""
    default = column.default
    if default is None or not (default.is_scalar or default.is_callable):
        return None
    value = default.arg if default.is_scalar else default.arg(None)
    if default.is_callable and value not in ([], {}, "", 0):
        return None  # a time, a random key: it is made for each row
    return _ddl(column, value)


def _ddl(column: Any, value: Any) -> str:
    """`value` as a quoted default, which both databases convert to the column's type: `DEFAULT '0'`.

    An unquoted one would be an expression to Alembic, and SQLite would copy the table for it.
    """
    from sqlalchemy.dialects.sqlite import dialect

    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, (int, float, Decimal)):
        return str(value)
    processor = column.type.dialect_impl(dialect()).bind_processor(dialect())
    return str(processor(value) if processor else value)


def _parsed(column: Any, name: str, value: str) -> str:
    if _is_time(column) and value == NOW:
        return str(datetime.now(UTC).replace(microsecond=0))
    kind = getattr(column.type, "python_type", str)
    try:
        if kind is bool:
            return _ddl(column, {"true": True, "false": False}[value.lower()])
        return _ddl(column, kind(value)) if kind in {int, float, Decimal} else value
    except (ValueError, KeyError, ArithmeticError):
        raise UsageError(f"{value!r} is no value for {name}, which is {kind.__name__}.") from None


def _is_time(column: Any) -> bool:
    return "DATE" in str(getattr(column.type, "impl", column.type)).upper()


def _set(operation: Any, default: str) -> None:
    """Put the default on a copy of the column: the one in the operation is the model's own."""
    from sqlalchemy import DefaultClause

    column = operation.column._copy()
    column.server_default = DefaultClause(default)
    operation.column = column
