"""Logging in, and the brake on guessing."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlmodel import col

from webapp.db import now, transaction
from webapp.errors import NotAuthenticated, TooManyAttempts
from webapp.models import AuditEntry, User
from webapp.services import user_service
from webapp.services.login_service import MAX_FAILURES, log_in

PASSWORD = "correct horse battery"

MakeUser = Callable[..., Awaitable[User]]


async def _entries() -> list[AuditEntry]:
    async with transaction() as session:
        return list(await session.scalars(select(AuditEntry).order_by(col(AuditEntry.id))))


async def _fail(times: int, email: str = "ann@example.com") -> None:
    for _ in range(times):
        with pytest.raises(NotAuthenticated):
            await log_in(email, "not the password")


async def test_the_right_password_logs_in_and_is_recorded(make_user: MakeUser) -> None:
    await make_user("ann@example.com", "role.*")
    user = await log_in(" Ann@example.com", PASSWORD)
    assert user.last_login_at is not None
    assert [role.permissions for role in user.roles] == [["role.*"]]
    (entry,) = await _entries()
    assert (entry.action, entry.target, entry.actor_id) == ("login.succeeded", "ann@example.com", user.id)


async def test_a_failure_is_recorded_without_the_password(make_user: MakeUser) -> None:
    await make_user()
    await _fail(1)
    (entry,) = await _entries()
    assert (entry.action, entry.target, entry.actor_id) == ("login.failed", "ann@example.com", None)
    assert "not the password" not in str(entry.model_dump())


async def test_a_wrong_address_a_wrong_password_and_a_deactivated_user_look_the_same(make_user: MakeUser) -> None:
    await make_user()
    await make_user("bob@example.com", is_active=False)
    answers = set()
    for email, password in [
        ("ann@example.com", "wrong password"), ("nobody@example.com", PASSWORD), ("bob@example.com", PASSWORD),
    ]:  # fmt: skip
        with pytest.raises(NotAuthenticated) as caught:
            await log_in(email, password)
        answers.add((caught.value.message, caught.value.hint))
    assert len(answers) == 1


async def test_after_ten_failures_even_the_right_password_has_to_wait(make_user: MakeUser) -> None:
    await make_user()
    await make_user("bob@example.com")
    await _fail(MAX_FAILURES)
    with pytest.raises(TooManyAttempts) as caught:
        await log_in("ANN@example.com", PASSWORD)
    assert 0 < caught.value.retry_after <= 900
    await log_in("bob@example.com", PASSWORD)
    async with transaction() as session:
        await session.execute(update(AuditEntry).values(at=now() - timedelta(minutes=16)))
    await log_in("ann@example.com", PASSWORD)


async def test_a_success_forgets_the_failures_before_it(make_user: MakeUser) -> None:
    await make_user()
    await _fail(MAX_FAILURES - 1)
    await log_in("ann@example.com", PASSWORD)
    await _fail(MAX_FAILURES - 1)
    await log_in("ann@example.com", PASSWORD)


async def test_an_unknown_address_is_braked_too(database: str) -> None:
    await _fail(MAX_FAILURES, "nobody@example.com")
    with pytest.raises(TooManyAttempts):
        await log_in("nobody@example.com", PASSWORD)


async def test_a_deactivated_user_cannot_log_in_until_activated(make_user: MakeUser) -> None:
    ann = await make_user()
    async with transaction() as session:
        await user_service.deactivate(session, ann)
    await _fail(1)
    async with transaction() as session:
        await user_service.activate(session, ann)
    await log_in("ann@example.com", PASSWORD)


def test_no_crowd_of_processes_gets_more_than_ten_guesses(run_processes: Callable[[int, str], list[str]]) -> None:
    printed = run_processes(
        2,
        """
import asyncio
from webapp.db import dispose
from webapp.errors import NotAuthenticated, TooManyAttempts
from webapp.services.login_service import log_in

async def guess():
    try:
        await log_in("ann@example.com", "not the password")
    except NotAuthenticated:
        return "guessed"
    except TooManyAttempts:
        return "refused"

async def main():
    print(*await asyncio.gather(*(guess() for _ in range(25))))
    await dispose()

asyncio.run(main())
""",
    )
    answers = " ".join(printed).split()
    assert (answers.count("guessed"), answers.count("refused")) == (MAX_FAILURES, 50 - MAX_FAILURES)
