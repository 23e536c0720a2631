"""Demo data: what is loaded, that it is always the same, and that exactly it goes away again."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import delete, func, select, update
from sqlmodel import SQLModel, col

from webapp import demo
from webapp.db import reading, transaction
from webapp.demo.logins import LOGINS, NO_PASSWORD
from webapp.errors import Invalid
from webapp.models import DemoBatch, Product, Registration, RegistrationStatus, User, UserRole, Webinar
from webapp.passwords import verify_password
from webapp.schemas.product import ProductCreate
from webapp.schemas.registration import RegistrationCreate
from webapp.schemas.webinar import WebinarCreate
from webapp.services.role_service import BUILTIN_ROLES
from webapp.services.user_service import find_user, normalise_email

DAY = date(2030, 3, 15)
MIDNIGHT = datetime(2030, 3, 15, tzinfo=UTC)
PASSWORD = "quiet copper lantern"
MODELS = (User, Product, Webinar, Registration)
TABLES = tuple(str(model.__tablename__) for model in MODELS)


async def load(rows: int = 60, **options: Any) -> demo.Loaded:
    given: dict[str, Any] = {"rows": rows, "day": DAY, "password": PASSWORD}
    return await demo.load(**given | options)


async def rows_of(model: type[SQLModel]) -> Sequence[dict[str, Any]]:
    """All rows of a table, without what is random on purpose."""
    async with reading() as session:
        found = await session.scalars(select(model).order_by(model.id))  # type: ignore[attr-defined]
        return [row.model_dump(exclude={"password_hash"}) for row in found]


async def everything() -> list[Sequence[dict[str, Any]]]:
    return [await rows_of(model) for model in MODELS]


async def counts() -> dict[str, tuple[int, int]]:
    return {count.table: (count.demo, count.total) for count in await demo.status() if count.table in TABLES}


def of_these(rows: dict[str, int]) -> dict[str, int]:
    """What was done to the tables that these tests are about; a project has more of them."""
    return {table: count for table, count in rows.items() if table in TABLES}


@pytest.mark.usefixtures("database")
async def test_loading_fills_every_table_and_says_how_many_rows() -> None:
    loaded = await load(60)
    users = len(LOGINS) + 8
    assert of_these(loaded.added) == {"products": 60, "users": users, "webinars": 30, "registrations": 360}
    assert await counts() == {table: (count, count) for table, count in of_these(loaded.added).items()}


@pytest.mark.usefixtures("database")
async def test_loading_again_adds_nothing() -> None:
    await load()
    before = await everything()
    again = await load()
    assert set(again.added.values()) == {0}
    assert again.present["products"] == 60
    assert await everything() == before


@pytest.mark.usefixtures("database")
async def test_more_rows_add_what_is_missing_as_if_all_had_been_loaded_at_once() -> None:
    await load(60)
    added = (await load(3_300)).added
    assert (added["products"], added["webinars"], added["users"]) == (3_240, 3, 3)
    in_two = await everything()
    await demo.unload()
    await load(3_300)
    assert without_keys(await everything()) == without_keys(in_two)


@pytest.mark.usefixtures("database")
async def test_the_same_seed_gives_the_same_rows_in_batches_of_any_size() -> None:
    await load(seed=7, batch=5_000)
    first = await everything()
    await demo.unload()
    await load(seed=7, batch=7)
    assert without_keys(await everything()) == without_keys(first)
    await demo.unload()
    await load(seed=8)
    assert without_keys(await everything()) != without_keys(first)


def without_keys(tables: list[Sequence[dict[str, Any]]]) -> list[list[dict[str, Any]]]:
    """The rows with each key replaced by its distance from the table's first, since keys are never used twice."""
    first = {"users": tables[0][0]["id"], "webinars": tables[MODELS.index(Webinar)][0]["id"]}
    return [
        [
            row
            | {"id": row["id"] - rows[0]["id"]}
            | ({"host_id": row["host_id"] - first["users"]} if "host_id" in row else {})
            | ({"webinar_id": row["webinar_id"] - first["webinars"]} if "webinar_id" in row else {})
            for row in rows
        ]
        for rows in tables
    ]


@pytest.mark.usefixtures("database")
async def test_the_rows_are_such_as_the_app_itself_would_accept() -> None:
    await load(300)
    for row in await rows_of(Product):
        ProductCreate.model_validate(pick(row, ProductCreate))
        assert row["created_at"] <= row["updated_at"] <= MIDNIGHT
    for row in await rows_of(Webinar):
        WebinarCreate.model_validate(pick(row, WebinarCreate))
    for row in await rows_of(Registration):
        RegistrationCreate.model_validate(pick(row, RegistrationCreate))
        assert normalise_email(row["email"]) == row["email"]
    for row in await rows_of(User):
        assert normalise_email(row["email"]) == row["email"]
        assert row["email"].endswith((".example.com", "@example.com", "@example.org", "@example.net"))


