"""A folder in which a backup is made, proved or restored. What a killed process left of one is removed by the next."""

import os
import re
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

ENDING = ".partial"
_NAME = re.compile(r".+-\d{8}-\d{6}(-\d+)?\.partial")
_QUIET_SECONDS = 10 * 60
"""Without a change, after which a folder that nobody holds is given up: a lock may not reach across a network."""
_STALE_SECONDS = 24 * 3600
"""The same for one of which it cannot be told whether somebody holds it."""


@contextmanager
def workspace(place: Path, stem: str, free: Callable[[str], bool] = lambda _name: True) -> Iterator[Path]:
    """A new folder in `place`, closed to others, and gone at the end; its name less the ending is `free`."""
    place.mkdir(parents=True, exist_ok=True)
    _sweep(place)
    first = f"{stem}-{datetime.now(UTC):%Y%m%d-%H%M%S}"
    name, count = first, 1
    while True:
        work = place / f"{name}{ENDING}"
        if free(name):
            with suppress(FileExistsError):
                work.mkdir(mode=0o700)
                break
        count += 1
        name = f"{first}-{count}"
    try:
        with _held(work):
            yield work
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _sweep(place: Path) -> None:
    for left in place.glob(f"*{ENDING}"):
        if _NAME.fullmatch(left.name):
            with suppress(OSError):  # it is not worth stopping for, and another process may be sweeping too
                quiet = time.time() - max(item.stat().st_mtime for item in (left, *left.iterdir()))
                if quiet > _STALE_SECONDS or (quiet > _QUIET_SECONDS and _is_free(left)):
                    shutil.rmtree(left)


if sys.platform == "win32":

    @contextmanager
    def _held(_work: Path) -> Iterator[None]:
        """Windows locks no folders."""
        yield

    def _is_free(_work: Path) -> bool:
        return False

else:
    import fcntl

    @contextmanager
    def _held(work: Path) -> Iterator[None]:
        """Hold the folder; the system lets go of it when this process ends, however it does."""
        handle = os.open(work, os.O_RDONLY)
        try:
            with suppress(OSError):  # a file system without locks
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield
        finally:
            os.close(handle)

    def _is_free(work: Path) -> bool:
        handle = os.open(work, os.O_RDONLY)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        finally:
            os.close(handle)
        return True
