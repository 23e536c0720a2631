"""Search by a part of a text, and find the texts that there are to choose from."""

from typing import Any

from sqlalchemy import ColumnElement, Select, func, select

ESCAPE = "/"


def pattern(text: str) -> str:
    """The pattern for `column.ilike(pattern, escape=ESCAPE)` that finds the text anywhere, its % and _ as they are."""
    for sign in (ESCAPE, "%", "_"):
        text = text.replace(sign, ESCAPE + sign)
    return f"%{text}%"


def in_use(column: ColumnElement[str], *conditions: ColumnElement[bool]) -> Select[Any]:
    """The values of an indexed text column, sorted and each once, without "", in the rows of the conditions.

    It steps through the index from one value to the next, however many rows there are.
    """
    step = select(func.min(column).label("value")).where(column > "", *conditions).cte("step", recursive=True)
    following = select(func.min(column)).where(column > step.c.value, *conditions).scalar_subquery()
    step = step.union_all(select(following).where(step.c.value.is_not(None)))
    return select(step.c.value).where(step.c.value.is_not(None)).order_by(step.c.value)
