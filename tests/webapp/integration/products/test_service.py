"""The rules of products, without HTTP."""

from typing import Any

import pytest
from sqlalchemy import select
from sqlmodel import col

from webapp.db import reading, transaction
from webapp.errors import NotFound
from webapp.models import AuditEntry, User
from webapp.schemas.product import ProductCreate, ProductUpdate
from webapp.services import product_service


async def create(new: dict[str, Any], actor: User | None = None) -> int:
    async with transaction() as session:
        product = await product_service.create_product(session, ProductCreate(**new), actor=actor)
        return product.id or 0


async def test_product_is_created_changed_and_deleted_and_the_audit_log_says_so(
    new: dict[str, Any], keeper: User
) -> None:
    key = await create(new, keeper)
    async with transaction() as session:
        await product_service.update_product(session, key, ProductUpdate(**new), actor=keeper)
    async with transaction() as session:
        await product_service.delete_product(session, key, actor=keeper)
    async with reading() as session:
        trail = select(col(AuditEntry.action)).where(col(AuditEntry.actor_id) == keeper.id).order_by(col(AuditEntry.id))
        assert list(await session.scalars(trail)) == ["product.created", "product.changed", "product.deleted"]


async def test_a_change_leaves_what_is_not_said(new: dict[str, Any]) -> None:
    key = await create(new)
    async with reading() as session:
        before = await product_service.get_product(session, key)
    async with transaction() as session:
        await product_service.update_product(session, key, ProductUpdate())
    async with reading() as session:
        assert await product_service.get_product(session, key) == before


@pytest.mark.parametrize("key", [-1, 0, 7, 2**31, 2**63])
async def test_product_that_is_not_there_is_told(database: str, key: int) -> None:
    async with transaction() as session:
        with pytest.raises(NotFound):
            await product_service.get_product(session, key)
        with pytest.raises(NotFound):
            await product_service.update_product(session, key, ProductUpdate())
        with pytest.raises(NotFound):
            await product_service.delete_product(session, key)
