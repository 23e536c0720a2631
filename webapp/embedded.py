"""Rows that hold what the text of another row means, for the search.

class BookVector(Embedded, table=True):
    __tablename__ = "book_vectors"
    __table_args__ = (UniqueConstraint("book_id"), hnsw_index("vector"), derived())

    book_id: int = Field(foreign_key="books.id", ondelete="CASCADE")

    title: ClassVar[str] = "title"
    texts: ClassVar[tuple[str, ...]] = ("summary",)

That is all that the search needs to find books. A row that a session writes has its vector in the same transaction;
for those that came otherwise `embedding_service` cares. A row that is marked as deleted has none, and is not found.
Everybody may search, so rows that belong to an owner cannot have such vectors.
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from hashlib import blake2b
from typing import Any, ClassVar

from sqlalchemy import Column, ColumnElement, Connection, Insert, Table, delete, event, insert, inspect
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Session
from sqlmodel import Field, SQLModel
from sqlmodel.main import default_registry

from webapp.embedding import DIMENSIONS, Embedder, embedder, unit
from webapp.vector import Vector

DERIVED = "derived"
"""Marks a table in its `info`: its rows are made from other rows and worth nothing without them."""


def derived() -> dict[str, Any]:
    """The last of the `__table_args__`. A vector that is made anew has a new key, by which SQLite's index knows it."""
    return {"sqlite_autoincrement": True, "info": {DERIVED: True}}


class Embedded(SQLModel):
    """The vector of one row of another table, to which the only foreign key leads."""

    guarded: ClassVar[bool] = False  # no permissions: nobody but the search touches it
    title: ClassVar[str]
    """The column with the row's name, which counts more than the rest."""
    texts: ClassVar[tuple[str, ...]]
    """The columns with the rest of its text."""

    id: int | None = Field(default=None, primary_key=True)
    embedder: str = Field(max_length=50)
    digest: str = Field(max_length=32)  # of the text
    vector: list[float] = Field(sa_type=Vector(DIMENSIONS))


class Subject:
    """What one table of vectors is about. A `TypeError` if its rows are not for everybody."""

    def __init__(self, model: type[Embedded]) -> None:
        self.vectors: Table = model.__table__  # type: ignore[attr-defined]
        (key,) = self.vectors.foreign_keys
        self.of: Column[Any] = key.parent
        self.rows: Table = key.column.table
        self.key: Column[Any] = key.column
        if "owner_id" in self.rows.c:
            raise TypeError(f"{model.__name__}: rows of {self.rows.name} belong to an owner, and everybody may search.")
        (self.model,) = (m.class_ for m in default_registry.mappers if m.local_table is self.rows)
        self.title = self.rows.c[model.title]
        self.texts = tuple(self.rows.c[name] for name in model.texts)
        self.deleted: Column[Any] | None = self.rows.c.get("deleted_at")

    def there(self) -> list[ColumnElement[bool]]:
        """The condition for a row that is not marked as deleted."""
        return [] if self.deleted is None else [self.deleted.is_(None)]

    def is_deleted(self, row: Any) -> bool:
        """Whether the row is marked as deleted."""
        return self.deleted is not None and getattr(row, self.deleted.name) is not None

    def text(self, row: Any) -> tuple[str, str]:
        """The title of a row, which has the columns as attributes, and the rest of its text."""
        texts = (getattr(row, column.name) for column in self.texts)
        return getattr(row, self.title.name), "\n".join(text for text in texts if text)

    def store(self, connection: Connection, rows: Sequence[Any]) -> None:
        """Make the vectors of these rows, in place of those that they have."""
        if not rows:
            return
        by, texts = embedder(), [self.text(row) for row in rows]
        vectors = _embed(by, texts)
        values = [
            {self.of.name: getattr(row, self.key.name), "embedder": by.name, "digest": digest(*text), "vector": vector}
            for row, text, vector in zip(rows, texts, vectors, strict=True)
        ]
        connection.execute(self._replace(connection.dialect.name), values)

    def forget(self, connection: Connection, rows: Sequence[Any]) -> None:
        """Remove the vectors of these rows."""
        connection.execute(delete(self.vectors).where(self.of.in_([getattr(row, self.key.name) for row in rows])))

    def _replace(self, dialect: str) -> Insert:
        if dialect == "sqlite":  # deletes the old one and inserts the new
            return insert(self.vectors).prefix_with("OR REPLACE")
        new = postgresql.insert(self.vectors)
        columns = ("embedder", "digest", "vector")
        return new.on_conflict_do_update(index_elements=[self.of], set_={name: new.excluded[name] for name in columns})


@lru_cache
def subjects() -> tuple[Subject, ...]:
    """Everything that can be found by what it means, in the order of the models."""
    import webapp.models  # noqa: F401  # it imports this module, and there are no models before

    models = (mapper.class_ for mapper in default_registry.mappers)
    found = [Subject(model) for model in models if issubclass(model, Embedded)]
    return tuple(sorted(found, key=lambda subject: list(SQLModel.metadata.tables).index(subject.vectors.name)))


def digest(title: str, rest: str) -> str:
    """What tells one text from another."""
    return blake2b(f"{title}\n{rest}".encode(), digest_size=16).hexdigest()


def _embed(by: Embedder, texts: Sequence[tuple[str, str]]) -> Iterator[list[float]]:
    """The title counts twice as much as the rest, however long that is."""
    titles, rests = by.embed([title for title, _ in texts]), by.embed([rest for _, rest in texts])
    for title, rest in zip(titles, rests, strict=True):
        yield unit(2 * one + other for one, other in zip(title, rest, strict=True))


@event.listens_for(Session, "after_flush")
def _embed_what_changed(session: Session, _context: object) -> None:
    written = [*session.new, *session.dirty]
    for subject in subjects() if written else ():
        changed = [row for row in written if isinstance(row, subject.model) and _says_something_new(row, subject)]
        if there := [row for row in changed if not subject.is_deleted(row)]:
            subject.store(session.connection(), there)
        if gone := [row for row in changed if subject.is_deleted(row)]:
            subject.forget(session.connection(), gone)


def _says_something_new(row: object, subject: Subject) -> bool:
    attributes = inspect(row).attrs
    columns = (subject.title, *subject.texts, *([] if subject.deleted is None else [subject.deleted]))
    return any(attributes[column.name].history.has_changes() for column in columns)
