"""Which names a project may have."""

import re

from oppman.errors import InvalidName

SHAPE = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?")
# Installers refuse a project that requires itself, and Python would import one for the other.
DEPENDENCIES = {
    "aiosqlite", "alembic", "asyncpg", "email-validator", "fastapi", "fastapi-swagger", "itsdangerous", "jinja2",
    "numpy", "oppman", "pgvector", "pillow", "pwdlib", "pydantic", "pydantic-settings", "pyjwt", "pytest",
    "python-multipart", "questionary", "rich", "sqladmin", "sqlalchemy", "sqlmodel", "starlette", "typer", "uvicorn",
}  # fmt: skip
# A folder of the project itself, and names that Windows keeps for devices.
FOLDERS = {"webapp", "templates", "migrations", "tests"}
DEVICES = {"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(1, 10))}


def check_project_name(name: str) -> None:
    """Raise InvalidName, with the reason, unless `name` can name a project (the rule is PEP 508's)."""
    normal = re.sub(r"[-_.]+", "-", name).lower()
    if not SHAPE.fullmatch(name):
        suggestion = re.sub(r"^[^A-Za-z0-9]+|[^A-Za-z0-9]+$", "", re.sub(r"[^A-Za-z0-9._-]+", "-", name)).lower()
        raise InvalidName(
            f"{name!r} cannot name a project: it takes letters, digits, '-', '_' and '.' between letters or digits.",
            f"`oppman new {suggestion}` would do." if suggestion else "`oppman new shop` would do.",
        )
    if normal in DEPENDENCIES:
        raise InvalidName(
            f"{name!r} is the name of a package that the project needs, so the project would require itself.",
            f"`oppman new my-{normal}` would do.",
        )
    if normal in FOLDERS or normal in DEVICES:
        why = "a folder inside every project" if normal in FOLDERS else "a name that Windows keeps for a device"
        raise InvalidName(f"{name!r} is {why}.", f"`oppman new my-{normal}` would do.")
