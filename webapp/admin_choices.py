"""What a form of the admin has to choose from: rows that are within the reach of whoever is looking."""

from collections.abc import Mapping
from contextvars import ContextVar
from typing import Any
from uuid import UUID

from fastapi import Request
from sqladmin.forms import ModelConverter
from sqladmin.helpers import get_object_identifier
from sqlalchemy import ColumnElement, FromClause, Uuid, and_, inspect, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapper, RelationshipProperty
from sqlmodel import SQLModel

from webapp.db import MAX_KEY, reading
from webapp.models import User
from webapp.services.rules import reachable, refuse_missing

_request: ContextVar[Request] = ContextVar("request")


def remember(request: Request) -> None:
    """Let the fields that are made for this request know of it: SQLAdmin makes them without."""
    _request.set(request)


class ReachableChoices(ModelConverter):
    """A converter whose lists leave out what is deleted, and other people's rows where each has their own.

    What the edited row has already stays in the list: it would be lost with the next saving.
    """

    async def _prepare_select_options(self, prop: RelationshipProperty[Any], _sessions: Any) -> list[tuple[str, Any]]:
        request, target = _request.get(), prop.mapper
        query = select(target.class_)
        if conditions := _within_reach(target.local_table, request.state.user):
            key = key_in_form(prop.parent, request.path_params.get("pk", ""))
            own = prop.parent.primary_key[0] == key
            linked = select(target.primary_key[0]).select_from(prop.parent.class_).join(prop.class_attribute).where(own)
            query = query.where(or_(and_(*conditions), target.primary_key[0].in_(linked)))
        async with reading() as session:
            return [(str(get_object_identifier(row)), str(row)) for row in await session.scalars(query)]


def reachable_refs(model: type[SQLModel], refs: Mapping[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """A view's `form_ajax_refs`, which find nothing but rows that may be chosen."""
    relations = inspect(model).relationships
    return {name: {"where": _condition(relations[name].mapper.local_table)} | options for name, options in refs.items()}


async def refuse_unreachable(
    session: AsyncSession, model: type[SQLModel], values: Mapping[str, Any], viewer: User
) -> None:
    """`Invalid` for a chosen row that belongs to somebody else, where each has their own."""
    for relation in inspect(model).relationships:
        chosen = values.get(f"{relation.key}_id")
        if not relation.uselist and "owner_id" in relation.mapper.local_table.c:
            for column in relation.local_columns:
                await refuse_missing(session, column, {column.name: chosen}, owner_id=viewer.id)


def key_in_form(mapper: Mapper[Any], chosen: Any) -> int | UUID:
    """The key of a row that was chosen in a form, or that an address has; for anything else one that no row has."""
    if not isinstance(mapper.primary_key[0].type, Uuid):
        return key_of(chosen)
    try:
        return UUID(str(chosen))
    except ValueError:
        return UUID(int=0)


def key_of(chosen: Any) -> int:
    """The integer key of a row that was chosen in a form; 0, which no row has, for anything else."""
    text = str(chosen)
    is_one = text.isascii() and text.isdecimal() and len(text) <= len(str(MAX_KEY)) and int(text) <= MAX_KEY
    return int(text) if is_one else 0


def _condition(table: FromClause) -> Any:
    return lambda request, _term: _within_reach(table, request.state.user)


def _within_reach(table: FromClause, viewer: User) -> list[ColumnElement[bool]]:
    return reachable(table, {"owner_id": viewer.id})
