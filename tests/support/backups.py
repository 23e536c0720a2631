"""What a backup holds, looked at as any program for zip archives would."""

import json
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path
from typing import Any
from zipfile import ZipFile


def rows(backup: Path, statement: str) -> list[Any]:
    """What a statement gives in the SQLite database of a backup."""
    with ZipFile(backup) as archive, tempfile.TemporaryDirectory() as folder:
        file = archive.extract("database.sqlite", folder)
        with closing(sqlite3.connect(file)) as database:
            return database.execute(statement).fetchall()


def counts(backup: Path) -> dict[str, int]:
    """How many rows each table has in a backup, as its manifest says."""
    with ZipFile(backup) as archive:
        return dict(json.loads(archive.read("manifest.json"))["rows"])
