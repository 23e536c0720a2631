"""An answer that is remembered for some seconds."""

from itertools import count
from typing import Any

from webapp.recent import Recent


async def ask_at(times: list[float], seconds: float) -> list[int]:
    """What is answered at these times, when the answers are 0, 1, 2 ..."""
    answers, moment = count(), [0.0]

    async def ask(_session: Any) -> int:
        return next(answers)

    recent = Recent(ask, lambda: seconds, lambda: moment[0])
    given = []
    for moment[0] in times:
        given.append(await recent(None))  # type: ignore[arg-type]
    return given


async def test_an_answer_is_given_again_until_it_is_too_old() -> None:
    assert await ask_at([0, 5, 9.9, 10, 19, 25], 10) == [0, 0, 0, 1, 1, 2]


async def test_no_seconds_means_asking_every_time() -> None:
    assert await ask_at([0, 0, 1], 0) == [0, 1, 2]
