"""Which revisions to look at, and for which database."""

import os
from dataclasses import dataclass

from oppman.database import address
from oppman.database.lint.change import Database
from oppman.database.lint.report import Linter, turns_foreign_keys_off
from oppman.database.revisions import History
from oppman.database.status import migration_status
from oppman.dotenv import read
from oppman.errors import DatabaseError, ProjectError, Refused, UsageError
from oppman.project import Project

ALL = "all"


@dataclass(frozen=True)
class Choice:
    """The linter of what was chosen. `remark` says what a person may not expect about it."""

    linter: Linter
    applied: frozenset[str]
    remark: str = ""


def choose(project: Project, targets: list[str], database: Database | None, *, to_write: bool = False) -> Choice:
    """The revisions that `targets` name, or those that the project's database lacks; all if it cannot be asked.

    A table that one of the missing revisions makes is new to the others. Revisions that are named, and `all`, are
    looked at one by one, as if each were deployed by itself. Imports nothing of the project. `to_write` demands that
    the database says what it has. Raises UsageError, NoMigrations, BadDatabaseUrl and, to write, Refused.
    """
    history = History.read(project)
    url = _url(project)
    if not url and database is None:
        raise UsageError(
            "DATABASE_URL is neither in the environment nor in .env, so it is not clear which database is meant.",
            "Set it, or say --database sqlite or --database postgres.",
        )
    kind: Database = database or ("sqlite" if address.is_sqlite(url) else "postgres")
    chosen = _named(history, targets)
    applied, doubt = _applied(project, history, url) if to_write or not targets else (frozenset(), "")
    if to_write and doubt:
        raise Refused(f"{doubt} So it is not clear which migrations may still be changed.", "Nothing was changed.")
    together: tuple[str, ...] = ()
    if not targets and not doubt:
        chosen = together = tuple(name for name in history.revisions if name not in applied)
        doubt = _remark(len(history.revisions), len(chosen))
    elif doubt:
        doubt = f"{doubt} So all migrations are looked at."
    linter = Linter(tuple(history.revisions.values()), chosen, together, kind, turns_foreign_keys_off(project))
    return Choice(linter, applied, doubt)


def _url(project: Project) -> str:
    """DATABASE_URL if it can be read without importing the project; empty otherwise."""
    url = os.environ.get(address.VARIABLE) or read(project.root / ".env").get(address.VARIABLE, "")
    return "" if "${" in url else url


def _applied(project: Project, history: History, url: str) -> tuple[frozenset[str], str]:
    """The revisions that the database has, or why that cannot be told."""
    if not url:
        return frozenset(), "DATABASE_URL is not set."
    try:
        status = migration_status(project, url)
        status.refuse_unknown()
    except (DatabaseError, ProjectError) as problem:
        return frozenset(), problem.message
    return frozenset(history.applied(status.current)), ""


def _named(history: History, targets: list[str]) -> tuple[str, ...]:
    if not targets or ALL in targets:
        return tuple(history.revisions)
    found = {history.find(target) for target in targets}
    if unknown := found - history.revisions.keys():
        raise UsageError(f"There is no revision {unknown.pop()!r} to look at.", "Name one, or say `all`.")
    return tuple(name for name in history.revisions if name in found)


def _remark(total: int, pending: int) -> str:
    if not total:
        return "There are no migrations yet."
    if not pending:
        return "The database has all migrations; `oppman db lint all` looks at them."
    if pending == total:
        return "The database is empty, so all tables are new; `oppman db lint all` looks at each migration by itself."
    return ""
