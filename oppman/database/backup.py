"""A copy of the database, made before something that can destroy data."""

import os
import subprocess
from contextlib import closing
from datetime import datetime
from pathlib import Path
from urllib.parse import unquote, urlsplit

from oppman.database import address
from oppman.database.server.programs import client_program
from oppman.errors import Refused
from oppman.project import Project

FOLDER = "backups"
WITHOUT = "Give --no-backup to go on without one."


def back_up(project: Project, url: str) -> Path:
    """Copy the database at `url` into the project's `backups/` and return the new file.

    SQLite: a database file, consistent while the app writes. PostgreSQL: what `pg_dump --format=custom` writes; Refused
    if that program is not there or fails. The file is readable by its owner alone and complete once it has its name.
    """
    sqlite = address.is_sqlite(url)
    name = address.sqlite_file(project, url).stem if sqlite else urlsplit(url).path.strip("/")
    target = _fresh(project.root / FOLDER, name, ".db" if sqlite else ".dump")
    partial = target.with_name(f"{target.name}.partial")
    partial.touch(mode=0o600)
    try:
        if sqlite:
            _copy_sqlite(address.sqlite_file(project, url), partial)
        else:
            _dump_postgres(project, url, partial)
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)
    return target


def _fresh(folder: Path, name: str, suffix: str) -> Path:
    folder.mkdir(exist_ok=True)
    stem = f"{name}-{datetime.now().astimezone():%Y%m%d-%H%M%S}"
    path, count = folder / f"{stem}{suffix}", 1
    while path.exists():
        count += 1
        path = folder / f"{stem}-{count}{suffix}"
    return path


def _copy_sqlite(source: Path, target: Path) -> None:
    import sqlite3

    with closing(sqlite3.connect(source)) as database, closing(sqlite3.connect(target)) as copy:
        database.backup(copy)


def _dump_postgres(project: Project, url: str, target: Path) -> None:
    program = client_program("pg_dump", project, url)
    if program is None:
        raise Refused(
            "No backup can be made: pg_dump is not on the PATH. Nothing was changed.",
            f"Install PostgreSQL's client programs. {WITHOUT}",
        )
    parts = urlsplit(address.postgres_dsn(url))
    # The password travels in the environment: a command line can be read by every user of the machine.
    credentials, at, host = parts.netloc.rpartition("@")
    address_only = parts._replace(netloc=f"{credentials.partition(':')[0]}{at}{host}").geturl()
    environment = os.environ | ({"PGPASSWORD": unquote(parts.password)} if parts.password else {})
    done = subprocess.run(
        [program, "--format=custom", "--no-password", f"--file={target}", f"--dbname={address_only}"],
        env=environment, capture_output=True, text=True, encoding="utf-8", errors="replace",
    )  # fmt: skip
    if done.returncode:
        raise Refused("No backup could be made: pg_dump failed. Nothing was changed.", WITHOUT, done.stderr)
