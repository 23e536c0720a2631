"""Find rows of all kinds by what they are about: what their text means, together with the words in it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncSession

from webapp.embedded import Subject, subjects
from webapp.embedding import embedder, root, words_of
from webapp.errors import Invalid
from webapp.nearest import nearest
from webapp.permissions import model_name
from webapp.schemas.search import KINDS, LONGEST, MAX_LIMIT
from webapp.services.embedding_service import catch_up

_EXCERPT = 300


@dataclass(frozen=True, slots=True)
class Hit:
    """A row that was found, with the beginning of its text and the address of its page."""

    kind: str
    id: Any
    title: str
    text: str
    page: str
    score: float
    """From 0 to 1, which is a row of this very title."""


@dataclass(frozen=True, slots=True)
class Found:
    """The best rows, the best one first. `complete` is false while rows wait for `oppman embed` to make them known."""

    items: list[Hit]
    complete: bool = True


async def search(session: AsyncSession, text: str, *, kind: str | None = None, limit: int = 20) -> Found:
    """The rows of one kind, or of all, that are about this text; what follows 500 characters of it does not count.

    A row is found if its meaning is near enough, or if it is near and has one of the words. Call it outside of a
    transaction: it makes vectors that are missing.
    """
    if kind and KINDS and kind not in KINDS:
        hint = f"Search for one of: {', '.join(KINDS)}."
        raise Invalid(f"There is no kind {kind[:50]!r}.", hint, {"kind": hint})
    text = text[:LONGEST].replace("\x00", "").strip()
    if not text:
        return Found([])
    (vector,) = embedder().embed([text])
    hits: list[Hit] = []
    complete = True
    for subject in subjects():
        if not kind or model_name(subject.model) == kind:
            complete = await catch_up(subject) and complete
            hits += await _search(session, subject, text, vector)
    return Found(sorted(hits, key=lambda hit: (-hit.score, hit.title))[:limit], complete)


async def _search(session: AsyncSession, subject: Subject, text: str, vector: Sequence[float]) -> list[Hit]:
    near = dict((await nearest(session, subject, embedder().name, vector))[:MAX_LIMIT])
    called_so = subject.title.in_({text, text.lower(), text.title(), text.capitalize()})  # found by the index
    columns = select(subject.key, subject.title, *subject.texts).where(*subject.there())
    named = columns.where(called_so, subject.key.not_in(near)).limit(MAX_LIMIT).subquery()
    rows = await session.execute(columns.where(subject.key.in_(near)).union_all(select(named)))
    hits = (_hit(subject, row, text, near.get(row[0], 0.0)) for row in rows)
    return [hit for hit in hits if hit]


def _hit(subject: Subject, row: Row[Any], text: str, cosine: float) -> Hit | None:
    title, rest = subject.text(row)
    wanted = _roots(text)
    share = len(wanted & _roots(f"{title} {rest}")) / len(wanted) if wanted else 0.0
    if title.casefold() == text.casefold():
        score = 1.0
    elif share or cosine >= embedder().related:
        score = (max(cosine, 0.0) + share) / 2
    else:
        return None
    excerpt = " · ".join(line for line in rest.splitlines() if line.strip())[:_EXCERPT]
    page = f"/{subject.rows.name.replace('_', '-')}/{row[0]}"
    return Hit(model_name(subject.model), row[0], title, excerpt, page, round(score, 4))


def _roots(text: str) -> set[str]:
    return {root(word) for word in words_of(text)}
