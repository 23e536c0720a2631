"""`oppman scaffold fields`."""

import sys
from collections.abc import Iterable, Iterator
from itertools import groupby
from shutil import get_terminal_size
from textwrap import wrap

from oppman import console


def fields() -> None:
    """Explain how a field is written.

    Every type and every modifier, with an example of each.

    \b
    Example:
      oppman scaffold fields
      oppman scaffold fields | less
    """
    from oppman.scaffold.kinds import guide

    for line in _fitted(guide().splitlines()) if console.decorated(sys.stdout) else guide().splitlines():
        console.out(line, _style(line))


def _fitted(lines: Iterable[str]) -> Iterator[str]:
    """The lines with each paragraph of prose broken where the terminal ends; in a pipe they stay as they are."""
    width = get_terminal_size().columns
    for is_prose, group in groupby(lines, lambda line: line[:1] not in {"", " "}):
        texts = list(group)
        yield from wrap(" ".join(texts), width) if is_prose else texts


def _style(line: str) -> str:
    if line in {"Types", "Modifiers"}:
        return "bold"
    if not line.startswith(" " * 10):
        return ""
    return "dim" if line.lstrip().startswith("[") else "cyan"
