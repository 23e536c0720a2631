"""/api/products"""

from typing import Annotated, Any

from fastapi import Depends, Query, Response

from webapp.deps import ReadSessionDep, SessionDep, require
from webapp.models import User
from webapp.routes.api import answers
from webapp.routing import Router
from webapp.schemas.error import errors
from webapp.schemas.fields import Key
from webapp.schemas.product import ProductCreate, ProductPage, ProductQuery, ProductRead, ProductUpdate
from webapp.services import product_service

router = Router(prefix="/api/products", tags=["products"])

MayAdd = Annotated[User, Depends(require("product.add"))]
MayChange = Annotated[User, Depends(require("product.change"))]
MayDelete = Annotated[User, Depends(require("product.delete"))]


@router.get("", response_model=ProductPage, summary="List products")
async def list_products(session: ReadSessionDep, query: Annotated[ProductQuery, Query()]) -> Any:
    """A page of products. Filters go together: a product has to pass all of them."""
    found = await product_service.list_products(session, query, sort=query.sort, limit=query.limit, after=query.after)
    return answers.page_of(found)


@router.post(
    "", response_model=ProductRead, status_code=201, summary="Create a product", responses=errors(400, 401, 403)
)
async def create_product(session: SessionDep, new: ProductCreate, user: MayAdd, response: Response) -> Any:
    """Takes the permission `product.add`. `Location` is the address of the new product."""
    product = await product_service.create_product(session, new, actor=user)
    response.headers["Location"] = f"/api/products/{product.id}"
    return product


@router.get("/{product_id}", response_model=ProductRead, summary="Get a product", responses=errors(404))
async def get_product(session: ReadSessionDep, product_id: Key) -> Any:
    return answers.one(await product_service.get_product(session, product_id))


@router.patch(
    "/{product_id}", response_model=ProductRead, summary="Change a product", responses=errors(400, 401, 403, 404)
)
async def update_product(session: SessionDep, product_id: Key, changes: ProductUpdate, user: MayChange) -> Any:
    """Takes the permission `product.change`. What is not sent stays as it is."""
    return await product_service.update_product(session, product_id, changes, actor=user)


@router.delete("/{product_id}", status_code=204, summary="Delete a product", responses=errors(401, 403, 404))
async def delete_product(session: SessionDep, product_id: Key, user: MayDelete) -> None:
    """Takes the permission `product.delete`."""
    await product_service.delete_product(session, product_id, actor=user)
