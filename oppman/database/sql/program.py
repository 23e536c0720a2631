"""psql or sqlite3, if they are installed."""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from urllib.parse import unquote, urlsplit

from oppman.database import address
from oppman.errors import DatabaseUnreachable
from oppman.project import Project


def program(url: str) -> str | None:
    """Where the program of the database at `url` is; None if it is not on the PATH."""
    return shutil.which("sqlite3" if address.is_sqlite(url) else "psql")


def become(path: str, project: Project, url: str, arguments: Sequence[str], *, read_only: bool) -> None:
    """Let the program at `path` take over the terminal. Does not return."""
    if address.is_sqlite(url):
        file = address.sqlite_file(project, url)
        if not file.is_file():
            raise DatabaseUnreachable(f"There is no database yet: {file}.", "`oppman db migrate` makes it.")
        options = ["-readonly"] if read_only else []
        command = [path, *options, "-cmd", ".timeout 10000", "-cmd", "PRAGMA foreign_keys = ON", str(file), *arguments]
        environment = dict(os.environ)
    else:
        parts = urlsplit(address.postgres_dsn(url))
        # The password travels in the environment: a command line can be read by every user of the machine.
        credentials, at, host = parts.netloc.rpartition("@")
        where = parts._replace(netloc=f"{credentials.partition(':')[0]}{at}{host}").geturl()
        command = [path, f"--dbname={where}", *arguments]
        environment = os.environ | ({"PGPASSWORD": unquote(parts.password)} if parts.password else {})
        if read_only:
            environment["PGOPTIONS"] = f"{os.environ.get('PGOPTIONS', '')} -c default_transaction_read_only=on".strip()
    if sys.platform == "win32":
        raise SystemExit(subprocess.run(command, env=environment).returncode)
    sys.stdout.flush()
    os.execve(path, command, environment)
