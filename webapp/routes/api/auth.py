"""/api/auth and /api/me: get a token, see and change who you are."""

from typing import Annotated, Any

from fastapi import Depends, Request
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError

from webapp import auth
from webapp.deps import CurrentUser, SessionDep
from webapp.models import User
from webapp.routing import Router
from webapp.schemas.auth import Credentials, MeRead, MeUpdate, NewPassword, Token
from webapp.schemas.error import errors
from webapp.services import login_service, user_service
from webapp.settings import get_settings

router = Router(prefix="/api")


async def credentials(request: Request) -> Credentials:
    """From a form, as OAuth 2 has it, or from JSON."""
    try:
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() == "application/json":
            sent: Any = await request.json()
        else:
            sent = dict(await request.form())
        return Credentials.model_validate(sent)
    except ValidationError as error:
        found = [{**item, "loc": ("body", *item["loc"])} for item in error.errors(include_url=False)]
        raise RequestValidationError(found) from None
    except (ValueError, RecursionError):
        raise RequestValidationError([{"loc": ("body",), "msg": "This is not JSON.", "type": "json_invalid"}]) from None


_SCHEMA = {"schema": Credentials.model_json_schema()}


@router.post(
    "/auth/token", tags=["auth"], summary="Log in", responses=errors(400, 401, 429),
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"application/x-www-form-urlencoded": _SCHEMA, "application/json": _SCHEMA},
        }
    },
)  # fmt: skip
async def create_token(given: Annotated[Credentials, Depends(credentials)]) -> Token:
    """A token for `Authorization: Bearer ...`.

    After 10 failures for one address within 15 minutes the answer is 429. A new password ends every token.
    """
    return _token(await login_service.log_in(given.username, given.password))


@router.get("/me", tags=["me"], summary="Who am I?", responses=errors(401))
async def get_me(user: CurrentUser) -> MeRead:
    """The user, with what their roles let them do."""
    return MeRead.of(user)


@router.patch("/me", tags=["me"], summary="Change my name", responses=errors(400, 401, 403))
async def update_me(session: SessionDep, user: CurrentUser, changes: MeUpdate) -> MeRead:
    return MeRead.of(await user_service.set_name(session, user, changes.name, actor=user))


@router.post("/me/password", tags=["me"], summary="Change my password", responses=errors(400, 401, 403))
async def change_my_password(session: SessionDep, user: CurrentUser, given: NewPassword) -> Token:
    """Ends every session and token of the user; the answer is a new token."""
    return _token(await user_service.change_password(session, user, given.current, given.password))


def _token(user: User) -> Token:
    return Token(access_token=auth.api_token(user), expires_in=int(get_settings().token_lifetime.total_seconds()))
