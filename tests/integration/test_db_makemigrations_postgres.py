"""What `oppman db makemigrations` writes, between PostgreSQL and SQLite, and what PostgreSQL alone does."""

from pathlib import Path

import pytest

from changing_models import ROWS, Library, library
from command_line import Run
from revision_files import newest

pytestmark = pytest.mark.xdist_group("postgres")

CHANGES = (
    ("authors", "writers"), ("    name: str = Field(max_length=100)", "    full_name: str = Field(max_length=120)"),
    ('"name", "id"', '"full_name", "id"'), ("    email: str", "    mail: str"), ('("email")', '("mail")'),
    ("    note: str | None = Field(default=None, max_length=50)", "    note: int = 5"),
    ("max_length=80", "max_length=90"),
)  # fmt: skip
SAID = ("--rename", "authors:writers", "--rename", "writers.name:full_name", "--rename", "writers.email:mail")
NAMES = {"ix_writers_full_name_id", "uq_writers_mail", "ck_writers_age_positive", "pk_writers"}


def filled(project: Path, run: Run, url: str) -> Library:
    made = library(project, run, url)
    for statement in ROWS:
        made.sql(statement)
    made.sql("UPDATE authors SET note = '7' WHERE name = 'Ann'")
    return made


@pytest.mark.parametrize("written_on", ["sqlite", "postgres"])
def test_what_is_written_on_one_database_runs_on_the_other(
    project: Path, run: Run, postgres_url: str, written_on: str
) -> None:
    first = filled(project, run, "" if written_on == "sqlite" else postgres_url)
    first.change(*CHANGES)
    done = first.make(*SAID)
    assert done.code == 0, done.stderr
    revision = newest(project)
    text = revision.read_text()
    revision.unlink()
    (project / ".env").write_text(f"DATABASE_URL={postgres_url}\n" if written_on == "sqlite" else "")
    other = Library(project, run, postgres_url if written_on == "sqlite" else "", first.models)
    other.do("migrate")
    for statement in ROWS:
        other.sql(statement)
    other.sql("UPDATE authors SET note = '7' WHERE name = 'Ann'")
    revision.write_text(text)
    other.up_down_up()
    assert other.sql("SELECT full_name, mail, note, title FROM writers JOIN books ON author_id = writers.id") == [
        ("Ann", "a@b.c", 7, "Of Ann"), ("Bob", "b@b.c", 5, "Of Bob"),
    ]  # fmt: skip
    assert other.names("writers") == NAMES - (set() if other.url else {"pk_writers"})
    assert "fk_books_author_id_writers" in other.names("books")


def test_indexes_and_constraints_are_renamed_where_they_are(project: Path, run: Run, postgres_url: str) -> None:
    shop = filled(project, run, postgres_url)
    files = (
        "SELECT array_agg(relfilenode ORDER BY oid) FROM pg_class WHERE relname ~ '(authors|writers)' AND relkind = 'i'"
    )
    before = shop.sql(files)
    shop.change(*CHANGES[:1])
    shop.made("--rename", "authors:writers")
    assert shop.sql(files) == before


def test_booleans_and_numbers_become_each_other(project: Path, run: Run, postgres_url: str) -> None:
    shop = library(project, run, postgres_url)
    shop.change(("    age: int\n", "    age: int\n    fit: bool\n    many: int\n"))
    shop.made("--backfill", "authors.fit=true", "--backfill", "authors.many=0")
    shop.sql("INSERT INTO authors (name, email, age, fit, many) VALUES ('A', 'a', 1, true, 3)")
    shop.change(("fit: bool", "fit: int"), ("many: int", "many: bool"))
    shop.made()
    assert shop.sql("SELECT fit, many FROM authors") == [(1, True)]


def test_what_postgresql_cannot_convert_is_told_and_not_kept(project: Path, run: Run, postgres_url: str) -> None:
    shop = library(project, run, postgres_url)
    count = shop.revisions()
    shop.change(("    age: int\n", "    age: date\n"), ('CheckConstraint("age >= 0", name="age_positive"), ', ""))
    failed = shop.make()
    assert failed.code == 1
    assert "cannot cast type integer to date" in failed.stderr
    assert shop.revisions() == count
    assert shop.sql("SELECT datname FROM pg_database WHERE datname LIKE 'oppman_scratch_%'") == []
