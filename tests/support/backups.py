"""What a backup holds, looked at as any program for zip archives would; and backups that no command would write."""

import json
import sqlite3
import tempfile
from collections.abc import Mapping
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any
from zipfile import ZipFile

from oppman.database.backup.archive import Writer
from oppman.database.backup.manifest import Manifest


def rows(backup: Path, statement: str) -> list[Any]:
    """What a statement gives in the SQLite database of a backup."""
    with ZipFile(backup) as archive, tempfile.TemporaryDirectory() as folder:
        file = archive.extract("database.sqlite", folder)
        with closing(sqlite3.connect(file)) as database:
            return database.execute(statement).fetchall()


def counts(backup: Path) -> dict[str, int]:
    """How many rows each table has in a backup, as its manifest says."""
    return dict(manifest(backup)["rows"])


def manifest(backup: Path) -> dict[str, Any]:
    """What a backup says of itself."""
    with ZipFile(backup) as archive:
        return dict(json.loads(archive.read("manifest.json")))


def parts(backup: Path) -> dict[str, bytes]:
    """What the parts of a backup hold, less its manifest."""
    with ZipFile(backup) as archive:
        return {name: archive.read(name) for name in archive.namelist() if name != "manifest.json"}


def write(path: Path, parts: Mapping[str, bytes] = MappingProxyType({}), **said: Any) -> Path:
    """Write a backup as oppman does, with the parts, and with what is `said` in its manifest."""
    facts: dict[str, Any] = {
        "made_at": datetime(2030, 1, 1, 12, tzinfo=UTC), "why": "manual", "note": "", "oppman": "1", "database": "app",
        "kind": "sqlite", "form": "file", "server": "3", "revision": (), "rows": {}, "verified": True,
    }  # fmt: skip
    with Writer(path) as writer:
        for name, content in parts.items():
            with writer.part(name) as part:
                part.write(content)
        writer.finish(Manifest(**facts | said))
    return path


def only(folder: Path) -> Path:
    """The one backup of a folder, in which nothing else is left over."""
    (backup,) = folder.iterdir()
    assert backup.suffix == ".backup"
    return backup
