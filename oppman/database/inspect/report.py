"""A catalog as plain values, for `--json`."""

from collections.abc import Sequence
from dataclasses import asdict
from difflib import get_close_matches
from typing import Any

from oppman.database.inspect.catalog import Catalog, Table
from oppman.database.inspect.findings import Finding
from oppman.errors import UsageError


def one(catalog: Catalog, name: str) -> Table:
    """The table of that name. Raises UsageError, with the nearest."""
    found = next((table for table in catalog.tables if table.name == name), None)
    if found is None:
        names = [table.name for table in catalog.tables]
        near = get_close_matches(name, names, 1)
        hint = f"The nearest is {near[0]}." if near else f"Those: {', '.join(names)}." if names else "There are none."
        raise UsageError(f"There is no table {name!r}.", hint)
    return found


def facts(catalog: Catalog, found: Sequence[Finding], table: Table | None) -> dict[str, Any]:
    """All tables or one, sizes in bytes, and the findings."""
    findings = {"findings": [vars(finding) for finding in found]}
    if table is not None:
        referring = [asdict(key) for key in catalog.referring_to(table.name)]
        return _table(table) | {"columns": [vars(c) for c in table.columns], "referred_to_by": referring} | findings
    sequences = [vars(sequence) for sequence in catalog.sequences]
    whole = {"size": catalog.size, "counted_since": catalog.since, "sequences": sequences}
    return whole | {"tables": [_table(table) for table in catalog.tables]} | findings


def _table(table: Table) -> dict[str, Any]:
    return {
        "name": table.name,
        "rows": table.rows,
        "exact": table.exact,
        "size": table.size,
        "index_size": table.index_size,
        "dead_rows": table.dead_rows,
        "analyzed": table.analyzed,
        "constraints": dict(table.constraints),
        "foreign_keys": [asdict(key) for key in table.keys],
        "indexes": [{key: value for key, value in vars(index).items() if key != "keys"} for index in table.indexes],
    }
