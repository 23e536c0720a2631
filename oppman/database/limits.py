"""How long a migration may wait: for another process, for a table, for a statement."""

from dataclasses import dataclass, fields
from typing import Any

from oppman.errors import BadConfiguration
from oppman.project import Project

TABLE = "migrate"


@dataclass(frozen=True)
class Limits:
    """Seconds; a None is left to the project's `migrations/env.py`."""

    wait: float | None = None
    """For another process that migrates the same database."""
    lock_timeout: float | None = None
    """For a table that somebody uses; 0 waits for ever."""
    statement_timeout: float | None = None
    """For a statement to end, on PostgreSQL; 0 waits for ever."""

    @classmethod
    def of(cls, project: Project, **given: float | None) -> "Limits":
        """Those that are given, else those of `[tool.oppman.migrate]` in pyproject.toml. Raises BadConfiguration."""
        table = project.config.get(TABLE, {})
        if not isinstance(table, dict):
            raise BadConfiguration(f"tool.oppman.{TABLE} is not a table.", f"Write it as [tool.oppman.{TABLE}].")
        names = [field.name for field in fields(cls)]
        for name, value in table.items():
            if name not in names:
                raise BadConfiguration(f"tool.oppman.{TABLE}.{name} is unknown.", f"It has {', '.join(names)}.")
            if isinstance(value, bool) or not isinstance(value, (int, float)) or value < 0:
                raise BadConfiguration(f"tool.oppman.{TABLE}.{name} is {value!r}.", "Write seconds, such as 10 or 0.5.")
        return cls(**{name: table.get(name) if given.get(name) is None else given[name] for name in names})

    def attributes(self) -> dict[str, Any]:
        """Those that are set, as `env.py` reads them."""
        return {field.name: value for field in fields(self) if (value := getattr(self, field.name)) is not None}
