"""Demo registrations: twelve for a webinar on average, as many as its place in the round says."""

from bisect import bisect_right
from datetime import timedelta
from itertools import accumulate
from typing import Any

from webapp.demo import webinars
from webapp.demo.draw import Draw
from webapp.models import Registration, RegistrationStatus, Webinar

model = Registration

_ENDS = tuple(accumulate(webinars.AUDIENCES))
_PER_ROUND = _ENDS[-1]

_NOTES = (
    "Asked for the recording.", "Comes with a colleague.", "Needs captions.", "Has been to three of our webinars.",
    "Called to confirm.", "Would like the slides beforehand.", "Joins half an hour late.",
    "Sent a question about prices.",
)  # fmt: skip


def count(rows: int) -> int:
    """What the audiences of all webinars come to."""
    rounds, rest = divmod(webinars.count(rows), len(_ENDS))
    return rounds * _PER_ROUND + (_ENDS[rest - 1] if rest else 0)


def row(draw: Draw) -> dict[str, Any]:
    webinar = _webinar(draw.number)
    starts_at = webinars.starts_at(webinar, draw.day)
    name, email = draw.person()
    return {
        "webinar_id": draw.key(Webinar, webinar),
        "name": name,
        "email": email,
        "status": _status(draw, over=starts_at < draw.day),
        "notes": draw.pick(_NOTES) if draw.chance(15) else "",
        "created_at": min(starts_at, draw.day) - timedelta(minutes=draw.between(30, 30 * 24 * 60)),
    }


def _webinar(number: int) -> int:
    """The number of the webinar that registration `number` is for."""
    done, place = divmod(number, _PER_ROUND)
    return done * len(_ENDS) + bisect_right(_ENDS, place)


def _status(draw: Draw, over: bool) -> RegistrationStatus:
    if draw.chance(7):
        return RegistrationStatus.CANCELLED
    if not over:
        return RegistrationStatus.REGISTERED
    return RegistrationStatus.ATTENDED if draw.chance(72) else RegistrationStatus.NO_SHOW
