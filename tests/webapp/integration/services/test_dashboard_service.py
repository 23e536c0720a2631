"""The figures of the dashboard: what is counted, how far, and at what cost."""

import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import DateTime, Engine, Index, event, insert
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from webapp.db import UTCDateTime, now, reader, reading, transaction
from webapp.models import AuditEntry, Role, User
from webapp.permissions import guarded_models
from webapp.services.dashboard_service import MOST_COUNTED, Count, Figures, count_rows, overview
from webapp.settings import get_settings

MakeUser = Callable[..., Awaitable[User]]


class Own(SQLModel, registry=registry()):
    """The base of tables that are there for these tests alone."""


class Plain(Own, table=True):
    __tablename__ = "plain_things"
    __table_args__ = (Index(None, "created_at", "id"),)

    id: int | None = Field(default=None, primary_key=True)
    created_at: datetime = Field(default_factory=now, sa_type=UTCDateTime)


class Unindexed(Own, table=True):
    __tablename__ = "unindexed_things"

    id: int | None = Field(default=None, primary_key=True)
    created_at: datetime = Field(default_factory=now)


class Zoneless(Own, table=True):
    __tablename__ = "zoneless_things"

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    created_at: datetime = Field(sa_type=DateTime)


class Owned(Own, table=True):
    __tablename__ = "owned_things"
    __table_args__ = (Index(None, "owner_id", "created_at", "id"),)

    id: int | None = Field(default=None, primary_key=True)
    owner_id: int
    created_at: datetime = Field(default_factory=now, sa_type=UTCDateTime)


class Deleted(Own, table=True):
    __tablename__ = "deleted_things"
    __table_args__ = (Index(None, "created_at", "id"), Index(None, "deleted_at", "id"))

    id: int | None = Field(default=None, primary_key=True)
    created_at: datetime = Field(default_factory=now, sa_type=UTCDateTime)
    deleted_at: datetime | None = Field(default=None, sa_type=UTCDateTime)


class OwnedAndDeleted(Own, table=True):
    __tablename__ = "owned_deleted_things"
    __table_args__ = (Index(None, "owner_id", "created_at", "id"), Index(None, "deleted_at", "id"))

    id: int | None = Field(default=None, primary_key=True)
    owner_id: int
    created_at: datetime = Field(default_factory=now, sa_type=UTCDateTime)
    deleted_at: datetime | None = Field(default=None, sa_type=UTCDateTime)


ALL = (Plain, Unindexed, Zoneless, Owned, Deleted, OwnedAndDeleted)
LONG_AGO = timedelta(days=8)


@pytest.fixture
async def tables(database: str) -> AsyncIterator[None]:
    async with transaction() as session:
        await (await session.connection()).run_sync(Own.metadata.create_all)
    yield
    async with transaction() as session:
        await (await session.connection()).run_sync(Own.metadata.drop_all)


@pytest.fixture
def statements() -> Iterator[list[str]]:
    """The statements that the databases are sent from here on."""
    sent: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        sent.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    yield sent
    event.remove(Engine, "before_cursor_execute", note)


async def add(model: type[SQLModel], *rows: dict[str, Any]) -> None:
    async with transaction() as session:
        await session.execute(insert(model), list(rows))


async def counted(model: type[SQLModel], owner_id: int = 1) -> tuple[Count, Count | None]:
    (figures,) = await count_rows(reader(), [model], owner_id=owner_id)
    return figures.rows, figures.recent


@pytest.mark.parametrize("model", ALL)
async def test_rows_are_counted_and_those_of_the_last_days(tables: None, model: type[SQLModel]) -> None:
    assert await counted(model) == (Count(0), Count(0))
    moment = now().replace(tzinfo=None) if model is Zoneless else now()
    more = {"owner_id": 1} if "owner_id" in model.model_fields else {}
    fresh = {"created_at": moment - timedelta(days=6)} | more
    await add(model, *({"created_at": moment - LONG_AGO} | more for _ in range(3)), fresh, fresh)
    assert await counted(model) == (Count(5), Count(2))


