import sys
from types import ModuleType

import pytest
from sqlalchemy import (
    JSON,
    CheckConstraint,
    Column,
    Enum,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    UniqueConstraint,
    func,
)
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from oppman.docs import models
from oppman.docs.models import Reference


@pytest.fixture
def metadata() -> MetaData:
    metadata = MetaData()
    Table("ports", metadata, Column("name", String(50), primary_key=True))
    Table(
        "boats",
        metadata,
        Column("name", String(40), nullable=False, unique=True, comment="Painted on the hull."),
        Column("id", Integer, primary_key=True),
        Column("port", ForeignKey("ports.name", ondelete="SET NULL"), index=True),
        Column("kind", Enum("sail", "motor", native_enum=False, create_constraint=True), default="sail"),
        Column("log", JSON, default=dict),
        Column("seen", Integer, server_default=func.now()),
        Column("words", TSVECTOR),
        UniqueConstraint("port", "kind"),
        CheckConstraint("seen > 0"),
        Index("by_kind", "kind", "id"),
        comment="What floats.",
    )
    return metadata


def test_a_table_tells_its_keys_first_then_its_columns_in_their_order(metadata: MetaData) -> None:
    boats = models.read(metadata)[0]

    assert [column.name for column in boats.columns] == ["id", "name", "port", "kind", "log", "seen", "words"]
    assert [column.primary_key for column in boats.columns] == [True] + [False] * 6


def test_a_column_tells_its_type_rules_and_default(metadata: MetaData) -> None:
    boats = {column.name: column for column in models.read(metadata)[0].columns}

    assert (boats["name"].type, boats["name"].required, boats["name"].unique) == ("varchar(40)", True, True)
    assert boats["name"].comment == "Painted on the hull."
    assert (boats["kind"].choices, boats["kind"].default) == (("sail", "motor"), "sail")
    assert boats["port"].reference == Reference("ports", "name", "set null")
    assert (boats["port"].type, boats["port"].required) == ("varchar(50)", False)
    assert (boats["log"].default, boats["seen"].default) == ("dict()", "in the database: computed")
    assert boats["words"].type == "tsvector"


def test_a_table_tells_what_holds_for_several_columns(metadata: MetaData) -> None:
    boats, ports = models.read(metadata)

    assert "port, kind together are unique" in boats.rules
    assert "`seen > 0`" in boats.rules
    assert boats.indexes == ("kind, id", "port")
    assert (boats.description, ports.description, ports.rules) == ("What floats.", "", ())


def test_the_model_behind_a_table_is_found_with_its_docstring_in_whichever_module_it_lies() -> None:
    class Base(DeclarativeBase):
        pass

    class Port(Base):
        """Where boats lie."""

        __tablename__ = "ports"
        id: Mapped[int] = mapped_column(primary_key=True)

    class Elsewhere(Base):
        __tablename__ = "elsewhere"
        id: Mapped[int] = mapped_column(primary_key=True)

    module = ModuleType("harbour_models")
    module.Port = Port  # type: ignore[attr-defined]
    module.sys = sys  # type: ignore[attr-defined]

    elsewhere, ports = models.read(Base.metadata, models.mapped(module))

    assert (ports.model, ports.description) == ("Port", "Where boats lie.")
    assert (elsewhere.model, elsewhere.description) == ("Elsewhere", "")
