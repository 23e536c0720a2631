"""Vectors: the same list of numbers from both databases."""

import sys
from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError
from sqlalchemy import Column, Integer, MetaData, Table, insert, select, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import StatementError
from sqlalchemy.orm import aliased
from sqlalchemy.schema import CreateTable
from sqlmodel import col

from webapp.db import engine, reading, transaction
from webapp.models import Product, ProductVector
from webapp.schemas.fields import Embedding
from webapp.settings import get_settings
from webapp.vector import Distance, Vector, hnsw_index

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


@pytest.mark.parametrize("wrong", [float("nan"), float("inf"), 1e39, "1", None])
async def test_other_values_than_finite_numbers_are_refused(connection: Any, wrong: Any) -> None:
    with pytest.raises(StatementError, match="finite numbers in single precision alone"):
        await connection.execute(insert(things).values(place=[0.5, wrong, 1.0]))
    with pytest.raises(StatementError, match="finite numbers in single precision alone"):
        await connection.scalar(select(things.c.place.l2_distance([0.5, wrong, 1.0])))


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


PLACES = [[1, 0, 0], [0, 2, 0], [-1, -1, 0], [0, 0, 0], None]


@pytest.mark.parametrize(
    ("measure", "found"),
    [
        ("cosine_distance", {2: 0.105573, 1: 0.552786, 3: 1.948683, 4: None, 5: None}),
        ("l2_distance", {2: 1.0, 1: 2.0, 4: 2.236068, 3: 3.605551, 5: None}),
        ("max_inner_product", {2: -4.0, 1: -1.0, 4: 0.0, 3: 3.0, 5: None}),
    ],
)
async def test_distances_are_the_same_on_both_databases_and_sort_the_nearest_first(
    connection: Any, measure: str, found: dict[int, float | None]
) -> None:
    await connection.execute(insert(things), [{"place": place} for place in PLACES])
    distance = getattr(things.c.place, measure)([1, 2, 0])
    rows = (await connection.execute(select(things.c.id, distance).order_by(distance, things.c.id))).all()
    assert [key for key, _ in rows] == list(found)
    assert [far if far is None else round(far, 6) for _, far in rows] == list(found.values())
    near = select(things.c.id).where(distance < found[1]).order_by(distance)
    assert (await connection.scalars(near)).all() == [2]


async def test_two_columns_are_compared(connection: Any) -> None:
    await connection.execute(insert(things), [{"place": [1, 0, 0]}, {"place": [4, 0, 3]}])
    other = things.alias()
    both = things.join(other, other.c.id > things.c.id)
    query = select(things.c.place.l2_distance(other.c.place)).select_from(both)
    assert await connection.scalar(query) == pytest.approx(18**0.5)


async def test_attributes_of_models_are_compared(database: str) -> None:
    async with transaction() as session:
        session.add_all([Product(name=name, price=Decimal(1)) for name in ("Oak Lamp", "Oak Lamps", "Fork")])
    one, other = aliased(ProductVector), aliased(ProductVector)
    far = one.vector.cosine_distance(other.vector)  # type: ignore[attr-defined]
    keys = col(one.product_id), col(other.product_id)
    query = select(*keys).where(keys[0] < keys[1]).order_by(far).limit(1)
    async with reading() as session:
        assert (await session.execute(query)).all() == [(1, 2)]


async def test_a_distance_to_a_vector_of_another_length_is_refused(connection: Any) -> None:
    with pytest.raises(StatementError, match="A vector of 3 numbers was expected, and there are 2"):
        await connection.scalar(select(things.c.place.cosine_distance([1.0, 2.0])))


@pytest.mark.parametrize(
    ("distance", "measure"),
    [("cosine", "cosine_distance"), ("l2", "l2_distance"), ("inner_product", "max_inner_product")],
)
async def test_postgres_finds_the_nearest_by_the_index(connection: Any, distance: Distance, measure: str) -> None:
    # A table of its own: an index belongs to one.
    indexed = Table(
        "indexed", MetaData(), Column("id", Integer, primary_key=True), Column("place", Vector(3)),
        hnsw_index("place", distance),
    )  # fmt: skip
    await connection.run_sync(indexed.create)
    if get_settings().is_sqlite:
        query = (
            "SELECT count(*) FROM sqlite_master WHERE type = 'index' AND tbl_name = 'indexed' AND sql LIKE '%WHERE 0'"
        )
        assert await connection.scalar(text(query)) == 1  # it is there, and empty
        return
    far = getattr(indexed.c.place, measure)([1, 2, 0])
    await connection.execute(text("SET LOCAL enable_seqscan = off"))
    nearest = select(indexed.c.id).order_by(far).limit(3).compile(engine().sync_engine)
    plan = (await connection.exec_driver_sql(f"EXPLAIN {nearest}", ("[1,2,0]", 3))).scalars().all()
    assert any("Index Scan using ix_indexed_place" in line for line in plan), plan
