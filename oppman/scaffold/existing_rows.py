"""What the rows that are there get in a new column that may not be NULL, told by its field.

It stands in the revision as the column's default in the database, for the reasons that `database/backfill` gives, and
as both databases read it.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from typing import Any
from uuid import UUID

from oppman.database.autogenerate.backfill import NOW, Gap
from oppman.errors import UsageError
from oppman.scaffold.fields import Field
from oppman.scaffold.kinds import TYPES, Kind
from oppman.scaffold.model_code import TEXTS

_TIMES = {Kind.DATE, Kind.DATETIME}


def default(field: Field) -> str | None:
    """What the field itself says; None if it says nothing that suits every row.

    Raises UsageError for a secret, which would stand in the revision for everybody to read, and for a vector, which the
    two databases read in different ways.
    """
    if field.type is Kind.SECRET:
        raise UsageError(
            f"{field.name} has no secret for the rows that are there.",
            f"Make it optional: `{field.name}:secret:optional`. Each row gets its own when it is set.",
        )
    if field.type is Kind.VECTOR:
        raise UsageError(
            f"{field.name} has no vector for the rows that are there.",
            f"Make it optional: `{field.name}:vector:{field.dimensions}:optional`, and fill it in for each row.",
        )
    if field.has_default:
        return _stored(field.default)
    if field.type is Kind.JSON:
        return "{}"
    return "" if field.optional and field.type in TEXTS else None


def gap(table: str, column: str, field: Field) -> Gap:
    """The question that `field` leaves open."""
    return Gap(table, column, field.type in _TIMES)


def chosen(field: Field, where: Gap, values: Mapping[str, str]) -> str:
    """What a person chose, in the grammar of the field's type. Raises UsageError if that is nothing or no value."""
    if where.name not in values:
        raise UsageError(
            f"{where.name} may not be NULL and has no default.",
            f"Say what existing rows get, with --backfill {where.name}=VALUE, or make the field optional.",
        )
    value = values[where.name]
    if where.is_time and value == NOW:
        now = datetime.now(UTC).replace(microsecond=0)
        return _stored(now.date() if field.type is Kind.DATE else now)
    try:
        return _stored(_read(field, value))
    except (ValueError, ArithmeticError):
        raise UsageError(
            f"{value!r} is no value for {where.name}, which is {field.type}.",
            f"As in --backfill {where.name}={TYPES[field.type].value or 1}.",
        ) from None


def _read(field: Field, value: str) -> Any:
    if field.type is Kind.ENUM and value not in field.choices:
        raise ValueError(value)
    if field.type is Kind.REF:
        return value if "-" not in value else UUID(value)
    read = TYPES[field.type].read
    return read(value) if read else value


def _stored(value: Any) -> str:
    """`value` as SQLite keeps it, which PostgreSQL reads as well."""
    match value:
        case bool():
            return str(int(value))
        case datetime():
            return f"{value.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}"
        case time():
            return f"{value:%H:%M:%S.%f}"
        case date():
            return value.isoformat()
        case UUID():
            return value.hex
    return str(value)
