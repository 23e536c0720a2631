"""Chance, the same each time: what a row's module draws its values from."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from functools import lru_cache
from hashlib import blake2b, shake_128
from math import prod, sqrt
from typing import Any, TypeVar
from uuid import UUID

from sqlmodel import SQLModel

from webapp.demo.keys import Key, Keys
from webapp.demo.things import (
    ADJECTIVES,
    CENTS,
    COLLECTIONS,
    COLOURS,
    EVENTS,
    OPENINGS,
    PLACES,
    SEASONS,
    SHELVES,
    STREETS,
    TASKS,
    TITLES,
    TRADES,
    Company,
    Person,
    Place,
    Thing,
)
from webapp.demo.words import DOMAINS, FIRST_NAMES, LAST_NAMES, NOUNS, VERBS, plain

T = TypeVar("T")
E = TypeVar("E", bound=Enum)

_BYTES = 64
_SCATTER = 2_654_435_761
"""A prime: its multiples meet every remainder of 10, 26 and 36 before one comes again, and look like chance."""


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

    def real(self, low: float, high: float) -> float:
        """A number from `low` to `high`, with two places where they leave room for that."""
        drawn = low + (high - low) * (self.below(100_001) / 100_000)
        return min(max(round(drawn, 2), low), high)

    def price(self, low: str, high: str) -> Decimal:
        """An amount with two places from `low` to `high`, whole numbers both, that ends as prices do: 12.90."""
        whole = self.decimal(low, high)
        return min(whole + self.pick(CENTS), Decimal(high).quantize(CENTS[0]))

    def choice(self, options: type[E]) -> E:
        """A member of an enum, the sooner the further in front it stands."""
        members: tuple[E, ...] = _members(options)
        return members[min(self.below(len(members)), self.below(len(members)))]

    def past(self, days: int) -> datetime:
        """A moment in the `days` before the day."""
        return self.day - timedelta(seconds=self.between(1, days * 86_400))

    def in_order(self, days: int) -> datetime:
        """A moment in the `days` before the day, not before those of the rows with smaller numbers."""
        return self.day - timedelta(seconds=days * 86_400 * 40 // (40 + self.number))

    def future(self, days: int) -> datetime:
        """A moment in the `days` that begin with the day."""
        return self.day + timedelta(seconds=self.below(days * 86_400))

    def later(self, moment: datetime) -> datetime:
        """A moment from that one until the day."""
        return moment + timedelta(seconds=self.below(1 + int((self.day - moment).total_seconds())))

    def day_from(self, first: int, last: int) -> date:
        """A date from `first` to `last` days after the day; those before it are negative."""
        return (self.day + timedelta(days=self.between(first, last))).date()

    def half_hour(self, days: int) -> datetime:
        """A moment in the `days` after the day: on the hour or half past, from 8:00 to 18:30 UTC."""
        return self.day + timedelta(days=self.between(1, days), minutes=30 * self.between(16, 37))

    def clock(self, first: int, last: int) -> time:
        """A quarter of an hour of a day, from `first` to before `last` o'clock."""
        hour, quarter = divmod(self.between(first * 4, last * 4 - 1), 4)
        return time(hour, quarter * 15)

    def serial(self, mask: str) -> str:
        """The mask filled in with the row's number, so that no two rows have the same while there is room.

        `#` is for a digit, `A` and `a` are for a letter, `*` for a capital or a digit; what follows a `%` stands.
        """
        return _filled(mask, (self.number + 1) * _SCATTER % _room(mask))

    def mask(self, mask: str) -> str:
        """The mask of `serial`, filled in by chance."""
        return _filled(mask, self.below(_room(mask)))

    def once(self, options: Sequence[str]) -> str:
        """Each of the options in its turn, with a number from the second round on: `lamp`, later `lamp 2`."""
        turn, place = divmod(self.number, len(options))
        return options[place] if not turn else f"{options[place]} {turn + 1}"

    def words(self, count: int) -> str:
        """Some nouns: `lamp garden copper`."""
        return " ".join(self.pick(NOUNS) for _ in range(count))

    def sentence(self) -> str:
        """A plain sentence about nothing in particular."""
        return f"The {self.pick(NOUNS)} {self.pick(VERBS)} the {self.pick(NOUNS)} and the {self.pick(NOUNS)}."

    def text(self, sentences: int) -> str:
        """Up to so many plain sentences, each drawn for itself."""
        return " ".join(self.sentence() for _ in range(self.between(1, sentences)))

    def title(self) -> str:
        """A title, as of a book: `The Quiet Lantern`."""
        return self.pick(TITLES).format(
            adjective=self.pick(ADJECTIVES), noun=self.pick(NOUNS).title(), noun2=self.pick(NOUNS).title(),
            adjective2=self.pick(ADJECTIVES), first=self.pick(FIRST_NAMES), city=self.pick(PLACES)[0],
        )  # fmt: skip

    def event(self) -> str:
        """What an event is called: `Spring Market, Lyon`."""
        return self.pick(EVENTS).format(
            season=self.pick(SEASONS), city=self.pick(PLACES)[0], trade=self.pick(TRADES), person=self.person().name
        )

    def task(self) -> str:
        """What there is to do: `Repair the mirror`."""
        return self.pick(TASKS).format(noun=self.pick(NOUNS), first=self.pick(FIRST_NAMES), city=self.pick(PLACES)[0])

    def thing(self) -> Thing:
        """Something for the home, with the category, the price and the description that fit it."""
        category, things, materials, remarks = self.pick(SHELVES)
        thing, low, high = self.pick(things)
        material, collection, colour = self.pick(materials), self.pick(COLLECTIONS), self.pick(COLOURS)
        words = {"thing": thing.lower(), "material": material.lower(), "collection": collection}
        opening, remark = self.pick(OPENINGS).format_map(words), self.pick(remarks)
        return Thing(
            name=f"{collection} {material} {thing}, {colour}",
            category=category,
            description=f"{opening[0].upper()}{opening[1:]} {remark}",
            price=self.decimal(low, high) + self.pick(CENTS),
        )

    def person(self) -> Person:
        """Somebody, with an address that no other row of the table has."""
        first, last = self.pick(FIRST_NAMES), self.pick(LAST_NAMES)
        return Person(f"{first} {last}", f"{plain(first)}.{plain(last)}{self.number}@{self.pick(DOMAINS)}")

    def company(self) -> Company:
        """A company, with addresses that no other row of the table has."""
        family = self.pick(LAST_NAMES if self.chance(60) else COLLECTIONS)
        trade, domain = self.pick(TRADES), self.pick(DOMAINS)
        host = f"{plain(family)}-{trade.lower()}{self.number}.{domain}"
        return Company(f"{family} {trade}", f"office@{host}", f"https://{host}")

    def place(self) -> Place:
        """Somewhere to live or work."""
        city, country, dialling, latitude, longitude = self.pick(PLACES)
        return Place(
            city, country, f"{self.between(1, 140)} {self.pick(STREETS)}", f"{self.between(1000, 99_899):05}",
            f"{dialling} 555 {self.below(10_000):04}", round(latitude + self.between(-400, 400) / 10_000, 4),
            round(longitude + self.between(-400, 400) / 10_000, 4),
        )  # fmt: skip

    def url(self) -> str:
        """The address of a page, which no other row of the table has."""
        return f"https://{self.pick(DOMAINS)}/{self.pick(NOUNS)}-{self.number}"

    def slug(self) -> str:
        """A word for addresses, which no other row of the table has."""
        return f"{self.pick(NOUNS)}-{self.pick(NOUNS)}-{self.number}"

    def facts(self) -> dict[str, Any]:
        """A small object for JSON."""
        return {"colour": self.pick(COLOURS), "size": self.pick("SML"), "count": self.between(1, 12)}

    def vector(self, dimensions: int) -> list[float]:
        """A vector of length 1."""
        drawn = [byte - 127.5 for byte in shake_128(b"%d" % self.below(1 << 64)).digest(dimensions)]
        length = sqrt(sum(number * number for number in drawn))
        return [number / length for number in drawn]

    def uuid(self) -> UUID:
        """A UUID of version 4's form."""
        return UUID(int=self.below(1 << 128), version=4)

    def key(self, model: type[SQLModel], number: int) -> Key | None:
        """The key of the demo's row `number` of another table, or None if it is not there (any more).

        A row without the key of a NOT NULL column is left out.
        """
        keys = self._keys.get(str(model.__tablename__))
        return keys.key(number) if keys else None

    def some(self, model: type[SQLModel]) -> Key | None:
        """The key of some demo row of another table, or of an earlier row of this one; None if there is none."""
        table = str(model.__tablename__)
        limit = self.number if table == self._table else len(self._keys.get(table, ()))
        return self._keys[table].key(self.below(limit)) if limit else None

    def number_of(self, model: type[SQLModel]) -> int:
        """The number of some demo row of another table; 0 if there is none."""
        rows = len(self._keys.get(str(model.__tablename__), ()))
        return self.below(rows) if rows else 0

    def owner(self, number: int) -> Key | None:
        """The key of the demo user to whom the rows with this number belong, whatever their table."""
        users = self._keys.get("users")
        return users.key(number % len(users)) if users else None

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


