"""What stops a backup or a restore: told as what it means."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager

from oppman.database.faults import explain
from oppman.errors import BackupFailed, OppmanError

CORRUPT = "Restore an earlier backup: `oppman db backups list` shows them."
_FULL = {errno.ENOSPC, errno.EFBIG, errno.EDQUOT}
_CLOSED = {errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EIO}
_FULL_IN_SQLITE = ("disk is full", "disk I/O error")


@contextmanager
def told(url: str, room: str) -> Iterator[None]:
    """Turn the trouble of files and of the database at `url` into a DatabaseError; `room` is a full disk's hint."""
    try:
        yield
    except OppmanError:
        raise
    except Exception as problem:
        driver, words = type(problem).__module__.partition(".")[0], str(problem)
        if isinstance(problem, OSError) and problem.errno in _FULL | _CLOSED:
            where = f" ({problem.filename})" if problem.filename else ""
            if problem.errno in _FULL:
                raise _full(f"{problem.strerror}{where}", room) from None
            raise BackupFailed(
                f"A file cannot be read or written: {problem.strerror}{where}. The database is as it was.",
                "Let this user read and write there.",
            ) from None
        if driver == "sqlite3" and any(said in words for said in _FULL_IN_SQLITE):
            raise _full(words, room) from None
        if driver == "sqlite3" and "malformed" in words:
            raise BackupFailed(f"SQLite finds the database corrupt ({words}).", CORRUPT) from None
        if explained := explain(problem, url):
            raise explained from None
        if driver in {"asyncpg", "sqlite3"}:
            name = "PostgreSQL" if driver == "asyncpg" else "SQLite"
            raise BackupFailed(f"{name} refused: {words.rstrip('.')}. The database is as it was.") from None
        raise


def _full(why: str, room: str) -> BackupFailed:
    return BackupFailed(f"There is no room: {why}. The database is as it was, and nothing is left of the try.", room)
