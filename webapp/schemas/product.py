"""Products over HTTP."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from webapp.models import ProductBase
from webapp.paging import MAX_LIMIT
from webapp.schemas.fields import Exact, Input, Output, Query, example, unset

_EXAMPLE = {
    "name": "Oak Lamp",
    "description": "Oiled wood.",
    "price": "89.00",
    "category": "Light",
    "in_stock": True,
}
_STORED = {"id": 42, "created_at": "2030-01-31T09:30:00Z", "updated_at": "2030-02-01T10:00:00Z"}


class ProductCreate(ProductBase, Input):
    model_config = example(**_EXAMPLE)

    price: Annotated[Decimal, Exact(10, 2)] = Field(ge=0)


class ProductUpdate(Input):
    """A field that is not sent stays as it is."""

    model_config = example(price="79.00")

    name: str = Field(default_factory=unset, min_length=1, max_length=100)
    description: str = Field(default_factory=unset, max_length=10_000)
    price: Annotated[Decimal, Exact(10, 2)] = Field(default_factory=unset, ge=0)
    category: str = Field(default_factory=unset, max_length=50)
    in_stock: bool = Field(default_factory=unset)


class ProductRead(Output):
    model_config = example(**_EXAMPLE, **_STORED)

    id: int
    name: str
    description: str
    price: Decimal
    category: str
    in_stock: bool
    created_at: datetime
    updated_at: datetime


class ProductPage(Output):
    items: list[ProductRead]
    next: str | None = None


class ProductFilters(Query):
    """Which products to list; a filter that is not set lets all through."""

    q: str | None = Field(default=None, max_length=100)
    category: str | None = Field(default=None, max_length=50)
    in_stock: bool | None = None
    min_price: Annotated[Decimal, Exact(10, 2)] | None = Field(default=None, ge=0)
    max_price: Annotated[Decimal, Exact(10, 2)] | None = Field(default=None, ge=0)


class ProductQuery(ProductFilters):
    """Which page of which list. `next` of a page is the `after` of the one that follows it."""

    sort: Literal["id", "-id", "name", "-name", "price", "-price", "created_at", "-created_at"] = "id"
    limit: int = Field(default=20, ge=1, le=MAX_LIMIT)
    after: str | None = Field(default=None, max_length=2000)
