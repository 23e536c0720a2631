"""Webinars over HTTP: the pages, with the sign-up that is open to everybody and the link that takes it back."""

from typing import Annotated, Any, Literal

from fastapi import Depends, Query, Request, Response
from fastapi.responses import HTMLResponse
from sqlalchemy.ext.asyncio import AsyncSession

from webapp import auth
from webapp import pages as page
from webapp.deps import ReadSessionDep, SessionDep, Visitor, visitor
from webapp.errors import NotAuthenticated, NotFound
from webapp.forms import Form, form_of
from webapp.routing import Router
from webapp.schemas.registration import RegistrationCreate
from webapp.services import registration_service, webinar_service

pages = Router(prefix="/webinars", dependencies=[Depends(visitor)], include_in_schema=False)

WHEN = {"": "Upcoming", "past": "Past"}


def registration_id(token: str) -> int:
    """Whose link this is. Anybody who has the link may use it; it ends when the webinar begins."""
    try:
        return auth.decode(token, "cancel").subject
    except NotAuthenticated:
        raise NotFound("This link is not valid any more.", "It ends when the webinar begins.") from None


RegistrationId = Annotated[int, Depends(registration_id)]


async def listed_webinars(
    request: Request,
    session: ReadSessionDep,
    q: Annotated[str, Query(max_length=100)] = "",
    when: Literal["", "past"] = "",
    after: str | None = None,
) -> dict[str, Any]:
    """What a page with a list of webinars shows."""
    found = await webinar_service.list_webinars(session, when=when or "upcoming", q=q.strip() or None, after=after)
    return {
        "page": found,
        "form": Form({"q": q, "when": when}),
        "whens": WHEN.items(),
        "filtered": bool(q or when),
        **page.steps(request, found.next),
    }


ListedWebinars = Annotated[dict[str, Any], Depends(listed_webinars)]


@pages.get("", name="webinars")
async def list_webinars(request: Request, listed: ListedWebinars) -> HTMLResponse:
    return page.render(request, "webinar/list.html", **listed)


@pages.get("/{webinar_id}", name="webinar")
async def show_webinar(request: Request, session: ReadSessionDep, user: Visitor, webinar_id: int) -> HTMLResponse:
    known = {"name": user.name, "email": user.email} if user else {}
    return await _webinar_page(request, session, webinar_id, Form[RegistrationCreate](known))


@pages.post("/{webinar_id}", name="sign-up")
async def sign_up(
    request: Request,
    session: SessionDep,
    read_session: ReadSessionDep,
    webinar_id: int,
    form: Annotated[Form[RegistrationCreate], Depends(form_of(RegistrationCreate))],
) -> Response:
    if form.data:
        async with form.attempt(session):
            registration = await registration_service.register(session, webinar_id, **form.data.model_dump())
            webinar = await webinar_service.get_webinar(session, webinar_id)
            return page.redirect(f"/webinars/registrations/{auth.cancel_token(registration, webinar.starts_at)}")
    return await _webinar_page(request, read_session, webinar_id, form)


@pages.get("/registrations/{token}", name="registration")
async def show_registration(
    request: Request, session: ReadSessionDep, registration_id: RegistrationId, token: str
) -> HTMLResponse:
    registration = await registration_service.get_registration(session, registration_id)
    link = f"{request.base_url}webinars/registrations/{token}/cancel"
    return page.render(request, "registration/show.html", registration=registration, cancel_link=link)


@pages.get("/registrations/{token}/cancel", name="cancel")
async def ask_before_cancelling(
    request: Request, session: ReadSessionDep, registration_id: RegistrationId
) -> HTMLResponse:
    registration = await registration_service.get_registration(session, registration_id)
    return page.render(request, "registration/cancel.html", registration=registration)


@pages.post("/registrations/{token}/cancel")
async def cancel(session: SessionDep, registration_id: RegistrationId, token: str) -> Response:
    await registration_service.cancel(session, registration_id)
    return page.redirect(f"/webinars/registrations/{token}")


async def _webinar_page(
    request: Request, session: AsyncSession, webinar_id: int, form: Form[RegistrationCreate]
) -> HTMLResponse:
    webinar = await webinar_service.get_webinar(session, webinar_id)
    return page.render(request, "webinar/detail.html", form.status, webinar=webinar, form=form)
