"""Registrations: sign up, cancel, and what the staff notes about who came. A webinar is never overbooked."""

from functools import lru_cache
from typing import Any

from sqlalchemy import Row, Select, bindparam, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from webapp.db import MAX_KEY, now
from webapp.errors import Conflict, Invalid, NotFound
from webapp.models import Registration, RegistrationStatus, User, Webinar
from webapp.paging import Keyset, Page
from webapp.search import ESCAPE, pattern
from webapp.services import audit
from webapp.services.user_service import normalise_email
from webapp.services.webinar_service import count_taken, lock_webinar, registrations, webinars
from webapp.uploads import drop_file, new_image

MAX_NOTES = 2_000

SORTS = Keyset(
    registrations.c.id,
    name=registrations.c.name,
    email=registrations.c.email,
    created_at=registrations.c.created_at,
)


async def register(
    session: AsyncSession, webinar_id: int, *, name: str, email: str, actor: User | None = None
) -> Registration:
    """Take a place in a webinar.

    `Conflict` if it has begun, is full, or has that address already; a cancelled registration is taken up again.
    """
    email, name = normalise_email(email), _checked_name(name)
    webinar = await lock_webinar(session, webinar_id)
    if webinar.starts_at <= now():
        raise Conflict("This webinar has begun already.", "Have a look at the next ones.")
    registration = await session.scalar(
        select(Registration).where(registrations.c.webinar_id == webinar_id, registrations.c.email == email)
    )
    if registration is not None and registration.status != RegistrationStatus.CANCELLED:
        taken = f"{email} is signed up for this webinar already."
        raise Conflict(taken, "", {"email": "This address is signed up already."})
    await _refuse_if_full(session, webinar)
    if registration is None:
        registration = Registration(webinar_id=webinar_id, name=name, email=email)
        session.add(registration)
    else:
        registration.name, registration.status = name, RegistrationStatus.REGISTERED
    await session.flush()
    audit.record(session, "registration.registered", registration, actor=actor, webinar=webinar_id)
    return registration


async def cancel(session: AsyncSession, registration_id: int, *, actor: User | None = None) -> Registration:
    """Give the place back. A second time changes nothing; `Conflict` once the webinar has begun."""
    registration, webinar = await _locked(session, registration_id)
    if registration.status == RegistrationStatus.CANCELLED:
        return registration
    if webinar.starts_at <= now():
        raise Conflict("This webinar has begun already.", "A place can be given back until it begins.")
    registration.status = RegistrationStatus.CANCELLED
    audit.record(session, "registration.cancelled", registration, actor=actor, webinar=webinar.id)
    await session.flush()
    return registration


async def set_status(
    session: AsyncSession, registration_id: int, status: RegistrationStatus, *, actor: User | None = None
) -> Registration:
    """Note what became of a registration. `Conflict` if a cancelled one is to come back and the webinar is full."""
    registration, webinar = await _locked(session, registration_id)
    if registration.status != status:
        if registration.status == RegistrationStatus.CANCELLED:
            await _refuse_if_full(session, webinar)
        registration.status = status
        audit.record(session, "registration.status_set", registration, actor=actor, status=status.value)
        await session.flush()
    return registration


async def set_notes(
    session: AsyncSession, registration_id: int, notes: str, *, actor: User | None = None
) -> Registration:
    """Replace the staff's notes."""
    notes = notes.strip()
    if len(notes) > MAX_NOTES or "\x00" in notes:
        hint = f"Use at most {MAX_NOTES} characters."
        raise Invalid("The notes are too long.", hint, {"notes": hint})
    registration, _ = await _locked(session, registration_id)
    if registration.notes != notes:
        registration.notes = notes
        audit.record(session, "registration.notes_set", registration, actor=actor)
        await session.flush()
    return registration


