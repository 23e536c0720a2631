"""The ceiling of the stack: FastAPI and SQLAlchemy Core by hand, on the starter's own products table.

No ORM, no transaction for reads, statements built once, JSON written by orjson, a page with a table and nothing more.
"""

import os
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any

import orjson
from fastapi import FastAPI, HTTPException, Query
from fastapi.responses import HTMLResponse, Response
from jinja2 import Environment, FileSystemLoader
from pydantic import BaseModel, Field
from sqlalchemy import (
    Boolean,
    Column,
    DateTime,
    Integer,
    MetaData,
    Numeric,
    String,
    Table,
    Text,
    bindparam,
    event,
    insert,
    select,
)
from sqlalchemy.ext.asyncio import create_async_engine

PAGE = 20
URL = os.environ["DATABASE_URL"]
engine = create_async_engine(
    URL.replace("sqlite:", "sqlite+aiosqlite:").replace("postgresql:", "postgresql+asyncpg:"),
    pool_size=8, max_overflow=0, pool_reset_on_return=None, isolation_level="AUTOCOMMIT", skip_autocommit_rollback=True,
)  # fmt: skip
if URL.startswith("sqlite"):

    @event.listens_for(engine.sync_engine, "connect")
    def set_pragmas(connection: Any, _record: object) -> None:
        for pragma in ("journal_mode = WAL", "synchronous = NORMAL", "busy_timeout = 5000"):
            connection.execute(f"PRAGMA {pragma}")


products = Table(
    "products", MetaData(), Column("id", Integer, primary_key=True), Column("name", String(100)),
    Column("description", Text), Column("price", Numeric(10, 2, asdecimal=False)), Column("category", String(50)),
    Column("in_stock", Boolean), Column("created_at", DateTime(timezone=True)),
    Column("updated_at", DateTime(timezone=True)),
)  # fmt: skip
ONE = select(products).where(products.c.id == bindparam("key"))
FIRST = select(products).order_by(products.c.id).limit(PAGE + 1)
AFTER = FIRST.where(products.c.id > bindparam("after"))
CREATE = insert(products)
page = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"), autoescape=True, auto_reload=False
).get_template("products.html")
app = FastAPI()


class NewProduct(BaseModel):
    name: Annotated[str, Field(min_length=1, max_length=100)]
    description: str = ""
    price: Annotated[Decimal, Field(ge=0, max_digits=10, decimal_places=2)]
    category: str = ""
    in_stock: bool = True


async def page_after(after: int | None) -> list[Any]:
    async with engine.connect() as connection:
        found = await connection.execute(AFTER, {"after": after}) if after else await connection.execute(FIRST)
        return list(found.all())


def plain(row: Any) -> dict[str, Any]:
    return {
        "id": row.id, "name": row.name, "description": row.description, "price": f"{row.price:.2f}",
        "category": row.category, "in_stock": row.in_stock, "created_at": row.created_at, "updated_at": row.updated_at,
    }  # fmt: skip


def json(content: Mapping[str, Any], status: int = 200) -> Response:
    return Response(orjson.dumps(content, str, orjson.OPT_NAIVE_UTC), status, media_type="application/json")


@app.get("/api/products")
async def list_products(after: int | None = None) -> Response:
    rows = await page_after(after)
    return json({"items": [plain(r) for r in rows[:PAGE]], "next": str(rows[PAGE - 1].id) if rows[PAGE:] else None})


@app.get("/api/products/{key}")
async def get_product(key: int) -> Response:
    async with engine.connect() as connection:
        row = (await connection.execute(ONE, {"key": key})).first()
    if row is None:
        raise HTTPException(404)
    return json(plain(row))


@app.post("/api/products")
async def create_product(new: NewProduct) -> Response:
    row = {**new.model_dump(), "created_at": datetime.now(UTC), "updated_at": datetime.now(UTC)}
    async with engine.connect() as connection:
        key = (await connection.execute(CREATE, row)).inserted_primary_key
    return json({"id": key[0] if key else None, **row, "price": str(row["price"])}, 201)


@app.get("/products")
async def products_page(after: Annotated[int | None, Query()] = None) -> Response:
    rows = await page_after(after)
    return HTMLResponse(page.render(rows=rows[:PAGE], next=rows[PAGE - 1].id if rows[PAGE:] else None))
