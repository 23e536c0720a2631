"""Rules between rows, told by the name of the field."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from webapp.errors import Conflict, Invalid
from webapp.models import AuditEntry, User
from webapp.services import rules

EMAIL: Any = User.__table__.c.email  # type: ignore[attr-defined]
NAME: Any = User.__table__.c.name  # type: ignore[attr-defined]
ACTIVE: Any = User.__table__.c.is_active  # type: ignore[attr-defined]
ACTOR: Any = AuditEntry.__table__.c.actor_id  # type: ignore[attr-defined]


@pytest.fixture
async def ann(make_user: Callable[..., Awaitable[User]]) -> User:
    return await make_user()


async def test_a_value_that_another_row_has_is_taken(ann: User, session: AsyncSession) -> None:
    with pytest.raises(Conflict) as caught:
        await rules.refuse_taken(session, EMAIL, {"email": ann.email}, None)
    assert list(caught.value.fields) == ["email"]


async def test_a_row_keeps_its_own_value(ann: User, session: AsyncSession) -> None:
    await rules.refuse_taken(session, EMAIL, {"email": ann.email}, ann.id)


@pytest.mark.parametrize("values", [{}, {"email": None}, {"email": "free@example.com"}])
async def test_what_is_free_or_not_given_is_fine(ann: User, session: AsyncSession, values: dict[str, Any]) -> None:
    await rules.refuse_taken(session, EMAIL, values, None)


async def test_columns_that_are_unique_together_are_told_by_their_names(ann: User, session: AsyncSession) -> None:
    both = (EMAIL, NAME)
    taken = {"email": ann.email, "name": ann.name}
    with pytest.raises(Conflict, match="This email and name are taken") as caught:
        await rules.refuse_taken(session, both, taken)
    assert list(caught.value.fields) == ["email", "name"]
    await rules.refuse_taken(session, both, taken | {"name": "Somebody else"})
    await rules.refuse_taken(session, both, taken, ann.id)
    await rules.refuse_taken(session, both, taken | {"name": None})


async def test_a_row_keeps_the_column_that_is_not_given(
    ann: User, session: AsyncSession, make_user: Callable[..., Awaitable[User]]
) -> None:
    ben = await make_user("ben@example.com")
    with pytest.raises(Conflict):
        await rules.refuse_taken(session, (ACTIVE, NAME), {"name": ann.name}, ben.id)
    await rules.refuse_taken(session, (EMAIL, NAME), {"name": ann.name}, ben.id)


async def test_a_reference_to_nothing_is_refused(ann: User, session: AsyncSession) -> None:
    with pytest.raises(Invalid) as caught:
        await rules.refuse_missing(session, ACTOR, {"actor_id": (ann.id or 0) + 1})
    assert list(caught.value.fields) == ["actor_id"]


@pytest.mark.parametrize("given", [True, False])
async def test_a_reference_to_a_row_or_to_none_is_fine(ann: User, session: AsyncSession, given: bool) -> None:
    await rules.refuse_missing(session, ACTOR, {"actor_id": ann.id if given else None})
