"""The database's settings, and transactions that keep their promise."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError, StatementError
from sqlalchemy.orm import selectinload
from sqlmodel import col

from webapp.db import reader, reading, reading_engine, transaction
from webapp.models import Role, User, UserRole, Webinar
from webapp.settings import get_settings


@pytest.fixture
def sqlite(database: str) -> None:
    if not get_settings().is_sqlite:
        pytest.skip("This is about SQLite.")


async def test_sqlite_is_set_up_to_be_safe_and_quick(sqlite: None) -> None:
    for open_session in (transaction, reading):
        async with open_session() as session:
            values = [
                await session.scalar(text(f"PRAGMA {name}"))
                for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
            ]
        assert values == ["wal", 1, 1, 30_000]


async def test_foreign_keys_hold(database: str) -> None:
    with pytest.raises(IntegrityError):
        async with transaction() as session:
            session.add(UserRole(user_id=1, role_id=1))


async def _fail() -> None:
    async with transaction() as session:
        session.add(Role(name="x"))
        await session.flush()
        raise ZeroDivisionError


async def test_an_error_undoes_the_whole_transaction(database: str) -> None:
    with pytest.raises(ZeroDivisionError):
        await _fail()
    async with transaction() as session:
        assert await session.scalar(select(func.count()).select_from(Role)) == 0


async def test_readers_do_not_wait_for_a_writer(database: str) -> None:
    async with transaction() as session:
        session.add(Role(name="x"))
        await session.flush()
        async with asyncio.timeout(5), reading() as other:
            assert (await other.scalars(select(col(Role.name)))).all() == []


ADD_50 = """
import asyncio
from sqlalchemy import select
from webapp.db import dispose, transaction
from webapp.models import Role

async def add_one():
    async with transaction() as session:
        role = await session.scalar(select(Role).where(Role.name == "counter").with_for_update())
        role.description = str(int(role.description) + 1)

async def main():
    await asyncio.gather(*(add_one() for _ in range(50)))
    await dispose()

asyncio.run(main())
"""


async def test_no_change_is_lost_when_processes_read_and_write_at_once(
    database: str, run_processes: Callable[[int, str], list[str]]
) -> None:
    async with transaction() as session:
        session.add(Role(name="counter", description="0"))
    run_processes(2, ADD_50)
    async with transaction() as session:
        assert await session.scalar(select(col(Role.description))) == "100"


@pytest.mark.parametrize("zone", [UTC, timezone(timedelta(hours=5, minutes=30)), timezone(timedelta(hours=-8))])
async def test_a_time_comes_back_aware_in_utc_to_the_microsecond(database: str, zone: timezone) -> None:
    moment = datetime(2030, 1, 2, 3, 4, 5, 678901, zone)
    async with transaction() as session:
        session.add(Webinar(title="x", starts_at=moment, capacity=1))
    for open_session in (transaction, reading):
        async with open_session() as session:
            stored = (await session.scalars(select(col(Webinar.starts_at)))).one()
            assert stored == moment
            assert stored.utcoffset() == timedelta(0)
            found = select(func.count()).where(col(Webinar.starts_at) == moment.astimezone(UTC))
            assert await session.scalar(found) == 1


async def test_a_time_without_a_zone_is_refused(database: str) -> None:
    with pytest.raises(StatementError, match="timezone"):
        async with transaction() as session:
            session.add(Webinar(title="x", starts_at=datetime(2030, 1, 1), capacity=1))  # noqa: DTZ001


async def test_objects_and_plain_rows_can_be_read_in_one_session(database: str) -> None:
    async with transaction() as session:
        session.add(Role(name="editors"))
    async with reading() as session:
        assert (await session.execute(select(Role.__table__.c.name))).scalars().all() == ["editors"]  # type: ignore[attr-defined]
        role = await session.get(Role, 1)
        assert role is not None
        assert await session.scalar(select(func.count()).select_from(Role)) == 1
        assert (await session.execute(text("SELECT name FROM roles"))).scalar_one() == role.name


async def test_a_reader_gives_rows_and_objects_and_holds_no_connection(database: str) -> None:
    async with transaction() as session:
        session.add(User(email="ann@example.com", password_hash="x", roles=[Role(name="editors"), Role(name="hosts")]))
    ours = reader()
    roles = Role.__table__.c  # type: ignore[attr-defined]
    rows = await ours.execute(select(roles.name).order_by(roles.id))
    user = await ours.scalar(select(User).options(selectinload(User.roles)))  # type: ignore[arg-type]
    names = await ours.scalars(text("SELECT name FROM roles ORDER BY id"))

    assert reading_engine().sync_engine.pool.checkedout() == 0  # type: ignore[attr-defined]
    assert [row.name for row in rows] == names.all() == ["editors", "hosts"]
    assert user is not None
    assert sorted(role.name for role in user.roles) == ["editors", "hosts"]


async def test_a_reader_sees_what_was_committed_in_between(database: str) -> None:
    ours = reader()
    assert await ours.scalar(select(func.count()).select_from(Role)) == 0
    async with transaction() as session:
        session.add(Role(name="editors"))
    assert await ours.scalar(select(func.count()).select_from(Role)) == 1
