"""Log in, log out, sign up and the account, as forms."""

from collections.abc import Awaitable, Callable
from html import unescape

import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient

from webapp import auth
from webapp.db import reading
from webapp.models import User
from webapp.services import user_service

MakeUser = Callable[..., Awaitable[User]]
LogIn = Callable[[AsyncClient, User], None]

PASSWORD = "correct horse battery"
NEW_PASSWORD = "staple thunder paper"


async def test_the_right_password_leads_to_where_one_wanted_to_go(client: AsyncClient, make_user: MakeUser) -> None:
    await make_user()
    response = await client.post(
        "/login", data={"email": "ANN@example.com", "password": PASSWORD, "next": "/webinars?q=a"}
    )
    assert (response.status_code, response.headers["location"]) == (303, "/webinars?q=a")
    assert "My account" in (await client.get("/account")).text


@pytest.mark.parametrize("address", ["//evil.example", "/\\evil.example", "https://evil.example", "/\t/evil.example"])
async def test_a_log_in_never_leads_to_another_site(client: AsyncClient, make_user: MakeUser, address: str) -> None:
    await make_user()
    response = await client.post("/login", data={"email": "ann@example.com", "password": PASSWORD, "next": address})
    assert response.headers["location"] == "/account"


async def test_a_wrong_password_keeps_the_address_but_not_the_password(
    client: AsyncClient, make_user: MakeUser
) -> None:
    await make_user()
    response = await client.post("/login", data={"email": "ann@example.com", "password": "wrong horse", "next": "/x"})
    assert response.status_code == 401
    assert "do not fit" in response.text
    assert 'value="ann@example.com"' in response.text
    assert "wrong horse" not in response.text
    assert 'name="next" value="/x"' in response.text
    assert auth.COOKIE not in response.cookies


async def test_too_many_wrong_passwords_are_refused(client: AsyncClient, make_user: MakeUser) -> None:
    await make_user()
    for _ in range(10):
        await client.post("/login", data={"email": "ann@example.com", "password": "wrong"})
    response = await client.post("/login", data={"email": "ann@example.com", "password": PASSWORD})
    assert response.status_code == 429
    assert "too many attempts" in response.text


async def test_an_empty_log_in_says_at_each_field_what_is_missing(client: AsyncClient) -> None:
    response = await client.post("/login", data={})
    assert response.status_code == 422
    assert 'id="email-error"' in response.text
    assert 'id="password-error"' in response.text


async def test_a_page_for_users_sends_a_visitor_to_the_log_in_and_back(client: AsyncClient) -> None:
    response = await client.get("/account?tab=1")
    assert (response.status_code, response.headers["location"]) == (303, "/login?next=/account%3Ftab%3D1")
    assert 'name="next" value="/account?tab=1"' in (await client.get(response.headers["location"])).text


async def test_whoever_is_logged_in_needs_no_log_in_page(
    client: AsyncClient, make_user: MakeUser, log_in: LogIn
) -> None:
    log_in(client, await make_user())
    assert (await client.get("/login?next=/webinars")).headers["location"] == "/webinars"
    assert (await client.get("/signup")).headers["location"] == "/account"


async def test_logging_out_needs_a_post_and_ends_the_session(client: AsyncClient, make_user: MakeUser) -> None:
    await make_user()
    await client.post("/login", data={"email": "ann@example.com", "password": PASSWORD})
    assert (await client.get("/account")).status_code == 200
    assert (await client.get("/logout")).status_code == 405
    response = await client.post("/logout")
    assert response.status_code == 303
    assert "You are logged out." in (await client.get("/")).text
    assert (await client.get("/account")).status_code == 303


async def test_a_message_is_shown_once(client: AsyncClient, make_user: MakeUser, log_in: LogIn) -> None:
    log_in(client, await make_user())
    await client.post("/account", data={"name": "Ann Lee"})
    assert "Your name is saved." in (await client.get("/account")).text
    assert "Your name is saved." not in (await client.get("/account")).text


