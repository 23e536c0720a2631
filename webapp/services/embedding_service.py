"""Make the vectors that no session made: of rows that came in bulk or by another program, and after another EMBEDDER.

Each function has transactions of its own, so it is called outside of any.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, Select, and_, func, select

from webapp.db import reader, reading_engine, transaction
from webapp.embedded import Subject, digest, subjects
from webapp.embedding import embedder

AT_ONCE = 250
"""Rows of one transaction: some 25 ms of work."""

LOOK_AGAIN = 300.0
"""Seconds after which all rows are looked at again, and not the newer ones alone."""

Progress = Callable[[str, int, int], None]
"""Called with the table's name, how many rows are done, and how many there are."""


@dataclass(frozen=True, slots=True)
class Embedded:
    """How many rows a table has, and for how many of them a vector was made."""

    table: str
    rows: int
    made: int


async def embed_all(progress: Progress | None = None) -> list[Embedded]:
    """Make the vector of each row that has none, or one of another text or another embedder."""
    return [await _embed_all(subject, progress) for subject in subjects()]


async def catch_up(subject: Subject) -> bool:
    """Make vectors for rows without one of the present embedder, some at a time. Whether all have one now.

    When none is missing it costs the same however many rows there are, but for once in five minutes.
    """
    seen = _SEEN.setdefault(reading_engine().sync_engine, {})
    before = seen.get((subject, embedder().name))
    known = before if before and monotonic() < before.until else _Seen(None, monotonic() + LOOK_AGAIN)
    newer = [] if known.greatest is None else [subject.key > known.greatest]
    # Not max(), which PostgreSQL has for no UUID.
    last = select(subject.key).where(*newer, *subject.there()).order_by(subject.key.desc()).limit(1).correlate(None)
    figures = _with_vectors(subject, last.scalar_subquery(), func.count() - func.count(subject.vectors.c.id))
    greatest, missing = (await reader().execute(figures.where(*newer))).one()
    if missing:
        lacking = _with_vectors(subject, subject.key).where(subject.vectors.c.id.is_(None), *newer)
        keys = await reader().scalars(lacking.order_by(subject.key).limit(AT_ONCE))
        await _embed(subject, keys.all())
        return bool(missing <= AT_ONCE)
    if greatest is not None:
        seen[subject, embedder().name] = _Seen(greatest, known.until)
    return True


@dataclass(frozen=True, slots=True)
class _Seen:
    """All rows up to this key have vectors, unless somebody wrote around the sessions."""

    greatest: Any
    until: float


async def _embed_all(subject: Subject, progress: Progress | None) -> Embedded:
    total = await reader().scalar(select(func.count()).select_from(subject.rows).where(*subject.there())) or 0
    done = made = 0
    last: list[Any] = []
    listing = _with_vectors(subject, subject.key, subject.title, *subject.texts, subject.vectors.c.digest)
    while rows := (
        await reader().execute(listing.where(*(subject.key > key for key in last)).order_by(subject.key).limit(AT_ONCE))
    ).all():
        stale = [row[0] for row in rows if row.digest != digest(*subject.text(row))]
        await _embed(subject, stale)
        last = [rows[-1][0]]
        done, made = done + len(rows), made + len(stale)
        if progress:
            progress(subject.rows.name, done, max(done, total))
    return Embedded(subject.rows.name, done, made)


async def _embed(subject: Subject, keys: Sequence[Any]) -> None:
    """Nobody changes the rows in the meantime, so that the vector is that of the text."""
    if not keys:
        return
    async with transaction() as session:
        query = select(subject.key, subject.title, *subject.texts).where(subject.key.in_(keys), *subject.there())
        rows = (await session.execute(query.with_for_update(key_share=True))).all()
        await (await session.connection()).run_sync(subject.store, rows)


def _with_vectors(subject: Subject, *columns: Any) -> Select[Any]:
    """These columns of all rows, with those of their vectors that are of the present embedder, if there are such."""
    vectors = subject.vectors
    matching = and_(subject.of == subject.key, vectors.c.embedder == embedder().name)
    return select(*columns).select_from(subject.rows.outerjoin(vectors, matching)).where(*subject.there())


_SEEN: WeakKeyDictionary[Engine, dict[tuple[Subject, str], _Seen]] = WeakKeyDictionary()
