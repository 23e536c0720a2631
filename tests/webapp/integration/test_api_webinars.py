"""/api/webinars and their registrations over HTTP."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest
from httpx import AsyncClient
from sqlalchemy import func, select
from sqlmodel import col

from webapp import auth
from webapp.db import now, reading, transaction
from webapp.models import Registration, User, Webinar

MakeUser = Callable[..., Awaitable[User]]

NEW = {
    "title": "Joinery",
    "description": "",
    "starts_at": "2031-05-01T20:00:00+02:00",
    "duration_minutes": 90,
    "capacity": 2,
    "host_id": None,
}
EVE = {"name": "Eve", "email": "eve@example.com"}


def bearer(user: User) -> dict[str, str]:
    return {"Authorization": f"Bearer {auth.api_token(user)}"}


async def add(**values: Any) -> int:
    async with transaction() as session:
        given: dict[str, Any] = {"title": "Joinery", "starts_at": now() + timedelta(days=9), "capacity": 2} | values
        webinar = Webinar(**given)
        session.add(webinar)
        await session.flush()
        return webinar.id or 0


async def places(client: AsyncClient, webinar_id: int) -> tuple[int, int]:
    content = (await client.get(f"/api/webinars/{webinar_id}")).json()
    return content["places_taken"], content["places_left"]


@pytest.fixture
async def planner(make_user: MakeUser) -> dict[str, str]:
    """The headers of somebody who may do everything with webinars."""
    return bearer(await make_user("planner@example.com", "webinar.*"))


@pytest.fixture
async def helper(make_user: MakeUser) -> dict[str, str]:
    """The headers of somebody who looks after registrations."""
    return bearer(await make_user("helper@example.com", "registration.*"))


async def test_a_webinar_is_planned_read_changed_and_deleted(
    client: AsyncClient, planner: dict[str, str], make_user: MakeUser
) -> None:
    host = await make_user("host@example.com", name="Hana Host")
    created = await client.post("/api/webinars", json=NEW | {"host_id": host.id}, headers=planner)
    assert created.status_code == 201
    address = created.headers["location"]
    content = created.json()
    assert (content["host"], content["host_id"], content["starts_at"]) == ("Hana Host", host.id, "2031-05-01T18:00:00Z")
    assert (content["places_taken"], content["places_left"]) == (0, 2)
    assert (await client.get(address)).json() == content

    changed = await client.patch(address, json={"capacity": 5, "host_id": None}, headers=planner)
    assert changed.status_code == 200
    assert (changed.json()["capacity"], changed.json()["host"], changed.json()["title"]) == (5, "", "Joinery")

    assert (await client.delete(address, headers=planner)).status_code == 204
    assert (await client.get(address)).status_code == 404
    assert (await client.delete(address, headers=planner)).status_code == 404


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"title": ""}, "title"),
        ({"capacity": 0}, "capacity"),
        ({"capacity": 10**30}, "capacity"),
        ({"capacity": 1.5}, "capacity"),
        ({"duration_minutes": 1441}, "duration_minutes"),
        ({"starts_at": "2031-05-01T18:00:00"}, "starts_at"),
        ({"starts_at": "tomorrow"}, "starts_at"),
        ({"starts_at": "9999-12-31T23:59:59-12:00"}, "starts_at"),
        ({"starts_at": 10**30}, "starts_at"),
        ({"host_id": 999}, "host_id"),
        ({"host_id": 2**31}, "host_id"),
        ({"description": "\x00"}, "description"),
    ],
)
async def test_a_wrong_value_is_told_by_the_name_of_its_field(
    client: AsyncClient, planner: dict[str, str], values: dict[str, Any], field: str
) -> None:
    webinar_id = await add()
    created = await client.post("/api/webinars", json=NEW | values, headers=planner)
    changed = await client.patch(f"/api/webinars/{webinar_id}", json=values, headers=planner)
    for answer in (created, changed):
        assert answer.status_code == 422
        assert list(answer.json()["error"]["fields"]) == [field]


async def test_who_may_do_what(client: AsyncClient, make_user: MakeUser) -> None:
    webinar_id = await add()
    viewer = bearer(await make_user("viewer@example.com", "webinar.view", "product.*"))
    for headers, status in (({}, 401), (viewer, 403)):
        for method, path, body in (
            ("POST", "/api/webinars", NEW),
            ("PATCH", f"/api/webinars/{webinar_id}", {"title": "x"}),
            ("DELETE", f"/api/webinars/{webinar_id}", None),
            ("GET", f"/api/webinars/{webinar_id}/registrations", None),
            ("GET", "/api/registrations/1", None),
            ("PATCH", "/api/registrations/1", {"notes": "x"}),
        ):
            answer = await client.request(method, path, json=body, headers=headers)
            assert answer.status_code == status, (method, path)
    content = (await client.get("/api/webinars")).json()
    assert [item["title"] for item in content["items"]] == ["Joinery"]


async def test_lists_are_filtered_sorted_and_paged(client: AsyncClient, make_user: MakeUser) -> None:
    host = await make_user("host@example.com")
    await add(title="Past", starts_at=now() - timedelta(days=1))
    for day in (3, 1, 2):
        await add(title=f"Day {day}", starts_at=now() + timedelta(days=day), host_id=host.id if day == 2 else None)

    async def titles(query: str) -> list[str]:
        return [item["title"] for item in (await client.get(f"/api/webinars?{query}")).json()["items"]]

    assert await titles("") == ["Past", "Day 1", "Day 2", "Day 3"]
    assert await titles("when=upcoming") == ["Day 1", "Day 2", "Day 3"]
    assert await titles("when=past") == ["Past"]
    assert await titles("q=DAY&sort=-title") == ["Day 3", "Day 2", "Day 1"]
    assert await titles(f"host_id={host.id}") == ["Day 2"]
    first = (await client.get("/api/webinars?limit=3")).json()
    assert await titles(f"limit=3&after={first['next']}") == ["Day 3"]
    for query in ("when=now", "host_id=0", f"host_id={2**31}", "sort=capacity", "limit=0", "after=x", "q=%00"):
        assert (await client.get(f"/api/webinars?{query}")).status_code == 422


async def test_anybody_signs_up_until_the_places_are_taken(client: AsyncClient, helper: dict[str, str]) -> None:
    webinar_id = await add(capacity=2)
    path = f"/api/webinars/{webinar_id}/registrations"
    created = await client.post(path, json=EVE | {"email": "EVE@example.com"})
    assert created.status_code == 201
    assert created.json()["email"] == "eve@example.com"
    assert created.json()["status"] == "registered"
    assert "notes" not in created.json()
    assert (await client.get(created.headers["location"], headers=helper)).json()["webinar_title"] == "Joinery"

    again = await client.post(path, json=EVE)
    assert again.status_code == 409
    assert list(again.json()["error"]["fields"]) == ["email"]
    assert (await client.post(path, json={"name": "Max", "email": "max@example.com"})).status_code == 201
    full = await client.post(path, json={"name": "Zoe", "email": "zoe@example.com"})
    assert (full.status_code, full.json()["error"]["code"]) == (409, "conflict")
    assert await places(client, webinar_id) == (2, 0)


async def test_nobody_signs_up_for_what_has_begun_or_is_not_there(client: AsyncClient) -> None:
    begun = await add(starts_at=now() - timedelta(minutes=1))
    assert (await client.post(f"/api/webinars/{begun}/registrations", json=EVE)).status_code == 409
    assert (await client.post("/api/webinars/999/registrations", json=EVE)).status_code == 404


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"email": "no address"}, "email"),
        ({"email": "a\x00@example.com"}, "email"),
        ({"email": f"{'x' * 300}@example.com"}, "email"),
        ({"name": ""}, "name"),
        ({"name": "x" * 101}, "name"),
    ],
)
async def test_a_sign_up_that_cannot_be_is_refused(client: AsyncClient, values: dict[str, str], field: str) -> None:
    webinar_id = await add()
    answer = await client.post(f"/api/webinars/{webinar_id}/registrations", json=EVE | values)
    assert answer.status_code == 422
    assert list(answer.json()["error"]["fields"]) == [field]
    assert await places(client, webinar_id) == (0, 2)


async def test_the_staff_lists_and_notes_who_came(client: AsyncClient, helper: dict[str, str]) -> None:
    webinar_id = await add(capacity=1)
    path = f"/api/webinars/{webinar_id}/registrations"
    eve = (await client.post(path, json=EVE)).json()["id"]
    changed = await client.patch(
        f"/api/registrations/{eve}", json={"status": "cancelled", "notes": "Ill."}, headers=helper
    )
    assert changed.status_code == 200
    assert (changed.json()["status"], changed.json()["notes"]) == ("cancelled", "Ill.")
    await client.post(path, json={"name": "Max", "email": "max@example.com"})
    back = await client.patch(f"/api/registrations/{eve}", json={"status": "registered"}, headers=helper)
    assert back.status_code == 409

    async def people(query: str = "") -> list[str]:
        return [item["name"] for item in (await client.get(f"{path}?{query}", headers=helper)).json()["items"]]

    assert await people() == ["Max", "Eve"]
    assert await people("sort=name") == ["Eve", "Max"]
    assert await people("status=cancelled") == ["Eve"]
    assert await people("q=max@") == ["Max"]
    assert (await client.get(f"{path}?status=lost", headers=helper)).status_code == 422
    assert (await client.get("/api/webinars/999/registrations", headers=helper)).status_code == 404
    assert (await client.get("/api/registrations/999", headers=helper)).status_code == 404
    wrong = await client.patch(f"/api/registrations/{eve}", json={"status": "lost"}, headers=helper)
    assert wrong.status_code == 422


async def test_deleting_a_webinar_deletes_its_registrations(client: AsyncClient, planner: dict[str, str]) -> None:
    webinar_id = await add()
    await client.post(f"/api/webinars/{webinar_id}/registrations", json=EVE)
    assert (await client.delete(f"/api/webinars/{webinar_id}", headers=planner)).status_code == 204
    async with reading() as session:
        left = select(func.count()).where(col(Registration.webinar_id) == webinar_id)
        assert await session.scalar(left) == 0
