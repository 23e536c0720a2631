"""Log in, log out, make an account, look after it."""

from typing import Annotated

from fastapi import Depends, Request, Response
from fastapi.responses import HTMLResponse

from webapp import auth
from webapp import pages as page
from webapp.deps import CurrentUser, SessionDep, Visitor, visitor
from webapp.forms import Form, form_of
from webapp.passwords import MIN_LENGTH
from webapp.routing import Router
from webapp.schemas.account import LogIn, PasswordChange, Profile, SignUp
from webapp.services import login_service, user_service

pages = Router(dependencies=[Depends(visitor)], include_in_schema=False)

PASSWORD_HINT = f"At least {MIN_LENGTH} characters. Three or four random words are easy to remember."


@pages.get("/login", name="login")
async def show_login(request: Request, user: Visitor, next: str = "") -> Response:
    if user:
        return page.redirect(page.local_path(next, "/account"))
    return page.render(request, "auth/login.html", form=Form[LogIn]({"next": next}))


@pages.post("/login")
async def log_in(request: Request, form: Annotated[Form[LogIn], Depends(form_of(LogIn))]) -> Response:
    if form.data:
        async with form.attempt():
            user = await login_service.log_in(form.data.email, form.data.password)
            response = page.redirect(page.local_path(form.data.next, "/account"))
            auth.log_in(response, user)
            return response
    return page.render(request, "auth/login.html", form.status, form=form)


@pages.post("/logout", name="logout")
async def log_out() -> Response:
    response = page.redirect("/", "You are logged out.")
    auth.log_out(response)
    return response


@pages.get("/signup", name="signup")
async def show_sign_up(request: Request, user: Visitor) -> Response:
    if user:
        return page.redirect("/account")
    return _sign_up_page(request, Form[SignUp]())


@pages.post("/signup")
async def sign_up(
    request: Request, session: SessionDep, form: Annotated[Form[SignUp], Depends(form_of(SignUp))]
) -> Response:
    if form.data:
        async with form.attempt(session):
            user = await user_service.create_user(session, **form.data.model_dump())
            response = page.redirect("/account", "Your account is ready.")
            auth.log_in(response, user)
            return response
    return _sign_up_page(request, form)


@pages.get("/account", name="account")
async def show_account(request: Request, user: CurrentUser) -> HTMLResponse:
    return _account_page(request, Form[Profile]({"name": user.name}), Form[PasswordChange]())


@pages.post("/account")
async def save_profile(
    request: Request, session: SessionDep, user: CurrentUser, form: Annotated[Form[Profile], Depends(form_of(Profile))]
) -> Response:
    if form.data:
        async with form.attempt(session):
            await user_service.set_name(session, user, form.data.name, actor=user)
            return page.redirect("/account", "Your name is saved.")
    return _account_page(request, form, Form[PasswordChange]())


@pages.post("/account/password", name="password")
async def change_password(
    request: Request,
    session: SessionDep,
    user: CurrentUser,
    form: Annotated[Form[PasswordChange], Depends(form_of(PasswordChange))],
) -> Response:
    if form.data:
        async with form.attempt(session):
            user = await user_service.change_password(session, user, form.data.current, form.data.password)
            response = page.redirect("/account", "Your password is changed. Every other device is logged out.")
            auth.log_in(response, user)
            return response
    return _account_page(request, Form[Profile]({"name": user.name}), form)


@pages.post("/account/logout-everywhere", name="logout-everywhere")
async def log_out_everywhere(session: SessionDep, user: CurrentUser) -> Response:
    await user_service.end_sessions(session, user, actor=user)
    response = page.redirect("/login", "You are logged out everywhere.")
    auth.log_out(response)
    return response


def _sign_up_page(request: Request, form: Form[SignUp]) -> HTMLResponse:
    return page.render(request, "auth/signup.html", form.status, form=form, password_hint=PASSWORD_HINT)


def _account_page(request: Request, profile: Form[Profile], password: Form[PasswordChange]) -> HTMLResponse:
    status = max(profile.status, password.status)
    return page.render(
        request, "auth/account.html", status, profile=profile, password=password, password_hint=PASSWORD_HINT
    )
