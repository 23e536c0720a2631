"""A column type for embeddings: pgvector's on PostgreSQL, packed numbers on SQLite."""

import struct
from typing import Any, Literal, NoReturn

from sqlalchemy import Dialect, Index, LargeBinary, text
from sqlalchemy.types import TypeDecorator, TypeEngine, UserDefinedType


class Vector(TypeDecorator[list[float]]):
    """A list of so many finite numbers, which both databases keep in single precision.

    PostgreSQL needs the package pgvector (the extra `postgres`) and its extension `vector` in the database. A list of
    another length is a ValueError.
    """

    impl = LargeBinary
    cache_ok = True

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
        return list(value) if dialect.name == "postgresql" else self._layout.pack(*value)

    def process_result_value(self, value: Any, dialect: Dialect) -> list[float] | None:
        if value is None:
            return None
        # PostgreSQL writes a number as short as it can, 0.1; unpacked it is the same on both.
        packed = self._layout.pack(*value) if dialect.name == "postgresql" else value
        return list(self._layout.unpack(packed))

    @property
    def _layout(self) -> struct.Struct:
        return struct.Struct(f"<{self.dimensions}f")


Distance = Literal["cosine", "l2", "ip", "l1"]
"""How far two vectors are apart, in pgvector's words: by angle, straight, by (negative) inner product, by sum."""


def hnsw_index(column: str, distance: Distance = "cosine") -> Index:
    """An index for a model's `__table_args__` that finds the nearest vectors on PostgreSQL without reading all of them.

    It serves queries that order by this distance, and vectors of up to 2,000 dimensions. On SQLite it is there and
    empty: it costs nothing, and the migrations are the same on both databases.
    """
    return Index(
        None,
        column,
        postgresql_using="hnsw",
        postgresql_ops={column: f"vector_{distance}_ops"},
        sqlite_where=text("0"),
    )


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
