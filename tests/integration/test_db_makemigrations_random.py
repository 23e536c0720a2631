"""Models that change in every way at once, several times: what is written has to bring them and their rows along."""

from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import pytest

from changing_models import Library, library
from command_line import Run

STEPS = 3
TYPES = ("str", "int", "float")


@dataclass
class Column:
    """How a column should be, and what its rows hold: 1 or nothing."""

    name: str
    type: str
    nullable: bool
    indexed: bool = False
    value: float | None = 1

    def source(self) -> str:
        more = [*(["default=None"] if self.nullable else []), *(["index=True"] if self.indexed else [])]
        words = ["max_length=30"] * (self.type == "str") + more
        return f"    {self.name}: {self.type}{' | None' if self.nullable else ''} = Field({', '.join(words)})"


@dataclass
class Shape:
    """A table as it should be."""

    random: Random
    name: str = "things"
    columns: list[Column] = field(
        default_factory=lambda: [Column("first", "str", False), Column("second", "int", False)]
    )
    count: int = 0

    def source(self) -> str:
        return "\n".join([
            "\n\nclass Thing(SQLModel, table=True):", f'    __tablename__ = "{self.name}"',
            '    __table_args__ = ({"sqlite_autoincrement": True},)', "",
            "    id: int | None = Field(default=None, primary_key=True)", *(each.source() for each in self.columns), "",
        ])  # fmt: skip

    def step(self) -> list[str]:
        """Change it, and return what has to be said about that."""
        said: list[str] = []
        if self._happens():
            said += ["--rename", f"{self.name}:{self.name}x"]
            self.name += "x"
        for column in list(self.columns):
            if len(self.columns) > 1 and self._happens():
                self.columns.remove(column)
                said += ["--allow-drop", f"{self.name}.{column.name}"]
                continue
            said += self._changed(column)
        for _ in range(2):
            nullable = self._happens()
            new = Column(self._name(), self.random.choice([*TYPES]), nullable, self._happens(), None if nullable else 1)
            self.columns.insert(self.random.randrange(len(self.columns)), new)
            said += [] if nullable else ["--backfill", f"{self.name}.{new.name}=1"]
        return said

    def _changed(self, column: Column) -> list[str]:
        said: list[str] = []
        if self._happens():
            new = self._name()
            said += ["--rename", f"{self.name}.{column.name}:{new}"]
            column.name = new
        if self._happens():
            column.type = self.random.choice([*TYPES])
        if self._happens():
            column.nullable = not column.nullable
            if not column.nullable:
                column.value = 1
                said += ["--backfill", f"{self.name}.{column.name}=1"]
        if self._happens():
            column.indexed = not column.indexed
        return said

    def _happens(self) -> bool:
        return self.random.random() < 0.35

    def _name(self) -> str:
        self.count += 1
        return f"c{self.count}"


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.xdist_group("postgres"))])
def url(request: pytest.FixtureRequest) -> str:
    return str(request.getfixturevalue("postgres_url")) if request.param == "postgres" else ""


@pytest.mark.parametrize("seed", [1, 2])
def test_any_changes_take_the_rows_along(project: Path, run: Run, url: str, seed: int) -> None:
    shape = Shape(Random(seed))
    shop = library(project, run, url, shape.source())
    shop.sql("INSERT INTO things (first, second) VALUES ('1', 1), ('1', 1)")
    for _ in range(STEPS):
        _step(shop, shape)


def _step(shop: Library, shape: Shape) -> None:
    said = shape.step()
    shop.write(shape.source())
    shop.made(*said)
    names = ", ".join(column.name for column in shape.columns)
    wanted = tuple(column.value for column in shape.columns)
    rows = [
        tuple(None if value is None else float(value) for value in row)
        for row in shop.sql(f"SELECT {names} FROM {shape.name}")
    ]
    assert rows == [wanted, wanted]
    indexes = {name for name in shop.names(shape.name) if name.startswith("ix_")}
    assert indexes == {f"ix_{shape.name}_{column.name}" for column in shape.columns if column.indexed}
