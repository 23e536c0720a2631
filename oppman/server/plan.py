"""What a worker is asked to do. Both sides of the pipe know it, so it stands by itself and imports nothing."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Plan:
    """What a worker serves and how.

    `grace` is the number of seconds that requests in flight get when it stops. A `patient` worker answers 503 while
    the app cannot be imported, one that is not exits with 1.
    """

    root: Path
    grace: int
    patient: bool = False
    production: bool = False
    access_log: bool = True
    options: Mapping[str, Any] = field(default_factory=dict)
