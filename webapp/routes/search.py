"""/search: one field to find everything with."""

from fastapi import Depends, Request
from fastapi.responses import HTMLResponse

from webapp import pages as page
from webapp.deps import ReadSessionDep, visitor
from webapp.forms import Form
from webapp.routing import Router
from webapp.schemas.search import KINDS, SearchQuery
from webapp.services import search_service

pages = Router(prefix="/search", dependencies=[Depends(visitor)], include_in_schema=False)


@pages.get("", name="search")
async def search(request: Request, session: ReadSessionDep, q: str = "", kind: str = "") -> HTMLResponse:
    found = await search_service.search(session, q, kind=kind or None)
    form: Form[SearchQuery] = Form({"q": q, "kind": kind})
    return page.render(request, "search.html", found=found, kinds=KINDS, form=form, asked=bool(q.strip()))
