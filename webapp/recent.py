"""An answer that may be a few seconds old, for what every page asks and hardly ever changes."""

from collections.abc import Awaitable, Callable
from time import monotonic
from typing import Generic, TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

T = TypeVar("T")


class Recent(Generic[T]):
    """The answer of `ask`, asked again once it is older than `seconds()`; each process remembers its own.

    With 0 seconds it is asked every time, so that a developer or a test sees each change at once.
    """

    def __init__(
        self,
        ask: Callable[[AsyncSession], Awaitable[T]],
        seconds: Callable[[], float],
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._ask, self._seconds, self._clock = ask, seconds, clock
        self._answer: tuple[float, T] | None = None

    async def __call__(self, session: AsyncSession) -> T:
        if self._answer is None or self._clock() >= self._answer[0] + self._seconds():
            self._answer = (self._clock(), await self._ask(session))
        return self._answer[1]
