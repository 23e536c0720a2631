"""The story of the app: people and what they may do, what happened, what is sold, who comes to which webinar."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, ClassVar

from pydantic import AwareDatetime
from sqlalchemy import JSON, CheckConstraint, Enum, Index, Text, UniqueConstraint
from sqlmodel import Field, Relationship, SQLModel

from webapp.db import UTCDateTime, now
from webapp.embedded import Embedded, derived
from webapp.vector import hnsw_index

metadata = SQLModel.metadata

_EAGER_ONLY: dict[str, Any] = {"lazy": "raise"}  # a relation is loaded by the query that needs it, or not at all


def _text_enum(enum: type[StrEnum]) -> Enum:
    """An enum stored as its value in a plain text column: a new member needs no migration."""
    return Enum(
        enum, native_enum=False, length=20, validate_strings=True, values_callable=lambda e: [str(m.value) for m in e]
    )


class Timestamped(SQLModel):
    """When a row was written, and when it was last changed."""

    created_at: datetime = Field(default_factory=now, sa_type=UTCDateTime)
    updated_at: datetime = Field(default_factory=now, sa_type=UTCDateTime, sa_column_kwargs={"onupdate": now})


class UserRole(SQLModel, table=True):
    """Which user holds which role."""

    __tablename__ = "user_roles"

    user_id: int = Field(foreign_key="users.id", ondelete="CASCADE", primary_key=True)
    role_id: int = Field(foreign_key="roles.id", ondelete="CASCADE", primary_key=True, index=True)


class RoleBase(SQLModel):
    name: str = Field(min_length=1, max_length=50)
    description: str = Field(default="", max_length=200)


class Role(RoleBase, table=True):
    """A named list of permissions, such as `product.change`, `product.*` or `*`."""

    __tablename__ = "roles"
    __table_args__ = (UniqueConstraint("name"), {"sqlite_autoincrement": True})

    id: int | None = Field(default=None, primary_key=True)
    permissions: list[str] = Field(default_factory=list, sa_type=JSON)

    users: list["User"] = Relationship(
        back_populates="roles", link_model=UserRole, passive_deletes=True, sa_relationship_kwargs=_EAGER_ONLY
    )

    def __str__(self) -> str:
        return self.name


class UserBase(SQLModel):
    email: str = Field(max_length=254)
    name: str = Field(default="", max_length=100)


class User(UserBase, table=True):
    """Somebody who can log in. The email is stored in lower case."""

    __tablename__ = "users"
    __table_args__ = (UniqueConstraint("email"), {"sqlite_autoincrement": True})

    id: int | None = Field(default=None, primary_key=True)
    password_hash: str = Field(max_length=255, repr=False)
    is_active: bool = True
    is_superuser: bool = False
    session_version: int = Field(default=1)
    created_at: datetime = Field(default_factory=now)
    last_login_at: datetime | None = None

    roles: list[Role] = Relationship(
        back_populates="users", link_model=UserRole, passive_deletes=True, sa_relationship_kwargs=_EAGER_ONLY
    )

    def __str__(self) -> str:
        return self.email


class AuditEntry(SQLModel, table=True):
    """Who did what to what. Never holds a secret."""

    __tablename__ = "audit_entries"
    __table_args__ = (
        Index(None, "target", "action", "id"),
        Index(None, "at", "id"),
        {"sqlite_autoincrement": True},
    )

    id: int | None = Field(default=None, primary_key=True)
    at: datetime = Field(default_factory=now)
    actor_id: int | None = Field(default=None, foreign_key="users.id", ondelete="SET NULL", index=True)
    actor_email: str = Field(default="", max_length=254)  # stays when the actor is deleted
    action: str = Field(max_length=50)
    target: str = Field(default="", max_length=300)
    details: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)

    def __str__(self) -> str:
        return f"{self.action} {self.target}"


class ProductBase(SQLModel):
    name: str = Field(min_length=1, max_length=100)
    description: str = Field(default="", max_length=10_000, sa_type=Text)
    price: Decimal = Field(ge=0, max_digits=10, decimal_places=2)
    category: str = Field(default="", max_length=50)
    in_stock: bool = True


class Product(ProductBase, Timestamped, table=True):
    """Something that is sold."""

    __tablename__ = "products"
    __table_args__ = (
        CheckConstraint("price >= 0", name="price_not_negative"),
        Index(None, "name", "id"),
        Index(None, "price", "id"),
        Index(None, "created_at", "id"),
        Index(None, "category", "id"),
        {"sqlite_autoincrement": True},
    )

    id: int | None = Field(default=None, primary_key=True)

    def __str__(self) -> str:
        return self.name


class ProductVector(Embedded, table=True):
    """What the text of a product means, for the search."""

    __tablename__ = "product_vectors"
    __table_args__ = (UniqueConstraint("product_id"), hnsw_index("vector"), derived())

    product_id: int = Field(foreign_key="products.id", ondelete="CASCADE")

    title: ClassVar[str] = "name"
    texts: ClassVar[tuple[str, ...]] = ("category", "description")


class WebinarBase(SQLModel):
    title: str = Field(min_length=1, max_length=150)
    description: str = Field(default="", max_length=10_000, sa_type=Text)
    starts_at: AwareDatetime = Field(sa_type=UTCDateTime)
    duration_minutes: int = Field(default=60, ge=1, le=1440)
    capacity: int = Field(ge=1, le=100_000)


class Webinar(WebinarBase, Timestamped, table=True):
    """A talk with a date, a host and a number of places."""

    __tablename__ = "webinars"
    __table_args__ = (
        CheckConstraint("capacity > 0", name="capacity_positive"),
        CheckConstraint("duration_minutes > 0", name="duration_positive"),
        Index(None, "starts_at", "id"),
        Index(None, "title", "id"),
        {"sqlite_autoincrement": True},
    )

    id: int | None = Field(default=None, primary_key=True)
    host_id: int | None = Field(default=None, foreign_key="users.id", ondelete="SET NULL", index=True)

    host: User | None = Relationship(sa_relationship_kwargs=_EAGER_ONLY)
    registrations: list["Registration"] = Relationship(
        back_populates="webinar", passive_deletes="all", sa_relationship_kwargs=_EAGER_ONLY
    )

    def __str__(self) -> str:
        return self.title


class WebinarVector(Embedded, table=True):
    """What the text of a webinar means, for the search."""

    __tablename__ = "webinar_vectors"
    __table_args__ = (UniqueConstraint("webinar_id"), hnsw_index("vector"), derived())

    webinar_id: int = Field(foreign_key="webinars.id", ondelete="CASCADE")

    title: ClassVar[str] = "title"
    texts: ClassVar[tuple[str, ...]] = ("description",)


class RegistrationStatus(StrEnum):
    """What became of a registration. All but a cancelled one take a place."""

    REGISTERED = "registered"
    ATTENDED = "attended"
    NO_SHOW = "no_show"
    CANCELLED = "cancelled"


class RegistrationBase(SQLModel):
    name: str = Field(min_length=1, max_length=100)
    email: str = Field(max_length=254)


class Registration(RegistrationBase, table=True):
    """Somebody's place in a webinar; one for each email address."""

    __tablename__ = "registrations"
    __table_args__ = (
        UniqueConstraint("webinar_id", "email"),
        Index(None, "webinar_id", "status"),
        Index(None, "created_at", "id"),
        {"sqlite_autoincrement": True},
    )

    id: int | None = Field(default=None, primary_key=True)
    webinar_id: int = Field(foreign_key="webinars.id", ondelete="CASCADE")
    status: RegistrationStatus = Field(
        default=RegistrationStatus.REGISTERED,
        sa_type=_text_enum(RegistrationStatus),
    )
    notes: str = Field(default="", max_length=2_000, sa_type=Text)
    photo: str | None = Field(default=None, max_length=100)  # the stored file's name in the upload folder
    created_at: datetime = Field(default_factory=now)

    webinar: Webinar = Relationship(back_populates="registrations", sa_relationship_kwargs=_EAGER_ONLY)

    def __str__(self) -> str:
        return f"{self.name} <{self.email}>"


class DemoBatch(SQLModel, table=True):
    """A range of rows that the demo loader wrote, so that exactly those can be removed again."""

    __tablename__ = "demo_batches"
    __table_args__ = ({"sqlite_autoincrement": True},)
    guarded: ClassVar[bool] = False  # no permissions: nobody but the demo loader touches it

    id: int | None = Field(default=None, primary_key=True)
    table_name: str = Field(max_length=63, index=True)
    first_id: int
    last_id: int
    created_at: datetime = Field(default_factory=now)
