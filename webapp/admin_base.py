"""What every view of the admin shares: who may enter, what they may do, and that services do the writing.

SQLAdmin draws the pages. It reads through sessions that cannot write; whatever is saved or deleted goes through the
same services as everywhere else, so that their rules and the audit log hold here too.
"""

import csv
import io
import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from enum import Enum
from typing import Any, ClassVar
from uuid import UUID

from fastapi import FastAPI, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ValidationError
from sqladmin import Admin as SQLAdmin
from sqladmin import ModelView
from sqladmin.authentication import AuthenticationBackend
from sqladmin.authorization import Action, AuthorizationBackend
from sqladmin.fields import JSONField
from sqladmin.formatters import BASE_FORMATTERS
from sqladmin.forms import ModelConverter, converts
from sqladmin.helpers import get_object_identifier
from sqladmin.models import ModelViewMeta
from sqlalchemy import Select, Uuid, false, func, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import RelationshipProperty, selectinload
from sqlmodel import SQLModel
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from wtforms import FloatField, Form, PasswordField, TimeField

from webapp import http_errors
from webapp.db import MAX_KEY, reading, transaction
from webapp.deps import visitor
from webapp.errors import DomainError, NotAllowed, NotAuthenticated
from webapp.labels import label, plural_label
from webapp.models import User
from webapp.permissions import can
from webapp.search import ESCAPE, pattern
from webapp.settings import ROOT, get_settings

MOST_COUNTED = 10_000
"""Rows that a list counts and pages through at most. Further ones are found by searching or sorting."""

_CHUNK = 500
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_PERMISSIONS = {
    Action.LIST: "view",
    Action.DETAILS: "view",
    Action.EXPORT: "view",
    Action.CREATE: "add",
    Action.EDIT: "change",
    Action.DELETE: "delete",
}
_SECRET = {"autocomplete": "new-password", "class": "form-control"}
_UNUSED_ROUTES = {"login", "logout", "import", "file_download", "file_preview"}

CONTENT_SECURITY_POLICY = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'self'; form-action 'self'; "
    "frame-ancestors 'none'"
)


class Admin(SQLAdmin):
    """The admin at /admin, behind the app's own log-in and permissions."""

    def __init__(self, app: FastAPI) -> None:
        super().__init__(
            app,
            session_maker=_ReadSessions(),  # type: ignore[arg-type]
            title=get_settings().app_name,
            templates_dir=str(ROOT / "templates" / "admin"),
            middlewares=[Middleware(Headers)],
            authentication_backend=Authentication(self),
            authorization_backend=Authorization(),
        )
        router = self.admin.router
        router.routes = [route for route in router.routes if getattr(route, "name", "") not in _UNUSED_ROUTES]
        http_errors.install(self.admin)
        app.state.admin = self

    async def _delete(self, request: Request) -> None:
        if not request.query_params.get("pks"):
            raise HTTPException(400, "Nothing is selected")
        await super()._delete(request)


class Authentication(AuthenticationBackend):
    """The app's session cookie. There is no second log-in and no second cookie."""

    def __init__(self, admin: SQLAdmin) -> None:
        self.admin = admin
        self.middlewares = []

    async def authenticate(self, request: Request) -> Response | bool:
        user = await visitor(request)
        if user is None:
            return http_errors.respond(request, NotAuthenticated())
        if not any(view.is_accessible(request) for view in self.admin.views):
            raise NotAllowed("The admin is not open to you.", "Ask an administrator for a role.")
        return True

    async def get_user_id(self, request: Request) -> int | None:
        user: User = request.state.user
        return user.id


class Authorization(AuthorizationBackend):
    """Each action on a view takes the model's permission of the same meaning. Whatever is not listed, nobody may do."""

    def has_permission(self, request: Request, identity: str, action: str, obj: Any | None = None) -> bool:
        wanted = _PERMISSIONS.get(action)  # type: ignore[call-overload]
        return wanted is not None and can(request.state.user, f"{identity.replace('-', '_')}.{wanted}")


