"""/api/webinars/{id}/registrations and /api/registrations: anybody signs up, the staff looks after who did."""

from typing import Annotated, Any

from fastapi import Depends, Query, Response

from webapp.deps import ReadSessionDep, SessionDep, require
from webapp.models import User
from webapp.routing import Router
from webapp.schemas.error import errors
from webapp.schemas.fields import Key
from webapp.schemas.registration import (
    RegistrationCreate,
    RegistrationPage,
    RegistrationQuery,
    RegistrationRead,
    RegistrationReceipt,
    RegistrationUpdate,
)
from webapp.services import registration_service, webinar_service

router = Router(prefix="/api", tags=["registrations"])

MayView = Depends(require("registration.view"))
MayChange = Annotated[User, Depends(require("registration.change"))]


@router.post(
    "/webinars/{webinar_id}/registrations", response_model=RegistrationReceipt, status_code=201,
    summary="Sign up for a webinar", responses=errors(400, 403, 404, 409),
)  # fmt: skip
async def create_registration(session: SessionDep, webinar_id: Key, new: RegistrationCreate, response: Response) -> Any:
    """Anybody may. 409 if the webinar is full or has begun, or if the address is signed up already."""
    registration = await registration_service.register(session, webinar_id, name=new.name, email=new.email)
    response.headers["Location"] = f"/api/registrations/{registration.id}"
    return registration


@router.get(
    "/webinars/{webinar_id}/registrations", response_model=RegistrationPage, dependencies=[MayView],
    summary="List who has signed up", responses=errors(401, 403, 404),
)  # fmt: skip
async def list_registrations(
    session: ReadSessionDep, webinar_id: Key, query: Annotated[RegistrationQuery, Query()]
) -> Any:
    """Takes the permission `registration.view`. The newest come first."""
    await webinar_service.get_webinar(session, webinar_id)
    return await registration_service.list_registrations(session, webinar_id, **query.model_dump())


@router.get(
    "/registrations/{registration_id}", response_model=RegistrationRead, dependencies=[MayView],
    summary="Get a registration", responses=errors(401, 403, 404),
)  # fmt: skip
async def get_registration(session: ReadSessionDep, registration_id: Key) -> Any:
    """Takes the permission `registration.view`."""
    return await registration_service.get_registration(session, registration_id)


@router.patch(
    "/registrations/{registration_id}", response_model=RegistrationRead,
    summary="Note who came", responses=errors(400, 401, 403, 404, 409),
)  # fmt: skip
async def update_registration(
    session: SessionDep, registration_id: Key, changes: RegistrationUpdate, user: MayChange
) -> Any:
    """Takes the permission `registration.change`. 409 if a cancelled one is to come back and the webinar is full."""
    sent = changes.model_dump(exclude_unset=True)
    if "status" in sent:
        await registration_service.set_status(session, registration_id, sent["status"], actor=user)
    if "notes" in sent:
        await registration_service.set_notes(session, registration_id, sent["notes"], actor=user)
    return await registration_service.get_registration(session, registration_id)
