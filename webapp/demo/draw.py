"""Chance, the same each time: what a row's module draws its values from."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from hashlib import blake2b
from typing import Any, TypeVar
from uuid import UUID

from sqlmodel import SQLModel

from webapp.demo.keys import Key, Keys
from webapp.demo.words import DOMAINS, FIRST_NAMES, LAST_NAMES, NOUNS, VERBS, plain

T = TypeVar("T")

_BYTES = 64


class Draw:
    """The chance in one row of one table.

    A row gets one large number, the hash of the seed, the table and the row's number. Each draw takes a digit off it,
    to whatever base it needs. That is quicker than a generator seeded for each row, and a row stays what it is when
    its neighbours change.
    """

    def __init__(self, seed: int, table: str, day: datetime, keys: Mapping[str, Keys]) -> None:
        self.number = 0
        """Which row of its table this is, from 0."""
        self.day = day
        """Midnight (UTC) of the day that dates are relative to."""
        self._table, self._keys = table, keys
        self._source = blake2b(f"{seed}:{table}".encode(), digest_size=_BYTES)
        self._digits, self._refills = 0, 0

    def begin(self, number: int) -> "Draw":
        """Turn to another row. The loader calls it."""
        self.number, self._digits, self._refills = number, 0, 0
        return self

    def below(self, limit: int) -> int:
        """A whole number from 0 to `limit` - 1."""
        if self._digits < limit << 32:
            self._refill()
        self._digits, digit = divmod(self._digits, limit)
        return digit

    def between(self, low: int, high: int) -> int:
        """A whole number from `low` to `high`, both included."""
        return low + self.below(high - low + 1)

    def chance(self, percent: int) -> bool:
        """True in `percent` of 100 rows."""
        return self.below(100) < percent

    def pick(self, options: Sequence[T]) -> T:
        """One of the options."""
        return options[self.below(len(options))]

    def decimal(self, low: str, high: str) -> Decimal:
        """An amount from `low` to `high`, with as many places as `low` is written with: `decimal("4.90", "249")`."""
        lowest, highest, places = _steps(low, high)
        return Decimal(self.between(lowest, highest)).scaleb(-places)

    def past(self, days: int) -> datetime:
        """A moment in the `days` before the day."""
        return self.day - timedelta(seconds=self.between(1, days * 86_400))

    def in_order(self, days: int) -> datetime:
        """A moment in the `days` before the day, not before those of the rows with smaller numbers."""
        return self.day - timedelta(seconds=days * 86_400 * 40 // (40 + self.number))

    def future(self, days: int) -> datetime:
        """A moment in the `days` that begin with the day."""
        return self.day + timedelta(seconds=self.below(days * 86_400))

    def words(self, count: int) -> str:
        """Some nouns: `lamp garden copper`."""
        return " ".join(self.pick(NOUNS) for _ in range(count))

    def sentence(self) -> str:
        """A plain sentence about nothing in particular."""
        return f"The {self.pick(NOUNS)} {self.pick(VERBS)} the {self.pick(NOUNS)} and the {self.pick(NOUNS)}."

    def person(self) -> tuple[str, str]:
        """A full name, and an address of that person which no other row of the table has."""
        first, last = self.pick(FIRST_NAMES), self.pick(LAST_NAMES)
        return f"{first} {last}", f"{plain(first)}.{plain(last)}{self.number}@{self.pick(DOMAINS)}"

    def uuid(self) -> UUID:
        """A UUID of version 4's form."""
        return UUID(int=self.below(1 << 128), version=4)

    def key(self, model: type[SQLModel], number: int) -> Key | None:
        """The key of the demo's row `number` of another table, or None if it is not there (any more).

        A row without the key of a NOT NULL column is left out.
        """
        return self._keys[model.__tablename__].key(number)  # type: ignore[index]

    def some(self, model: type[SQLModel]) -> Key | None:
        """The key of some demo row of another table, or of an earlier row of this one; None if there is none."""
        table = str(model.__tablename__)
        limit = self.number if table == self._table else len(self._keys[table])
        return self._keys[table].key(self.below(limit)) if limit else None

    def several(self, model: type[SQLModel], most: int = 3) -> list[Key]:
        """Keys of up to `most` demo rows of another table, each once."""
        found = [self.some(model) for _ in range(self.between(0, most))]
        return list(dict.fromkeys(key for key in found if key is not None))

    def _refill(self) -> None:
        state: Any = self._source.copy()
        state.update(b"%d:%d" % (self.number, self._refills))
        self._digits = int.from_bytes(state.digest(), "big")
        self._refills += 1


@lru_cache
def _steps(low: str, high: str) -> tuple[int, int, int]:
    places = -int(Decimal(low).as_tuple().exponent)
    return int(Decimal(low).scaleb(places)), int(Decimal(high).scaleb(places)), places
