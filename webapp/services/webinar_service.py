"""Webinars: list, read, plan, change. Who takes part is in `registration_service`."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, Literal

from sqlalchemy import Row, Select, bindparam, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from webapp.db import MAX_KEY, now
from webapp.errors import Invalid, NotFound
from webapp.models import Registration, RegistrationStatus, User, Webinar
from webapp.paging import Keyset, Page
from webapp.schemas.webinar import WebinarCreate, WebinarUpdate
from webapp.search import ESCAPE, pattern
from webapp.services import audit
from webapp.uploads import drop_file

webinars = Webinar.__table__  # type: ignore[attr-defined]
registrations = Registration.__table__  # type: ignore[attr-defined]
users = User.__table__  # type: ignore[attr-defined]

SORTS = Keyset(webinars.c.id, starts_at=webinars.c.starts_at, title=webinars.c.title)

When = Literal["upcoming", "past"]


@dataclass(frozen=True, slots=True)
class WebinarView:
    """A webinar as it is shown: with its host's name and the places that are taken."""

    id: int
    title: str
    description: str
    starts_at: datetime
    duration_minutes: int
    capacity: int
    host_id: int | None
    host: str
    places_taken: int
    created_at: datetime
    updated_at: datetime

    @property
    def places_left(self) -> int:
        return max(0, self.capacity - self.places_taken)

    @property
    def ends_at(self) -> datetime:
        return self.starts_at + timedelta(minutes=self.duration_minutes)

    @property
    def has_begun(self) -> bool:
        return self.starts_at <= now()

    @property
    def is_open(self) -> bool:
        """Whether somebody can sign up now."""
        return self.places_left > 0 and not self.has_begun


@dataclass(frozen=True, slots=True)
class Overview:
    """Figures of all webinars together."""

    upcoming_webinars: int
    registered: int
    attended: int
    no_show: int
    cancelled: int


async def list_webinars(
    session: AsyncSession,
    *,
    when: When | None = None,
    q: str | None = None,
    host_id: int | None = None,
    sort: str | None = None,
    limit: int = 20,
    after: str | None = None,
) -> Page[WebinarView]:
    """A page of webinars, the next one first; with `when="past"` the last one first. `q` is part of the title."""
    sort = sort or ("-starts_at" if when == "past" else "starts_at")
    start = SORTS.start(sort, after, limit)
    statement = _listing(sort, start.after is not None, when, bool(q), host_id is not None)
    given = {**start.parameters(limit), "now": now(), "q": pattern(q or ""), "host_id": host_id}
    rows = (await session.execute(statement, given)).all()
    return SORTS.page([_view(row) for row in rows], sort, limit)


async def get_webinar(session: AsyncSession, webinar_id: int) -> WebinarView:
    row = None
    if 0 < webinar_id <= MAX_KEY:
        row = (await session.execute(_ONE, {"key": webinar_id})).first()
    if row is None:
        raise _not_found(webinar_id)
    return _view(row)


async def create_webinar(session: AsyncSession, new: WebinarCreate, *, actor: User | None = None) -> Webinar:
    """Plan a webinar. `Invalid` (field `host_id`) if there is no such user."""
    await _check_host(session, new.host_id)
    webinar = Webinar(**new.model_dump())
    session.add(webinar)
    await session.flush()
    audit.record(session, "webinar.created", webinar, actor=actor, title=webinar.title)
    return webinar


async def update_webinar(
    session: AsyncSession, webinar_id: int, changes: WebinarUpdate, *, actor: User | None = None
) -> Webinar:
    """Change the fields that were set. `Invalid` (field `capacity`) for fewer places than are taken."""
    webinar = await lock_webinar(session, webinar_id)
    values = changes.model_dump(exclude_unset=True)
    await _check_host(session, values.get("host_id"))
    if "capacity" in values and values["capacity"] < webinar.capacity:
        taken = await count_taken(session, webinar_id)
        if values["capacity"] < taken:
            hint = f"{taken} places are taken: allow at least as many, or cancel some first."
            raise Invalid("There are more people than that already.", hint, {"capacity": hint})
    for field, value in values.items():
        setattr(webinar, field, value)
    audit.record(session, "webinar.changed", webinar, actor=actor, fields=sorted(values))
    await session.flush()
    return webinar


