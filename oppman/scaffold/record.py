"""The record of one scaffold run: a JSON file in `.oppman/scaffold/` of the project, a folder that git does not see."""

import os
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from functools import lru_cache
from io import FileIO
from pathlib import Path
from typing import Any

from oppman.errors import Refused
from oppman.files import file_names
from oppman.scaffold import sound
from oppman.scaffold.plan import Outcome

FOLDER = Path(".oppman/scaffold")
FORMAT = 1
# The state stands first in a record, so that looking for an unfinished run reads no more than this of each.
HEAD = 200
_BESIDE = (".gitignore", sound.NAME)
# Behind the notes come whole files, and those of the models are long: what looks for a word in the notes stops here.
NOTES, ENTRIES = 4_000, b'\n "entries": ['

Json = Mapping[str, Any]


class State(StrEnum):
    """How far a run is. `pending` and `undoing` are states of a run that is being written."""

    PENDING = "pending"
    UNDOING = "undoing"
    DONE = "done"
    UNDONE = "undone"


@dataclass(frozen=True)
class Entry:
    """What a run did to one file: an `Action`, its edits as JSON. `mode` is that of the file before."""

    path: str
    outcome: Outcome
    before: bytes | None
    after: bytes | None
    mode: int | None = None
    edits: tuple[Json, ...] = ()
    made: tuple[Json, ...] = ()
    recorded: tuple[Json, ...] = ()
    lines: str = ""

    def reverse(self, edit: Json) -> Json | None:
        """What takes `edit` back; None if this run did not make it."""
        return next((kept for made, kept in zip(self.made, self.recorded, strict=True) if made == edit), None)


@dataclass(frozen=True)
class Write:
    """One file to be written, or removed where `after` is None. `mode` is for a file that has to be made anew."""

    path: str
    before: bytes | None
    after: bytes | None
    mode: int | None = None


@dataclass(frozen=True)
class Batch:
    """The writes under way, the folders that they make, and those that go afterwards if nothing is left in them."""

    writes: tuple[Write, ...]
    made: tuple[str, ...] = ()
    emptied: tuple[str, ...] = ()


@dataclass(frozen=True)
class Run:
    """One run. `time` is when it was made and `changed` when its state last changed (ISO 8601, UTC).

    `notes` are the caller's. `folders` are those that the run made. `left` are a path and an edit (None: the file as a
    whole) that undoing it had to leave in the project. `redone` says that there is an undone run to fall back to.
    """

    number: int
    argv: tuple[str, ...]
    time: str
    state: State
    changed: str = ""
    notes: dict[str, Any] = field(default_factory=dict)
    entries: tuple[Entry, ...] = ()
    folders: tuple[str, ...] = ()
    left: tuple[tuple[str, Json | None], ...] = ()
    redone: bool = False
    batch: Batch | None = None


def now() -> str:
    """The time as records have it."""
    return datetime.now(UTC).isoformat()


def records(root: Path) -> list[Path]:
    """The files of all recorded runs, the oldest first."""
    folder = root / FOLDER
    return [folder / name for name in _names(folder)]


def _names(folder: Path) -> list[str]:
    found = [name for name in file_names(folder) if name.endswith(".json") and name[:-5].isdecimal()]
    return sorted(found, key=lambda name: int(name[:-5]))


def mentions(path: Path, word: str) -> bool:
    """Whether the notes of a record may hold this text, which is quickly seen: they stand before the long part."""
    notes = b""
    try:
        with FileIO(path) as file:
            while ENTRIES not in notes and (part := file.read(NOTES)):
                notes += part
    except OSError:
        return True  # reading it says what is wrong
    return f'"{word}"'.encode() in notes


def load(path: Path) -> Run:
    """The run that the file `path` records. Raises Refused if it is no such record."""
    import json

    try:
        value = json.loads(path.read_bytes())
        if value["format"] != FORMAT:
            raise Refused(f"{path} was written by a newer oppman.", "Upgrade oppman.")
        return Run(
            number=value["number"],
            argv=tuple(value["argv"]),
            time=value["time"],
            state=State(value["state"]),
            changed=value["changed"],
            notes=value["notes"],
            entries=tuple(_entry(one) for one in value["entries"]),
            folders=tuple(value["folders"]),
            left=tuple((where, edit) for where, edit in value["left"]),
            redone=value["redone"],
            batch=_batch(value["batch"]) if value["batch"] else None,
        )
    except (OSError, ValueError, LookupError, TypeError) as problem:
        raise Refused(
            f"{path} is no readable record of a scaffold run ({type(problem).__name__}: {problem}).",
            "Bring it back, or remove it: that run can then no longer be undone.",
        ) from None


