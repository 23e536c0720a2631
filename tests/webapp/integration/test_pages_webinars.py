"""The webinar pages: list, sign-up, and giving the place back by link."""

import re
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest
from httpx import AsyncClient

from webapp import auth
from webapp.db import now, reading, transaction
from webapp.models import Registration, RegistrationStatus, User, Webinar

MakeUser = Callable[..., Awaitable[User]]
LogIn = Callable[[AsyncClient, User], None]

ADA = {"name": "Ada", "email": "ada@example.com"}


async def plan(title: str = "Knives", *, days: float = 3, capacity: int = 2, host_id: int | None = None) -> int:
    async with transaction() as session:
        starts_at = now() + timedelta(days=days)
        webinar = Webinar(title=title, starts_at=starts_at, capacity=capacity, host_id=host_id)
        session.add(webinar)
        await session.flush()
        return webinar.id or 0


async def sign_up(client: AsyncClient, webinar_id: int, **form: str) -> str:
    """The path of the confirmation."""
    response = await client.post(f"/webinars/{webinar_id}", data=ADA | form)
    assert response.status_code == 303
    return response.headers["location"]


async def status_of(registration_id: int) -> RegistrationStatus:
    async with reading() as session:
        registration = await session.get(Registration, registration_id)
        assert registration is not None
        return registration.status


async def test_the_list_shows_what_is_to_come_and_on_request_what_was(client: AsyncClient, make_user: MakeUser) -> None:
    host = await make_user("hal@example.com")
    await plan("Coming soon", host_id=host.id)
    await plan("Long ago", days=-3)
    html = (await client.get("/webinars")).text
    assert "Coming soon" in html
    assert "with Hal" in html
    assert "Long ago" not in html
    html = (await client.get("/webinars?when=past")).text
    assert "Long ago" in html
    assert "Coming soon" not in html


async def test_the_list_pages_without_losing_one(client: AsyncClient) -> None:
    for number in range(23):
        await plan(f"Webinar {number:02}", days=number + 1)
    html = (await client.get("/webinars?q=webinar")).text
    seen = re.findall(r"Webinar \d\d", html)
    html = (await client.get(re.findall(r'href="([^"]+)" rel="next"', html)[0].replace("&amp;", "&"))).text
    assert seen + re.findall(r"Webinar \d\d", html) == [f"Webinar {number:02}" for number in range(23)]


async def test_signing_up_needs_no_account_and_gives_a_cancel_link(client: AsyncClient) -> None:
    webinar_id = await plan()
    assert "<b>2</b> of 2 places left" in (await client.get(f"/webinars/{webinar_id}")).text
    html = (await client.get(await sign_up(client, webinar_id))).text
    assert "Your place is booked" in html
    assert "http://test/webinars/registrations/" in html
    assert "<b>1</b> of 2 places left" in (await client.get(f"/webinars/{webinar_id}")).text


async def test_a_full_webinar_takes_nobody_more(client: AsyncClient) -> None:
    webinar_id = await plan(capacity=1)
    await sign_up(client, webinar_id)
    response = await client.post(f"/webinars/{webinar_id}", data={"name": "Bo", "email": "bo@example.com"})
    assert response.status_code == 409
    assert "All places are taken." in response.text
    assert '<form class="form"' not in (await client.get(f"/webinars/{webinar_id}")).text


async def test_an_address_signs_up_once(client: AsyncClient) -> None:
    webinar_id = await plan()
    await sign_up(client, webinar_id)
    response = await client.post(f"/webinars/{webinar_id}", data=ADA | {"email": "ADA@example.com", "name": "Bea"})
    assert response.status_code == 409
    assert "This address is signed up already." in response.text
    assert 'value="Bea"' in response.text


@pytest.mark.parametrize(("field", "value"), [("name", " "), ("name", "x" * 101), ("email", ""), ("email", "ada@")])
async def test_a_wrong_value_is_told_at_its_field(client: AsyncClient, field: str, value: str) -> None:
    webinar_id = await plan()
    response = await client.post(f"/webinars/{webinar_id}", data=ADA | {field: value})
    assert response.status_code == 422
    assert f'id="{field}-error"' in response.text
    assert f'aria-describedby="{field}-error" aria-invalid="true"' in response.text
    assert f'value="{value}"' in response.text
    assert "<b>2</b> of 2 places left" in response.text


async def test_a_webinar_that_has_begun_is_closed(client: AsyncClient) -> None:
    webinar_id = await plan(days=-1)
    assert "Sign-up is closed" in (await client.get(f"/webinars/{webinar_id}")).text
    assert (await client.post(f"/webinars/{webinar_id}", data=ADA)).status_code == 409


async def test_a_webinar_that_is_not_there_is_404(client: AsyncClient) -> None:
    assert (await client.get("/webinars/9")).status_code == 404
    assert (await client.post("/webinars/9", data=ADA)).status_code == 404


async def test_whoever_is_logged_in_need_not_type_their_name(
    client: AsyncClient, make_user: MakeUser, log_in: LogIn
) -> None:
    webinar_id = await plan()
    log_in(client, await make_user("ann@example.com"))
    html = (await client.get(f"/webinars/{webinar_id}")).text
    assert 'value="Ann"' in html
    assert 'value="ann@example.com"' in html


async def test_looking_at_the_cancel_link_changes_nothing(client: AsyncClient) -> None:
    path = await sign_up(client, await plan())
    response = await client.get(f"{path}/cancel")
    assert response.status_code == 200
    assert "ada@example.com" in response.text
    assert await status_of(1) == RegistrationStatus.REGISTERED


async def test_cancelling_frees_the_place_and_can_be_repeated(client: AsyncClient) -> None:
    webinar_id = await plan(capacity=1)
    path = await sign_up(client, webinar_id)
    for _ in range(2):
        response = await client.post(f"{path}/cancel")
        assert (response.status_code, response.headers["location"]) == (303, path)
    assert "Your place is free again" in (await client.get(path)).text
    assert await status_of(1) == RegistrationStatus.CANCELLED
    await sign_up(client, webinar_id, email="bo@example.com")


async def test_a_link_that_was_tampered_with_or_is_for_another_purpose_is_refused(
    client: AsyncClient, make_user: MakeUser
) -> None:
    path = await sign_up(client, await plan())
    user = await make_user()
    for token in (path.rpartition("/")[2][:-2], auth.api_token(user), "x"):
        for method, end in (("GET", ""), ("GET", "/cancel"), ("POST", "/cancel")):
            response = await client.request(method, f"/webinars/registrations/{token}{end}")
            assert response.status_code == 404
            assert "not valid any more" in response.text
    assert await status_of(1) == RegistrationStatus.REGISTERED
