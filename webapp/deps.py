"""What a route asks for by the type of its parameter.

async def change(session: SessionDep, user: Annotated[User, Depends(require("product.change"))]): ...
"""

from collections.abc import AsyncIterator, Coroutine
from contextlib import suppress
from functools import lru_cache
from typing import Annotated, Any, Protocol

from fastapi import Depends, Request
from fastapi.security import APIKeyCookie, OAuth2PasswordBearer
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload
from sqlmodel import col

from webapp import auth
from webapp.db import reader, reading, transaction
from webapp.errors import NotAllowed, NotAuthenticated
from webapp.models import User
from webapp.permissions import ANY_VIEW, can, vocabulary

_bearer = OAuth2PasswordBearer(
    "/api/auth/token",
    scheme_name="Bearer",
    description="The token that `POST /api/auth/token` gives.",
    auto_error=False,
)
_cookie = APIKeyCookie(
    name=auth.COOKIE, scheme_name="Cookie", description="The session of a browser that is logged in.", auto_error=False
)


async def get_session() -> AsyncIterator[AsyncSession]:
    """A session in a transaction, committed when the route has returned and before the answer is sent."""
    async with transaction() as session:
        yield session


async def get_read_session() -> AsyncSession:
    """A session for reading alone. It holds nothing, so nothing has to be closed after the route."""
    return reader()


SessionDep = Annotated[AsyncSession, Depends(get_session, scope="function")]
ReadSessionDep = Annotated[AsyncSession, Depends(get_read_session)]


async def visitor(request: Request) -> User | None:
    """Who is looking at a page: the active user whose session the browser's cookie proves, roles loaded, or None.

    A router of pages has it among its dependencies. Afterwards `request.state.user` holds the user too, who belongs to
    no session: services take them as `actor`.
    """
    request.state.user = None
    cookie = request.cookies.get(auth.COOKIE)
    if cookie:
        with suppress(NotAuthenticated):
            request.state.user = await user_of(auth.decode(cookie, "session"))
    return request.state.user  # type: ignore[no-any-return]


Visitor = Annotated[User | None, Depends(visitor)]


async def current_user(
    request: Request,
    user: Visitor,
    bearer: Annotated[str | None, Depends(_bearer)],
    _cookie: Annotated[str | None, Depends(_cookie)],  # read by `visitor`; here the API's documentation finds it
) -> User:
    """The user that the request proves; a bearer token goes before the cookie.

    Without one: 401, or for a page the way to the log-in.
    """
    if bearer is not None:
        user = request.state.user = await user_of(auth.decode(bearer, "api"))
    if user is None:
        raise NotAuthenticated
    return user


CurrentUser = Annotated[User, Depends(current_user)]


async def owner_id(user: CurrentUser) -> int:
    """The key of the current user, to whom rows of their own belong."""
    return user.id or 0


OwnerId = Annotated[int, Depends(owner_id)]


async def user_of(claims: auth.Claims) -> User:
    """The active user whom a token names, roles loaded. `NotAuthenticated` if the token has been ended."""
    async with reading() as session:  # one of its own, so that its connection is free again before the route runs
        user = await session.scalar(_WITH_ROLES.where(col(User.id) == claims.subject))
    if user is None or not user.is_active or user.session_version != claims.version:
        raise NotAuthenticated("This is not valid any more.", "Please log in again.")
    return user


_WITH_ROLES = select(User).options(selectinload(User.roles))  # type: ignore[arg-type]


class Guard(Protocol):
    """A dependency that gives the current user if they hold `permission`."""

    permission: str

    def __call__(self, user: Any) -> Coroutine[Any, Any, User]: ...


@lru_cache
def require(permission: str) -> Guard:
    """A dependency that gives the current user if they hold the permission, and refuses with 403 if they do not."""
    if permission != ANY_VIEW and permission not in vocabulary():
        raise ValueError(f"There is no permission {permission!r}; there are: {', '.join(vocabulary())}.")

    async def guard(user: CurrentUser) -> User:
        if not can(user, permission):
            what = "a permission to view something" if permission == ANY_VIEW else f"the permission {permission}"
            raise NotAllowed("You may not do this.", f"It takes {what}.")
        return user

    guard.permission = permission  # type: ignore[attr-defined]
    return guard  # type: ignore[return-value]
