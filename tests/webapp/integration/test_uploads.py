"""Uploaded files: there for as long as a committed row names them, and sent so that no browser runs them."""

from collections.abc import Awaitable, Callable
from io import BytesIO

import PIL.Image
import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from webapp import uploads
from webapp.db import engine, transaction
from webapp.errors import Invalid, NotFound
from webapp.routes.files import send_file, send_image
from webapp.settings import get_settings
from webapp.uploads import MAX_FILE_BYTES, clean_name, drop_file, new_file, new_image


def stored() -> set[str]:
    folder = get_settings().upload_dir
    return {path.name for path in folder.iterdir()} if folder.exists() else set()


def picture() -> bytes:
    written = BytesIO()
    PIL.Image.new("RGB", (8, 8), "red").save(written, "PNG")
    return written.getvalue()


async def add(session: AsyncSession, data: bytes = b"one") -> str:
    async with new_file(session, data, "one.txt", "manual") as name:
        return name


async def committed() -> str:
    async with transaction() as session:
        return await add(session)


async def fail_after(change: Callable[[AsyncSession], Awaitable[None]]) -> None:
    async with transaction() as session:
        await change(session)
        raise ZeroDivisionError


async def test_a_file_is_kept_under_a_name_that_its_sender_did_not_choose(database: str) -> None:
    name = await committed()
    assert uploads.original_name(name) == "one.txt"
    assert stored() == {name[:32]}
    assert uploads.path_of(name).read_bytes() == b"one"
    assert await committed() != name


async def test_a_rollback_takes_what_was_stored_and_leaves_what_was_dropped(database: str) -> None:
    name = await committed()

    async def replace(session: AsyncSession) -> None:
        await add(session)
        drop_file(session, name)

    with pytest.raises(ZeroDivisionError):
        await fail_after(replace)
    assert stored() == {name[:32]}
    async with transaction() as session:
        await replace(session)
        assert len(stored()) == 2
    assert name[:32] not in stored()
    assert len(stored()) == 1


async def test_a_session_that_is_closed_without_a_commit_leaves_nothing(database: str) -> None:
    async with AsyncSession(engine()) as session:
        await add(session)
    assert stored() == set()


async def test_an_error_in_the_block_takes_the_file_at_once(database: str) -> None:
    async with transaction() as session:
        with pytest.raises(ZeroDivisionError):
            async with new_file(session, b"one", "one.txt", "manual"):
                raise ZeroDivisionError
        assert stored() == set()


async def test_a_savepoint_that_is_rolled_back_takes_its_own_files_alone(database: str) -> None:
    old = await committed()
    async with transaction() as session:
        outer = await add(session)
        savepoint = await session.begin_nested()
        drop_file(session, old)
        inner = await add(session)
        await savepoint.rollback()
        assert stored() == {old[:32], outer[:32]}
        async with session.begin_nested():
            kept = await add(session)
            drop_file(session, outer)
        assert outer[:32] in stored()
    assert stored() == {old[:32], kept[:32]}
    assert inner[:32] not in stored()


async def test_a_savepoint_ends_with_the_transaction_around_it(database: str) -> None:
    async def within(session: AsyncSession) -> None:
        async with session.begin_nested():
            await add(session)

    with pytest.raises(ZeroDivisionError):
        await fail_after(within)
    assert stored() == set()


async def test_a_session_has_one_transaction_after_the_other(database: str) -> None:
    async with AsyncSession(engine()) as session:
        first = await add(session)
        await session.commit()
        await add(session)
        await session.rollback()
    assert stored() == {first[:32]}


@pytest.mark.parametrize("data", [b"", b"x" * (MAX_FILE_BYTES + 1)])
async def test_an_empty_or_a_large_file_is_refused_at_its_field(session: AsyncSession, data: bytes) -> None:
    with pytest.raises(Invalid) as caught:
        await add(session, data)
    assert set(caught.value.fields) == {"manual"}
    assert stored() == set()


async def test_what_is_no_picture_is_refused_at_its_field(session: AsyncSession) -> None:
    with pytest.raises(Invalid) as caught:
        async with new_image(session, b"<svg/>", "cover"):
            pass
    assert set(caught.value.fields) == {"cover"}
    assert stored() == set()


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("notes.txt", "notes.txt"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\ann\\notes.txt", "notes.txt"),
        ("Übersicht 2030.pdf", "Übersicht 2030.pdf"),
        ("資料.pdf", "資料.pdf"),
        ('a"b<c>.html', "a_b_c_.html"),
        ("a\x00b\r\nSet-Cookie: x.txt", "abSet-Cookie_ x.txt"),
        ("photo\u202egpj.exe", "photogpj.exe"),
        (".bashrc", "bashrc"),
        ("..", "file"),
        ("", "file"),
        ("\ud800", "file"),
        ("x" * 300 + ".pdf", "x" * 63 + ".pdf"),
        ("x." + "y" * 300, "x." + "y" * 65),
    ],
)
def test_a_name_is_cleaned_and_fits_its_column(sent: str, kept: str) -> None:
    assert clean_name(sent) == kept
    assert len(f"{'0' * 32}-{kept}") <= uploads.LONGEST_NAME


@pytest.mark.parametrize(
    "name", ["", "../app.db", "/etc/passwd", "0" * 32, f"{'0' * 32}.jpg", f"{'0' * 32}.jpg/..", f"{'0' * 32}-a.txt"]
)
def test_only_what_is_stored_has_a_path(name: str) -> None:
    with pytest.raises(NotFound):
        uploads.path_of(name)


async def test_a_file_is_sent_as_a_download_whatever_it_is(database: str) -> None:
    async with transaction() as session, new_file(session, b"<script>", "Übersicht.html", "manual") as name:
        pass
    headers = send_file(name).headers
    assert headers["content-type"] == "application/octet-stream"
    assert headers["content-disposition"] == "attachment; filename*=utf-8''%C3%9Cbersicht.html"
    assert headers["cache-control"] == "no-store"


async def test_a_picture_is_sent_as_what_it_was_made_into(database: str) -> None:
    async with transaction() as session, new_image(session, picture(), "cover") as name:
        pass
    sent = send_image(name)
    assert sent.headers["content-type"] == "image/jpeg"
    with PIL.Image.open(sent.path) as image:
        assert image.format == "JPEG"