async def delete_webinar(session: AsyncSession, webinar_id: int, *, actor: User | None = None) -> None:
    """Delete a webinar with all of its registrations, and their photos once this is committed."""
    webinar = await lock_webinar(session, webinar_id)
    of_it = select(registrations.c.photo).where(registrations.c.webinar_id == webinar_id)
    names = (await session.scalars(of_it.where(registrations.c.photo.is_not(None)))).all()
    for name in names:
        drop_file(session, name)
    audit.record(session, "webinar.deleted", webinar, actor=actor, title=webinar.title)
    await session.delete(webinar)
    await session.flush()


async def overview(session: AsyncSession) -> Overview:
    """The figures of all webinars and registrations."""
    upcoming = await session.scalar(select(func.count()).where(webinars.c.starts_at > now()))
    by_status = select(registrations.c.status, func.count()).group_by(registrations.c.status)
    counts = {status.value: count for status, count in await session.execute(by_status)}
    return Overview(upcoming or 0, **{status.value: counts.get(status.value, 0) for status in RegistrationStatus})


async def lock_webinar(session: AsyncSession, webinar_id: int) -> Webinar:
    """The webinar, with its places ours alone until the end of the transaction.

    SQLite has locked everything at the transaction's beginning; PostgreSQL locks the row.
    """
    webinar = None
    if 0 < webinar_id <= MAX_KEY:
        query = select(Webinar).where(webinars.c.id == webinar_id).with_for_update(key_share=True)
        webinar = await session.scalar(query.execution_options(populate_existing=True))
    if webinar is None:
        raise _not_found(webinar_id)
    return webinar


async def count_taken(session: AsyncSession, webinar_id: int) -> int:
    """How many places are taken: every registration that is not cancelled takes one."""
    query = select(func.count()).where(
        registrations.c.webinar_id == webinar_id, registrations.c.status != RegistrationStatus.CANCELLED
    )
    return await session.scalar(query) or 0


@lru_cache
def _listing(sort: str, paged: bool, when: When | None, search: bool, of_host: bool) -> Select[Any]:
    statement = _VIEW
    if when == "upcoming":
        statement = statement.where(webinars.c.starts_at > bindparam("now", type_=webinars.c.starts_at.type))
    elif when == "past":
        statement = statement.where(webinars.c.starts_at <= bindparam("now", type_=webinars.c.starts_at.type))
    if search:
        statement = statement.where(webinars.c.title.ilike(bindparam("q"), escape=ESCAPE))
    if of_host:
        statement = statement.where(webinars.c.host_id == bindparam("host_id"))
    return SORTS.order(statement, sort, paged=paged)


def _view_statement() -> Select[Any]:
    taken = (
        select(func.count())
        .where(registrations.c.webinar_id == webinars.c.id, registrations.c.status != RegistrationStatus.CANCELLED)
        .correlate(webinars)
        .scalar_subquery()
    )
    host = func.coalesce(users.c.name, "").label("host")
    columns = (*webinars.c, host, taken.label("places_taken"))
    return select(*columns).outerjoin_from(webinars, users, users.c.id == webinars.c.host_id)


def _view(row: Row[Any]) -> WebinarView:
    return WebinarView(**row._mapping)


async def _check_host(session: AsyncSession, host_id: int | None) -> None:
    if host_id is not None and await session.scalar(select(users.c.id).where(users.c.id == host_id)) is None:
        raise Invalid("There is no such host.", "", {"host_id": f"There is no user {host_id}."})


def _not_found(webinar_id: int) -> NotFound:
    return NotFound(f"There is no webinar {webinar_id}.")


_VIEW = _view_statement()
_ONE = _VIEW.where(webinars.c.id == bindparam("key"))
