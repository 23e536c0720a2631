"""A SQLite database copied as a whole, out of and into a file that an application has open.

SQLite's backup API does both, under SQLite's own locks and journal: the copy is what one moment saw, and what is put
in place is there wholly or not at all, for connections that are open as well. A renamed file would not do that: they
would go on to write to the old one.
"""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from oppman.database.backup.facts import Facts, prove
from oppman.database.backup.manifest import Manifest
from oppman.database.backup.trouble import CORRUPT
from oppman.database.backup.watch import Watch
from oppman.database.tables import sqlite
from oppman.database.tables.quote import quoted
from oppman.database.tables.table import VERSION_TABLE
from oppman.errors import BackupFailed

SECONDS = 10
"""How long another process may hold the lock that is needed."""
_STEP = 4096
"""Pages that are copied at once: some MB."""
_OPERATIONS = 1_000_000
"""Steps of SQLite's machine after which a bar is moved on: some tens of milliseconds."""
_NO_DATABASE = {sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT}
_BUSY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}


def copy(database: Path, target: Path) -> Facts:
    """Copy to a new file, and tell what the database said in that same moment.

    Others go on to write meanwhile where the database has a WAL; without one they wait.
    """
    with closing(_open(database)) as source, closing(_open(target, "rwc")) as made:
        made.execute("PRAGMA journal_mode = OFF")
        made.execute("PRAGMA synchronous = OFF")
        source.execute("BEGIN")
        found = facts(source)
        _copied(source, made, "MB copied")
    with closing(_open(target)) as made:
        made.execute("PRAGMA journal_mode = DELETE")  # one file, with no WAL beside it
    return found


def facts(database: sqlite3.Connection) -> Facts:
    """What a database says of itself, in the connection's transaction."""
    tables = [table.name for table in sqlite.read(database)]
    rows = {name: database.execute(f"SELECT count(*) FROM {quoted(name)}").fetchone()[0] for name in tables}  # noqa: S608
    versioned = database.execute("SELECT 1 FROM sqlite_master WHERE name = ?", (VERSION_TABLE,)).fetchone()
    revision = database.execute(f"SELECT version_num FROM {VERSION_TABLE}") if versioned else ()  # noqa: S608
    return Facts(rows, tuple(row[0] for row in revision), _orphans(database))


def prove_file(file: Path, said: Manifest) -> None:
    """Raise BackupFailed unless a restored file is whole and says what the manifest says."""
    try:
        with closing(_open(file)) as database, Watch("Checking all rows") as watch:
            database.set_progress_handler(watch.add, _OPERATIONS)
            problem = database.execute("PRAGMA integrity_check(1)").fetchone()[0]
            if problem != "ok":
                raise BackupFailed(
                    f"SQLite finds the database corrupt ({problem}). It was so when it was backed up.", CORRUPT
                )
            prove(facts(database), said)
    except sqlite3.DatabaseError as problem:
        raise BackupFailed(f"The backup is not good: {problem}.", "Make a new one.") from None


def put(file: Path, database: Path) -> Path | None:
    """Make `database` what `file` is, in one transaction.

    Connections that are open see the new rows with their next transaction. What is no database any more cannot be
    written to: it is moved aside with what lies beside it, and its new path returned.
    """
    aside: Path | None = None
    try:
        with closing(_open(database, "rwc")) as live:
            size = live.execute("PRAGMA page_size").fetchone()[0]
            live.execute("SELECT count(*) FROM sqlite_master")
    except sqlite3.DatabaseError as problem:
        if problem.sqlite_errorcode & 0xFF not in _NO_DATABASE:  # the low byte is the kind of the error
            raise
        aside, size = _moved_aside(database), 0
    with closing(_open(file)) as source, closing(_open(database, "rwc")) as live:
        if size not in {0, source.execute("PRAGMA page_size").fetchone()[0]}:
            source.execute(f"PRAGMA page_size = {size}")  # a WAL keeps the size that it has
            source.execute("VACUUM")
        _copied(source, live, "MB put in place")
        live.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return aside


def _copied(source: sqlite3.Connection, target: sqlite3.Connection, label: str) -> None:
    """Copy all pages. Some at a time, to show how far it is: the lock that is taken with the first is held to the end.

    So the source must be in a transaction already if others may write to it: without one they make it begin anew.
    """
    size = source.execute("PRAGMA page_size").fetchone()[0]

    def report(status: int, remaining: int, total: int) -> None:
        if status in _BUSY:  # without this it would wait for ever
            raise sqlite3.OperationalError("database is locked")
        watch.of(total * size)
        watch.to((total - remaining) * size)

    with Watch(label) as watch:
        source.backup(target, pages=_STEP, progress=report)


def _moved_aside(database: Path) -> Path:
    aside = database.with_name(f"{database.name}.broken-{datetime.now(UTC):%Y%m%d-%H%M%S}")
    for beside in ("-journal", "-wal", "-shm"):  # they belong to it, and would be taken for the new one's
        if (path := database.with_name(database.name + beside)).exists():
            path.replace(aside.with_name(aside.name + beside))
    return database.replace(aside)


def _orphans(database: sqlite3.Connection) -> int:
    try:
        return sum(1 for _ in database.execute("PRAGMA foreign_key_check"))
    except sqlite3.OperationalError:  # a key that refers to what is no key cannot be checked
        return 0


def _open(file: Path, mode: str = "rw") -> Any:
    return sqlite3.connect(f"{file.absolute().as_uri()}?mode={mode}", uri=True, timeout=SECONDS, isolation_level=None)
