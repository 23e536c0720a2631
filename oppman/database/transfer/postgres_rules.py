"""What SQLite would change of what PostgreSQL holds, as SQL expressions: the reason for a value, NULL if it is fine."""

from oppman.database.tables.quote import literal, quoted
from oppman.database.tables.table import Kind
from oppman.database.transfer.pair import ColumnPair


def reason(pair: ColumnPair) -> str | None:
    """Why SQLite could not keep the value; None where it keeps all values of the kind."""
    name, column = quoted(pair.name), pair.postgres
    rules: list[tuple[str, str]] = []
    match column.kind:
        case Kind.DECIMAL if pair.sqlite.kind is not Kind.TEXT:
            rules = [
                (f"{name} IN ('NaN', 'Infinity', '-Infinity')", "is no finite number"),
                (f"abs({name}) > 1e300 OR ({name}::float8)::numeric <> {name}", "has more digits than SQLite keeps"),
            ]
        case Kind.FLOAT:
            rules = [(f"{name} = 'NaN'", "is NaN, which is NULL to SQLite")]
        case Kind.DATE | Kind.DATETIME:
            rules = [(f"{name} < '0001-01-01' OR {name} >= '10000-01-01'", "is not in the years 1 to 9999")]
        case Kind.TIME:
            rules = [(f"{name}::text LIKE '24:00:00%'", "is 24:00, which SQLite does not know")]
        case Kind.INTERVAL:
            months = f"extract(year FROM {name}) <> 0 OR extract(month FROM {name}) <> 0"
            rules = [
                (months, "has months, and SQLite keeps days"),
                (f"abs(extract(epoch FROM {name})) > 60000000000", "is too long for SQLite"),
            ]
    if not rules:
        return None
    cases = " ".join(f"WHEN {condition} THEN {literal(text)}" for condition, text in rules)
    return f"CASE {cases} END"
