"""The staff's pages of registrants, and who may see and change what."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from io import BytesIO

import pytest
from httpx import AsyncClient
from PIL import Image

from webapp.db import now, reading, transaction
from webapp.models import Registration, RegistrationStatus, User, Webinar

MakeUser = Callable[..., Awaitable[User]]
LogIn = Callable[[AsyncClient, User], None]

READS = [
    "/dashboard/webinars",
    "/dashboard/webinars/1",
    "/dashboard/registrations/1",
    "/dashboard/registrations/1/photo",
]
CHANGES = [f"/dashboard/registrations/1/{what}" for what in ("status", "notes", "photo")]


@pytest.fixture(autouse=True)
async def registration(database: str) -> Registration:
    """Grace, who is coming to a webinar."""
    async with transaction() as session:
        webinar = Webinar(title="Knives", starts_at=now() + timedelta(days=3), capacity=10)
        session.add(webinar)
        await session.flush()
        registration = Registration(webinar_id=webinar.id or 0, name="Grace", email="grace@example.com")
        session.add(registration)
    return registration


@pytest.fixture
async def staff(client: AsyncClient, make_user: MakeUser, log_in: LogIn) -> AsyncClient:
    """A client that a member of the staff is logged in with."""
    log_in(client, await make_user("sam@example.com", "registration.*"))
    return client


async def stored() -> Registration:
    async with reading() as session:
        registration = await session.get(Registration, 1)
        assert registration is not None
        return registration


def picture(kind: str = "PNG") -> bytes:
    written = BytesIO()
    Image.new("RGB", (40, 30), "teal").save(written, kind)
    return written.getvalue()


@pytest.mark.parametrize("path", READS)
async def test_a_visitor_is_sent_to_the_log_in(client: AsyncClient, path: str) -> None:
    response = await client.get(path)
    assert (response.status_code, response.headers["location"]) == (303, f"/login?next={path}")


@pytest.mark.parametrize("path", READS)
async def test_a_user_without_the_permission_is_refused(
    client: AsyncClient, make_user: MakeUser, log_in: LogIn, path: str
) -> None:
    log_in(client, await make_user("bo@example.com", "product.*"))
    assert (await client.get(path)).status_code == 403
    assert "Who is coming" not in (await client.get("/dashboard")).text


@pytest.mark.parametrize("path", CHANGES)
async def test_viewing_is_not_changing(client: AsyncClient, make_user: MakeUser, log_in: LogIn, path: str) -> None:
    log_in(client, await make_user("vi@example.com", "registration.view"))
    assert (await client.post(path, data={"status": "attended", "notes": "x"})).status_code == 403
    assert (await stored()).status == RegistrationStatus.REGISTERED
    for page in READS[1:3]:
        assert '<button class="button small"' not in (await client.get(page)).text
        assert "Save" not in (await client.get(page)).text


async def test_the_overview_counts(staff: AsyncClient) -> None:
    html = (await staff.get("/dashboard/webinars")).text
    assert "Upcoming webinars</dt><dd>1</dd>" in html
    assert "Signed up</dt><dd>1</dd>" in html
    assert "Knives" in html


async def test_the_registrants_can_be_searched_and_filtered(staff: AsyncClient) -> None:
    assert "grace@example.com" in (await staff.get("/dashboard/webinars/1?q=GRA&status=registered")).text
    assert "Nobody matches" in (await staff.get("/dashboard/webinars/1?q=alan")).text
    assert "Nobody matches" in (await staff.get("/dashboard/webinars/1?status=attended")).text
    assert (await staff.get("/dashboard/webinars/1?status=nonsense")).status_code == 422
    assert (await staff.get("/dashboard/webinars/7")).status_code == 404


async def test_a_status_is_changed_and_one_returns_to_the_list(staff: AsyncClient) -> None:
    form = {"status": "attended", "next": "/dashboard/webinars/1?q=g"}
    response = await staff.post("/dashboard/registrations/1/status", data=form)
    assert (response.status_code, response.headers["location"]) == (303, "/dashboard/webinars/1?q=g")
    assert (await stored()).status == RegistrationStatus.ATTENDED
    assert "The status of Grace is saved." in (await staff.get("/dashboard/webinars/1")).text


async def test_a_status_that_does_not_exist_is_refused_at_its_field(staff: AsyncClient) -> None:
    response = await staff.post("/dashboard/registrations/1/status", data={"status": "eaten"})
    assert response.status_code == 422
    assert "Choose one of the list." in response.text
    assert (await stored()).status == RegistrationStatus.REGISTERED


async def test_notes_are_kept_and_shown_as_text(staff: AsyncClient) -> None:
    notes = "<script>alert(1)</script>\nsecond line"
    response = await staff.post("/dashboard/registrations/1/notes", data={"notes": notes})
    assert response.status_code == 303
    assert (await stored()).notes == notes
    for page in READS[1:3]:
        html = (await staff.get(page)).text
        assert "<script>alert" not in html
        assert "&lt;script&gt;alert(1)" in html


async def test_notes_that_are_too_long_are_refused_and_kept_on_the_page(staff: AsyncClient) -> None:
    response = await staff.post("/dashboard/registrations/1/notes", data={"notes": "x" * 2_001})
    assert response.status_code == 422
    assert "Use at most 2000 characters." in response.text
    assert "x" * 2_001 in response.text


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
async def test_a_photo_is_served_to_the_staff_alone_and_as_nothing_but_a_picture(staff: AsyncClient, kind: str) -> None:
    upload = {"photo": ("evil.html", picture(kind), "text/html")}
    assert (await staff.post("/dashboard/registrations/1/photo", files=upload)).status_code == 303
    assert 'alt="Photo of Grace"' in (await staff.get("/dashboard/registrations/1")).text
    response = await staff.get("/dashboard/registrations/1/photo")
    assert response.headers["content-type"] == "image/jpeg"
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["cache-control"] == "no-store"
    assert Image.open(BytesIO(response.content)).format == "JPEG"
    staff.cookies.clear()
    assert (await staff.get("/dashboard/registrations/1/photo")).status_code == 303


@pytest.mark.parametrize(
    ("content", "advice"),
    [
        (b"", "Choose a file first."),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "not a picture that can be read"),
        (b"<html><script>alert(1)</script>", "not a picture that can be read"),
        (b"x" * (5 * 1024 * 1024 + 1), "at most 5 MB"),
    ],
)
async def test_what_is_no_photo_is_refused_at_the_field(staff: AsyncClient, content: bytes, advice: str) -> None:
    response = await staff.post("/dashboard/registrations/1/photo", files={"photo": ("a.jpg", content, "image/jpeg")})
    assert response.status_code == 422
    assert advice in response.text
    assert (await stored()).photo is None


async def test_a_form_without_a_file_is_told_to_choose_one(staff: AsyncClient) -> None:
    response = await staff.post("/dashboard/registrations/1/photo", data={})
    assert response.status_code == 422
    assert "Choose a file first." in response.text


async def test_without_a_photo_there_is_none_to_get(staff: AsyncClient) -> None:
    assert (await staff.get("/dashboard/registrations/1/photo")).status_code == 404
