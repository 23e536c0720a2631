"""`oppman scaffold fields`."""

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

    for line in guide().splitlines():
        console.out(line, _style(line))


def _style(line: str) -> str:
    if line in {"Types", "Modifiers"}:
        return "bold"
    if not line.startswith(" " * 10):
        return ""
    return "dim" if line.lstrip().startswith("[") else "cyan"
