"""A regular expression as a mask that the web app's `draw` fills in: `[A-Z]{2}-[0-9]{4}` is `AA-####`.

Only what has a plain shape becomes one: literals, classes, groups (their first alternative) and counts.
"""

import re

from oppman.scaffold.fields import Field
from oppman.scaffold.model_code import length

MILLION = 1_000_000
_SIGNS = {"#": "0123456789", "A": "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "a": "abcdefghijklmnopqrstuvwxyz"}
_ROOM = {"#": 10, "A": 26, "a": 26, "*": 36}
_ESCAPES = {"d": "#", "w": "a", "s": " "}

_Part = tuple[str, int, int]
"""A mask, and how often it stands there: at least and at most."""


def mask_of(field: Field) -> str | None:
    """The mask of the field's pattern, of a length that the field allows; None if there is none that surely matches.

    A unique field's has room for a million rows, if the pattern has.
    """
    least, most = int(field.minimum or (0 if field.optional else 1)), length(field)
    try:
        parts, rest = _sequence(field.pattern or "")
    except (ValueError, IndexError):
        return None
    if rest:
        return None
    counts = [low for _, low, _ in parts]
    wanted = MILLION if field.unique else 2
    for number, (mask, _, high) in sorted(enumerate(parts), key=lambda part: -_room(part[1][0])):
        while counts[number] < high and (_size(parts, counts) < least or _room(_joined(parts, counts)) < wanted):
            if _size(parts, counts) + _size([(mask, 1, 1)], [1]) > most:
                break
            counts[number] += 1
    mask = _joined(parts, counts)
    samples = (_sample(mask, turn) for turn in range(3))
    fits = all(re.fullmatch(field.pattern or "", text) and least <= len(text) <= most for text in samples)
    return mask if fits else None


def sample_of(field: Field) -> str | None:
    """A text that the field's pattern matches; None if none is known."""
    mask = mask_of(field)
    return None if mask is None else _sample(mask, 1)


def room_of(mask: str) -> int:
    """How many different texts the mask can become."""
    return _room(mask)


def _sequence(text: str) -> tuple[list[_Part], str]:
    """The parts up to the end of the text or of the group, and what follows."""
    parts: list[_Part] = []
    while text and text[0] not in ")|":
        mask, text = _atom(text)
        low, high, text = _count(text)
        if mask:
            parts.append((mask, low, high))
    if text.startswith("|"):  # the first alternative is enough
        _, text = _sequence(text[1:])
    return parts, text


def _atom(text: str) -> tuple[str, str]:
    first, rest = text[0], text[1:]
    if first == "\\":
        if rest[0].isalnum() and rest[0] not in _ESCAPES:
            raise ValueError(text)
        return _ESCAPES.get(rest[0]) or _literal(rest[0]), rest[1:]
    if first == "[":
        return _class(rest)
    if first == "(":
        parts, after = _sequence(rest.removeprefix("?:"))
        if not after.startswith(")"):
            raise ValueError(text)
        return _joined(parts, [low for _, low, _ in parts]), after[1:]
    if first in "^$":
        return "", rest
    if first in "*+?{":
        raise ValueError(text)
    return ("a" if first == "." else _literal(first)), rest


def _class(text: str) -> tuple[str, str]:
    body, closed, rest = text[1:].partition("]")
    body = text[0] + body
    if not closed or body.startswith(("^", "]")) or "[" in body or "&&" in body:
        raise ValueError(text)
    accepted = re.compile(f"[{body}]")
    for sign in ("#", "A", "a"):
        if all(accepted.fullmatch(option) for option in _SIGNS[sign]):
            return (
                "*"
                if sign == "#"
                and accepted.fullmatch("A")
                and accepted.fullmatch("Z")
                and all(accepted.fullmatch(option) for option in _SIGNS["A"])
                else sign
            ), rest
    found = next((chr(code) for code in range(33, 127) if accepted.fullmatch(chr(code))), None)
    if found is None:
        raise ValueError(text)
    return _literal(found), rest


def _count(text: str) -> tuple[int, int, str]:
    """How often the atom before may stand, 30 for without end, and what follows."""
    if found := re.match(r"\{(\d+)(,?)(\d*)\}", text):
        low = int(found[1])
        high = int(found[3]) if found[3] else low + 30 if found[2] else low
    elif found := re.match(r"[*+?]", text):
        low, high = (1, 30) if found[0] == "+" else (0, 30 if found[0] == "*" else 1)
    else:
        return 1, 1, text
    return low, high, text[found.end() :].removeprefix("?")


def _literal(sign: str) -> str:
    return f"%{sign}" if sign in "#Aa*%" else sign


def _joined(parts: list[_Part], counts: list[int]) -> str:
    return "".join(mask * count for (mask, _, _), count in zip(parts, counts, strict=True))


def _size(parts: list[_Part], counts: list[int]) -> int:
    return len(re.findall("%?.", _joined(parts, counts)))


def _room(mask: str) -> int:
    room = 1
    for sign in re.findall("%?.", mask):
        room *= _ROOM.get(sign, 1)
    return room


def _sample(mask: str, turn: int) -> str:
    """The mask filled in with the first, a middle or the last of what may stand at each place."""
    signs = _SIGNS | {"*": _SIGNS["#"] + _SIGNS["A"]}
    found = []
    for sign in re.findall("%?.", mask):
        options = signs.get(sign, sign[-1])
        found.append(options[(len(options) - 1) * turn // 2])
    return "".join(found)
