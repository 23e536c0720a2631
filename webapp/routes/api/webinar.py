"""/api/webinars"""

from typing import Annotated, Any

from fastapi import Depends, Query, Response

from webapp.deps import ReadSessionDep, SessionDep, require
from webapp.models import User
from webapp.routing import Router
from webapp.schemas.error import errors
from webapp.schemas.fields import Key
from webapp.schemas.webinar import WebinarCreate, WebinarPage, WebinarQuery, WebinarRead, WebinarUpdate
from webapp.services import webinar_service

router = Router(prefix="/api/webinars", tags=["webinars"])

MayAdd = Annotated[User, Depends(require("webinar.add"))]
MayChange = Annotated[User, Depends(require("webinar.change"))]
MayDelete = Annotated[User, Depends(require("webinar.delete"))]


@router.get("", response_model=WebinarPage, summary="List webinars")
async def list_webinars(session: ReadSessionDep, query: Annotated[WebinarQuery, Query()]) -> Any:
    """A page of webinars, the next one first; with `when=past` the last one first."""
    return await webinar_service.list_webinars(session, **query.model_dump())


@router.post(
    "", response_model=WebinarRead, status_code=201, summary="Plan a webinar", responses=errors(400, 401, 403)
)  # fmt: skip
async def create_webinar(session: SessionDep, new: WebinarCreate, user: MayAdd, response: Response) -> Any:
    """Takes the permission `webinar.add`. `Location` is the address of the new webinar."""
    webinar = await webinar_service.create_webinar(session, new, actor=user)
    response.headers["Location"] = f"/api/webinars/{webinar.id}"
    return await webinar_service.get_webinar(session, webinar.id or 0)


@router.get("/{webinar_id}", response_model=WebinarRead, summary="Get a webinar", responses=errors(404))
async def get_webinar(session: ReadSessionDep, webinar_id: Key) -> Any:
    return await webinar_service.get_webinar(session, webinar_id)


@router.patch(
    "/{webinar_id}", response_model=WebinarRead, summary="Change a webinar", responses=errors(400, 401, 403, 404)
)
async def update_webinar(session: SessionDep, webinar_id: Key, changes: WebinarUpdate, user: MayChange) -> Any:
    """Takes the permission `webinar.change`. What is not sent stays as it is."""
    await webinar_service.update_webinar(session, webinar_id, changes, actor=user)
    return await webinar_service.get_webinar(session, webinar_id)


@router.delete("/{webinar_id}", status_code=204, summary="Delete a webinar", responses=errors(401, 403, 404))
async def delete_webinar(session: SessionDep, webinar_id: Key, user: MayDelete) -> None:
    """Takes the permission `webinar.delete`. Its registrations are deleted with it."""
    await webinar_service.delete_webinar(session, webinar_id, actor=user)