def pick(row: dict[str, Any], schema: type[SQLModel]) -> dict[str, Any]:
    return {name: row[name] for name in schema.model_fields}


@pytest.mark.usefixtures("database")
async def test_the_products_are_varied() -> None:
    await load(300)
    products = await rows_of(Product)
    assert len({row["name"] for row in products}) > 280
    assert len({row["description"] for row in products}) > 250
    assert len({row["price"] for row in products}) > 100
    assert len({row["category"] for row in products}) == 8
    assert 20 < sum(not row["in_stock"] for row in products) < 60


@pytest.mark.usefixtures("database")
async def test_webinars_lie_around_the_day_with_a_host_and_no_more_people_than_places() -> None:
    await load()
    webinars = await rows_of(Webinar)
    assert sum(row["starts_at"] > MIDNIGHT for row in webinars) >= 10
    assert sum(row["starts_at"] < MIDNIGHT for row in webinars) >= 5
    assert all(row["host_id"] for row in webinars)
    taken: dict[int, int] = {}
    for row in await rows_of(Registration):
        if row["status"] != RegistrationStatus.CANCELLED:
            taken[row["webinar_id"]] = taken.get(row["webinar_id"], 0) + 1
    assert all(taken.get(row["id"], 0) <= row["capacity"] for row in webinars)
    assert len({*taken.values()}) > 4, "some are popular and some are not"


@pytest.mark.usefixtures("database")
async def test_a_registration_fits_the_date_of_its_webinar() -> None:
    await load()
    starts = {row["id"]: row["starts_at"] for row in await rows_of(Webinar)}
    expected = {True: {"attended", "no_show", "cancelled"}, False: {"registered", "cancelled"}}
    found: dict[bool, set[str]] = {True: set(), False: set()}
    for row in await rows_of(Registration):
        assert row["created_at"] < starts[row["webinar_id"]]
        found[starts[row["webinar_id"]] < MIDNIGHT].add(str(row["status"]))
    assert found == expected


@pytest.mark.usefixtures("database")
async def test_the_logins_get_the_password_and_their_role_and_the_other_users_none() -> None:
    loaded = await load()
    assert [login.role for login in loaded.logins] == ["superuser", *(role.name for role in BUILTIN_ROLES), ""]
    assert all(login.opened for login in loaded.logins)
    async with reading() as session:
        for login in loaded.logins:
            user = await find_user(session, login.email)
            assert user is not None
            assert (await verify_password(PASSWORD, user.password_hash))[0]
            assert user.is_superuser == (login.role == "superuser")
            assert [role.name for role in user.roles] == [login.role] * (login.role not in ("", "superuser"))
        others = select(col(User.password_hash)).where(col(User.email).not_in([login.email for login in LOGINS]))
        assert set(await session.scalars(others)) == {NO_PASSWORD}
    assert await verify_password(PASSWORD, NO_PASSWORD) == (False, None)
    assert await verify_password("", NO_PASSWORD) == (False, None)


@pytest.mark.usefixtures("database")
async def test_loading_again_leaves_passwords_and_roles_as_they_are() -> None:
    await load()
    async with transaction() as session:
        await session.execute(delete(UserRole))
        before = (await session.scalars(select(col(User.password_hash)).order_by(col(User.id)))).all()
    again = await load(password="another copper lantern")
    assert [login.opened for login in again.logins] == [False] * len(LOGINS)
    async with reading() as session:
        assert (await session.scalars(select(col(User.password_hash)).order_by(col(User.id)))).all() == before
        assert await session.scalar(select(func.count()).select_from(UserRole)) == 0


@pytest.mark.usefixtures("database")
async def test_users_loaded_without_a_password_get_one_the_next_time() -> None:
    assert (await load(password="")).logins == []
    assert all(login.opened for login in (await load()).logins)


@pytest.mark.usefixtures("database")
async def test_an_unacceptable_password_is_refused_before_anything_is_written() -> None:
    with pytest.raises(Invalid):
        await load(password="short")
    assert await counts() == dict.fromkeys(TABLES, (0, 0))


@pytest.mark.usefixtures("database")
async def test_a_user_of_the_owners_keeps_an_address_that_the_demo_would_use() -> None:
    async with transaction() as session:
        session.add(User(email=LOGINS[0].email, name="Mine", password_hash="mine"))
    loaded = await load()
    assert LOGINS[0] not in loaded.logins
    assert loaded.added["users"] == len(LOGINS) + 7
    await demo.unload()
    (mine,) = await rows_of(User)
    assert (mine["name"], mine["is_superuser"]) == ("Mine", False)


@pytest.mark.usefixtures("database")
async def test_unloading_removes_the_demo_and_nothing_else() -> None:
    await add_rows_of_the_owners("before")
    before = await everything()
    await load()
    await add_rows_of_the_owners("after")
    unloaded = await demo.unload()
    assert set(unloaded.kept.values()) == {0}
    assert unloaded.removed["products"] == 60
    assert [rows[0] for rows in await everything()] == [rows[0] for rows in before]
    assert await counts() == dict.fromkeys(TABLES, (0, 2))
    async with reading() as session:
        assert await session.scalar(select(func.count()).select_from(DemoBatch)) == 0


