"""A column type for embeddings: pgvector's on PostgreSQL, packed numbers on SQLite.

select(Product).order_by(Product.embedding.cosine_distance([0.1, 0.2, ...])).limit(10)

PostgreSQL finds the nearest rows by an `hnsw_index`. SQLite computes the distance of every row that a query looks at.
"""

import sqlite3
import struct
from collections.abc import Callable, Sequence
from math import isfinite, isnan
from typing import Any, Literal, NoReturn

from sqlalchemy import ColumnElement, Dialect, Float, Index, LargeBinary, literal, text
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.elements import SQLCoreOperations
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator, TypeEngine, UserDefinedType

Distance = Literal["cosine", "l2", "inner_product"]
_OPERATORS = {"cosine": "vector_cosine_ops", "l2": "vector_l2_ops", "inner_product": "vector_ip_ops"}

Vectors = SQLCoreOperations[Any] | Sequence[float]
"""What a distance is measured to: a vector, or another column of vectors."""


def hnsw_index(column: str, distance: Distance = "cosine") -> Index:
    """An index for a model's `__table_args__` that finds the nearest vectors on PostgreSQL without reading all of them.

    It serves queries that order by this distance, and vectors of up to 2,000 dimensions. On SQLite it is there and
    empty: it costs nothing, and the migrations are the same on both databases.
    """
    return Index(
        None,
        column,
        postgresql_using="hnsw",
        postgresql_ops={column: _OPERATORS[distance]},
        sqlite_where=text("0"),
    )


def add_distances(connection: sqlite3.Connection) -> None:
    """Give a connection to SQLite the functions that distances are computed with there."""
    for name, function in _ON_SQLITE.items():
        connection.create_function(name, 2, function, deterministic=True)


class _Distance(FunctionElement[float]):
    """How far two vectors are from each other: a function on SQLite, an operator on PostgreSQL."""

    operator: str


class _CosineDistance(_Distance):
    name, operator, inherit_cache = "cosine_distance", "<=>", True


class _L2Distance(_Distance):
    name, operator, inherit_cache = "l2_distance", "<->", True


class _MaxInnerProduct(_Distance):
    name, operator, inherit_cache = "max_inner_product", "<#>", True


@compiles(_Distance)
def _call(element: _Distance, compiler: Any, **options: Any) -> str:
    return f"{element.name}({compiler.process(element.clauses, **options)})"


@compiles(_Distance, "postgresql")
def _operate(element: _Distance, compiler: Any, **options: Any) -> str:
    one, other = (compiler.process(clause, **options) for clause in element.clauses)
    return f"({one} {element.operator} {other})"


class _Measure(TypeDecorator[float]):
    """A distance; None if one vector is NULL, or has no direction to compare. Those come last on both databases."""

    impl = Float
    cache_ok = True

    def process_result_value(self, value: float | None, dialect: Dialect) -> float | None:
        return value if value is not None and abs(value) < float("inf") else None


class Vector(TypeDecorator[list[float]]):
    """A list of so many finite numbers, which both databases keep in single precision.

    PostgreSQL needs the package pgvector (the extra `postgres`) and its extension `vector` in the database. A list of
    another length or with other values is a ValueError.
    """

    impl = LargeBinary
    cache_ok = True

    class Comparator(TypeDecorator.Comparator[list[float]]):
        """The distances of pgvector. The least is the nearest, so `max_inner_product` is the negative product."""

        def cosine_distance(self, other: Vectors) -> ColumnElement[float]:
            """From 0 (the same direction) to 2 (the opposite one)."""
            return self._to(other, _CosineDistance)

        def l2_distance(self, other: Vectors) -> ColumnElement[float]:
            return self._to(other, _L2Distance)

        def max_inner_product(self, other: Vectors) -> ColumnElement[float]:
            return self._to(other, _MaxInnerProduct)

        def _to(self, other: Vectors, distance: type[_Distance]) -> ColumnElement[float]:
            there = other if isinstance(other, SQLCoreOperations) else literal(other, self.type)
            element = distance(self.expr, there)
            element.type = _Measure()
            return element

    comparator_factory = Comparator

    def __init__(self, dimensions: int) -> None:
        super().__init__()
        self.dimensions = dimensions

    def __repr__(self) -> str:
        return f"Vector({self.dimensions})"

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name != "postgresql":
            return dialect.type_descriptor(LargeBinary())
        try:
            from pgvector.sqlalchemy import VECTOR
        except ImportError:
            return _Declared(self.dimensions)
        return dialect.type_descriptor(VECTOR(self.dimensions))

    def process_bind_param(self, value: list[float] | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        if len(value) != self.dimensions:
            raise ValueError(f"A vector of {self.dimensions} numbers was expected, and there are {len(value)}.")
        try:
            packed = self._layout.pack(*value)
        except (struct.error, OverflowError):
            packed = b""
        if not packed or not isfinite(sum(value)):  # as NaN and infinity make the sum of all
            raise ValueError("A vector has finite numbers in single precision alone.")
        return list(self._layout.unpack(packed)) if dialect.name == "postgresql" else packed

    def process_result_value(self, value: Any, dialect: Dialect) -> list[float] | None:
        if value is None:
            return None
        # PostgreSQL writes a number as short as it can, 0.1; unpacked it is the same on both.
        packed = self._layout.pack(*value) if dialect.name == "postgresql" else value
        return list(self._layout.unpack(packed))

    @property
    def _layout(self) -> struct.Struct:
        return struct.Struct(f"<{self.dimensions}f")


class _Declared(UserDefinedType[Any]):
    """Without pgvector the SQL of the migrations can still be printed, as for another machine; there are no values."""

    cache_ok = True

    def __init__(self, dimensions: int) -> None:
        self.dimensions = dimensions

    def get_col_spec(self, **_options: Any) -> str:
        return f"VECTOR({self.dimensions})"

    def bind_processor(self, dialect: Dialect) -> NoReturn:
        raise ModuleNotFoundError("Vectors on PostgreSQL need pgvector: pip install 'oppman[postgres]'.")

    def result_processor(self, dialect: Dialect, coltype: object) -> NoReturn:
        self.bind_processor(dialect)


def _measured(distance: Callable[[Any, Any], float]) -> Callable[[bytes | None, bytes | None], float]:
    """The distance of two stored vectors."""

    def measure(one: bytes | None, other: bytes | None) -> float:
        import numpy as np  # takes its time to import, and is wanted by nobody who does not compare

        if one is None or other is None:
            return float("inf")  # SQLite sorts NULL first, and makes NULL of NaN; PostgreSQL sorts both last
        with np.errstate(all="ignore"):
            value = distance(np.frombuffer(one, "<f4"), np.frombuffer(other, "<f4"))
        return float("inf") if isnan(value) else value

    return measure


def _cosine(one: Any, other: Any) -> float:
    return float(1 - (one @ other) / ((one @ one) * (other @ other)) ** 0.5)


def _l2(one: Any, other: Any) -> float:
    return float(((one - other) @ (one - other)) ** 0.5)


def _negative_product(one: Any, other: Any) -> float:
    return float(-(one @ other))


_ON_SQLITE = {
    _CosineDistance.name: _measured(_cosine),
    _L2Distance.name: _measured(_l2),
    _MaxInnerProduct.name: _measured(_negative_product),
}
