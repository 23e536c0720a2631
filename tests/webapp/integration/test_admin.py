"""The admin over HTTP: the same log-in, the same permissions, the same rules as everywhere else."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from fastapi import FastAPI
from httpx import AsyncClient
from sqlalchemy import Select, func, select
from sqlmodel import SQLModel, col
from starlette.applications import Starlette
from starlette.routing import Mount, Route

from webapp.db import now, reading, transaction
from webapp.models import AuditEntry, Product, Registration, RegistrationStatus, Role, User, Webinar
from webapp.services import user_service
from webapp.settings import get_settings

MakeUser = Callable[..., Awaitable[User]]
LogIn = Callable[[AsyncClient, User], None]

ALL_PAGES = ("webinar", "registration", "user", "role", "audit-entry")


async def add(*rows: SQLModel) -> None:
    async with transaction() as session:
        session.add_all(rows)


async def one(query: Select[Any]) -> Any:
    async with reading() as session:
        return await session.scalar(query)


def a_product(**values: Any) -> Product:
    given: dict[str, Any] = {"name": "Oak Lamp", "price": Decimal("19.90"), "category": "Light"} | values
    return Product(**given)


def a_webinar(**values: Any) -> Webinar:
    given: dict[str, Any] = {"title": "Joinery", "starts_at": now() + timedelta(days=9), "capacity": 5} | values
    return Webinar(**given)


@pytest.fixture
async def boss(make_user: MakeUser, client: AsyncClient, log_in: LogIn) -> User:
    """A superuser, whom the client is logged in as."""
    boss = await make_user("boss@example.com", is_superuser=True)
    log_in(client, boss)
    return boss


@pytest.fixture
async def rows(database: str) -> None:
    """One row of each model, all with the key 1; users and roles come with the tests' own."""
    await add(a_product(), a_webinar())
    await add(Registration(webinar_id=1, name="Eve", email="eve@example.com"))


async def test_a_stranger_is_sent_to_the_log_in_of_the_app(client: AsyncClient) -> None:
    answer = await client.get("/admin/role/list?page=2")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/login?next=/admin/role/list%3Fpage%3D2"


async def test_a_user_without_a_permission_may_not_enter(
    client: AsyncClient, make_user: MakeUser, log_in: LogIn
) -> None:
    log_in(client, await make_user("nobody@example.com"))
    for path in ("/admin/", "/admin/role/list"):
        assert (await client.get(path)).status_code == 403


async def test_it_has_no_log_in_of_its_own_and_no_cookie(client: AsyncClient, boss: User) -> None:
    for path in ("/admin/login", "/admin/logout"):
        assert (await client.get(path)).status_code == 404
    answer = await client.get("/admin/")
    assert answer.status_code == 200
    assert "set-cookie" not in answer.headers
    assert 'action="/logout"' in answer.text


async def test_no_address_that_changes_something_answers_to_get(app: FastAPI) -> None:
    admin = next(route.app for route in app.routes if isinstance(route, Mount) and route.name == "admin")
    assert isinstance(admin, Starlette)
    names = {route.name for route in admin.routes if isinstance(route, Route | Mount)}
    assert names == {"statics", "index", "list", "details", "delete", "create", "edit", "export", "ajax_lookup"}


@pytest.mark.parametrize("page", ALL_PAGES)
async def test_every_page_of_every_model_opens(client: AsyncClient, boss: User, rows: None, page: str) -> None:
    paths = ["list", "list?search=a", "list?sortBy=id&sort=desc", "details/1"]
    paths += [] if page == "audit-entry" else ["create", "edit/1"]
    await add(Role(name="a role"))
    if page == "audit-entry":
        await add(AuditEntry(action="tried", target="a"))
    for path in paths:
        answer = await client.get(f"/admin/{page}/{path}")
        assert answer.status_code == 200, (path, answer.text)
        assert "<title>" in answer.text


async def test_a_list_shows_only_what_may_be_viewed(
    client: AsyncClient, make_user: MakeUser, log_in: LogIn, rows: None
) -> None:
    log_in(client, await make_user("ann@example.com", "product.view"))
    index = await client.get("/admin/")
    assert "/admin/product/list" in index.text
    assert "/admin/user/list" not in index.text
    assert (await client.get("/admin/user/list")).status_code == 403


