"""The migrations that a scaffold writes, applied and undone on both databases, beside the models that they are for."""

import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from autogenerate import operations
from command_line import Result, Run, clean_environment
from oppman.database.autogenerate.drift import write
from oppman.project import Project
from oppman.scaffold.fields import parse_fields
from oppman.scaffold.migration import add_columns, gaps, migration
from oppman.scaffold.models import read_models
from oppman.scaffold.naming import Names
from oppman.scaffold.resource import Options, Resource
from oppman.scaffold.slice import render
from postgres import execute

MODELS = "webapp/models.py"
AT = "2030-01-01 10:00:00.000000"


@dataclass(frozen=True)
class Shop:
    """A project and the database that its commands work on."""

    root: Path
    run: Run
    postgres: str = ""

    def oppman(self, *args: str) -> Result:
        result = self.run(*args, cwd=self.root, env={"DATABASE_URL": self.postgres} if self.postgres else None)
        assert result.code == 0, result.stderr
        return result

    def sql(self, statement: str) -> list[Any]:
        if self.postgres:
            return execute(self.postgres, statement)
        with closing(sqlite3.connect(self.root / "app.db")) as database, database:
            return database.execute(statement).fetchall()

    def resource(self, name: str, *fields: str) -> Resource:
        return Resource(Names.of(name), parse_fields(fields), "A thing.", read_models(Project(self.root)))

    def add_model(self, source: str) -> None:
        with (self.root / MODELS).open("a") as models:
            models.write("\n\n" + source)

    def model(self, resource: Resource) -> str:
        return render(self.root, resource, MODELS)[MODELS]

    def reads(self, model: str) -> str:
        """What the web app itself reads of the model's first row."""
        code = (
            "import asyncio\nfrom sqlmodel import select\nfrom webapp.db import reading\n"
            f"from webapp.models import {model}\n"
            "async def first():\n    async with reading() as session:\n"
            f"        return (await session.scalars(select({model}))).first()\n"
            "row = asyncio.run(first()).model_dump()\n"
            "print(*(f'{name}={row[name]}' for name in sorted(row)), sep='\\n')"
        )
        database = {"DATABASE_URL": self.postgres} if self.postgres else {}
        done = subprocess.run(
            [sys.executable, "-c", code], cwd=self.root, env=clean_environment() | database | {"PYTHONPATH": "."},
            capture_output=True, text=True,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def configures(self) -> None:
        """The relations of the models can be told apart, which no migration shows."""
        code = "from webapp import models\nfrom sqlalchemy.orm import configure_mappers\nconfigure_mappers()"
        subprocess.run([sys.executable, "-c", code], cwd=self.root, env=clean_environment(), check=True)

    def goes_up_and_down_and_up(self) -> None:
        self.oppman("db", "migrate")
        self.oppman("db", "check")
        self.oppman("db", "rollback", "--yes", "--no-backup")
        self.oppman("db", "migrate")
        self.oppman("db", "check")


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.xdist_group("postgres"))])
def shop(project: Path, run: Run, request: pytest.FixtureRequest) -> Shop:
    return Shop(project, run, request.getfixturevalue("postgres_url") if request.param == "postgres" else "")


def test_a_table_with_every_kind_of_column_fits_its_model(shop: Shop) -> None:
    book = shop.resource(
        "Book", "title:str:index", "isbn:str:max=20:unique", "blurb:text:optional", "pages:int:min=1:max=9000",
        "weight:float:min=0:optional", "price:decimal:10.2:min=0.5", "in_print:bool:default=true",
        "bought:date:optional", "starts_at:datetime", "opens_at:time:default=0930", "reference:uuid:unique:optional",
        "contact:email:optional", "website:url", "short_name:slug:unique", "extras:json",
        "state:enum:draft/live:default=draft:index",
        "buyer:ref:User:cascade", "editor:ref:User:optional", "desk:ref:Webinar:unique", "sequel_of:ref:self:optional",
        "door_code:secret", "pin:secret:optional", "readers:many:User", "similar:many:self",
        "cover:image", "manual:file:optional", "embedding:vector:3", "taste:vector:16:optional",
    )  # fmt: skip
    shop.add_model(shop.model(book))
    write(*migration(Project(shop.root), book))
    shop.goes_up_and_down_and_up()
    shop.configures()


