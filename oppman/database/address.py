"""Where the project's database is, found without importing the project where that is possible.

Importing a project's settings costs more than everything else that `oppman db status` does, so DATABASE_URL is read
from the environment and from `.env`, and only a project that says it nowhere is asked.
"""

import os
from pathlib import Path
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from oppman.contract import Contract
from oppman.dotenv import read
from oppman.errors import BadDatabaseUrl, DatabaseUnreachable
from oppman.project import Project

VARIABLE = "DATABASE_URL"
IT_READS = "It reads sqlite:///app.db or postgresql://user:password@host:5432/name."

_NOT_OURS = {"channel_binding", "gssencmode"}  # libpq's alone; asyncpg negotiates both by itself


def database_url(project: Project) -> str:
    """The project's DATABASE_URL: from the environment, else from `.env`, else from its settings."""
    return written_url(project) or str(Contract(project).settings().database_url)


def written_url(project: Project) -> str:
    """DATABASE_URL as the environment or else `.env` has it; "" if the settings have to be asked."""
    url = os.environ.get(VARIABLE) or read(project.root / ".env").get(VARIABLE, "")
    return "" if "${" in url else url  # what refers to another variable is the settings' to expand


def is_sqlite(url: str) -> bool:
    """Whether `url` names a SQLite file and not a PostgreSQL server. Raises BadDatabaseUrl if it names neither."""
    backend = url.partition("://")[0].partition("+")[0].lower()
    if backend not in {"sqlite", "postgres", "postgresql"}:
        raise BadDatabaseUrl(f"DATABASE_URL names a database that oppman does not know: {backend or 'none'}.", IT_READS)
    return backend == "sqlite"


def sqlite_file(project: Project, url: str) -> Path:
    """The file that a SQLite `url` names; a relative one starts at the project's root."""
    name = url.partition("://")[2].partition("?")[0]
    if not name.startswith("/") or name == "/" or ":memory:" in name:
        raise BadDatabaseUrl("DATABASE_URL names a SQLite database without a file.", IT_READS)
    return project.root / name[1:]


def existing_file(project: Project, url: str) -> Path:
    """The same, which has to be there. Raises DatabaseUnreachable."""
    path = sqlite_file(project, url)
    if not path.exists():
        raise DatabaseUnreachable(f"There is no database {path}.", "`oppman init` creates it.")
    return path


def postgres_dsn(url: str, database: str | None = None) -> str:
    """A PostgreSQL `url` as asyncpg reads it, perhaps for another `database` on the same server."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        raise BadDatabaseUrl("DATABASE_URL cannot be understood.", IT_READS) from None
    renamed = [("sslmode" if name == "ssl" else name, value) for name, value in parse_qsl(parts.query)]
    # %20 for a blank: PostgreSQL's own programs take a plus sign for what it is.
    query = urlencode([(name, value) for name, value in renamed if name not in _NOT_OURS], quote_via=quote)
    path = parts.path if database is None else f"/{database}"
    return f"postgresql://{parts.netloc}{path}{'?' if query else ''}{query}"
