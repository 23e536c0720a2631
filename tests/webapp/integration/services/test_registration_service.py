"""Registrations: a place for everybody who was in time, and for nobody else."""

from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from webapp import images, uploads
from webapp.db import now, transaction
from webapp.errors import Conflict, Invalid, NotFound
from webapp.models import Registration, RegistrationStatus, Webinar
from webapp.services import registration_service, webinar_service
from webapp.settings import get_settings

PICTURES = [("PNG", "RGBA"), ("PNG", "P"), ("JPEG", "RGB"), ("JPEG", "L"), ("WEBP", "RGB")]
CANCELLED, REGISTERED, ATTENDED = (
    RegistrationStatus.CANCELLED, RegistrationStatus.REGISTERED, RegistrationStatus.ATTENDED,
)  # fmt: skip


async def _webinar(session: AsyncSession, capacity: int = 2, days: int = 1) -> int:
    webinar = Webinar(title="Async", starts_at=now() + timedelta(days=days), capacity=capacity)
    session.add(webinar)
    await session.flush()
    assert webinar.id
    return webinar.id


async def _register(session: AsyncSession, webinar_id: int, email: str = "ann@example.com") -> int:
    registration = await registration_service.register(session, webinar_id, name="Ann", email=email)
    assert registration.id
    return registration.id


async def _begin(session: AsyncSession, webinar_id: int) -> None:
    webinar = await webinar_service.lock_webinar(session, webinar_id)
    webinar.starts_at = now() - timedelta(minutes=1)
    await session.flush()


def _picture(kind: str = "PNG", size: tuple[int, int] = (1200, 600), mode: str = "RGBA") -> bytes:
    written = BytesIO()
    Image.new(mode, size, "red").save(written, kind)
    return written.getvalue()


def _stored() -> set[str]:
    folder = get_settings().upload_dir
    return {path.name for path in folder.iterdir()} if folder.exists() else set()


async def test_signing_up_takes_a_place(session: AsyncSession) -> None:
    webinar_id = await _webinar(session)
    registration = await registration_service.register(session, webinar_id, name=" Ann ", email="Ann@Example.com")
    assert (registration.name, registration.email, registration.status) == ("Ann", "ann@example.com", REGISTERED)
    assert (await webinar_service.get_webinar(session, webinar_id)).places_left == 1


async def test_a_full_webinar_takes_nobody(session: AsyncSession) -> None:
    webinar_id = await _webinar(session, capacity=1)
    await _register(session, webinar_id)
    with pytest.raises(Conflict, match="All places are taken"):
        await _register(session, webinar_id, "bob@example.com")


async def test_an_address_is_signed_up_once(session: AsyncSession) -> None:
    webinar_id = await _webinar(session)
    await _register(session, webinar_id)
    with pytest.raises(Conflict, match="signed up") as caught:
        await _register(session, webinar_id, "ANN@example.com")
    assert "email" in caught.value.fields


async def test_a_webinar_that_has_begun_takes_nobody(session: AsyncSession) -> None:
    webinar_id = await _webinar(session, days=-1)
    with pytest.raises(Conflict, match="begun"):
        await _register(session, webinar_id)


async def test_nobody_signs_up_for_a_webinar_that_is_not_there(session: AsyncSession) -> None:
    with pytest.raises(NotFound):
        await _register(session, 999)


@pytest.mark.parametrize(("name", "email"), [("", "a@example.com"), ("x" * 101, "a@example.com"), ("Ann", "ann")])
async def test_a_name_and_a_right_address_are_needed(session: AsyncSession, name: str, email: str) -> None:
    with pytest.raises(Invalid) as caught:
        await registration_service.register(session, await _webinar(session), name=name, email=email)
    assert caught.value.fields.keys() == {"email" if email == "ann" else "name"}


async def test_a_cancelled_place_is_free_again_and_can_be_taken_up_again(session: AsyncSession) -> None:
    webinar_id = await _webinar(session, capacity=1)
    first = await _register(session, webinar_id)
    await registration_service.cancel(session, first)
    await registration_service.cancel(session, first)
    other = await _register(session, webinar_id, "bob@example.com")
    with pytest.raises(Conflict, match="All places are taken"):
        await _register(session, webinar_id)
    await registration_service.cancel(session, other)
    assert await _register(session, webinar_id) == first
    assert (await registration_service.get_registration(session, first)).status == REGISTERED


async def test_a_place_cannot_be_given_back_once_the_webinar_has_begun(session: AsyncSession) -> None:
    webinar_id = await _webinar(session)
    registration_id = await _register(session, webinar_id)
    await _begin(session, webinar_id)
    with pytest.raises(Conflict, match="begun"):
        await registration_service.cancel(session, registration_id)
    await registration_service.set_status(session, registration_id, ATTENDED)


async def test_the_staff_cannot_overbook_by_reviving_a_cancelled_one(session: AsyncSession) -> None:
    webinar_id = await _webinar(session, capacity=1)
    first = await _register(session, webinar_id)
    await registration_service.cancel(session, first)
    await _register(session, webinar_id, "bob@example.com")
    with pytest.raises(Conflict):
        await registration_service.set_status(session, first, REGISTERED)


