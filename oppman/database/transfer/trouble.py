"""What stands against a copy: values that the other database would refuse or change."""

from dataclasses import dataclass, field

SHOWN = 60
"""Characters of a value that are shown."""


@dataclass
class Trouble:
    """One kind of it in one place: how many rows have it, and the first of them."""

    table: str
    column: str
    reason: str
    count: int = 0
    rows: list[tuple[str, str]] = field(default_factory=list)
    """Key and value."""


class Troubles:
    """All that was found, with `kept` rows for each kind."""

    def __init__(self, kept: int) -> None:
        self._kept = kept
        self._found: dict[tuple[str, str, str], Trouble] = {}

    def add(self, table: str, column: str, reason: str, key: str, value: str) -> None:
        """Count one value in; `column` names several, or is empty for a rule about the row."""
        trouble = self._found.setdefault((table, column, reason), Trouble(table, column, reason))
        trouble.count += 1
        if len(trouble.rows) < self._kept:
            trouble.rows.append((key, shortened(value)))

    @property
    def all(self) -> list[Trouble]:
        """The kinds in the order in which they were found."""
        return list(self._found.values())

    @property
    def count(self) -> int:
        """How many values there are, of all kinds."""
        return sum(trouble.count for trouble in self._found.values())

    def in_columns(self, table: str, columns: tuple[str, ...]) -> bool:
        """Whether one of these columns has some."""
        return any(found == table and column in columns for found, column, _ in self._found)


def shown(kind: str, value: bytes | None) -> str:
    """A value of SQLite as a person reads it, given its typeof and its bytes."""
    if value is None:
        return "NULL"
    if kind == "blob":
        return f"0x{value[:SHOWN].hex()}"
    return value[: 4 * SHOWN + 4].decode(errors="backslashreplace")


def shortened(text: str) -> str:
    """One line of at most SHOWN characters."""
    line = "".join(character if character.isprintable() else repr(character)[1:-1] for character in text[: SHOWN + 1])
    return line if len(line) <= SHOWN else f"{line[: SHOWN - 1]}…"
