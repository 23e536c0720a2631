"""Demo users: those of `logins.py` first, then the hosts of the webinars, then customers."""

from typing import Any

from webapp.demo.draw import Draw
from webapp.demo.logins import LOGINS, NO_PASSWORD
from webapp.models import User

model = User

HOSTS = 8
"""Users that host webinars; they follow the logins."""


def count(rows: int) -> int:
    """One for a thousand rows."""
    return len(LOGINS) + HOSTS + rows // 1_000


def host(webinar: int) -> int:
    """The number of the user who hosts webinar number `webinar`."""
    return len(LOGINS) + webinar * 5 % HOSTS


def row(draw: Draw) -> dict[str, Any]:
    name, email = draw.person()
    login = LOGINS[draw.number] if draw.number < len(LOGINS) else None
    return {
        "name": name,
        "email": login.email if login else email,
        "password_hash": NO_PASSWORD,
        "is_superuser": login is not None and login.role == "superuser",
        "created_at": draw.in_order(400),
    }
