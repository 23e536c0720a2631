"""Webinars: the list, the places, the plan."""

from datetime import timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from webapp.db import now
from webapp.errors import Invalid, NotFound
from webapp.models import Registration, RegistrationStatus, User, Webinar
from webapp.schemas.webinar import WebinarCreate, WebinarUpdate
from webapp.services import webinar_service


async def _plan(session: AsyncSession, title: str = "Async", days: int = 1, **values: object) -> Webinar:
    new = WebinarCreate.model_validate(
        {"title": title, "starts_at": now() + timedelta(days=days), "capacity": 3, **values}
    )
    return await webinar_service.create_webinar(session, new)


async def _sign_up(session: AsyncSession, webinar: Webinar, count: int, status: RegistrationStatus) -> None:
    assert webinar.id
    session.add_all(
        Registration(webinar_id=webinar.id, name="x", email=f"{status}{i}@example.com", status=status)
        for i in range(count)
    )
    await session.flush()


async def test_a_webinar_shows_its_host_and_its_places(session: AsyncSession) -> None:
    host = User(email="host@example.com", name="Grace", password_hash="")
    session.add(host)
    await session.flush()
    webinar = await _plan(session, host_id=host.id)
    await _sign_up(session, webinar, 1, RegistrationStatus.REGISTERED)
    await _sign_up(session, webinar, 1, RegistrationStatus.ATTENDED)
    await _sign_up(session, webinar, 4, RegistrationStatus.CANCELLED)
    view = await webinar_service.get_webinar(session, webinar.id or 0)
    assert (view.host, view.places_taken, view.places_left, view.is_open) == ("Grace", 2, 1, True)
    assert view.ends_at - view.starts_at == timedelta(hours=1)


async def test_upcoming_ones_come_soonest_first_and_past_ones_latest_first(session: AsyncSession) -> None:
    for title, days in [("later", 9), ("soon", 1), ("long ago", -9), ("yesterday", -1)]:
        await _plan(session, title, days)

    async def titles(**filters: object) -> list[str]:
        page = await webinar_service.list_webinars(session, **filters)  # type: ignore[arg-type]
        return [view.title for view in page.items]

    assert await titles(when="upcoming") == ["soon", "later"]
    assert await titles(when="past") == ["yesterday", "long ago"]
    assert await titles() == ["long ago", "yesterday", "soon", "later"]
    assert await titles(q="LATE") == ["later"]
    assert await titles(sort="-title") == ["yesterday", "soon", "long ago", "later"]


async def test_the_pages_hold_every_webinar_once(session: AsyncSession) -> None:
    for i in range(7):
        await _plan(session, f"Talk {i}", days=1 + i // 3)
    seen: list[int] = []
    after = None
    while True:
        page = await webinar_service.list_webinars(session, when="upcoming", limit=2, after=after)
        seen += [view.id for view in page.items]
        after = page.next
        if after is None:
            break
    assert sorted(seen) == sorted(set(seen))
    assert len(seen) == 7


async def test_the_capacity_cannot_go_below_the_places_taken(session: AsyncSession) -> None:
    webinar = await _plan(session)
    await _sign_up(session, webinar, 2, RegistrationStatus.REGISTERED)
    with pytest.raises(Invalid) as caught:
        await webinar_service.update_webinar(session, webinar.id or 0, WebinarUpdate(capacity=1))
    assert "2 places are taken" in caught.value.fields["capacity"]
    await webinar_service.update_webinar(session, webinar.id or 0, WebinarUpdate(capacity=2))
    assert (await webinar_service.get_webinar(session, webinar.id or 0)).places_left == 0


async def test_only_a_user_can_be_host(session: AsyncSession) -> None:
    with pytest.raises(Invalid) as caught:
        await _plan(session, host_id=999)
    assert "host_id" in caught.value.fields


async def test_a_host_who_is_deleted_leaves_the_webinar(session: AsyncSession) -> None:
    host = User(email="host@example.com", name="Grace", password_hash="")
    session.add(host)
    await session.flush()
    webinar = await _plan(session, host_id=host.id)
    await session.delete(host)
    await session.flush()
    assert (await webinar_service.get_webinar(session, webinar.id or 0)).host == ""


async def test_a_host_can_be_taken_away(session: AsyncSession) -> None:
    host = User(email="host@example.com", name="Grace", password_hash="")
    session.add(host)
    await session.flush()
    webinar = await _plan(session, host_id=host.id)
    await webinar_service.update_webinar(session, webinar.id or 0, WebinarUpdate(host_id=None))
    assert (await webinar_service.get_webinar(session, webinar.id or 0)).host_id is None


async def test_deleting_a_webinar_deletes_its_registrations(session: AsyncSession) -> None:
    webinar = await _plan(session)
    await _sign_up(session, webinar, 2, RegistrationStatus.REGISTERED)
    await webinar_service.delete_webinar(session, webinar.id or 0)
    assert (await webinar_service.overview(session)).registered == 0
    with pytest.raises(NotFound):
        await webinar_service.get_webinar(session, webinar.id or 0)


async def test_the_overview_counts(session: AsyncSession) -> None:
    webinar = await _plan(session)
    await _plan(session, days=-1)
    await _sign_up(session, webinar, 2, RegistrationStatus.REGISTERED)
    await _sign_up(session, webinar, 1, RegistrationStatus.NO_SHOW)
    assert await webinar_service.overview(session) == webinar_service.Overview(1, 2, 0, 1, 0)