async def test_what_does_not_say_when_it_was_written_is_not_called_new(database: str) -> None:
    await add(Role, {"name": "a", "description": "", "permissions": []})
    assert await counted(Role) == (Count(1), None)


@pytest.mark.parametrize("model", [Plain, Unindexed])
async def test_counting_stops_at_a_thousand(tables: None, model: type[SQLModel]) -> None:
    await add(model, *({"created_at": now()} for _ in range(MOST_COUNTED)))
    assert await counted(model) == (Count(1_000), Count(1_000))
    await add(model, {"created_at": now()})
    assert await counted(model) == (Count(1_000, more=True), Count(1_000, more=True))
    await add(model, *({"created_at": now()} for _ in range(50)))
    assert await counted(model) == (Count(1_000, more=True), Count(1_000, more=True))


async def test_of_owned_rows_the_viewers_own_count(tables: None) -> None:
    old = now() - LONG_AGO
    await add(Owned, *({"owner_id": 1, "created_at": old} for _ in range(2)), {"owner_id": 1, "created_at": now()})
    await add(Owned, {"owner_id": 2, "created_at": now()})
    assert await counted(Owned, 1) == (Count(3), Count(1))
    assert await counted(Owned, 2) == (Count(1), Count(1))
    assert await counted(Owned, 3) == (Count(0), Count(0))
    own = {figures.model: figures.own for figures in await count_rows(reader(), ALL, owner_id=1)}
    assert [model for model, is_own in own.items() if is_own] == [Owned, OwnedAndDeleted]


@pytest.mark.parametrize(("model", "more"), [(Deleted, {}), (OwnedAndDeleted, {"owner_id": 1})])
async def test_deleted_rows_do_not_count(tables: None, model: type[SQLModel], more: dict[str, int]) -> None:
    there: dict[str, Any] = {"created_at": now(), "deleted_at": None} | more
    await add(model, there, there | {"deleted_at": now()})
    assert await counted(model) == (Count(1), Count(1))


async def test_one_statement_counts_everything(tables: None, statements: list[str]) -> None:
    found = await count_rows(reader(), ALL, owner_id=1)
    assert [figures.model for figures in found] == list(ALL)
    assert len(statements) == 1
    assert await count_rows(reader(), [], owner_id=1) == []
    assert len(statements) == 1


@pytest.mark.parametrize(
    ("model", "steps"),
    [
        (Plain, ["(created_at>?)"]),
        (Owned, ["(owner_id=?)", "(owner_id=? AND created_at>?)"]),
        (Deleted, ["(deleted_at=?)", "(created_at>?)"]),
        (OwnedAndDeleted, ["(owner_id=?)", "(owner_id=? AND created_at>?)"]),
    ],
)
async def test_no_database_looks_through_all_rows(
    tables: None, statements: list[str], model: type[SQLModel], steps: list[str]
) -> None:
    """SQLite says how it would go about it; PostgreSQL decides by what is in the tables."""
    if not get_settings().is_sqlite:
        pytest.skip("The plan depends on the rows.")
    await counted(model)
    async with reading() as session:
        connection = await session.connection()
        values = tuple(1 for _ in range(statements[0].count("?")))
        plan = [row[-1] for row in await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statements[0]}", values)]
    assert [re.sub("[^(]*", "", step, count=1) for step in plan if step.startswith("SEARCH")] == steps, plan
    assert not [step for step in plan if "TEMP B-TREE" in step], plan


async def test_a_viewer_is_told_of_what_may_be_viewed(database: str, make_user: MakeUser) -> None:
    viewer = await make_user("ann@example.com", "role.view", "audit_entry.*", "user.add")
    assert [figures.model for figures in await overview(reader(), viewer)] == [AuditEntry, Role]
    assert await overview(reader(), await make_user("bo@example.com")) == []
    boss = await make_user("boss@example.com", is_superuser=True)
    found: list[Figures] = await overview(reader(), boss)
    assert [figures.model for figures in found] == list(guarded_models())
    users = next(figures for figures in found if figures.model is User)
    assert (users.rows, users.recent) == (Count(3), Count(3))
