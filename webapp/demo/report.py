"""What the demo says it did."""

from collections.abc import Callable
from dataclasses import dataclass, field

Progress = Callable[[str, int, int], None]
"""Called as `progress(table, done, total)` after each batch."""


@dataclass(frozen=True)
class Login:
    """A demo user who can log in; `opened` says whether it was this `load` that set the password."""

    email: str
    role: str
    opened: bool = False


@dataclass(frozen=True)
class Loaded:
    """Table name -> rows, in the order of loading. `logins` are the demo users that can log in."""

    added: dict[str, int] = field(default_factory=dict)
    present: dict[str, int] = field(default_factory=dict)
    logins: list[Login] = field(default_factory=list)


@dataclass(frozen=True)
class Unloaded:
    """Table name -> rows. `kept` are demo rows that rows of the owner's need; they are the owner's from now on."""

    removed: dict[str, int] = field(default_factory=dict)
    kept: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Count:
    """How many rows of a table are the demo's, and how many there are in all."""

    table: str
    demo: int
    total: int