async def test_notes_are_kept_and_limited(session: AsyncSession) -> None:
    registration_id = await _register(session, await _webinar(session))
    await registration_service.set_notes(session, registration_id, " <script> ")
    assert (await registration_service.get_registration(session, registration_id)).notes == "<script>"
    for notes in ("x" * 2001, "a\x00b"):
        with pytest.raises(Invalid):
            await registration_service.set_notes(session, registration_id, notes)


async def test_registrations_are_listed_filtered_and_paged(session: AsyncSession) -> None:
    webinar_id, other = await _webinar(session, capacity=9), await _webinar(session)
    ids = [await _register(session, webinar_id, f"p{i}@example.com") for i in range(5)]
    await _register(session, other)
    await registration_service.cancel(session, ids[0])

    async def listed(**filters: object) -> list[int]:
        found, after = [], None
        while True:
            page = await registration_service.list_registrations(
                session,
                webinar_id,
                limit=2,
                after=after,
                **filters,  # type: ignore[arg-type]
            )
            found += [row.id for row in page.items]
            after = page.next
            if after is None:
                return found

    assert await listed() == ids[::-1]
    assert await listed(sort="email") == ids
    assert await listed(status=CANCELLED) == ids[:1]
    assert await listed(q="P3@") == ids[3:4]
    everyone = await registration_service.list_registrations(session)
    assert len(everyone.items) == 6
    assert everyone.items[0].webinar_title == "Async"


@pytest.mark.parametrize(("kind", "mode"), PICTURES)
async def test_a_photo_is_stored_small_and_as_jpeg(session: AsyncSession, kind: str, mode: str) -> None:
    registration_id = await _register(session, await _webinar(session))
    registration = await registration_service.set_photo(session, registration_id, _picture(kind, mode=mode))
    with Image.open(uploads.path_of(registration.photo or "")) as stored:
        assert (stored.format, stored.size) == ("JPEG", (800, 400))


@pytest.mark.parametrize(
    "data",
    [
        b"", b"<script>alert(1)</script>", b'<svg xmlns="http://www.w3.org/2000/svg"/>', b"GIF89a" + b"\0" * 99,
        _picture()[:200], _picture("BMP", (9, 9), "RGB"), _picture("PNG", (20000, 20000), "1"),
        b"\x89PNG" + b"\0" * (images.MAX_IMAGE_BYTES + 1),
    ],
)  # fmt: skip
async def test_what_is_no_photo_is_refused(session: AsyncSession, data: bytes) -> None:
    registration_id = await _register(session, await _webinar(session))
    with pytest.raises(Invalid) as caught:
        await registration_service.set_photo(session, registration_id, data)
    assert "photo" in caught.value.fields
    assert _stored() == set()


async def test_nothing_hidden_in_a_photo_is_stored(session: AsyncSession) -> None:
    registration_id = await _register(session, await _webinar(session))
    sent = _picture("JPEG", mode="RGB") + b"<?php evil() ?>"
    registration = await registration_service.set_photo(session, registration_id, sent)
    assert b"evil" not in uploads.path_of(registration.photo or "").read_bytes()


async def test_a_new_photo_replaces_the_old_one_and_a_rollback_leaves_nothing(database: str) -> None:
    async with transaction() as session:
        registration_id = await _register(session, await _webinar(session))
    names: list[str | None] = []
    for _ in range(2):
        async with transaction() as session:
            names.append((await registration_service.set_photo(session, registration_id, _picture())).photo)
    assert _stored() == {names[1]}

    async def set_photo_and_fail(registration_id: int) -> None:
        async with transaction() as session:
            await registration_service.set_photo(session, registration_id, _picture())
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await set_photo_and_fail(registration_id)
    with pytest.raises(NotFound):
        await set_photo_and_fail(999)
    assert _stored() == {names[1]}


@pytest.mark.parametrize("name", ["../app.db", "x.jpg", "", "/etc/passwd", f"{'a' * 32}.jpg/..", f"{'0' * 32}.jpg"])
def test_only_stored_photos_have_a_path(name: str, tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        uploads.path_of(name)


SIGN_UP = """
import asyncio, os
from webapp.db import dispose, transaction
from webapp.errors import Conflict
from webapp.services.registration_service import register

async def sign_up(i):
    try:
        async with transaction() as session:
            await register(session, 1, name="X", email=f"p{os.getpid()}-{i}@example.com")
        return "in"
    except Conflict:
        return "full"

async def main():
    print(*await asyncio.gather(*(sign_up(i) for i in range(50))))
    await dispose()

asyncio.run(main())
"""


async def test_200_people_in_4_processes_get_exactly_50_places(
    database: str, run_processes: Callable[[int, str], list[str]]
) -> None:
    async with transaction() as session:
        webinar_id = await _webinar(session, capacity=50)
    answers = " ".join(run_processes(4, SIGN_UP)).split()
    assert (answers.count("in"), answers.count("full")) == (50, 150)
    async with transaction() as session:
        stored = await session.scalar(select(func.count()).where(col(Registration.webinar_id) == webinar_id))
    assert stored == 50
