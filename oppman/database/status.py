"""Where a database stands among the migrations of its project, told without importing the project."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from oppman.database import address
from oppman.database.faults import explain
from oppman.database.revisions import History, Revision
from oppman.errors import DatabaseUnreachable, NewerDatabase
from oppman.project import Project

CONNECT_SECONDS = 10
_SELECT = "SELECT version_num FROM alembic_version"


@dataclass(frozen=True)
class MigrationStatus:
    """`current` are the revisions of the database (one in good order, none before the first migration)."""

    current: tuple[str, ...]
    heads: tuple[str, ...]
    pending: tuple[Revision, ...]
    unknown: tuple[str, ...] = ()
    """Those of `current` that the project does not have: the database is newer than the code."""
    replaced: tuple[str, str] | None = None
    """One of those, and the revision that `oppman db squash` made of it and others."""

    @property
    def up_to_date(self) -> bool:
        """Whether the database is where the migrations lead."""
        return not self.pending and not self.unknown

    def refuse_unknown(self) -> None:
        """Raise NewerDatabase if the project lacks a revision that the database has."""
        if self.replaced:
            old, new = self.replaced
            raise NewerDatabase(
                f"The database is at revision {old}, which {new} has replaced together with others.",
                f"Go on from where they were all there: migrate it to {new} with the code before the squash.",
            )
        if self.unknown:
            raise NewerDatabase(
                f"The database is at revision {', '.join(self.unknown)}, which this project does not have.",
                "The database is newer than the code, or the revision's file was deleted. Check out the code that has "
                "it; to go back, roll back with that code first.",
            )


def migration_status(project: Project, url: str | None = None, history: History | None = None) -> MigrationStatus:
    """Compare the database at `url` (the project's own by default) with the project's migrations.

    `history` are those, if they have been read already.

    Takes milliseconds: nothing of the project and nothing of Alembic is imported. A SQLite file that is missing counts
    as empty and is not created. Must not be called from a running event loop. Raises DatabaseUnreachable,
    BadDatabaseUrl and NoMigrations.
    """
    history = history or History.read(project)
    current = current_revisions(project, url or address.database_url(project))
    unknown = tuple(name for name in current if name not in history.revisions)
    pending = () if unknown else history.missing(current, history.heads)
    return MigrationStatus(current, history.heads, pending, unknown, _replaced(history, unknown))


def _replaced(history: History, unknown: tuple[str, ...]) -> tuple[str, str] | None:
    """The first unknown revision that one of the history lists under `replaces`, and that one."""
    for revision in history.revisions.values() if unknown else ():
        listed = re.search(r"^replaces = \(([^)]*)\)", revision.path.read_text(encoding="utf-8"), re.MULTILINE)
        for name in unknown:
            if listed and f'"{name}"' in listed[1]:
                return name, revision.id
    return None


def current_revisions(project: Project, url: str) -> tuple[str, ...]:
    """The revisions that the database at `url` says it is at."""
    try:
        if address.is_sqlite(url):
            return _from_sqlite(address.sqlite_file(project, url))
        import asyncio

        return asyncio.run(_from_postgres(address.postgres_dsn(url)))
    except Exception as problem:
        if explained := explain(problem, url):
            raise explained from None
        raise


def _from_sqlite(path: Path) -> tuple[str, ...]:
    import sqlite3
    from contextlib import closing

    if not path.parent.is_dir():
        raise DatabaseUnreachable(
            f"The database cannot be reached: the folder {path.parent} does not exist.",
            "Create it, or mend DATABASE_URL in .env.",
        )
    if not path.exists():
        return ()
    # Read and write, though nothing is written: a read-only connection would leave the files of its WAL behind.
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True, timeout=CONNECT_SECONDS)) as database:
        if not database.execute("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'").fetchone():
            return ()
        return tuple(row[0] for row in database.execute(_SELECT))


async def _from_postgres(dsn: str) -> tuple[str, ...]:
    connection = await connect(dsn)
    try:
        if await connection.fetchval("SELECT to_regclass('alembic_version')") is None:
            return ()
        return tuple(row[0] for row in await connection.fetch(_SELECT))
    finally:
        await connection.close()


async def connect(dsn: str) -> Any:
    """An asyncpg connection. Raises WrongEnvironment if asyncpg is not installed."""
    try:
        import asyncpg
    except ModuleNotFoundError:
        from oppman.errors import WrongEnvironment

        raise WrongEnvironment(
            "PostgreSQL needs the package asyncpg, which is not installed.",
            'Install it: pip install "oppman[postgres]"',
        ) from None
    return await asyncpg.connect(dsn, timeout=CONNECT_SECONDS)