async def add_rows_of_the_owners(name: str) -> None:
    async with transaction() as session:
        webinar = Webinar(title=name, starts_at=MIDNIGHT, capacity=3)
        user = User(email=f"{name}@example.com", password_hash="mine")
        rows: list[SQLModel] = [Product(name=name, price=Decimal(1)), webinar, user]
        session.add_all(rows)
        await session.flush()
        session.add(Registration(webinar_id=webinar.id or 0, name=name, email="guest@example.com"))


@pytest.mark.usefixtures("database")
async def test_unloading_keeps_a_webinar_that_somebody_registered_for_without_its_demo_people() -> None:
    await load()
    webinar = (await rows_of(Webinar))[3]
    async with transaction() as session:
        session.add(Registration(webinar_id=webinar["id"], name="Guest", email="guest@example.com"))
    unloaded = await demo.unload(batch=4)
    assert of_these(unloaded.kept) == {"registrations": 0, "webinars": 1, "users": 0, "products": 0}
    assert unloaded.removed["webinars"] == 29
    (kept,) = await rows_of(Webinar)
    assert kept == webinar | {"host_id": None}
    assert [row["name"] for row in await rows_of(Registration)] == ["Guest"]
    assert (await demo.unload()).removed["webinars"] == 0, "it is the owner's now"


@pytest.mark.usefixtures("database")
async def test_unloading_leaves_a_webinar_of_the_owners_without_its_demo_host() -> None:
    await load()
    host = (await rows_of(User))[-1]["id"]
    async with transaction() as session:
        session.add(Webinar(title="Mine", starts_at=MIDNIGHT, capacity=3, host_id=host))
    assert (await demo.unload()).kept["users"] == 0
    (mine,) = await rows_of(Webinar)
    assert (mine["title"], mine["host_id"]) == ("Mine", None)


@pytest.mark.usefixtures("database")
async def test_rows_that_the_owner_deleted_do_not_come_back_and_nothing_refers_to_them() -> None:
    await load(60)
    async with transaction() as session:
        await session.execute(delete(Product).where(col(Product.id) <= 5))
        hosts = select(col(Webinar.host_id)).distinct().limit(1)
        gone = await session.scalar(hosts)
        await session.execute(update(Webinar).values(host_id=None).where(col(Webinar.host_id) == gone))
        await session.execute(delete(User).where(col(User.id) == gone))
    again = await load(4_600)
    assert again.added["products"] == 4_540
    assert (await counts())["products"] == (4_595, 4_595)
    new = [row["host_id"] for row in (await rows_of(Webinar))[30:]]
    assert (len(new), new.count(None)) == (16, 2)


@pytest.mark.usefixtures("database")
async def test_a_load_that_was_interrupted_is_completed_by_the_next() -> None:
    class Interrupted(Exception):
        pass

    def interrupt(table: str, done: int, _total: int) -> None:
        if table == "registrations" and done >= 100:
            raise Interrupted

    with pytest.raises(Interrupted):
        await load(batch=5, progress=interrupt)
    assert (await counts())["registrations"] == (50, 50), "the transaction of the last batches is undone as a whole"
    await load()
    assert {table: demo for table, (demo, _) in (await counts()).items()} == {
        "products": 60, "users": len(LOGINS) + 8, "webinars": 30, "registrations": 360,
    }  # fmt: skip


@pytest.mark.usefixtures("database")
async def test_an_unload_that_was_interrupted_can_be_finished_or_loaded_over() -> None:
    class Interrupted(Exception):
        pass

    def interrupt(table: str, done: int, _total: int) -> None:
        if table == "webinars" and done >= 20:
            raise Interrupted

    await load()
    complete = without_keys(await everything())
    with pytest.raises(Interrupted):
        await demo.unload(batch=1, progress=interrupt)
    assert (await counts())["webinars"] == (20, 20), "the transaction of the last batches is undone as a whole"
    await load()
    names = [[row.get("name", row.get("title")) for row in rows] for rows in await everything()]
    assert names == [[row.get("name", row.get("title")) for row in rows] for rows in complete]
    await demo.unload()
    assert {total for _, total in (await counts()).values()} == {0}


async def test_two_loaders_at_once_do_not_load_twice(run_processes: Any) -> None:
    code = """
import asyncio, sys
from webapp import demo
from webapp.db import dispose

async def main():
    loaded = await demo.load(rows=3000, password="quiet copper lantern", batch=100)
    print(loaded.added["products"], sum(login.opened for login in loaded.logins))
    await dispose()

asyncio.run(main())
"""
    printed = [tuple(map(int, line.split())) for line in run_processes(2, code)]
    assert sum(products for products, _ in printed) == 3_000
    assert sum(opened for _, opened in printed) == len(LOGINS)
    assert (await counts())["products"] == (3_000, 3_000)
