"""A small project whose models change from step to step, on either database, with rows in its tables."""

import re
import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from command_line import Result, Run
from postgres import execute
from revision_files import newest

HEAD = '''"""The models."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, String, Text, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from webapp.db import UTCDateTime, now

metadata = SQLModel.metadata
'''

AUTHORS = """

class Author(SQLModel, table=True):
    __tablename__ = "authors"
    __table_args__ = (
        UniqueConstraint("email"), CheckConstraint("age >= 0", name="age_positive"), Index(None, "name", "id"),
        {"sqlite_autoincrement": True},
    )

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(max_length=100)
    email: str = Field(max_length=100)
    age: int
    note: str | None = Field(default=None, max_length=50)
"""

BOOKS = """

class Book(SQLModel, table=True):
    __tablename__ = "books"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: int | None = Field(default=None, primary_key=True)
    title: str = Field(max_length=80)
    author_id: int = Field(foreign_key="authors.id", ondelete="CASCADE", index=True)
"""

ROWS = (
    "INSERT INTO authors (name, email, age, note) VALUES ('Ann', 'a@b.c', 30, 'x'), ('Bob', 'b@b.c', 40, NULL)",
    "INSERT INTO books (title, author_id) SELECT 'Of ' || name, id FROM authors",
)


@dataclass
class Library:
    """The project, its database, and what a person does with them. `url` is PostgreSQL's, "" on SQLite."""

    root: Path
    run: Run
    url: str
    models: str = AUTHORS + BOOKS

    def write(self, models: str) -> None:
        """Put these models into the project."""
        self.models = models
        (self.root / "webapp/models.py").write_text(HEAD + models)

    def change(self, *pairs: tuple[str, str]) -> None:
        """Replace parts of the models."""
        text = self.models
        for old, new in pairs:
            assert old in text, old
            text = text.replace(old, new)
        self.write(text)

    def make(self, *arguments: str, message: str = "step") -> Result:
        """Write a migration."""
        return self.run("db", "makemigrations", "-m", message, *arguments, cwd=self.root)

    def do(self, *arguments: str) -> Result:
        """Any other command of the group, which has to go well."""
        done = self.run("db", *arguments, cwd=self.root)
        assert done.code == 0, done.stdout + done.stderr
        return done

    def up_down_up(self) -> str:
        """Migrate, go back and migrate again, with the rows there; the models agree. The newest revision's text."""
        self.do("migrate", "--no-backup")
        self.do("rollback", "--yes", "--no-backup")
        self.do("migrate", "--no-backup")
        self.do("check")
        return newest(self.root).read_text()

    def made(self, *arguments: str) -> str:
        """Write a migration, which has to go well, and bring the rows up, down and up."""
        done = self.make(*arguments)
        assert done.code == 0, done.stdout + done.stderr
        assert "would be asked to again" not in done.stderr
        return self.up_down_up()

    def sql(self, statement: str) -> list[Any]:
        """The rows that a statement gives."""
        if self.url:
            return execute(self.url, statement)
        with closing(sqlite3.connect(self.root / "app.db")) as database, database:
            return database.execute(statement).fetchall()

    def names(self, table: str) -> set[str]:
        """The names of the table's indexes and constraints; a key without one on SQLite is left out."""
        if self.url:
            found = self.sql(
                f"SELECT conname FROM pg_constraint WHERE conrelid = '{table}'::regclass AND contype <> 'n'"
                f" UNION SELECT indexname FROM pg_indexes WHERE tablename = '{table}'"
            )
            return {name for (name,) in found}
        ((ddl,),) = self.sql(f"SELECT sql FROM sqlite_master WHERE name = '{table}'")
        indexes = self.sql(f"SELECT name FROM sqlite_master WHERE type = 'index' AND tbl_name = '{table}'")
        own = {str(name) for (name,) in indexes if not name.startswith("sqlite_autoindex")}
        return own | set(re.findall(r'CONSTRAINT "?(\w+)', ddl))

    def revisions(self) -> int:
        return len(list((self.root / "migrations/versions").glob("*.py")))


def library(project: Path, run: Run, url: str, models: str = AUTHORS + BOOKS) -> Library:
    """The project with these models in place of the starter's, migrated; nothing is in its tables."""
    shutil.rmtree(project / "migrations/versions")
    if url:
        (project / ".env").write_text(f"DATABASE_URL={url}\n")
    made = Library(project, run, url)
    made.write(models)
    done = made.make(message="first")
    assert done.code == 0, done.stderr
    made.do("migrate")
    return made
