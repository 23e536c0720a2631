"""Products over HTTP: the pages."""

from typing import Annotated, Literal

from fastapi import Depends, Query, Request, Response
from fastapi.responses import HTMLResponse
from sqlalchemy.ext.asyncio import AsyncSession

from webapp import pages as page
from webapp.deps import ReadSessionDep, SessionDep, require, visitor
from webapp.forms import Form, blank, filled, form_of
from webapp.models import User
from webapp.recent import Recent
from webapp.routing import Router
from webapp.schemas.product import ProductCreate, ProductFilters, ProductUpdate
from webapp.services import product_service
from webapp.settings import get_settings

MayAdd = Annotated[User, Depends(require("product.add"))]
MayChange = Annotated[User, Depends(require("product.change"))]
MayDelete = Annotated[User, Depends(require("product.delete"))]

pages = Router(prefix="/products", dependencies=[Depends(visitor)], include_in_schema=False)

CATEGORIES = Recent(product_service.categories, lambda: 10 if get_settings().is_production else 0)

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
        options={"category": [("", "All"), *((name, name) for name in await CATEGORIES(session))]},
        sorts=SORTS.items(),
        filtered=bool(q or category or in_stock),
        **page.steps(request, found.next),
    )


@pages.get("/new", name="new-product")
async def show_new_product(request: Request, _user: MayAdd) -> HTMLResponse:
    return _new_page(request, blank(ProductCreate))


@pages.post("", name="create-product")
async def create_product(
    request: Request,
    session: SessionDep,
    user: MayAdd,
    form: Annotated[Form[ProductCreate], Depends(form_of(ProductCreate))],
) -> Response:
    if form.data:
        async with form.attempt(session):
            product = await product_service.create_product(session, form.data, actor=user)
            return page.redirect(f"/products/{product.id}", f"{product} is added.")
    return _new_page(request, form)


@pages.get("/{product_id}", name="product")
async def show_product(request: Request, session: ReadSessionDep, product_id: int) -> HTMLResponse:
    return page.render(request, "product/detail.html", product=await product_service.get_product(session, product_id))


@pages.get("/{product_id}/edit", name="edit-product")
async def edit_product(request: Request, session: ReadSessionDep, _user: MayChange, product_id: int) -> HTMLResponse:
    return await _edit_page(request, session, product_id)


@pages.post("/{product_id}", name="update-product")
async def update_product(
    request: Request,
    session: SessionDep,
    read_session: ReadSessionDep,
    user: MayChange,
    product_id: int,
    form: Annotated[Form[ProductUpdate], Depends(form_of(ProductUpdate))],
) -> Response:
    if form.data:
        async with form.attempt(session):
            product = await product_service.update_product(session, product_id, form.data, actor=user)
            return page.redirect(f"/products/{product_id}", f"{product} is saved.")
    return await _edit_page(request, read_session, product_id, form)


@pages.post("/{product_id}/delete", name="delete-product")
async def delete_product(session: SessionDep, user: MayDelete, product_id: int) -> Response:
    await product_service.delete_product(session, product_id, actor=user)
    return page.redirect("/products", "The product is deleted.")


def _new_page(request: Request, form: Form[ProductCreate]) -> HTMLResponse:
    return page.render(request, "product/form.html", form.status, product=None, form=form)


async def _edit_page(
    request: Request, session: AsyncSession, product_id: int, form: Form[ProductUpdate] | None = None
) -> HTMLResponse:
    product = await product_service.get_product(session, product_id)
    form = form or filled(ProductUpdate, product)
    return page.render(request, "product/form.html", form.status, product=product, form=form)
