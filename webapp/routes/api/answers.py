"""Answers written straight from plain rows.

A row has been checked when it was stored, and its query asks for the columns of the answer's model and no others.
Checking twenty of them once more takes as long as reading them; the tests hold these answers to the model instead.
"""

from typing import Any

from fastapi import Response
from pydantic_core import to_json
from sqlalchemy import Row

from webapp.paging import Page

MEDIA_TYPE = "application/json"


def page_of(page: Page[Row[Any]]) -> Response:
    """A page of a list: `{"items": [...], "next": cursor or null}`."""
    names = page.items[0]._fields if page.items else ()  # asked once: a row looks them up each time
    items = [dict(zip(names, row, strict=True)) for row in page.items]
    return Response(to_json({"items": items, "next": page.next}), media_type=MEDIA_TYPE)


def one(row: Row[Any]) -> Response:
    """A single resource."""
    return Response(to_json(dict(zip(row._fields, row, strict=True))), media_type=MEDIA_TYPE)
