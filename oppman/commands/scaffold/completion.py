"""What a shell offers after `oppman scaffold resource` and `field`: models, the types of a field and its modifiers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import typer

BREAKS = {":", "="}


class Part(str):
    """What comes behind a break. Typer drops an answer that does not begin with bash's current word: the break."""

    __slots__ = ()

    def startswith(self, *_: object) -> bool:
        return True


def complete_field(context: typer.Context, incomplete: str) -> list[str]:
    """What the field that is being typed can go on with.

    bash makes words of a field's parts and of the `:` between them, and wants the last part alone; other shells have
    the field as one word and want the whole of it.
    """
    before = [str(word) for word in (context.params.get("fields") or ())]
    field = whole_word([*before, incomplete])
    found = list(continuations(field))
    if field == incomplete and incomplete not in BREAKS:
        return found
    start = len(field) - len("" if incomplete in BREAKS else incomplete)
    return [Part(text[start:]) for text in found]


def complete_model(incomplete: str) -> list[str]:
    """The models that begin like this."""
    return [model for model in models() if model.lower().startswith(incomplete.lower())]


def whole_word(words: Sequence[str]) -> str:
    """The last word of `words`, put together again if a shell has parted it at `:` and `=`."""
    *rest, word = words
    while rest and (rest[-1] in BREAKS or word[0:1] in BREAKS):
        word = rest.pop() + word
    return word


def continuations(field: str) -> Iterator[str]:
    """The longer forms of the beginning of a field."""
    from oppman.scaffold.kinds import ARGUMENTS, TYPES, Kind, shown

    name, colon, rest = field.partition(":")
    if not (colon and name):
        return
    kind, colon, rest = rest.partition(":")
    if not colon:
        for known in TYPES:
            if known in {Kind.REF, Kind.MANY}:
                offered = [f"{known}:{model}" for model in models()]
            else:
                offered = [f"{known}:" if known in ARGUMENTS and known is not Kind.DECIMAL else known.value]
            yield from (f"{name}:{text}" for text in offered if text.startswith(kind))
        return
    if kind not in TYPES:
        return
    *said, word = rest.split(":")
    start = f"{name}:{kind}:" + "".join(f"{part}:" for part in said)
    if kind in {Kind.REF, Kind.MANY} and not said:
        words = models()
    elif kind in ARGUMENTS and kind != Kind.DECIMAL and not said:
        words = []
    else:
        words = [
            shown(one) for one in TYPES[Kind(kind)].modifiers if one not in {part.partition("=")[0] for part in said}
        ]
    yield from (start + one for one in words if one.startswith(word))


def models() -> list[str]:
    """The models of the project around the current folder, read from their source; none if there is no project."""
    from oppman.errors import OppmanError
    from oppman.project import Project
    from oppman.scaffold.models import read_models

    try:
        project = Project.find(Path.cwd())
        return sorted(read_models(project)) if project else []
    except (OppmanError, OSError, SyntaxError, UnicodeDecodeError):
        return []