async def test_only_product_view_opens_nothing_else(
    client: AsyncClient, make_user: MakeUser, log_in: LogIn, rows: None
) -> None:
    """Each endpoint is tried for real: what it would do must not have happened."""
    log_in(client, await make_user("ann@example.com", "product.view"))
    form = {"name": "Changed", "description": "", "price": "1", "category": "", "save": "Save"}
    allowed = ["list", "details/1", "export/csv"]
    for path in allowed:
        assert (await client.get(f"/admin/product/{path}")).status_code == 200
    page = (await client.get("/admin/product/list")).text
    assert "/admin/product/create" not in page
    assert "/admin/product/edit" not in page
    assert "/admin/product/delete" not in page
    refused = [
        await client.get("/admin/product/create"),
        await client.post("/admin/product/create", data=form),
        await client.get("/admin/product/edit/1"),
        await client.post("/admin/product/edit/1", data=form),
        await client.delete("/admin/product/delete?pks=1"),
        await client.get("/admin/product/ajax/lookup?name=x&term=y"),
    ]
    for model in ("webinar", "registration", "user", "role", "audit-entry"):
        refused += [
            await client.get(f"/admin/{model}/list"),
            await client.get(f"/admin/{model}/details/1"),
            await client.get(f"/admin/{model}/create"),
            await client.post(f"/admin/{model}/create", data=form),
            await client.get(f"/admin/{model}/edit/1"),
            await client.post(f"/admin/{model}/edit/1", data=form),
            await client.delete(f"/admin/{model}/delete?pks=1"),
            await client.get(f"/admin/{model}/export/csv"),
            await client.get(f"/admin/{model}/ajax/lookup?name=host&term=a"),
        ]
    assert {answer.status_code for answer in refused} == {403}
    assert await one(select(col(Product.name))) == "Oak Lamp"
    assert await one(select(func.count()).select_from(Product)) == 1
    assert await one(select(func.count()).select_from(Webinar)) == 1
    assert await one(select(func.count()).select_from(Registration)) == 1


@pytest.mark.parametrize(
    ("permission", "method", "path"),
    [
        ("product.add", "GET", "create"),
        ("product.change", "GET", "edit/1"),
        ("product.delete", "DELETE", "delete?pks=1"),
        ("product.view", "GET", "export/csv"),
    ],
)
async def test_each_permission_opens_its_own_page(
    client: AsyncClient, make_user: MakeUser, log_in: LogIn, rows: None, permission: str, method: str, path: str
) -> None:
    others = [f"product.{action}" for action in ("view", "add", "change", "delete")]
    others.remove(permission)
    log_in(client, await make_user("without@example.com", *others))
    assert (await client.request(method, f"/admin/product/{path}")).status_code == 403
    log_in(client, await make_user("with@example.com", permission))
    assert (await client.request(method, f"/admin/product/{path}")).status_code == 200


async def test_a_deactivated_user_loses_the_admin_at_once(
    client: AsyncClient, make_user: MakeUser, log_in: LogIn
) -> None:
    ann = await make_user("ann@example.com", "*")
    log_in(client, ann)
    assert (await client.get("/admin/user/list")).status_code == 200
    async with transaction() as session:
        await user_service.deactivate(session, ann)
    assert (await client.get("/admin/user/list")).status_code == 303


async def test_a_role_that_is_taken_away_closes_its_page_at_once(
    client: AsyncClient, make_user: MakeUser, log_in: LogIn
) -> None:
    ann = await make_user("ann@example.com", "role.view")
    log_in(client, ann)
    assert (await client.get("/admin/role/list")).status_code == 200
    async with transaction() as session:
        await user_service.set_roles(session, ann, [])
    assert (await client.get("/admin/role/list")).status_code == 403


