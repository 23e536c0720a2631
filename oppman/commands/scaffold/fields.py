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

    console.out(guide().rstrip("\n"))
