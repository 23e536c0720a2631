"""Products: list, search, read, write."""

from functools import lru_cache
from typing import Any

from sqlalchemy import Row, Select, bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession

from webapp.db import MAX_KEY
from webapp.errors import NotFound
from webapp.models import Product, User
from webapp.paging import Keyset, Page
from webapp.schemas.product import ProductCreate, ProductFilters, ProductRead, ProductUpdate
from webapp.search import ESCAPE, in_use, pattern
from webapp.services import audit

products = Product.__table__  # type: ignore[attr-defined]

SORTS = Keyset(products.c.id, name=products.c.name, price=products.c.price, created_at=products.c.created_at)


async def list_products(
    session: AsyncSession,
    filters: ProductFilters | None = None,
    *,
    sort: str = "id",
    limit: int = 20,
    after: str | None = None,
) -> Page[Row[Any]]:
    """A page of products as plain rows. `sort` is a column or "-column"; `after` is the page before's `next`."""
    given = {name: value for name in _FILTERS if (value := getattr(filters, name, None)) is not None}
    if "q" in given:
        given["q"] = pattern(given["q"])
    start = SORTS.start(sort, after, limit)
    statement = _listing(sort, start.after is not None, frozenset(given))
    rows = (await session.execute(statement, {**given, **start.parameters(limit)})).all()
    return SORTS.page(rows, sort, limit)


async def get_product(session: AsyncSession, product_id: int) -> Row[Any]:
    """One product as a plain row, for reading."""
    row = None
    if 0 < product_id <= MAX_KEY:
        row = (await session.execute(_ONE, {"key": product_id})).first()
    if row is None:
        raise _not_found(product_id)
    return row


async def create_product(session: AsyncSession, new: ProductCreate, *, actor: User | None = None) -> Product:
    product = Product(**new.model_dump())
    session.add(product)
    await session.flush()
    audit.record(session, "product.created", product, actor=actor, name=product.name)
    return product


async def update_product(
    session: AsyncSession, product_id: int, changes: ProductUpdate, *, actor: User | None = None
) -> Product:
    """Change the fields that were set in `changes`, and only those."""
    product = await _for_update(session, product_id)
    values = changes.model_dump(exclude_unset=True)
    for field, value in values.items():
        setattr(product, field, value)
    audit.record(session, "product.changed", product, actor=actor, fields=sorted(values))
    await session.flush()
    return product


async def delete_product(session: AsyncSession, product_id: int, *, actor: User | None = None) -> None:
    product = await _for_update(session, product_id)
    audit.record(session, "product.deleted", product, actor=actor, name=product.name)
    await session.delete(product)
    await session.flush()


async def categories(session: AsyncSession) -> list[str]:
    """The categories in use, sorted."""
    return list(await session.scalars(_CATEGORIES))


@lru_cache
def _listing(sort: str, paged: bool, filters: frozenset[str]) -> Select[Any]:
    statement = select(*_SHOWN)
    for name in sorted(filters):
        statement = statement.where(_CONDITIONS[name])
    return SORTS.order(statement, sort, paged=paged)


async def _for_update(session: AsyncSession, product_id: int) -> Product:
    product = await session.get(Product, product_id, with_for_update=True) if 0 < product_id <= MAX_KEY else None
    if product is None:
        raise _not_found(product_id)
    return product


def _not_found(product_id: int) -> NotFound:
    return NotFound(f"There is no product {product_id}.")


_FILTERS = tuple(ProductFilters.model_fields)
_CONDITIONS = {
    "q": products.c.name.ilike(bindparam("q"), escape=ESCAPE),
    "category": products.c.category == bindparam("category"),
    "in_stock": products.c.in_stock == bindparam("in_stock"),
    "min_price": products.c.price >= bindparam("min_price"),
    "max_price": products.c.price <= bindparam("max_price"),
}
_SHOWN = tuple(products.c[name] for name in ProductRead.model_fields)
_ONE = select(*_SHOWN).where(products.c.id == bindparam("key"))
_CATEGORIES = in_use(products.c.category)
