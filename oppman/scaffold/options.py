"""What `[tool.oppman.scaffold]` of the project says: the options that its team always wants."""

from collections.abc import Mapping
from typing import Any

from oppman.errors import BadConfiguration
from oppman.project import Project

OPTIONS: Mapping[str, tuple[type, object]] = {
    "owned": (bool, False),
    "soft-delete": (bool, False),
    "uuid": (bool, False),
    "api-only": (bool, False),
    "no-pages": (bool, False),
    "no-admin": (bool, False),
    "verify": (bool, False),
    "force": (bool, False),
    "skip": (bool, False),
    "stubs": (str, "stubs"),
}
"""Each option with its type and what holds where nothing is said."""

_WRITTEN = {bool: "true or false", str: 'a string, such as "stubs"'}


def options(project: Project) -> dict[str, Any]:
    """Every option with its value, by the name that it has in Python.

    Raises BadConfiguration for a key that is none, or a value of another type.
    """
    table = project.config.get("scaffold", {})
    if not isinstance(table, dict):
        raise BadConfiguration("tool.oppman.scaffold in pyproject.toml is no table.", "Write [tool.oppman.scaffold].")
    for key, value in table.items():
        if key not in OPTIONS:
            raise BadConfiguration(
                f"tool.oppman.scaffold.{key} in pyproject.toml is no option of `oppman scaffold`.",
                f"There are {', '.join(OPTIONS)}.",
            )
        if not isinstance(value, kind := OPTIONS[key][0]):
            raise BadConfiguration(
                f"tool.oppman.scaffold.{key} in pyproject.toml is {value!r}.", f"It has to be {_WRITTEN[kind]}."
            )
    if table.get("force") and table.get("skip"):
        raise BadConfiguration("tool.oppman.scaffold in pyproject.toml has both force and skip.", "Leave one out.")
    return {key.replace("-", "_"): table.get(key, usual) for key, (_, usual) in OPTIONS.items()}