class Headers:
    """A policy of its own, since SQLAdmin's stylesheet holds its icons as data; and no page is kept in a cache."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = message["headers"] = list(message.get("headers", ()))
                headers.append((b"content-security-policy", CONTENT_SECURITY_POLICY.encode()))
                if b"cache-control" not in dict(headers) and b"etag" not in dict(headers):
                    headers.append((b"cache-control", b"no-store"))
            await send(message)

        await self.app(scope, receive, send_with_headers if scope["type"] == "http" else send)


class Converter(ModelConverter):
    """A field of a form for each type of column, where SQLAdmin has none or one that does not fit."""

    @converts("Float")  # type: ignore[untyped-decorator]
    def conv_float(self, model: type, prop: Any, kwargs: dict[str, Any]) -> Any:
        return FloatField(**kwargs)

    @converts("Time")  # type: ignore[untyped-decorator]
    def conv_time(self, model: type, prop: Any, kwargs: dict[str, Any]) -> Any:
        return TimeField(format=["%H:%M:%S", "%H:%M"], **kwargs)

    @converts("Enum")  # type: ignore[untyped-decorator]
    def conv_enum(self, model: type, prop: Any, kwargs: dict[str, Any]) -> Any:
        kwargs.setdefault("coerce", lambda value: str(value.value if isinstance(value, Enum) else value))
        return super().conv_enum(model, prop, kwargs)

    @converts("Vector")  # type: ignore[untyped-decorator]
    def conv_vector(self, model: type, prop: Any, kwargs: dict[str, Any]) -> Any:
        return VectorField(**kwargs)


class VectorField(JSONField):
    """A list of numbers as JSON has it; empty for none."""

    def _value(self) -> str:
        return super()._value() if self.raw_data or self.data else ""


class CheckedForm(Form):
    """A form whose values also have to pass a schema; what is wrong stands at the field."""

    schema: ClassVar[type[BaseModel] | None] = None

    def validate(self, extra_validators: Mapping[str, Any] | None = None) -> bool:
        valid = super().validate(extra_validators)
        if not valid or self.schema is None:
            return valid
        try:
            self.schema.model_validate(self.data)
        except ValidationError as error:
            for item in error.errors():
                field = self._fields.get(str(item["loc"][0]) if item["loc"] else "")
                if field is not None:
                    field.errors = [*field.errors, item["msg"].removeprefix("Value error, ")]
                    valid = False
        return valid


def checked_by(model: type[BaseModel]) -> type[CheckedForm]:
    """A base class for a view's form."""
    return type("CheckedForm", (CheckedForm,), {"schema": model})


class Labelled(ModelViewMeta):
    """Calls a view as its model is called elsewhere, "Book review" and "People", unless it says otherwise."""

    def __new__(mcs, name: str, bases: tuple[type, ...], attrs: dict[str, Any], **options: Any) -> "Labelled":
        if model := options.get("model"):
            attrs = {"name": label(model), "name_plural": plural_label(model)} | attrs
        made: Labelled = super().__new__(mcs, name, bases, attrs, **options)
        return made


