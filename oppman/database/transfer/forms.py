"""The forms in which a value is read and written on each side, as SQL expressions.

What is compared is one text that both databases make of what they hold. For nearly all kinds it is what PostgreSQL
itself writes, so that the same text is what is sent to it.
"""

from oppman.database.tables.quote import quoted
from oppman.database.tables.table import Kind
from oppman.database.transfer.pair import ColumnPair

_SHORTEST_REAL = 15
"""Digits of a decimal that any double keeps, so that SQLite's own rounding of it cannot be wrong."""


def on_sqlite(pair: ColumnPair) -> str:  # noqa: PLR0911, PLR0912 - one for each kind
    """The text of a value on SQLite; NULL for NULL. Values that the preflight refuses make no sense here."""
    name, column = quoted(pair.name), pair.postgres
    match column.kind:
        case Kind.BOOLEAN:
            return f"CASE {name} WHEN 1 THEN 't' WHEN 0 THEN 'f' END"
        case Kind.DECIMAL if column.scale is None:
            return f"oppman_decimal({name}, NULL)"
        case Kind.DECIMAL if (column.precision or 0) > _SHORTEST_REAL:
            return f"oppman_decimal({name}, {column.scale})"
        case Kind.DECIMAL:
            return f"CASE WHEN {name} IS NOT NULL THEN printf('%.{column.scale}f', {name}) END"
        case Kind.FLOAT:
            return f"oppman_float_hex({_float(pair)})"
        case Kind.DATETIME:
            return _time(f"replace({name}, 'T', ' ')", 19, column.aware)
        case Kind.TIME:
            return _time(name, 8, column.aware)
        case Kind.UUID:
            digits = f"lower(replace({name}, '-', ''))"
            parts = [f"substr({digits}, {start}, {count})" for start, count in _UUID_PARTS]
            return " || '-' || ".join(parts)
        case Kind.JSON if column.type == "jsonb":
            return f"oppman_jsonb({name})"
        case Kind.JSON:
            return (
                f"CASE WHEN typeof({name}) = 'real' OR {name} GLOB '[-0-9]*' THEN oppman_number({name}) ELSE {name} END"
            )
        case Kind.BINARY:
            return f"CASE WHEN {name} IS NOT NULL THEN '\\x' || lower(hex({name})) END"
        case Kind.VECTOR:
            return f"oppman_vector_hex({name})"
        case Kind.INTERVAL:
            return f"oppman_seconds({name})"
        case _ if is_array(pair):
            return f"oppman_jsonb({name})"
        case Kind.TEXT if _is_padded(pair):
            return f"rtrim({name}, ' ')"
    return name


def sent(pair: ColumnPair) -> str:
    """The text of a value on SQLite as PostgreSQL takes it."""
    name = quoted(pair.name)
    match pair.postgres.kind:
        case Kind.FLOAT:
            return f"oppman_float({_float(pair)})"
        case Kind.VECTOR:
            return f"oppman_vector({name})"
        case Kind.INTERVAL:
            return f"oppman_interval({name})"
        case _ if is_array(pair):
            return f"oppman_array({name})"
    return on_sqlite(pair)


def on_postgres(pair: ColumnPair) -> str:  # noqa: PLR0911 - one for each kind
    """The text of a value on PostgreSQL, as COPY writes the expression in a session of ours."""
    name, column = quoted(pair.name), pair.postgres
    match column.kind:
        case Kind.DECIMAL if column.scale is None:
            return f"trim_scale({name})"
        case Kind.FLOAT:
            return f"encode(float8send({name}::float8 + 0), 'hex')"
        case Kind.JSON:
            return (
                f"CASE WHEN {name}::text ~ '^[-0-9]' THEN trim_scale({name}::text::numeric)::text ELSE {name}::text END"
            )
        case Kind.VECTOR:
            return f"encode(vector_send({name}), 'hex')"
        case Kind.INTERVAL:
            return f"extract(epoch FROM {name})::numeric(30, 6)"
        case _ if is_array(pair):
            return f"to_jsonb({name})"
        case Kind.TEXT if _is_padded(pair):
            return f"{name}::text"
    return name


def stored(pair: ColumnPair) -> str:  # noqa: PLR0911 - one for each kind
    """A value on PostgreSQL as it is handed to SQLite, which keeps it as the app would have written it."""
    name, column = quoted(pair.name), pair.postgres
    match column.kind:
        case Kind.INTEGER | Kind.BINARY:
            return name
        case Kind.BOOLEAN:
            return f"{name}::int"
        case Kind.FLOAT | Kind.DECIMAL:
            return f"{name}::float8"
        case Kind.DATETIME:
            utc = f"({name} AT TIME ZONE 'UTC')" if column.aware else name
            return f"to_char({utc}, 'YYYY-MM-DD HH24:MI:SS.US')"
        case Kind.TIME:
            utc = f"({name} AT TIME ZONE 'UTC')::time" if column.aware else name
            return f"to_char({utc}, 'HH24:MI:SS.US')"
        case Kind.INTERVAL:
            return f"to_char(timestamp '1970-01-01' + {name}, 'YYYY-MM-DD HH24:MI:SS.US')"
        case Kind.UUID:
            return f"replace({name}::text, '-', '')"
        case Kind.VECTOR:
            return f"vector_send({name})"
        case _ if is_array(pair):
            return f"to_jsonb({name})::text"
    return f"{name}::text"


def taken(pair: ColumnPair) -> str:
    """The place of such a value in an INSERT on SQLite."""
    return "oppman_vector_packed(?)" if pair.postgres.kind is Kind.VECTOR else "?"


def is_array(pair: ColumnPair) -> bool:
    """Whether it is an array on PostgreSQL that SQLite keeps as JSON."""
    return pair.postgres.type.endswith("[]") and pair.sqlite.kind is Kind.JSON


def is_one_to_one(pair: ColumnPair) -> bool:
    """Whether values that differ on SQLite differ on PostgreSQL too."""
    kinds = {Kind.INTEGER, Kind.BOOLEAN, Kind.DECIMAL, Kind.DATE, Kind.ENUM, Kind.BINARY}
    text = pair.postgres.kind is Kind.TEXT and pair.postgres.type != "citext" and not _is_padded(pair)
    return text or pair.postgres.kind in kinds


_UUID_PARTS = ((1, 8), (9, 4), (13, 4), (17, 4), (21, 12))


def _float(pair: ColumnPair) -> str:
    name = quoted(pair.name)
    return f"oppman_rounded({name})" if pair.postgres.type == "real" else name


def _time(name: str, whole: int, aware: bool) -> str:
    """PostgreSQL writes no zeros at the end of a second's fraction."""
    text = f"CASE WHEN length({name}) > {whole} THEN rtrim(rtrim({name}, '0'), '.') ELSE {name} END"
    return f"{text} || '+00'" if aware else text


def _is_padded(pair: ColumnPair) -> bool:
    """PostgreSQL's character(n) has spaces at its end that mean nothing."""
    return pair.postgres.type.startswith("character(")