@lru_cache
def _members(options: type[E]) -> tuple[E, ...]:
    return tuple(options)


_SIGNS = {
    "#": "0123456789", "A": "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "a": "abcdefghijklmnopqrstuvwxyz",
    "*": "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ",
}  # fmt: skip


@lru_cache
def _places(mask: str) -> tuple[str, ...]:
    """What may stand at each place, the last place first."""
    places, signs = list[str](), iter(mask)
    for sign in signs:
        places.append(next(signs) if sign == "%" else _SIGNS.get(sign, sign))
    return tuple(reversed(places))


@lru_cache
def _room(mask: str) -> int:
    return prod(map(len, _places(mask)))


def _filled(mask: str, number: int) -> str:
    signs = []
    for options in _places(mask):
        number, place = divmod(number, len(options))
        signs.append(options[place])
    return "".join(reversed(signs))


def fit(text: str, least: int, most: int) -> str:
    """The text, said again or cut so that it has `least` to `most` characters; cut after a word if that is possible."""
    while len(text) < least:
        text = f"{text} {text}"
    if len(text) <= most:
        return text
    cut = text[:most].rstrip(" ,-")
    whole = text[: most + 1].rpartition(" ")[0].rstrip(" ,-")
    return whole if len(whole) >= max(least, 1) else cut.ljust(max(least, 1), ".")
