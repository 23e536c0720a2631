"""The rows whose vectors are nearest to one: by an HNSW index on PostgreSQL, from memory on SQLite.

SQLite has no index for vectors, and to read 100,000 of them for each search takes a quarter of a second. A process
therefore keeps them with one byte for each number, 26 MB for 100,000 of 256; it looks through those and measures the
best ones exactly.
"""

import asyncio
from collections.abc import Collection, Sequence
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, LargeBinary, bindparam, select, type_coerce
from sqlalchemy.ext.asyncio import AsyncSession

from webapp.db import MOST_NEAR, reader, reading_engine
from webapp.embedded import Subject
from webapp.settings import get_settings

Near = list[tuple[Any, float]]
"""Keys of rows, each with the cosine of the angle to it: 1 is the same direction. The nearest comes first."""


async def nearest(session: AsyncSession, subject: Subject, embedder: str, vector: Sequence[float]) -> Near:
    """At most `MOST_NEAR` rows, of those whose vectors are from this embedder. On SQLite they have to be committed."""
    if not any(vector):
        return []
    if get_settings().is_sqlite:
        return await _matrix(subject, embedder).nearest(session, vector)
    distance = subject.vectors.c.vector.cosine_distance(vector).label("distance")
    of_it = select(subject.of, distance).where(subject.vectors.c.embedder == embedder)
    rows = await session.execute(of_it.order_by(distance).limit(MOST_NEAR))
    return [(key, 1 - far) for key, far in rows if far is not None]


def _matrix(subject: Subject, embedder: str) -> "_Matrix":
    of_database = _MATRICES.setdefault(reading_engine().sync_engine, {})
    return of_database.setdefault((subject.vectors.name, embedder), _Matrix(subject, embedder))


class _Matrix:
    """The vectors of one table in memory, by their keys: these rise with each that is stored and never come again."""

    def __init__(self, subject: Subject, embedder: str) -> None:
        table = subject.vectors
        stored = type_coerce(table.c.vector, LargeBinary)
        self._newer = (
            select(table.c.id, stored)
            .where(table.c.embedder == embedder, table.c.id > bindparam("last"))
            .order_by(table.c.id)
            .limit(_Block.SIZE)
        )
        self._these = select(table.c.id, subject.of, stored).where(table.c.id.in_(bindparam("keys", expanding=True)))
        self._blocks: list[_Block] = []
        self._last = 0
        self._lock = asyncio.Lock()

    async def nearest(self, session: AsyncSession, vector: Sequence[float]) -> Near:
        while True:
            async with self._lock:
                await self._catch_up()
            best = await asyncio.to_thread(_best, list(self._blocks), vector)
            rows = (await session.execute(self._these, {"keys": best})).all()
            gone = set(best).difference(row[0] for row in rows)
            self._forget(gone)
            if not gone or len(rows) > len(gone):
                return _measure([(key, stored) for _, key, stored in rows], vector)

    async def _catch_up(self) -> None:
        """Read what was stored since. Not in the caller's transaction: that one may be rolled back, and its keys used
        again.
        """
        while rows := (await reader().execute(self._newer, {"last": self._last})).all():
            if not self._blocks or not self._blocks[-1].has_room(len(rows)):
                self._blocks.append(_Block(len(rows[0][1]) // 4))
            await asyncio.to_thread(self._blocks[-1].append, rows)
            self._last = rows[-1][0]

    def _forget(self, gone: Collection[int]) -> None:
        """Let go of vectors that are not there any more. If they are many, there are more: read what is left."""
        if len(gone) > MOST_NEAR // 2:
            self._blocks, self._last = [], 0
        elif gone:
            for block in self._blocks:
                block.forget(gone)


class _Block:
    """Some vectors as whole numbers up to 127, each with the factor that makes it one of length 1 again."""

    SIZE = 2048

    def __init__(self, dimensions: int) -> None:
        import numpy as np  # takes its time to import, and is wanted by nobody who does not search

        self._keys = np.zeros(self.SIZE, "i8")
        self._numbers = np.zeros((self.SIZE, dimensions), "i1")
        self._factors = np.zeros(self.SIZE, "f4")
        self._count = 0

    def has_room(self, count: int) -> bool:
        return self._count + count <= self.SIZE

    def append(self, rows: Sequence[Any]) -> None:
        import numpy as np

        vectors = _read([stored for _, stored in rows])
        steps = np.maximum(np.abs(vectors).max(1, keepdims=True), 1e-30) / 127
        lengths = np.maximum(np.linalg.norm(vectors, axis=1), 1e-30)
        new = slice(self._count, self._count + len(rows))
        self._keys[new] = [key for key, _ in rows]
        self._numbers[new] = np.rint(vectors / steps)
        self._factors[new] = steps[:, 0] / lengths
        self._count = new.stop  # last: another thread may be looking through it

    def scores(self, vector: Any) -> tuple[Any, Any]:
        """The cosine to each, nearly, and the keys; the key of one that is gone is 0."""
        import numpy as np

        count = self._count
        # Not `@`: on a busy machine its threads spend their time waiting for each other, 30 times as much.
        return np.vecdot(self._numbers[:count].astype("f4"), vector) * self._factors[:count], self._keys[:count]

    def forget(self, gone: Collection[int]) -> None:
        import numpy as np

        places = np.isin(self._keys, list(gone))
        self._keys[places] = 0
        self._factors[places] = 0


def _best(blocks: Sequence[_Block], vector: Sequence[float]) -> list[int]:
    """The keys of the best, in no order."""
    import numpy as np

    if not blocks:
        return []
    wanted = np.array(vector, "f4")
    scores, keys = (np.concatenate(parts) for parts in zip(*(block.scores(wanted) for block in blocks), strict=True))
    if len(scores) > MOST_NEAR:
        keys = keys[np.argpartition(scores, -MOST_NEAR)[-MOST_NEAR:]]
    return [key for key in keys.tolist() if key]


def _measure(rows: Sequence[tuple[Any, bytes]], vector: Sequence[float]) -> Near:
    import numpy as np

    if not rows:
        return []
    vectors, wanted = _read([stored for _, stored in rows]), np.array(vector, "f4")
    lengths = np.linalg.norm(vectors, axis=1) * np.linalg.norm(wanted)
    cosines = (np.vecdot(vectors, wanted) / np.maximum(lengths, 1e-30)).tolist()
    found = [(key, cosine) for (key, _), cosine in zip(rows, cosines, strict=True)]
    return sorted(found, key=lambda near: near[1], reverse=True)


def _read(stored: Sequence[bytes]) -> Any:
    """A matrix of stored vectors, each a row."""
    import numpy as np

    return np.frombuffer(b"".join(stored), "<f4").reshape(len(stored), -1)


_MATRICES: WeakKeyDictionary[Engine, dict[tuple[str, str], _Matrix]] = WeakKeyDictionary()
