"""The slices that the starter comes with, and files without them: for `oppman new --minimal` and `scaffold destroy`."""

import re
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path, PurePosixPath

from oppman.scaffold.forget import forget

SLICES: Mapping[str, tuple[str, ...]] = {
    "Product": ("product", "product_vector"),
    "Webinar": ("webinar", "webinar_vector", "registration", "registrant", "photo"),
}
"""The words of each, as they stand in the names of files and in the code; the first one is what it is called."""

WORDS = tuple(word for words in SLICES.values() for word in words)
_EXTENSION = """\
    if op.get_context().dialect.name == "postgresql":
        op.execute("CREATE EXTENSION IF NOT EXISTS vector")

"""
"""What a migration with a column of vectors begins with."""
_STUBS = Path(__file__).parent / "stubs"


def belongs_to_a_slice(name: str, words: Iterable[str] = WORDS) -> bool:
    """Whether the file at `name`, a path in the project, is about a slice alone: one of its words says so."""
    parts = {word for part in PurePosixPath(name).parts for word in re.split(r"[._]", part)}
    return not parts.isdisjoint(form for word in words for form in (word, f"{word}s"))


def without_slices(name: str, source: str, words: Collection[str] = WORDS) -> str | None:
    """The Python source of the file at `name` without the slices; None if nothing worth having is left."""
    if not mentions(source, words):
        return source
    is_test = PurePosixPath(name).name.startswith("test_")
    left = forget(source, words, whole_functions=is_test)
    if ".Vector(" not in left:  # a server without pgvector could not run the migration
        left = left.replace(_EXTENSION, "")
    return None if is_test and "def test_" not in left else left


def mentions(source: str, words: Iterable[str] = WORDS) -> bool:
    """Whether one of the words is anywhere in `source`."""
    return re.search("|".join(words), source, re.IGNORECASE) is not None


def overlay(name: str, gone: Collection[str] = tuple(SLICES)) -> Path | None:
    """The file that a project without the slices `gone` has at `name`: a page whose text is about them."""
    folder = "minimal" if len(gone) == len(SLICES) else f"without-{''.join(gone).lower()}"
    path = _STUBS / folder / name
    return path if gone and path.is_file() else None
