"""What PostgreSQL would not take from SQLite, as SQL expressions: the reason for a value, NULL if it is fine.

SQLite enforces no types, no lengths and, unless it is asked to, no foreign keys.
"""

import re
from collections.abc import Iterator

from oppman.database.tables.quote import literal, quoted
from oppman.database.tables.table import Kind
from oppman.database.transfer.forms import is_array
from oppman.database.transfer.functions import NOT_UTF8, NUL
from oppman.database.transfer.pair import ColumnPair

_TEXTS = {Kind.TEXT, Kind.JSON, Kind.OTHER, Kind.ENUM}
_GREATEST_REAL = "3.4028235677973366e38"  # what is nearer to infinity than to the greatest number of 32 bits
_SMALLEST_REAL = "7.1e-46"
_NOISE = "4.5e-16"
"""What a sum of doubles is beside the decimal that is meant: 0.1 + 0.2 is 0.3 for the app."""


def reason(pair: ColumnPair) -> str:
    """Why PostgreSQL would not take the value, but for what `spoiling` finds."""
    name = quoted(pair.name)
    null = "NULL" if pair.postgres.nullable else "'is NULL, and the column needs a value'"
    fine, reasons = _rule(pair, name)
    cases = " ".join(f"WHEN {condition} THEN {literal(text)}" for condition, text in reasons[:-1])
    if not reasons:
        return f"CASE WHEN {name} IS NULL THEN {null} END"
    return f"CASE WHEN {name} IS NULL THEN {null} WHEN {fine} THEN NULL {cases} ELSE {literal(reasons[-1][1])} END"


def is_text(pair: ColumnPair) -> bool:
    """Whether the value can hold characters that PostgreSQL has not."""
    return pair.postgres.kind in _TEXTS


def spoiling(pair: ColumnPair) -> str:
    """Which characters PostgreSQL would not take. Slow: for rows of which something like that is known."""
    return (
        f"CASE oppman_spoiled(CAST({quoted(pair.name)} AS BLOB)) WHEN {NUL} THEN 'holds a NUL character'"
        f" WHEN {NOT_UTF8} THEN 'is not UTF-8' END"
    )


def may_be_spoiled(pairs: list[ColumnPair]) -> str:
    """Whether one of these texts is, in one call for a row."""
    texts = " || ".join(f"coalesce({quoted(pair.name)}, '')" for pair in pairs)
    return f"oppman_spoiled(CAST({texts} AS BLOB))"


def checks(sql: str) -> Iterator[str]:
    """The expressions of the CHECK constraints in a CREATE TABLE statement."""
    bare = _STRINGS.sub(lambda found: "_" * len(found[0]), sql)
    for found in _CHECK.finditer(bare):
        depth, end = 1, found.end()
        while depth and end < len(bare):
            depth += {"(": 1, ")": -1}.get(bare[end], 0)
            end += 1
        yield sql[found.end() : end - 1].strip()


