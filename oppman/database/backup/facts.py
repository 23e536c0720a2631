"""What has to be the same in a database and in what was made of its backup."""

from collections.abc import Mapping
from dataclasses import dataclass

from oppman.database.backup.manifest import Manifest
from oppman.errors import BackupFailed


@dataclass(frozen=True)
class Facts:
    """Rows by table, revision, and the rows of SQLite that refer to nothing."""

    rows: Mapping[str, int]
    revision: tuple[str, ...]
    orphans: int = 0


def prove(found: Facts, said: Manifest) -> None:
    """Raise BackupFailed, saying where, if what was restored differs from what the manifest says."""
    if sorted(found.revision) != sorted(said.revision):
        raise _failed(f"it is at revision {_named(found.revision)} and not at {_named(said.revision)}")
    for table in sorted({*found.rows, *said.rows}):
        if found.rows.get(table) != said.rows.get(table):
            raise _failed(f"{table} has {_counted(found.rows.get(table))}, not {_counted(said.rows.get(table))}")
    if found.orphans != said.orphans:
        raise _failed(f"{found.orphans} rows refer to nothing; there were {said.orphans}")


def _failed(why: str) -> BackupFailed:
    return BackupFailed(f"The backup is not good: restored to a scratch database, {why}.", "Make a new one.")


def _named(revision: tuple[str, ...]) -> str:
    return ", ".join(revision) or "none"


def _counted(rows: int | None) -> str:
    return "no table" if rows is None else f"{rows} rows"
