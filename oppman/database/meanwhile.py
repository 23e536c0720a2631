"""Work that is looked at while it goes on."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

T = TypeVar("T")
_SECONDS = 0.5


async def meanwhile(work: Coroutine[Any, Any, T], look: Callable[[], object]) -> T:
    """Await the work and call `look` every half second until it is done. What `look` raises ends the work."""
    working = asyncio.create_task(work)
    try:
        while not (await asyncio.wait([working], timeout=_SECONDS))[0]:
            look()
        return working.result()
    finally:
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)
