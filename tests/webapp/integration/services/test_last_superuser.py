"""One superuser stays, whoever tries what at the same moment."""

from collections.abc import Awaitable, Callable

from webapp.db import transaction
from webapp.models import User
from webapp.services import user_service

REMOVE = """
import asyncio, random
from webapp.db import dispose, transaction
from webapp.errors import Conflict, NotFound
from webapp.services import user_service

async def remove(email, how):
    try:
        async with transaction() as session:
            user = await user_service.get_user(session, email)
            if how == "deactivate":
                await user_service.deactivate(session, user)
            elif how == "demote":
                await user_service.set_superuser(session, user, False)
            else:
                await user_service.delete_user(session, user)
    except (Conflict, NotFound):
        pass

async def main():
    jobs = [remove(f"root{i}@example.com", how) for i in range(4) for how in ("deactivate", "demote", "delete")]
    random.shuffle(jobs)
    await asyncio.gather(*jobs)
    await dispose()

asyncio.run(main())
"""


async def test_processes_that_remove_superusers_at_once_leave_one(
    make_user: Callable[..., Awaitable[User]], run_processes: Callable[[int, str], list[str]]
) -> None:
    for i in range(4):
        await make_user(f"root{i}@example.com", is_superuser=True)
    run_processes(2, REMOVE)
    async with transaction() as session:
        assert await user_service.count_superusers(session) == 1
