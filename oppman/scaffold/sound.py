"""The statements that were found to be Python, by their digests: each is read once, and not once in every run."""

import ast
import sys
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path

NAME = "sound"
_SIZE = 8  # bytes of a digest: among a hundred thousand of them, two alike are no concern
_MOST = 100_000
_MAGIC = b"sound %d.%d\n" % sys.version_info[:2]  # what is Python is not the same in each of its versions

_known: set[bytes] = set()
_seen: set[bytes] = set()


def is_sound(text: str) -> bool:
    """Whether the statement is Python by itself."""
    digest = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=_SIZE).digest()
    if digest not in _known and digest not in _seen:
        try:
            ast.parse(text)
        except (SyntaxError, ValueError):
            return False
    _seen.add(digest)
    return True


def recall(folder: Path) -> None:
    """Know what earlier runs in the project found; `folder` is that of their records."""
    with suppress(OSError):
        content = (folder / NAME).read_bytes()
        if content.startswith(_MAGIC):
            rest = content[len(_MAGIC) :]
            _known.update(rest[place : place + _SIZE] for place in range(0, len(rest) - _SIZE + 1, _SIZE))


def to_remember() -> bytes | None:
    """What the file in that folder should hold from now on; None if it says so already."""
    if _seen <= _known:
        return None
    found = _seen if len(_known | _seen) > _MOST else _known | _seen
    return _MAGIC + b"".join(sorted(found))
