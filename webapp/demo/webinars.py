"""Demo webinars: from two months ago to four months ahead, one a week for a start."""

from datetime import datetime, timedelta
from typing import Any

from webapp.demo import users
from webapp.demo.draw import Draw
from webapp.models import User, Webinar

model = Webinar

AUDIENCES = (12, 30, 3, 18, 0, 9, 24, 5, 12, 7)
"""How many people register for the first, the second ... of ten webinars; the second of them is nearly full."""

_CAPACITIES = (50, 30, 20, 40, 25, 30, 60, 20, 100, 12)

_TOPICS = (
    ("Sharpening kitchen knives", "whetstones, angles and how to tell when a blade is done"),
    ("Repotting without tears", "roots, soil mixes and the week after the move"),
    ("Light for small rooms", "where to put three lamps so that a room feels twice its size"),
    ("Caring for wooden boards", "oil, salt, sunlight and the stains that never leave"),
    ("A table for eight", "setting, serving and sitting down with your guests"),
    ("Sourdough in a busy week", "one starter, two short evenings and a loaf on Saturday"),
    ("Mending knitwear", "visible and invisible repairs with one needle"),
    ("Storing linen and wool", "folding, airing and keeping moths away without chemicals"),
    ("Composting on a balcony", "what goes in, what stays out and why it does not smell"),
    ("Brewing better coffee", "grind, water and the four things worth measuring"),
    ("Choosing a desk that lasts", "height, wood, cables and what a drawer should bear"),
    ("Glazes and how they are made", "ash, iron, cobalt and a look into the kiln"),
    ("Growing herbs indoors", "light, cutting back and the five that never sulk"),
    ("Cast iron, seasoned well", "rust, oil, heat and the myths about soap"),
    ("Natural dyes at home", "onion skins, madder, indigo and fixing the colour"),
    ("Hanging pictures straight", "walls, weights, hooks and groups of frames"),
    ("Winter pruning", "which trees to cut, where, and which to leave in peace"),
    ("Quiet bathrooms", "towels, hooks, trays and finding room where there is none"),
    ("Candles from beeswax", "wicks, moulds and burning them evenly"),
    ("Weaving a first basket", "soaking willow, the base and a rim that holds"),
)
_FORMS = (
    ("{}", "An hour with"),
    ("{} for beginners", "Start from nothing with"),
    ("Live from the workshop: {}", "Stand at the bench with"),
    ("Ask the maker: {}", "Bring your questions to"),
    ("{}, a second look", "Go deeper with"),
)
_CLOSINGS = (
    "You need no tools to follow along. The recording is sent to everybody who registered.",
    "Have the thing itself beside you, and something to write with. There is time for questions at the end.",
    "We send a list of materials two days before. Cameras may stay off.",
    "The second half belongs to your questions; send them beforehand if you like.",
)


def count(rows: int) -> int:
    """One for a hundred rows, and at least thirty."""
    return max(30, rows // 100)


def starts_at(number: int, day: datetime) -> datetime:
    """When webinar `number` begins, seen from `day`: on the hour or half past, from 8:00 to 18:30 UTC."""
    return day + timedelta(days=number * 7 % 181 - 60, hours=8 + number * 5 % 11, minutes=30 * (number % 2))


def row(draw: Draw) -> dict[str, Any]:
    topic, details = _TOPICS[draw.number * 7 % len(_TOPICS)]
    title, opening = draw.pick(_FORMS)
    begins = starts_at(draw.number, draw.day)
    created = min(begins, draw.day) - timedelta(days=draw.between(31, 90))
    return {
        "title": title.format(topic if title.startswith("{") else topic[0].lower() + topic[1:]),
        "description": f"{opening} our host: {details}.\n\n{draw.pick(_CLOSINGS)}",
        "starts_at": begins,
        "duration_minutes": draw.pick((45, 60, 60, 90)),
        "capacity": _CAPACITIES[draw.number % len(_CAPACITIES)],
        "host_id": draw.key(User, users.host(draw.number)),
        "created_at": created,
        "updated_at": created,
    }
