"""Pages that belong to no single resource: the first one."""

from fastapi import Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from webapp import pages as page
from webapp.deps import ReadSessionDep, visitor
from webapp.routing import Router
from webapp.services import product_service, webinar_service

pages = Router(dependencies=[Depends(visitor)], include_in_schema=False)


@pages.get("/", name="home")
async def show_home(request: Request, session: ReadSessionDep) -> HTMLResponse:
    webinars = await webinar_service.list_webinars(session, when="upcoming", limit=4)
    products = await product_service.list_products(session, sort="-id", limit=8)
    return page.render(request, "home.html", webinars=webinars.items, products=products.items)


@pages.get("/favicon.ico", name="favicon")
async def send_favicon() -> RedirectResponse:
    """For programs that ask without having read a page."""
    return RedirectResponse(page.asset("favicon.svg"), 301)