async def set_photo(
    session: AsyncSession, registration_id: int, data: bytes, *, actor: User | None = None
) -> Registration:
    """Keep a photo (JPEG, PNG or WebP) of the registrant; the one before is deleted once this is committed."""
    async with new_image(session, data, "photo") as name:
        registration, _ = await _locked(session, registration_id)
        drop_file(session, registration.photo)
        registration.photo = name
        audit.record(session, "registration.photo_set", registration, actor=actor)
        await session.flush()
    return registration


async def delete_registration(session: AsyncSession, registration_id: int, *, actor: User | None = None) -> None:
    """Delete all that is known of the registrant; the place is free again. The photo goes once this is committed."""
    registration, webinar = await _locked(session, registration_id)
    drop_file(session, registration.photo)
    audit.record(session, "registration.deleted", registration, actor=actor, webinar=webinar.id)
    await session.delete(registration)
    await session.flush()


async def get_registration(session: AsyncSession, registration_id: int) -> Row[Any]:
    """One registration as a plain row, with `webinar_title` and `webinar_starts_at`."""
    row: Any = None
    if 0 < registration_id <= MAX_KEY:
        row = (await session.execute(_VIEW.where(registrations.c.id == registration_id))).first()
    if row is None:
        raise _not_found(registration_id)
    found: Row[Any] = row
    return found


async def list_registrations(
    session: AsyncSession,
    webinar_id: int | None = None,
    *,
    status: RegistrationStatus | None = None,
    q: str | None = None,
    sort: str = "-created_at",
    limit: int = 20,
    after: str | None = None,
) -> Page[Row[Any]]:
    """A page of registrations, the newest first. `q` is part of a name or an address."""
    start = SORTS.start(sort, after, limit)
    statement = _listing(sort, start.after is not None, webinar_id is not None, status is not None, bool(q))
    given = {**start.parameters(limit), "webinar_id": webinar_id, "status": status, "q": pattern(q or "")}
    rows = (await session.execute(statement, given)).all()
    return SORTS.page(rows, sort, limit)


@lru_cache
def _listing(sort: str, paged: bool, of_webinar: bool, with_status: bool, search: bool) -> Select[Any]:
    statement = _VIEW
    if of_webinar:
        statement = statement.where(registrations.c.webinar_id == bindparam("webinar_id"))
    if with_status:
        statement = statement.where(registrations.c.status == bindparam("status"))
    if search:
        columns = (registrations.c.name, registrations.c.email)
        statement = statement.where(or_(*(column.ilike(bindparam("q"), escape=ESCAPE) for column in columns)))
    return SORTS.order(statement, sort, paged=paged)


async def _locked(session: AsyncSession, registration_id: int) -> tuple[Registration, Webinar]:
    """The registration with its webinar, locked in this order: the webinar first, as everywhere."""
    webinar_id = None
    if 0 < registration_id <= MAX_KEY:
        query = select(registrations.c.webinar_id).where(registrations.c.id == registration_id)
        webinar_id = await session.scalar(query)
    if webinar_id is None:
        raise _not_found(registration_id)
    webinar = await lock_webinar(session, webinar_id)
    registration = await session.get(Registration, registration_id, populate_existing=True)
    if registration is None:
        raise _not_found(registration_id)
    return registration, webinar


async def _refuse_if_full(session: AsyncSession, webinar: Webinar) -> None:
    if await count_taken(session, webinar.id or 0) >= webinar.capacity:
        raise Conflict("All places are taken.", "Try again later: a place is free again when somebody cancels.")


def _checked_name(name: str) -> str:
    name = name.strip()
    if not 1 <= len(name) <= 100 or "\x00" in name:
        raise Invalid("The name is not right.", "", {"name": "Use 1 to 100 characters."})
    return name


def _not_found(registration_id: int) -> NotFound:
    return NotFound(f"There is no registration {registration_id}.")


_VIEW = select(
    *registrations.c, webinars.c.title.label("webinar_title"), webinars.c.starts_at.label("webinar_starts_at")
).join_from(registrations, webinars)