class View(ModelView, metaclass=Labelled):
    """A model in the admin. A view lists columns and says by which service a row is made, changed and removed."""

    can_import = False
    export_types: ClassVar[list[str]] = ["csv"]
    page_size = 25
    page_size_options: ClassVar[list[int]] = [25, 50, 100]
    form_converter = Converter
    owned: ClassVar[bool] = False
    """Whether everybody sees the rows of their own alone, whose `owner_id` is theirs."""
    form_links: ClassVar[dict[str, str]] = {}
    """What the schemas call the keys of a many-to-many relation: {"tags": "tag_ids"}."""
    form_secrets: ClassVar[tuple[str, ...]] = ()
    """Fields of which a hash is stored: the form can set them and never shows them."""
    list_template = "sqladmin/counted_list.html"
    column_type_formatters: ClassVar[dict[type, Any]] = {
        **BASE_FORMATTERS,
        datetime: lambda when: f"{when:%Y-%m-%d %H:%M} UTC",
        list: lambda items: ", ".join(map(str, items)),
    }

    def __init__(self) -> None:
        hashes = [f"{name}_hash" for name in self.form_secrets]
        self.column_details_exclude_list = [*self.column_details_exclude_list, *hashes]  # type: ignore[misc]
        super().__init__()
        words = {name: name.replace("_", " ").capitalize() for name in self._prop_names}
        self._column_labels = {**words, **self._column_labels}

    async def scaffold_form(self, rules: list[str] | None = None) -> type[Form]:
        form = await super().scaffold_form(rules)
        for name in self.form_secrets:
            label = name.replace("_", " ").capitalize()
            hint = "Empty leaves it as it is."
            setattr(form, name, PasswordField(label, description=hint, render_kw=_SECRET))
        return form

    async def create(self, session: AsyncSession, data: dict[str, Any], actor: User) -> Any:
        """Make a row of the form's values, through the service. A row that was chosen is there by key: `author_id`."""
        raise NotImplementedError

    async def change(self, session: AsyncSession, row: Any, data: dict[str, Any], actor: User) -> Any:
        """Change the row through the service. `data` holds the values that differ from the row's."""
        raise NotImplementedError

    async def remove(self, session: AsyncSession, row: Any, actor: User) -> None:
        """Delete the row, through the service."""
        raise NotImplementedError

    async def insert_model(self, request: Request, data: dict[str, Any]) -> Any:
        async with _explained(), transaction() as session:
            return await self.create(session, self._with_keys(data), request.state.user)

    async def update_model(self, request: Request, pk: str, data: dict[str, Any]) -> Any:
        row = await self.get_object_for_edit(request)
        before = await self.get_form_data_for_edit(row)
        changed = {name: value for name, value in data.items() if name not in before or not _same(before[name], value)}
        async with _explained(), transaction() as session:
            await self.change(session, row, self._with_keys(changed), request.state.user)
        return row

    async def delete_model(self, request: Request, pk: Any) -> None:
        row = await self.get_object_for_delete(pk)
        async with _explained(), transaction() as session:
            await self.remove(session, row, request.state.user)

    async def count(self, request: Request, stmt: Select[Any] | None = None) -> int:
        """Never more than `MOST_COUNTED`, however many rows there are: counting all of a big table takes seconds."""
        rows: Any = self.list_query(request) if stmt is None else stmt.get_final_froms()[0].element  # type: ignore[attr-defined]
        some = rows.order_by(None).limit(MOST_COUNTED).subquery()
        return await super().count(request, select(func.count()).select_from(some))

    def list_query(self, request: Request) -> Select[Any]:
        return self._within_reach(super().list_query(request), request)

    def details_query(self, request: Request) -> Select[Any]:
        return self._within_reach(super().details_query(request), request)

    def form_edit_query(self, request: Request) -> Select[Any]:
        return self._within_reach(super().form_edit_query(request), request)

    async def list_context(self, request: Request) -> dict[str, Any]:
        return {"most_counted": MOST_COUNTED}

    def search_query(self, stmt: Select[Any], term: str) -> Select[Any]:
        like = pattern(term.replace("\x00", ""))
        columns = [getattr(self.model, name) for name in self._search_fields]
        return stmt.where(or_(false(), *(column.ilike(like, escape=ESCAPE) for column in columns)))

    def sort_query(self, stmt: Select[Any], request: Request) -> Select[Any]:
        # The key as the last one: rows that are equal would otherwise jump between the pages.
        key = self.pk_columns[0]
        order = key.desc() if request.query_params.get("sort") == "desc" else key.asc()
        return super().sort_query(stmt, request).order_by(order)

    async def get_model_objects(self, request: Request, limit: int | None = 0) -> Any:
        """All rows, for an export: read in portions, so that memory stays flat."""
        return self._all_rows(request)

    async def export_data(
        self, data: Any, export_type: str = "csv", request: Request | None = None
    ) -> StreamingResponse:
        name = self.identity.replace("-", "_")
        headers = {"Content-Disposition": f'attachment; filename="{name}.csv"'}
        return StreamingResponse(self._csv(data), media_type="text/csv; charset=utf-8", headers=headers)

    async def _all_rows(self, request: Request) -> AsyncIterator[Any]:
        key: Any = self.pk_columns[0]
        last: Any = UUID(int=0) if isinstance(key.type, Uuid) else 0
        query = self.list_query(request).options(*(selectinload(relation) for relation in self._list_relations))
        while True:
            async with reading() as session:
                rows = (await session.scalars(query.where(key > last).order_by(key).limit(_CHUNK))).all()
            for row in rows:
                yield row
            if len(rows) < _CHUNK:
                return
            last = getattr(rows[-1], key.name)

    async def _csv(self, rows: AsyncIterator[Any]) -> AsyncIterator[str]:
        buffer = io.StringIO()
        writer = csv.writer(buffer)
        writer.writerow(self._export_prop_names)
        async for row in rows:
            writer.writerow([_cell(await self.get_prop_value(row, name)) for name in self._export_prop_names])
            if buffer.tell() > 32_000:
                yield buffer.getvalue()
                buffer.seek(0)
                buffer.truncate()
        yield buffer.getvalue()

    def _within_reach(self, statement: Select[Any], request: Request) -> Select[Any]:
        """The statement without rows that are deleted, and without other people's where each has their own."""
        columns = self._mapper.local_table.c
        if self.owned:
            statement = statement.where(columns.owner_id == request.state.user.id)
        return statement.where(columns.deleted_at.is_(None)) if "deleted_at" in columns else statement

    def _with_keys(self, data: dict[str, Any]) -> dict[str, Any]:
        """The form's values with a chosen row, `author`, as the schemas have it: `author_id`, None for no row."""
        relations = {relation.key: relation for relation in self._mapper.relationships}
        values = {}
        for name, value in data.items():
            if name not in relations:
                values[name] = value
            elif not relations[name].uselist:
                values[f"{name}_id"] = _key_of(relations[name], value) if value else None
            elif name in self.form_links:
                values[self.form_links[name]] = [_key_of(relations[name], chosen) for chosen in value or ()]
        return {name: value for name, value in values.items() if value or name not in self.form_secrets}

    def _stmt_by_identifier(self, identifier: str) -> Select[Any]:
        if isinstance(self.pk_columns[0].type, Uuid):
            with suppress(ValueError):
                return super()._stmt_by_identifier(str(UUID(identifier)))
            raise HTTPException(404)
        if not 0 < key_of(identifier) <= MAX_KEY:
            raise HTTPException(404)
        return super()._stmt_by_identifier(identifier)


