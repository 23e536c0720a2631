"""Texts as vectors: texts that are about the same thing are near each other.

The setting EMBEDDER chooses how. `hashed` needs nothing and knows the letters of words alone; `wordllama` knows what
English words mean and comes with the extra `semantic`. Vectors of two embedders cannot be compared, so each is stored
with the name of the one that made it.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache
from hashlib import blake2b
from importlib.util import find_spec
from math import log, sqrt
from pathlib import Path
from typing import Any, Protocol

from webapp.settings import get_settings

DIMENSIONS = 256
"""Of every embedder, since a column has so many."""

Vector = list[float]


class Embedder(Protocol):
    """Makes vectors of texts: of length 1, or all zeros for a text that says nothing."""

    name: str
    """Stored with each vector. A change of what the embedder makes of a text is another name."""

    related: float
    """The least cosine of two texts that have something in common."""

    def embed(self, texts: Sequence[str]) -> list[Vector]: ...


def embedder() -> Embedder:
    """The one that the settings choose."""
    return _embedder(get_settings().embedder)


def words_of(text: str) -> list[str]:
    """The words of a text as they are compared: in small letters, without accents, without what every text has."""
    text = text.casefold()
    if not text.isascii():
        text = "".join(sign for sign in unicodedata.normalize("NFKD", text) if not unicodedata.combining(sign))
    words = _WORD.findall(text)
    return [word for word in words if word not in _COMMON] or words


def root(word: str) -> str:
    """The word without the ending of an English plural."""
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")) else word


class Hashed:
    """Each word and each three to five letters of it count at places that a digest of them chooses."""

    name = "hashed-1"
    related = 0.3

    def embed(self, texts: Sequence[str]) -> list[Vector]:
        return [self._vector(text) for text in texts]

    def _vector(self, text: str) -> Vector:
        vector = [0.0] * DIMENSIONS
        for word, count in Counter(words_of(text)).items():
            weight = 1 + log(count)
            for place, value in _places(word):
                vector[place] += weight * value
        return unit(vector)


class WordLlama:
    """The mean of what a language model knows of the words, read from the files of the package wordllama."""

    name = "wordllama-l2_supercat_256"
    related = 0.28

    def __init__(self) -> None:
        found = find_spec("wordllama")
        if found is None or not found.submodule_search_locations:
            raise ModuleNotFoundError("There is no package wordllama.")
        from safetensors import safe_open
        from tokenizers import Tokenizer

        # Its own `load()` looks for the tokenizer in another folder than the one that the package has, and downloads.
        folder = Path(found.submodule_search_locations[0])
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizers" / "l2_supercat_tokenizer_config.json"))
        self._tokenizer.no_padding()
        with safe_open(folder / "weights" / "l2_supercat_256.safetensors", framework="np") as file:
            self._known: Any = file.get_tensor("embedding.weight")

    def embed(self, texts: Sequence[str]) -> list[Vector]:
        tokens = self._tokenizer.encode_batch(
            [" ".join(text.casefold().split()) for text in texts], add_special_tokens=False
        )
        return [unit(self._known[one.ids].mean(0, dtype="f4").tolist()) if one.ids else unit([]) for one in tokens]


def unit(vector: Iterable[float]) -> Vector:
    """The vector at length 1; all zeros if it has none."""
    values = list(vector) or [0.0] * DIMENSIONS
    length = sqrt(sum(value * value for value in values))
    return [value / length for value in values] if length else values


@lru_cache
def _embedder(choice: str) -> Embedder:
    return WordLlama() if choice == "wordllama" else Hashed()


@lru_cache(maxsize=50_000)  # few words make most of all texts
def _places(word: str) -> tuple[tuple[int, float], ...]:
    """Where a word counts, and how much: the whole word as much as all of its parts together.

    The whole word has several places: with one, every 256th other word would have the same.
    """
    framed = f"<{word[:40]}>"
    parts = [framed[start : start + size] for size in (3, 4, 5) for start in range(len(framed) - size + 1)]
    vector: dict[int, float] = {}
    for marks in (_marks(f"={root(word)}", 6), [mark for part in parts for mark in _marks(part, 1)]):
        for place, sign in marks:
            vector[place] = vector.get(place, 0.0) + (1 if sign & 1 else -1) / sqrt(len(marks))
    return tuple(vector.items())


def _marks(piece: str, count: int) -> list[tuple[int, int]]:
    """So many pairs of bytes, one of 256 places and a sign, that the piece decides: `hash` differs in each process."""
    digest = blake2b(piece.encode(), digest_size=2 * count).digest()
    return list(zip(digest[::2], digest[1::2], strict=True))


_WORD = re.compile(r"[^\W_]+")
_COMMON = frozenset(
    {
        "a", "an", "and", "are", "as", "at", "be", "but", "by", "for", "from", "has", "have", "i", "in", "is", "it",
        "its", "of", "on", "or", "our", "that", "the", "their", "this", "to", "was", "we", "were", "will", "with",
        "you", "your",
    }
)  # fmt: skip