def test_a_table_with_links_and_options_fits_its_model(shop: Shop) -> None:
    options = Options(
        uuid=True, owned=True, soft_delete=True, uniques=(("title", "edition"),), indexes=(("edition", "title"),)
    )
    plain = shop.resource(
        "Book", "title:str", "edition:int", "isbn:str:unique", "door_code:secret:min=8", "pin:secret:optional",
        "readers:many:User", "related:many:self", "parent:ref:self:optional", "buyer:ref:User", "seller:ref:User",
    )  # fmt: skip
    book = replace(plain, options=options)
    shop.add_model(shop.model(book))
    write(*migration(Project(shop.root), book))
    shop.goes_up_and_down_and_up()
    shop.configures()


NEW = (
    "stock:int:min=0:max=90:default=3", "sku:str:unique:optional", "blurb:text:optional", "price:decimal:10.2",
    "sold:bool:default=false", "seen_at:datetime", "opens_at:time:default=0930", "born:date",
    "extras:json", "state:enum:draft/live:index", "mark:uuid:default=6f1c2a34-5b6d-4e7f-8a9b-0c1d2e3f4a5b",
    "buyer:ref:User:cascade", "talk:ref:Webinar:optional", "sequel_of:ref:self:optional",
    "cover:image", "embedding:vector:3:optional",
)  # fmt: skip
CHOSEN = {
    "books.price": "9.90", "books.seen_at": "2030-05-01 18:00:00.000000", "books.born": "1999-12-31",
    "books.state": "live", "books.buyer_id": "7",
}  # fmt: skip


READ = """
blurb=
born=1999-12-31
buyer_id=7
cover=None
created_at=2030-01-01 10:00:00+00:00
embedding=None
extras={}
id=1
mark=6f1c2a34-5b6d-4e7f-8a9b-0c1d2e3f4a5b
opens_at=09:30:00
price=9.90
seen_at=2030-05-01 18:00:00+00:00
sequel_of_id=None
sku=None
sold=False
state=live
stock=3
talk_id=None
title=One
updated_at=2030-01-01 10:00:00+00:00
""".strip()


def test_columns_go_into_a_filled_table_and_out_again(shop: Shop) -> None:
    small = shop.resource("Book", "title:str")
    before = shop.model(small)
    shop.add_model(before)
    write(*migration(Project(shop.root), small))
    shop.oppman("db", "migrate")
    shop.sql(
        "INSERT INTO users (id, email, name, password_hash, is_active, is_superuser, session_version, created_at)"
        f" VALUES (7, 'a@b.c', 'Ann', 'x', {'true, true' if shop.postgres else '1, 1'}, 1, '{AT}')"
    )
    shop.sql(
        f"INSERT INTO books (title, created_at, updated_at) VALUES ('One', '{AT}', '{AT}'), ('Two', '{AT}', '{AT}')"
    )

    big = shop.resource("Book", "title:str", *NEW)
    models = shop.root / MODELS
    models.write_text(models.read_text().replace(before, shop.model(big)))
    assert {gap.name for gap in gaps(big, big.fields[1:])} == CHOSEN.keys()
    path, text = add_columns(Project(shop.root), big, big.fields[1:], values=CHOSEN)
    asked = [word for name, value in CHOSEN.items() for word in ("--backfill", f"{name}={value}")]
    autogenerated = shop.oppman("db", "makemigrations", "-m", "more", "--dry-run", *asked).stdout
    assert operations(text) == operations(autogenerated)

    path = path.with_name("29990101_0000_later.py")  # the names differ by the minute alone
    write(path, text)
    shop.goes_up_and_down_and_up()
    assert shop.reads("Book") == READ
    shop.oppman("db", "rollback", "--yes", "--no-backup")
    assert len(shop.sql("SELECT * FROM books")[0]) == len(("title", "id", "created_at", "updated_at"))
    assert shop.sql("SELECT title FROM books ORDER BY id") == [("One",), ("Two",)]
