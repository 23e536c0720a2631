"""The staff's dashboard: what there is of each model that one may view, and the ways to it."""

from typing import Annotated

from fastapi import Depends, Request
from fastapi.responses import HTMLResponse

from webapp import pages as page
from webapp.deps import ReadSessionDep, require
from webapp.directory import directory
from webapp.models import User
from webapp.permissions import ANY_VIEW
from webapp.routing import Router
from webapp.services import dashboard_service

pages = Router(prefix="/dashboard", include_in_schema=False)


@pages.get("", name="dashboard")
async def show_dashboard(
    request: Request, session: ReadSessionDep, user: Annotated[User, Depends(require(ANY_VIEW))]
) -> HTMLResponse:
    found = {figures.model: figures for figures in await dashboard_service.overview(session, user)}
    cards = [(place, found[model]) for model, place in directory(request.app).items() if model in found]
    return page.render(request, "dashboard.html", cards=cards, days=dashboard_service.RECENT.days)
