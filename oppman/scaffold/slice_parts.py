"""What of a project belongs to one slice."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Parts:
    """Paths are relative to the project, in the order in which they are reported."""

    models: frozenset[str]
    """Its classes with a table."""
    files: tuple[str, ...]
    """Those that are about it alone."""
    cuts: Mapping[str, str]
    """The text that other files have without it."""
    edited: tuple[str, ...] = ()
    """The files with something that would be lost and that neither the generator nor the starter wrote."""
    leftovers: tuple[tuple[str, str], ...] = ()
    """Files that could not be cut, or that still speak of it, with the lines to look at."""
    from_starter: bool = False
    """Whether the project came with it."""