def unfinished(root: Path) -> Run | None:
    """The run that is being written, or was when its process was killed. Raises Refused if it cannot be read."""
    folder = root / FOLDER
    for name in _names(folder):
        with FileIO(f"{folder}{os.sep}{name}") as file:
            head = file.read(HEAD) or b""
        if b'"state": "pending"' in head or b'"state": "undoing"' in head:
            return load(folder / name)
    return None


def save(root: Path, run: Run) -> None:
    """Write the record of `run`, so that it survives a loss of power. Raises OSError."""
    import json

    folder = root / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / ".gitignore").exists():
        replace_file(folder / ".gitignore", b"*\n")
    value = {
        "format": FORMAT,
        "state": run.state,
        "number": run.number,
        "argv": run.argv,
        "time": run.time,
        "changed": run.changed,
        "notes": run.notes,
        "folders": run.folders,
        "left": run.left,
        "redone": run.redone,
        "entries": [_plain(entry) for entry in run.entries],
        "batch": run.batch
        and {
            "writes": [_plain(write) for write in run.batch.writes],
            "made": run.batch.made,
            "emptied": run.batch.emptied,
        },
    }
    replace_file(_path(root, run), json.dumps(value, ensure_ascii=False, indent=1).encode("utf-8"), sync=True)


def forget(root: Path, run: Run) -> None:
    """Remove the record of `run`, and the folder with the last one."""
    _path(root, run).unlink(missing_ok=True)
    tidy(root)


def tidy(root: Path) -> None:
    """Remove the folder of the records if there is none in it."""
    folder = root / FOLDER
    with suppress(OSError):  # something else lies in it
        if folder.is_dir() and all(path.name in _BESIDE for path in folder.iterdir()):
            for name in _BESIDE:
                (folder / name).unlink(missing_ok=True)
            folder.rmdir()
        folder.parent.rmdir()


def temporary(target: Path) -> Path:
    """Where a file is written before it takes the place of `target`. No reloader watches such a name."""
    return target.with_name(f".{target.name}.oppman-tmp")


def replace_file(target: Path, content: bytes, mode: int | None = None, *, sync: bool = False) -> None:
    """Give `target` its new content in one moment, on the disk itself with `sync`. Raises OSError."""
    draft = temporary(target)
    try:
        with draft.open("wb") as file:
            if mode is not None:
                draft.chmod(mode)  # before anything secret is in it
            file.write(content)
            file.flush()
            if sync:
                os.fsync(file.fileno())
        draft.replace(target)
    except BaseException:
        with suppress(OSError):
            draft.unlink(missing_ok=True)
        raise
    if sync and sys.platform != "win32":
        folder = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _path(root: Path, run: Run) -> Path:
    return root / FOLDER / f"{run.number:04}.json"


def _plain(value: Entry | Write) -> dict[str, Any]:
    return {**vars(value), "before": _packed(value.before), "after": _packed(value.after)}


def _entry(value: dict[str, Any]) -> Entry:
    return Entry(
        path=value["path"],
        outcome=Outcome(value["outcome"]),
        before=_unpacked(value["before"]),
        after=_unpacked(value["after"]),
        mode=value["mode"],
        edits=tuple(value["edits"]),
        made=tuple(value["made"]),
        recorded=tuple(value["recorded"]),
        lines=value["lines"],
    )


def _batch(value: dict[str, Any]) -> Batch:
    writes = (
        Write(one["path"], _unpacked(one["before"]), _unpacked(one["after"]), one["mode"]) for one in value["writes"]
    )
    return Batch(tuple(writes), tuple(value["made"]), tuple(value["emptied"]))


def _packed(content: bytes | None) -> Json | None:
    if content is None:
        return None
    if len(content) <= _LARGE:
        try:
            return {"text": content.decode("utf-8")}
        except UnicodeDecodeError:
            pass
    return {"zlib": _zipped(content)}


@lru_cache(maxsize=32)  # a record is written twice, and holds what each file was and is twice
def _zipped(content: bytes) -> str:
    import base64
    import zlib

    return base64.b64encode(zlib.compress(content, 1)).decode("ascii")


def _unpacked(value: Mapping[str, str] | None) -> bytes | None:
    if value is None:
        return None
    if "text" in value:
        return value["text"].encode("utf-8")
    import base64
    import zlib

    return zlib.decompress(base64.b64decode(value["zlib"]))


_LARGE = 4_000
"""Bytes from which on a file's content is packed: that of the models, twice in each record, can be long."""