@pytest.mark.parametrize("headers", [{"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}])
async def test_another_site_cannot_make_the_browser_change_anything(
    client: AsyncClient, boss: User, rows: None, headers: dict[str, str]
) -> None:
    form = {"name": "Changed", "price": "1", "save": "Save"}
    assert (await client.post("/admin/product/edit/1", data=form, headers=headers)).status_code == 403
    assert (await client.delete("/admin/product/delete?pks=1", headers=headers)).status_code == 403
    assert await one(select(col(Product.name))) == "Oak Lamp"


async def test_what_is_saved_is_clean_and_the_log_says_who_changed_what(client: AsyncClient, boss: User) -> None:
    form = {
        "name": " Kettle ",
        "description": "",
        "price": "49.5",
        "category": "Kitchen",
        "in_stock": "y",
        "save": "Save",
    }
    assert (await client.post("/admin/product/create", data=form)).status_code == 302
    product = await one(select(Product))
    assert (product.name, product.price, product.in_stock) == ("Kettle", Decimal("49.50"), True)
    edited = await client.post("/admin/product/edit/1", data=form | {"name": "Kettle", "price": "45"})
    assert edited.status_code == 302
    entry = await one(select(AuditEntry).where(col(AuditEntry.action) == "product.changed"))
    assert (entry.actor_email, entry.details) == ("boss@example.com", {"fields": ["price"]})


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("price", "-1", "greater than or equal to 0"),
        ("price", "1.999", "decimal places"),
        ("price", "NaN", "finite"),
        ("name", "", "required"),
        ("name", "x" * 101, "longer than 100"),
        ("name", "a\x00b", "NUL"),
        ("category", "x" * 51, "longer than 50"),
    ],
)
async def test_a_wrong_value_is_told_at_its_field(
    client: AsyncClient, boss: User, field: str, value: str, message: str
) -> None:
    form = {"name": "Kettle", "description": "", "price": "49.5", "category": "", "save": "Save"}
    answer = await client.post("/admin/product/create", data=form | {field: value})
    assert answer.status_code == 400
    assert message in answer.text
    assert await one(select(func.count()).select_from(Product)) == 0


async def test_a_webinar_keeps_its_host_and_its_time(client: AsyncClient, boss: User) -> None:
    form = {
        "title": "Joinery", "description": "", "starts_at": "2031-05-01 18:00:00", "duration_minutes": "60",
        "capacity": "20", "host": str(boss.id), "save": "Save",
    }  # fmt: skip
    assert (await client.post("/admin/webinar/create", data=form)).status_code == 302
    assert (await client.post("/admin/webinar/edit/1", data=form | {"title": "Joints"})).status_code == 302
    webinar = await one(select(Webinar))
    assert (webinar.title, webinar.host_id, webinar.starts_at.isoformat()) == (
        "Joints", boss.id, "2031-05-01T18:00:00+00:00",
    )  # fmt: skip
    assert await one(select(col(AuditEntry.details)).where(col(AuditEntry.action) == "webinar.changed")) == {
        "fields": ["title"]
    }
    assert "boss@example.com" in (await client.get("/admin/webinar/list")).text
    assert (await client.post("/admin/webinar/edit/1", data=form | {"host": "999"})).status_code == 400
    assert (await client.post("/admin/webinar/edit/1", data=form | {"host": "x"})).status_code == 400


async def test_the_rules_of_registrations_hold(client: AsyncClient, boss: User, rows: None) -> None:
    await add(a_webinar(title="Full", capacity=1))
    await add(Registration(webinar_id=2, name="Eve", email="eve@example.com"))
    form = {"webinar": "2", "name": "Max", "email": "max@example.com", "save": "Save"}
    answer = await client.post("/admin/registration/create", data=form)
    assert answer.status_code == 400
    assert "All places are taken" in answer.text
    assert (await client.post("/admin/registration/create", data=form | {"webinar": "1"})).status_code == 302
    edit = {"status": "attended", "notes": "Early.", "save": "Save"}
    page = await client.get("/admin/registration/edit/1")
    assert '<option selected value="registered">' in page.text
    assert (await client.post("/admin/registration/edit/1", data=edit)).status_code == 302
    eve = await one(select(Registration).where(col(Registration.id) == 1))
    assert (eve.status, eve.notes, eve.name) == (RegistrationStatus.ATTENDED, "Early.", "Eve")
    assert (await client.delete("/admin/registration/delete?pks=1")).status_code == 200
    assert await one(select(func.count()).where(col(Registration.webinar_id) == 1)) == 1


async def test_a_password_is_neither_shown_nor_kept_as_it_is(
    client: AsyncClient, boss: User, make_user: MakeUser
) -> None:
    ann = await make_user("ann@example.com")
    for path in ("list", f"details/{ann.id}", f"edit/{ann.id}", "create", "export/csv"):
        text = (await client.get(f"/admin/user/{path}")).text
        assert "argon2" not in text
        assert "password_hash" not in text
        assert "session_version" not in text
    form = {"name": "Ann", "is_active": "y", "password": "another horse battery", "save": "Save"}
    assert (await client.post(f"/admin/user/edit/{ann.id}", data=form)).status_code == 302
    changed = await one(select(User).where(col(User.id) == ann.id))
    assert changed.password_hash.startswith("$argon2")
    assert changed.password_hash != ann.password_hash
    assert changed.session_version == ann.session_version + 1


async def test_a_user_is_made_with_roles_and_a_good_password(client: AsyncClient, boss: User) -> None:
    await add(Role(name="sales", permissions=["role.*"]))
    form = {"email": "New@Example.com", "name": "New", "role_names": "sales", "save": "Save"}
    weak = await client.post("/admin/user/create", data=form | {"password": "short"})
    assert weak.status_code == 400
    assert "The password is not acceptable" in weak.text
    answer = await client.post("/admin/user/create", data=form | {"password": "purple monkey dishwasher"})
    assert answer.status_code == 302
    async with transaction() as session:
        new = await user_service.get_user(session, "new@example.com")
        assert [role.name for role in new.roles] == ["sales"]
    taken = await client.post("/admin/user/create", data=form | {"password": "purple monkey dishwasher"})
    assert "has an account already" in taken.text


async def test_an_untouched_form_changes_nothing(client: AsyncClient, boss: User, make_user: MakeUser) -> None:
    ann = await make_user("ann@example.com", "role.view")
    form = {"name": "Ann", "is_active": "y", "password": "", "role_names": "role of ann@example.com", "save": "Save"}
    assert (await client.post(f"/admin/user/edit/{ann.id}", data=form)).status_code == 302
    assert await one(select(func.count()).select_from(AuditEntry)) == 0
    after = await one(select(User).where(col(User.id) == ann.id))
    assert (after.password_hash, after.session_version) == (ann.password_hash, ann.session_version)


async def test_the_last_superuser_stays(client: AsyncClient, boss: User) -> None:
    demoted = await client.post(f"/admin/user/edit/{boss.id}", data={"name": "Boss", "is_active": "y", "save": "Save"})
    assert demoted.status_code == 400
    assert "the last active superuser" in demoted.text
    deleted = await client.delete(f"/admin/user/delete?pks={boss.id}")
    assert "last+active+superuser" in deleted.text.replace("%20", "+")
    assert (await one(select(User))).is_superuser


async def test_nobody_hands_out_more_than_they_hold(client: AsyncClient, make_user: MakeUser, log_in: LogIn) -> None:
    await add(Role(name="everything", permissions=["*"]))
    ann = await make_user("ann@example.com", "user.*", "role.*", "audit_entry.view")
    log_in(client, ann)
    form = {"name": "Ann", "is_active": "y", "password": "", "save": "Save"}
    tries = [
        await client.post(f"/admin/user/edit/{ann.id}", data=form | {"role_names": "everything"}),
        await client.post(f"/admin/user/edit/{ann.id}", data=form | {"is_superuser": "y"}),
        await client.post("/admin/role/create", data={"name": "mine", "permissions": "audit_entry.delete"}),
        await client.post("/admin/role/edit/2", data={"name": "role of ann@example.com", "permissions": "*"}),
    ]
    assert [answer.status_code for answer in tries] == [400, 400, 400, 400]
    after = await one(select(User).where(col(User.id) == ann.id))
    assert not after.is_superuser
    assert await one(select(func.count()).select_from(Role)) == 2


async def test_a_role_is_made_changed_and_deleted(client: AsyncClient, boss: User) -> None:
    form = {"name": "shop", "description": "", "permissions": ["user.view", "user.add"], "save": "Save"}
    assert (await client.post("/admin/role/create", data=form)).status_code == 302
    edit = {"name": "shop floor", "description": "Sells.", "permissions": ["user.view"], "save": "Save"}
    assert (await client.post("/admin/role/edit/1", data=edit)).status_code == 302
    role = await one(select(Role))
    assert (role.name, role.description, role.permissions) == ("shop floor", "Sells.", ["user.view"])
    unknown = await client.post("/admin/role/create", data={"name": "x", "permissions": "user.fly"})
    assert unknown.status_code == 400
    assert (await client.delete("/admin/role/delete?pks=1")).status_code == 200
    assert await one(select(func.count()).select_from(Role)) == 0


async def test_the_audit_log_cannot_be_changed_by_anybody(client: AsyncClient, boss: User) -> None:
    await add(AuditEntry(action="something.done", target="user:1"))
    assert (await client.get("/admin/audit-entry/details/1")).status_code == 200
    for answer in (
        await client.get("/admin/audit-entry/create"),
        await client.post("/admin/audit-entry/create", data={"action": "x"}),
        await client.get("/admin/audit-entry/edit/1"),
        await client.post("/admin/audit-entry/edit/1", data={"action": "x"}),
        await client.delete("/admin/audit-entry/delete?pks=1"),
    ):
        assert answer.status_code == 403
    assert await one(select(col(AuditEntry.action))) == "something.done"


@pytest.mark.parametrize("key", ["0", "999", "-1", "abc", "1;2", "99999999999999999999", "%00", "1%00", "²"])
async def test_a_key_that_cannot_be_is_not_found(client: AsyncClient, boss: User, rows: None, key: str) -> None:
    for path in (f"details/{key}", f"edit/{key}"):
        assert (await client.get(f"/admin/product/{path}")).status_code == 404
    assert (await client.delete("/admin/product/delete", params={"pks": key})).status_code in (200, 404)
    assert await one(select(func.count()).select_from(Product)) == 1


async def test_a_delete_of_nothing_is_a_bad_request(client: AsyncClient, boss: User) -> None:
    assert (await client.delete("/admin/role/delete")).status_code == 400


@pytest.mark.parametrize(
    "query", ["search=%00", "search=%25", "search='", "page=99999999999999999999", "page=-1", "pageSize=1000000"]
)
async def test_a_list_stands_any_query(client: AsyncClient, boss: User, rows: None, query: str) -> None:
    assert (await client.get(f"/admin/product/list?{query}", follow_redirects=True)).status_code == 200


@pytest.mark.parametrize("query", ["page=x", "pageSize=0", "sortBy=password_hash"])
async def test_a_query_that_cannot_be_is_a_bad_request(client: AsyncClient, boss: User, query: str) -> None:
    assert (await client.get(f"/admin/user/list?{query}")).status_code == 400


async def test_a_text_is_shown_as_text(client: AsyncClient, boss: User) -> None:
    await add(a_product(name="<script>alert(1)</script>"))
    for path in ("list", "details/1", "edit/1"):
        assert "<script>alert" not in (await client.get(f"/admin/product/{path}")).text


async def test_an_export_is_whole_and_safe_to_open(client: AsyncClient, boss: User) -> None:
    await add(*(a_product(name=f"Lamp {number}") for number in range(1_201)), a_product(name="=1+1"))
    answer = await client.get("/admin/product/export/csv")
    lines = answer.text.splitlines()
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert lines[0] == "id,name,category,price,in_stock,created_at"
    assert len(lines) == 1 + 1_202
    assert lines[-1].split(",")[1] == "'=1+1"
    assert (await client.get("/admin/product/export/json")).status_code == 404


async def test_a_list_counts_no_further_than_it_pages(
    client: AsyncClient, boss: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("webapp.admin_base.MOST_COUNTED", 30)
    await add(*(a_product() for _ in range(40)))
    page = await client.get("/admin/product/list")
    assert "There are at least 30" in page.text
    assert (await client.get("/admin/product/list?page=2")).status_code == 200


async def test_the_policy_of_its_pages_allows_no_inline_script(client: AsyncClient, boss: User) -> None:
    policy = (await client.get("/admin/")).headers.get_list("content-security-policy")
    assert len(policy) == 1
    assert "script-src" not in policy[0]
    assert "default-src 'self'" in policy[0]
    assert (await client.get("/admin/")).headers["cache-control"] == "no-store"


async def test_the_cookie_it_reads_is_the_app_s_own(
    client: AsyncClient, boss: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.cookies.set("session", "nonsense")
    assert (await client.get("/admin/")).status_code == 303
    monkeypatch.setenv("ENVIRONMENT", "production")
    get_settings.cache_clear()
    assert (await client.get("/admin/")).status_code == 303
