"""What stops a backup: told as what it means."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager

from oppman.database.faults import explain
from oppman.errors import BackupFailed, OppmanError

_OF_FILES = {errno.ENOSPC, errno.EFBIG, errno.EDQUOT, errno.EACCES, errno.EPERM, errno.EROFS, errno.EIO, errno.ENOTDIR}


@contextmanager
def told(url: str) -> Iterator[None]:
    """Turn the trouble of files and of the database at `url` into a DatabaseError."""
    try:
        yield
    except OppmanError:
        raise
    except Exception as problem:
        if isinstance(problem, OSError) and problem.errno in _OF_FILES:
            where = f" ({problem.filename})" if problem.filename else ""
            raise _unwritten(f"{problem.strerror}{where}") from None
        words = str(problem)
        if any(said in words for said in ("disk is full", "disk I/O error", "No space left")):
            raise _unwritten(words) from None
        if explained := explain(problem, url):
            raise explained from None
        if type(problem).__module__.startswith("asyncpg"):
            raise BackupFailed(f"PostgreSQL refused: {words}.") from None
        raise


def _unwritten(why: str) -> BackupFailed:
    return BackupFailed(
        f"That could not be written: {why}. Nothing was changed, and nothing is left of it.",
        "Make room and try again; `oppman db backup --to FOLDER` writes to another place.",
    )
