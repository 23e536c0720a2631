"""The starter without its demo slices: what `oppman new --minimal` copies."""

import re
from pathlib import PurePosixPath

from oppman.scaffold.forget import forget

WORDS = ("product", "webinar", "registration", "dashboard", "photo")
MENTION = re.compile("|".join(WORDS), re.IGNORECASE)


def belongs_to_a_slice(name: str) -> bool:
    """Whether the file at `name`, a path in the project, is about a demo slice alone: one of its words says so."""
    words = {word for part in PurePosixPath(name).parts for word in re.split(r"[._]", part)}
    return not words.isdisjoint(form for word in WORDS for form in (word, f"{word}s"))


def without_slices(name: str, source: str) -> str | None:
    """The Python source of the file at `name` without the demo slices; None if nothing worth having is left."""
    if not MENTION.search(source):
        return source
    is_test = PurePosixPath(name).name.startswith("test_")
    left = forget(source, WORDS, whole_functions=is_test)
    return None if is_test and "def test_" not in left else left
