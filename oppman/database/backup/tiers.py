"""Which backups are kept: the last ones, and the newest of each day, week and month for some time back."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from oppman.errors import BadConfiguration

SECTION = "backup"


@dataclass(frozen=True)
class Tiers:
    """How many are kept. A day, week or month without a backup does not count."""

    last: int = 3
    daily: int = 7
    weekly: int = 4
    monthly: int = 12

    @classmethod
    def of(cls, config: Mapping[str, Any], **given: int | None) -> "Tiers":
        """What is `given` on the command line, else `keep-daily` and so on of [tool.oppman.backup], else the default.

        Raises BadConfiguration for what is no number.
        """
        section, chosen = config.get(SECTION, {}), {}
        for name in (item.name for item in fields(cls)):
            value = given.get(name)
            if value is None and isinstance(section, Mapping):
                value = section.get(f"keep-{name}")
            if value is None:
                continue
            if not isinstance(value, int) or isinstance(value, bool) or value < 0:
                raise BadConfiguration(
                    f"tool.oppman.{SECTION}.keep-{name} in pyproject.toml is {value!r}.",
                    f"Write a number: keep-{name} = {getattr(cls, name)}.",
                )
            chosen[name] = value
        return cls(**chosen)


def reasons(made: Mapping[str, datetime], tiers: Tiers) -> dict[str, tuple[str, ...]]:
    """Why each backup stays, by the name that it has in `made`; nothing for one that goes.

    Days, ISO weeks and months are those of the times as they are, which is UTC for a backup.
    """
    newest_first = sorted(made, key=lambda name: made[name], reverse=True)
    found: dict[str, list[str]] = {name: [] for name in newest_first}
    for name in newest_first[: tiers.last]:
        found[name].append(f"among the last {tiers.last}")
    for count, label, pattern in (
        (tiers.daily, "day", "%Y-%m-%d"),
        (tiers.weekly, "week", "%G-W%V"),
        (tiers.monthly, "month", "%Y-%m"),
    ):
        newest: dict[str, str] = {}
        for name in newest_first:
            newest.setdefault(made[name].strftime(pattern), name)
        for period, name in list(newest.items())[:count]:
            found[name].append(f"newest of {label} {period}")
    return {name: tuple(why) for name, why in found.items()}