_STRINGS = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|`[^`]*`|\[[^\]]*\]|--[^\n]*|/\*.*?\*/", re.DOTALL)
_CHECK = re.compile(r"\bCHECK\s*\(", re.IGNORECASE)


def _rule(  # noqa: PLR0911, PLR0912 - one for each kind
    pair: ColumnPair, name: str
) -> tuple[str, list[tuple[str, str]]]:
    """When a value is fine, and the reasons why it is not: the last one if no condition before it holds."""
    column, kind = pair.postgres, f"typeof({name})"
    match column.kind:
        case Kind.INTEGER:
            least = 2 ** ((column.bits or 64) - 1)
            inside = "" if column.bits == 64 else f" AND {name} BETWEEN -{least} AND {least - 1}"
            return f"{kind} = 'integer'{inside}", [
                (f"{kind} <> 'integer'", "is no integer"), ("", f"is out of the range of {column.type}"),
            ]  # fmt: skip
        case Kind.BOOLEAN:
            return f"{kind} = 'integer' AND {name} IN (0, 1)", [("", "is neither 0 nor 1")]
        case Kind.DECIMAL:
            return _decimal(pair, name)
        case Kind.FLOAT if column.type == "real":
            size = f"max({name}, -{name})"
            finite = f"{size} < {_GREATEST_REAL} AND ({name} = 0 OR {size} > {_SMALLEST_REAL})"
            return f"{kind} IN ('real', 'integer') AND ({finite} OR {size} = 9e999)", [
                (f"{kind} NOT IN ('real', 'integer')", "is no number"), ("", "is out of the range of real"),
            ]  # fmt: skip
        case Kind.FLOAT:
            return f"{kind} IN ('real', 'integer')", [("", "is no number")]
        case Kind.DATE:
            return f"{kind} = 'text' AND date({name}) IS {name} AND length({name}) = 10 AND {_real_day(name)}", [
                (f"{name} GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]?*'", "is more than a date"),
                ("", "is no date"),
            ]  # fmt: skip
        case Kind.DATETIME | Kind.INTERVAL:
            return _datetime(name)
        case Kind.TIME:
            time = f"time({name}) IS substr({name}, 1, 8) AND substr({name}, 1, 2) < '24'"
            return f"{kind} = 'text' AND {time} AND {_fraction(name, 8)}", [
                (f"{name} GLOB '*[-+Zz]*'", "has an offset or a date, and SQLite keeps times without"),
                ("", "is no time"),
            ]  # fmt: skip
        case Kind.UUID:
            digits = f"replace({name}, '-', '')"
            return (
                f"{kind} = 'text' AND length({name}) IN (32, 36) AND length({digits}) = 32"
                f" AND {digits} NOT GLOB '*[^0-9a-fA-F]*'"
            ), [("", "is no UUID")]
        case Kind.JSON:
            return _json(pair, name)
        case Kind.BINARY:
            return f"{kind} = 'blob'", [("", "is no binary value")]
        case Kind.VECTOR:
            count = column.length or 0
            length = f"length({name}) = {4 * count}" if count else f"length({name}) % 4 = 0"
            return f"{kind} = 'blob' AND {length} AND oppman_has_only_numbers({name})", [
                (f"{kind} <> 'blob'", "is no vector"), (f"NOT {length}", f"is a vector without {count} numbers"),
                ("", "holds an infinite number or NaN"),
            ]  # fmt: skip
        case Kind.ENUM:
            return f"{name} IN ({', '.join(map(literal, column.members))})", [("", f"is no {column.type}")]
        case _ if is_array(pair):
            return f"{kind} = 'text' AND json_valid({name}) AND json_type({name}) = 'array'", [("", "is no JSON array")]
        case Kind.TEXT:
            length = f" AND length({name}) <= {column.length}" if column.length else ""
            return f"{kind} = 'text'{length}", [
                (f"{kind} <> 'text'", "is no text"), ("", f"is longer than {column.length} characters"),
            ]  # fmt: skip
    return f"{kind} = 'text'", [("", "is no text")]


def _decimal(pair: ColumnPair, name: str) -> tuple[str, list[tuple[str, str]]]:
    column, number = pair.postgres, f"typeof({name}) IN ('integer', 'real')"
    if column.precision is None:
        return f"{number} AND {name} < 9e999 AND {name} > -9e999", [
            (f"NOT {number}", "is no number"), ("", "is infinite"),
        ]  # fmt: skip
    scale = column.scale or 0
    bound = f"1e{column.precision - scale}"
    fits = f"{name} < {bound} AND {name} > -{bound}"
    rounded = f"round({name}, {max(scale, 0)})"
    noise = f"abs({rounded} - {name}) <= max({name}, -{name}) * {_NOISE}"  # abs({name}) could overflow
    return f"{number} AND ({rounded} = {name} OR {noise}) AND {fits}", [
        (f"NOT {number}", "is no number"), (f"NOT ({fits})", f"does not fit {column.type}"),
        ("", f"has more than {scale} decimal places"),
    ]  # fmt: skip


def _datetime(name: str) -> tuple[str, list[tuple[str, str]]]:
    whole = f"replace(substr({name}, 1, 19), 'T', ' ')"
    last = f"{name} GLOB '9999-12-31?23:59:59.*'"  # too late for SQLite, which rounds it up
    return (
        f"typeof({name}) = 'text' AND (datetime({name}) IS {whole} OR {last}) AND {_real_day(name)}"
        f" AND substr({name}, 12, 2) < '24' AND {_fraction(name, 19)}"
    ), [
        (f"{name} GLOB '????-??-??[ T]*[-+Zz]*'", "has an offset, and SQLite keeps UTC without one"),
        (f"{name} GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]'", "is a date without a time"),
        ("", "is no date and time"),
    ]  # fmt: skip


def _real_day(name: str) -> str:
    """Whether PostgreSQL has the day: it has no year 0. SQLite takes 31 of any month, unless it has to count."""
    day = f"substr({name}, 1, 10)"
    return f"(substr({name}, 9, 2) <= '28' OR date({day}, '+0 days') IS {day}) AND substr({name}, 1, 4) <> '0000'"


def _fraction(name: str, whole: int) -> str:
    """Whether nothing or the fraction of a second comes after so many characters."""
    digits = f"substr({name}, {whole + 2})"
    return (
        f"(length({name}) = {whole} OR (substr({name}, {whole + 1}, 1) = '.' AND length({digits}) BETWEEN 1 AND 6"
        f" AND {digits} NOT GLOB '*[^0-9]*'))"
    )


def _json(pair: ColumnPair, name: str) -> tuple[str, list[tuple[str, str]]]:
    """Its column has a numeric affinity on SQLite: a number by itself is kept as one."""
    number = f"(typeof({name}) IN ('integer', 'real') AND {name} < 9e999 AND {name} > -9e999)"
    valid = f"({number} OR (typeof({name}) = 'text' AND json_valid({name})))"
    if pair.postgres.type != "jsonb":
        return valid, [("", "is no JSON")]
    refused = f"(instr({name}, '\\u') AND oppman_refused_by_jsonb({name}))"
    return f"{valid} AND NOT {refused}", [
        (f"NOT {valid}", "is no JSON"), ("", "has a \\u0000 or half a character, which jsonb cannot hold"),
    ]  # fmt: skip
