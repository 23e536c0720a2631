"""The staff's pages of registrants: who comes to which webinar, and what is noted about them."""

from typing import Annotated, Literal

from fastapi import Depends, Query, Request, Response, UploadFile
from fastapi.responses import FileResponse, HTMLResponse
from sqlalchemy.ext.asyncio import AsyncSession

from webapp import pages as page
from webapp.deps import ReadSessionDep, SessionDep, require
from webapp.errors import NotFound
from webapp.forms import Form, form_of
from webapp.images import MAX_IMAGE_BYTES
from webapp.models import RegistrationStatus, User
from webapp.routes.files import send_image
from webapp.routes.webinar import ListedWebinars
from webapp.routing import Router
from webapp.schemas.registration import NotesChange, StatusChange
from webapp.services import registration_service, webinar_service

MayView = Depends(require("registration.view"))
MayChange = Annotated[User, Depends(require("registration.change"))]

pages = Router(prefix="/dashboard", dependencies=[MayView], include_in_schema=False)


@pages.get("/webinars", name="webinars-with-registrants")
async def list_webinars(request: Request, session: ReadSessionDep, listed: ListedWebinars) -> HTMLResponse:
    stats = await webinar_service.overview(session)
    return page.render(request, "registrants/webinars.html", stats=stats, **listed)


@pages.get("/webinars/{webinar_id}", name="registrants")
async def list_registrants(
    request: Request,
    session: ReadSessionDep,
    webinar_id: int,
    q: Annotated[str, Query(max_length=100)] = "",
    status: RegistrationStatus | Literal[""] = "",
    after: str | None = None,
) -> HTMLResponse:
    webinar = await webinar_service.get_webinar(session, webinar_id)
    found = await registration_service.list_registrations(
        session, webinar_id, status=status or None, q=q.strip() or None, after=after
    )
    return page.render(
        request,
        "registrants/list.html",
        webinar=webinar,
        page=found,
        form=Form({"q": q, "status": status}),
        filtered=bool(q or status),
        here=page.link(request),
        **page.steps(request, found.next),
    )


@pages.get("/registrations/{registration_id}", name="registrant")
async def show_registrant(request: Request, session: ReadSessionDep, registration_id: int) -> HTMLResponse:
    return await _registrant_page(request, session, registration_id)


@pages.post("/registrations/{registration_id}/status", name="registrant-status")
async def set_status(
    request: Request,
    session: SessionDep,
    read_session: ReadSessionDep,
    user: MayChange,
    registration_id: int,
    form: Annotated[Form[StatusChange], Depends(form_of(StatusChange))],
) -> Response:
    if form.data:
        async with form.attempt(session):
            changed = await registration_service.set_status(session, registration_id, form.data.status, actor=user)
            back = page.local_path(form.data.next, f"/dashboard/registrations/{registration_id}")
            return page.redirect(back, f"The status of {changed.name} is saved.")
    return await _registrant_page(request, read_session, registration_id, status=form)


@pages.post("/registrations/{registration_id}/notes", name="registrant-notes")
async def set_notes(
    request: Request,
    session: SessionDep,
    read_session: ReadSessionDep,
    user: MayChange,
    registration_id: int,
    form: Annotated[Form[NotesChange], Depends(form_of(NotesChange))],
) -> Response:
    if form.data:
        async with form.attempt(session):
            await registration_service.set_notes(session, registration_id, form.data.notes, actor=user)
            return page.redirect(f"/dashboard/registrations/{registration_id}", "The notes are saved.")
    return await _registrant_page(request, read_session, registration_id, notes=form)


@pages.get("/registrations/{registration_id}/photo", name="registrant-photo")
async def send_photo(session: ReadSessionDep, registration_id: int) -> FileResponse:
    registration = await registration_service.get_registration(session, registration_id)
    if not registration.photo:
        raise NotFound("There is no photo of this person.")
    return send_image(registration.photo)


@pages.post("/registrations/{registration_id}/photo")
async def set_photo(
    request: Request,
    session: SessionDep,
    read_session: ReadSessionDep,
    user: MayChange,
    registration_id: int,
    photo: UploadFile | Literal[""] = "",
) -> Response:
    form = Form[StatusChange]({"photo": ""})
    data = await photo.read(MAX_IMAGE_BYTES + 1) if photo else b""
    if data:
        async with form.attempt(session):
            await registration_service.set_photo(session, registration_id, data, actor=user)
            return page.redirect(f"/dashboard/registrations/{registration_id}", "The photo is saved.")
    else:
        form.status, form.errors = 422, {"photo": "Choose a file first."}
    return await _registrant_page(request, read_session, registration_id, photo=form)


async def _registrant_page(
    request: Request, session: AsyncSession, registration_id: int, **sent: Form[StatusChange] | Form[NotesChange]
) -> HTMLResponse:
    """The page of one registrant, with the form that was sent, if one was, as it was filled in."""
    registration = await registration_service.get_registration(session, registration_id)
    forms = {
        "status": Form({"status": registration.status}),
        "notes": Form({"notes": registration.notes}),
        "photo": Form(),
        **sent,
    }
    status = max(form.status for form in forms.values())
    return page.render(request, "registrants/detail.html", status, registration=registration, **forms)
