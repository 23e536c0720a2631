"""Vectors: the same list of numbers from both databases."""

import sys
from collections.abc import AsyncIterator
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError
from sqlalchemy import Column, Integer, MetaData, Table, insert, select
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import StatementError
from sqlalchemy.schema import CreateTable

from webapp.db import engine
from webapp.schemas.fields import Embedding
from webapp.vector import Vector

things = Table("things", MetaData(), Column("id", Integer, primary_key=True), Column("place", Vector(3)))


@pytest.fixture
async def connection(database: str) -> AsyncIterator[Any]:
    """A connection to a database with a table of vectors, which is gone afterwards."""
    async with engine().connect() as connection:
        await connection.run_sync(things.create)
        yield connection
        await connection.rollback()


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ([0.5, -2, 1.0], [0.5, -2.0, 1.0]),
        ([0.1, 1e-8, 3.4e38], [0.10000000149011612, 9.99999993922529e-09, 3.3999999521443642e38]),
        (None, None),
    ],
)
async def test_what_is_stored_comes_back_in_single_precision(
    connection: Any, given: list[float] | None, found: list[float] | None
) -> None:
    await connection.execute(insert(things).values(place=given))
    assert await connection.scalar(select(things.c.place)) == found
    if given:
        assert TypeAdapter(Embedding).validate_python(given) == found


@pytest.mark.parametrize("given", [[], [1.0, 2.0], [1.0] * 4])
async def test_a_vector_of_another_length_is_refused(connection: Any, given: list[float]) -> None:
    with pytest.raises(StatementError, match=rf"A vector of 3 numbers was expected, and there are {len(given)}"):
        await connection.execute(insert(things).values(place=given))


def test_the_type_is_written_as_a_migration_needs_it() -> None:
    assert repr(Vector(64)) == "Vector(64)"


@pytest.mark.parametrize("wrong", [float("nan"), float("inf"), 1e39, -1e300, True, "1.0", None, [1.0]])
def test_an_embedding_has_finite_numbers_of_single_precision_alone(wrong: Any) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Embedding).validate_python([0.5, wrong])


def test_without_pgvector_its_sql_can_be_printed_and_nothing_stored(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pgvector.sqlalchemy", None)
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]

    assert "place VECTOR(3)" in str(CreateTable(things).compile(dialect=dialect))
    kind = Vector(3).dialect_impl(dialect)
    with pytest.raises(ModuleNotFoundError, match=r"pip install 'oppman\[postgres\]'"):
        kind.bind_processor(dialect)
    with pytest.raises(ModuleNotFoundError, match=r"pip install 'oppman\[postgres\]'"):
        kind.result_processor(dialect, None)
