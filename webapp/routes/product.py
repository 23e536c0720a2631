"""Products over HTTP: the pages."""

from typing import Annotated, Literal

from fastapi import Depends, Query, Request
from fastapi.responses import HTMLResponse

from webapp import pages as page
from webapp.deps import ReadSessionDep, visitor
from webapp.forms import Form
from webapp.recent import Recent
from webapp.routing import Router
from webapp.schemas.product import ProductFilters
from webapp.services import product_service
from webapp.settings import get_settings

pages = Router(prefix="/products", dependencies=[Depends(visitor)], include_in_schema=False)

categories = Recent(product_service.categories, lambda: 10 if get_settings().is_production else 0)

SORTS = {"": "Newest first", "name": "Name", "price": "Price, low to high", "-price": "Price, high to low"}


@pages.get("", name="products")
async def list_products(
    request: Request,
    session: ReadSessionDep,
    q: Annotated[str, Query(max_length=100)] = "",
    category: Annotated[str, Query(max_length=50)] = "",
    in_stock: Literal["", "true"] = "",
    sort: Literal["", "name", "price", "-price"] = "",
    after: str | None = None,
) -> HTMLResponse:
    filters = ProductFilters(q=q or None, category=category or None, in_stock=bool(in_stock) or None)
    found = await product_service.list_products(session, filters, sort=sort or "-id", after=after)
    return page.render(
        request,
        "product/list.html",
        products=page.rows(found.items),
        form=Form({"q": q, "category": category, "in_stock": in_stock, "sort": sort}),
        categories=[("", "All"), *((name, name) for name in await categories(session))],
        sorts=SORTS.items(),
        filtered=bool(q or category or in_stock),
        **page.steps(request, found.next),
    )


@pages.get("/{product_id}", name="product")
async def show_product(request: Request, session: ReadSessionDep, product_id: int) -> HTMLResponse:
    return page.render(request, "product/detail.html", product=await product_service.get_product(session, product_id))
