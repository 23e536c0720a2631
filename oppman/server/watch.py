"""Which files of a project changed, told within about 50 milliseconds."""

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from oppman.errors import Refused

if TYPE_CHECKING:
    from watchfiles._rust_notify import RustNotify

SUFFIXES = {".py", ".html"}
IGNORED = {"__pycache__", "node_modules", "site-packages"}
STEP, DEBOUNCE = 25, 200  # milliseconds: between two looks, and at most from the first change to its report

ADDED = 1  # watchfiles' number for it


class Watcher:
    """Calls `changed` with the set of paths that were saved, from a thread of its own.

    A file counts if the app has to be started anew for it: `.py`, `.html` and `.env`. Stylesheets, scripts and pictures
    are read from disk for each request. Environments, hidden folders and caches are not looked into.
    """

    def __init__(self, root: Path, changed: Callable[[set[Path]], None]) -> None:
        self._root, self._changed = root, changed
        self._stop = threading.Event()
        self._below = threading.Event()

    def start(self) -> None:
        """Begin to watch. Raises Refused if the system has no more watches to give."""
        # The root by itself, not recursively: it may hold environments with thousands of folders.
        top = _notify([self._root], recursive=False)
        threading.Thread(target=self._watch_root, args=(top,), daemon=True).start()
        self._watch_folders()

    def stop(self) -> None:
        """Watch no longer."""
        self._stop.set()
        self._below.set()

    def _watch_root(self, notify: "RustNotify") -> None:
        for changes in _changes(notify, self._stop):
            if _new_folders(changes):
                with suppress(Refused):  # the folder is gone again
                    self._watch_folders()
            self._report(changes)

    def _watch_folders(self) -> None:
        """Watch what lies below the root, anew when a folder was added there."""
        folders = [path for path in self._root.iterdir() if path.is_dir() and not _ignored(path)]
        notify = _notify(folders, recursive=True) if folders else None
        before, self._below = self._below, threading.Event()
        if notify is not None:
            threading.Thread(target=self._watch_below, args=(notify, self._below), daemon=True).start()
        before.set()  # only now, so that nothing is missed in between

    def _watch_below(self, notify: "RustNotify", stop: threading.Event) -> None:
        for changes in _changes(notify, stop):
            self._report(changes)

    def _report(self, changes: set[tuple[int, str]]) -> None:
        paths = {Path(path) for _, path in changes}
        for folder in _new_folders(changes):
            paths.update(folder.rglob("*"))  # what was written before the folder was watched
        if relevant := {path for path in paths if counts(path.relative_to(self._root))}:
            self._changed(relevant)


def counts(path: Path) -> bool:
    """Whether the app has to be started anew when `path`, relative to the project, was saved."""
    if any(part in IGNORED or part.startswith(".") for part in path.parts[:-1]):
        return False
    return path.name.startswith(".env") or (path.suffix in SUFFIXES and not path.name.startswith("."))


def _new_folders(changes: set[tuple[int, str]]) -> list[Path]:
    added = [Path(path) for kind, path in changes if kind == ADDED]
    return [path for path in added if path.is_dir() and not _ignored(path)]


def _ignored(folder: Path) -> bool:
    return folder.name in IGNORED or folder.name.startswith(".") or (folder / "pyvenv.cfg").exists()


def _notify(paths: list[Path], *, recursive: bool) -> "RustNotify":
    from watchfiles._rust_notify import RustNotify

    polling = bool(os.environ.get("WATCHFILES_FORCE_POLLING"))
    try:
        return RustNotify([str(path) for path in paths], False, polling, 300, recursive, True)
    except OSError as problem:
        raise Refused(
            f"The files cannot be watched: {problem}.",
            "Set WATCHFILES_FORCE_POLLING=1 to look at them in turn, or serve with --no-reload.",
        ) from None


def _changes(notify: "RustNotify", stop: threading.Event) -> Iterator[set[tuple[int, str]]]:
    while True:
        changes = notify.watch(DEBOUNCE, STEP, 0, stop)
        if isinstance(changes, str):
            return
        yield changes