async def test_signing_up_makes_an_account_without_any_rights_and_logs_in(client: AsyncClient) -> None:
    form = {"name": "Bo", "email": "bo@example.com", "password": PASSWORD, "is_superuser": "true"}
    response = await client.post("/signup", data=form)
    assert (response.status_code, response.headers["location"]) == (303, "/account")
    page = (await client.get("/account")).text
    assert "Bo" in page
    assert "Your account is ready." in page
    async with reading() as session:
        user = await user_service.get_user(session, "bo@example.com")
    assert (user.is_superuser, user.roles) == (False, [])


@pytest.mark.parametrize(
    ("field", "value", "status", "advice"),
    [
        ("email", "bo@", 422, "email-error"),
        ("email", "ann@example.com", 409, "This address has an account already."),
        ("password", "password123", 422, "among the commonest"),
        ("password", "short", 422, "at least 10 characters"),
        ("name", "x" * 101, 422, "Use at most 100 characters."),
    ],
)
async def test_a_refused_sign_up_keeps_what_was_typed(
    client: AsyncClient, make_user: MakeUser, field: str, value: str, status: int, advice: str
) -> None:
    await make_user("ann@example.com")
    form = {"name": "Bo", "email": "bo@example.com", "password": PASSWORD, field: value}
    response = await client.post("/signup", data=form)
    assert response.status_code == status
    assert advice in response.text
    assert f'value="{form["name"]}"' in response.text
    assert f'value="{form["email"]}"' in response.text
    assert form["password"] not in response.text


async def test_what_was_typed_is_shown_as_text(client: AsyncClient) -> None:
    response = await client.post("/signup", data={"name": '"><script>alert(1)</script>', "email": "", "password": ""})
    assert "<script>alert" not in response.text
    assert '"><script>alert(1)</script>' in unescape(response.text)


async def test_a_new_password_ends_every_other_session(
    client: AsyncClient, app: FastAPI, make_user: MakeUser, log_in: LogIn
) -> None:
    user = await make_user()
    log_in(client, user)
    async with AsyncClient(transport=ASGITransport(app), base_url="http://test") as elsewhere:
        log_in(elsewhere, user)
        assert (await elsewhere.get("/account")).status_code == 200
        response = await client.post("/account/password", data={"current": PASSWORD, "password": NEW_PASSWORD})
        assert response.status_code == 303
        assert (await client.get("/account")).status_code == 200
        assert (await elsewhere.get("/account")).status_code == 303
        form = {"email": "ann@example.com", "password": NEW_PASSWORD}
        assert (await elsewhere.post("/login", data=form)).status_code == 303


@pytest.mark.parametrize(
    ("current", "password", "advice"),
    [
        ("wrong", NEW_PASSWORD, "This is not your current password."),
        (PASSWORD, "short", "at least 10 characters"),
        (PASSWORD, PASSWORD, "Use another password than before."),
        ("", NEW_PASSWORD, "Fill this in."),
    ],
)
async def test_a_refused_change_of_password_stands_at_its_field(
    client: AsyncClient, make_user: MakeUser, log_in: LogIn, current: str, password: str, advice: str
) -> None:
    log_in(client, await make_user())
    response = await client.post("/account/password", data={"current": current, "password": password})
    assert response.status_code == 422
    assert advice in response.text
    assert 'value="Ann"' in response.text


async def test_logging_out_everywhere_ends_this_session_too(
    client: AsyncClient, make_user: MakeUser, log_in: LogIn
) -> None:
    log_in(client, await make_user())
    cookie = client.cookies[auth.COOKIE]
    assert (await client.post("/account/logout-everywhere")).headers["location"] == "/login"
    client.cookies.set(auth.COOKIE, cookie)
    assert (await client.get("/account")).status_code == 303


async def test_a_form_of_another_site_is_refused(client: AsyncClient, make_user: MakeUser, log_in: LogIn) -> None:
    log_in(client, await make_user())
    response = await client.post("/account", data={"name": "Mallory"}, headers={"Sec-Fetch-Site": "cross-site"})
    assert response.status_code == 403
    assert "Mallory" not in (await client.get("/account")).text


async def test_pages_of_a_user_are_not_kept_by_caches(client: AsyncClient, make_user: MakeUser, log_in: LogIn) -> None:
    log_in(client, await make_user())
    assert (await client.get("/account")).headers["cache-control"] == "no-store"
