"""The database's settings, and transactions that keep their promise."""

import asyncio
from collections.abc import Callable

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError
from sqlmodel import col

from webapp.db import reading, transaction
from webapp.models import Role, UserRole
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
