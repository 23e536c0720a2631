"""A name in a module's `__all__`."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Self

from oppman.scaffold.insert.imports import member_key
from oppman.scaffold.insert.list_item import ListItem


@dataclass(frozen=True)
class Exported(ListItem):
    """A string in `__all__`: in its place where that is sorted, as ruff does it or by the alphabet; else at the end."""

    @classmethod
    def of(cls, name: str) -> Self:
        return cls("__all__", f'"{name}"')

    def _index(self, codes: list[str]) -> int:
        names = [code.strip("\"'") for code in (self.item, *codes)]
        for order in _orders():
            own, *others = map(order, names)
            if others == sorted(others):
                return sum(other < own for other in others)
        return len(codes)


def _orders() -> Iterator[Callable[[str], Any]]:
    yield member_key
    yield str
    yield str.lower