class _ReadSessions:
    """What SQLAdmin takes for a session maker. It reads with these sessions, and writes with none of them."""

    class_ = AsyncSession

    def configure(self, **_options: Any) -> None:
        pass

    def __call__(self, **_options: Any) -> AsyncSession:
        return reading()


class Refused(Exception):
    """A rule said no; the form shows this text."""


@asynccontextmanager
async def _explained() -> AsyncIterator[None]:
    """SQLAdmin shows the text of whatever is raised: make it one for people, without a statement or a value in it."""
    try:
        yield
    except DomainError as error:
        details = [text for text in (error.hint, *error.fields.values()) if text]
        raise Refused(" ".join(dict.fromkeys([error.message, *details]))) from error
    except IntegrityError as error:
        raise Refused("This does not go with what is stored now: the value is taken, or still in use.") from error
    except Exception:
        logger.exception("The admin could not save.")
        raise Refused("Something went wrong on our side. It has been logged.") from None


logger = logging.getLogger("webapp.admin")


def _is_a_failure(record: logging.LogRecord) -> bool:
    return not (record.exc_info and isinstance(record.exc_info[1], Refused))


logging.getLogger("sqladmin.application").addFilter(_is_a_failure)  # a refusal is no error of the app


def _key_of(relation: RelationshipProperty[Any], chosen: Any) -> int | UUID:
    """The key of a row at the other end of a relation that was chosen in a form."""
    if not isinstance(relation.mapper.primary_key[0].type, Uuid):
        return key_of(chosen)
    try:
        return UUID(str(chosen))
    except ValueError:
        return UUID(int=0)  # which no row has


def key_of(chosen: Any) -> int:
    """The key of a row that was chosen in a form; 0, which no row has, for anything else."""
    text = str(chosen)
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= len(str(MAX_KEY)) else 0


def _same(before: Any, value: Any) -> bool:
    """Whether a form left a value as it is. Of a row that was chosen from a list the form has the key."""
    if isinstance(before, SQLModel):
        before = str(get_object_identifier(before))
    return bool((before or "") == (value or "")) if not isinstance(value, bool) else before is value


def _cell(value: Any) -> str:
    """A value for a spreadsheet. A text that it would run as a formula is marked as a text."""
    if isinstance(value, list):
        value = ", ".join(map(str, value))
    text = "" if value is None else str(value)
    return f"'{text}" if isinstance(value, str) and text.startswith(_FORMULA) else text
