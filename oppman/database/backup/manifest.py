"""What a backup says of itself: `manifest.json` of its file."""

import json
import os
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import UTC, datetime
from pathlib import PurePosixPath, PureWindowsPath
from typing import Any

from oppman.errors import DamagedBackup

VERSION = 1
"""Of what follows; a later oppman that writes something else counts up."""

SQLITE, POSTGRESQL = "sqlite", "postgresql"
DATABASE_FILE, NATIVE, PORTABLE = "file", "native", "portable"
"""The forms of the database's part: SQLite's own file, what pg_dump writes, or a text of each table's rows."""


@dataclass(frozen=True)
class Member:
    """One part of the backup: its size and checksum, both of what it holds and not of how it is compressed."""

    bytes: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """The facts of one backup. Counts and revision were read from the snapshot that the rows come from."""

    made_at: datetime
    """In UTC."""
    why: str
    """`manual`, `before a migration`, `before a reset`, `before a restore`."""
    note: str
    oppman: str
    """The version that wrote it."""
    database: str
    """The name of the database, or of its file without the ending."""
    kind: str
    form: str
    server: str
    """Version of SQLite, or of the PostgreSQL server."""
    revision: tuple[str, ...]
    rows: Mapping[str, int]
    """Number of rows by table, Alembic's own left out."""
    orphans: int = 0
    """Rows of a SQLite database that refer to nothing; PostgreSQL has none."""
    columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Of each table in the portable form: the columns that its text holds, in their order."""
    sequences: Mapping[str, int | None] = field(default_factory=dict)
    """In the portable form: the last value of each sequence; None if it gave none yet."""
    uploads: int | None = None
    """Number of uploaded files; None if they were left out."""
    vanished: tuple[str, ...] = ()
    """Uploads that were deleted while they were copied."""
    verified: bool = False
    """Whether it was restored to a scratch database before the file got its name."""
    members: Mapping[str, Member] = field(default_factory=dict)

    @property
    def total_rows(self) -> int:
        """Rows of all tables."""
        return sum(self.rows.values())

    def to_json(self) -> bytes:
        """As it stands in the file."""
        return json.dumps({"format": VERSION} | asdict(self), indent=1, default=datetime.isoformat).encode()


def read(text: bytes) -> Manifest:
    """What `to_json` wrote. Raises DamagedBackup for what says something else, or was written by a later oppman."""
    try:
        value = json.loads(text)
        version = value.pop("format")
        if version != VERSION:
            raise DamagedBackup(
                f"The backup has format {version}; this oppman reads format {VERSION}.",
                f"It was written by oppman {value.get('oppman')}: use that one, or a later one.",
            )
        return _checked(value)
    except KeyError as problem:
        raise DamagedBackup(f"This is no backup of oppman's: its manifest lacks {problem}.") from None
    except (ValueError, TypeError, AttributeError, RecursionError) as problem:
        raise DamagedBackup(f"The manifest of the backup makes no sense: {problem}.") from None


def leads_inside(name: str, windows: bool = os.name == "nt") -> bool:
    """Whether a name is written as we write them, and leads nowhere but into the folder that it is unpacked to.

    On Windows a backslash separates as well, and a colon names a drive or a stream.
    """
    path = PurePosixPath(name)
    if not path.parts or path.is_absolute() or ".." in path.parts or str(path) != name or "\0" in name:
        return False
    return not windows or ("\\" not in name and ":" not in name and not _is_device(name))


if sys.version_info >= (3, 13):
    from ntpath import isreserved as _is_device
else:

    def _is_device(name: str) -> bool:
        """Whether Windows has a device of that name."""
        return PureWindowsPath(name).is_reserved()


def _checked(value: dict[str, Any]) -> Manifest:
    members = {name: Member(int(item["bytes"]), str(item["sha256"])) for name, item in value.pop("members").items()}
    for name in members:
        if not leads_inside(name):
            raise ValueError(f"{name!r} is no name of a part")
    made_at = datetime.fromisoformat(value["made_at"])
    if made_at.tzinfo is None:
        raise ValueError(f"{value['made_at']} is a time without an offset")
    known = {item.name for item in fields(Manifest)}
    return Manifest(
        **{name: item for name, item in value.items() if name in known}
        | {
            "made_at": made_at.astimezone(UTC),
            "revision": tuple(value["revision"]),
            "vanished": tuple(value["vanished"]),
            "columns": {name: tuple(columns) for name, columns in value["columns"].items()},
            "members": members,
        }
    )
