"""Products in the admin."""

import re
from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import Any

from httpx import AsyncClient
from sqlalchemy import select
from sqlmodel import col

from webapp.db import reading
from webapp.models import AuditEntry, Product, User

ADDRESS = "/admin/product"


async def test_product_is_added_shown_changed_and_deleted_in_the_admin(
    client: AsyncClient,
    make_user: Callable[..., Awaitable[User]],
    log_in: Callable[[AsyncClient, User], None],
    new: dict[str, Any],
) -> None:
    log_in(client, await make_user("boss@example.com", is_superuser=True))
    form = {
        "name": "Oak Lamp",
        "description": "Oiled wood.",
        "price": "89.00",
        "category": "Light",
        "in_stock": "True",
    }
    added = await client.post(f"{ADDRESS}/create", data=form)
    assert added.status_code == 302, re.findall("invalid-feedback.>(.*?)<", added.text)
    async with reading() as session:
        key = await session.scalar(select(col(Product.id)))
    for page in ("list", "list?search=a", "list?sortBy=id&sort=desc", "create", f"details/{key}", f"edit/{key}"):
        assert (await client.get(f"{ADDRESS}/{page}")).status_code == 200, page
    changed = await client.post(f"{ADDRESS}/edit/{key}", data=form | {"price": "79.00"})
    assert changed.status_code == 302, re.findall("invalid-feedback.>(.*?)<", changed.text)
    async with reading() as session:
        assert await session.scalar(select(col(Product.price))) == Decimal("79.00")
    deleted = await client.delete(f"{ADDRESS}/delete?pks={key}")
    assert deleted.is_success, deleted.text
    assert (await client.get(f"{ADDRESS}/details/{key}")).status_code == 404
    async with reading() as session:
        trail = select(col(AuditEntry.action)).order_by(col(AuditEntry.id))
        assert list(await session.scalars(trail)) == ["product.created", "product.changed", "product.deleted"]
