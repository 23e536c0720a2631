"""`oppman db makemigrations` on tables with rows, on SQLite and, with the same tests, on PostgreSQL."""

import subprocess
import sys
from pathlib import Path

import pytest

from changing_models import AUTHORS, ROWS, Library, library
from command_line import ROOT, Run
from revision_files import newest
from terminal import talk

POSTGRES = pytest.param("postgres", marks=pytest.mark.xdist_group("postgres"))


@pytest.fixture
def plain(project: Path, run: Run) -> Library:
    """As `shop`, on SQLite alone: for what the database has no part in."""
    made = library(project, run, "")
    for statement in ROWS:
        made.sql(statement)
    return made


@pytest.fixture(params=["sqlite", POSTGRES])
def shop(project: Path, run: Run, request: pytest.FixtureRequest) -> Library:
    """Two authors with a book each."""
    url = request.getfixturevalue("postgres_url") if request.param == "postgres" else ""
    made = library(project, run, url)
    for statement in ROWS:
        made.sql(statement)
    return made


def test_a_renamed_column_keeps_its_rows_and_takes_its_index_and_constraints_along(shop: Library) -> None:
    before = shop.names("authors"), shop.names("books")
    shop.change(
        ('    name: str = Field(max_length=100)', '    full_name: str = Field(max_length=120)'),
        ('"name", "id"', '"full_name", "id"'), ("    email: str", "    mail: str"), ('("email")', '("mail")'),
        ("author_id", "writer_id"),
    )  # fmt: skip
    renames = ("authors.name:full_name", "authors.email:mail", "books.author_id:writer_id")
    shop.made(*(word for each in renames for word in ("--rename", each)))
    rows = "SELECT full_name, mail, title FROM authors JOIN books ON writer_id = authors.id ORDER BY mail"
    assert shop.sql(rows) == [("Ann", "a@b.c", "Of Ann"), ("Bob", "b@b.c", "Of Bob")]
    assert {"ix_authors_full_name_id", "uq_authors_mail", "ck_authors_age_positive"} <= shop.names("authors")
    assert {"ix_books_writer_id", "fk_books_writer_id_authors"} <= shop.names("books")
    assert not [name for name in shop.names("authors") | shop.names("books") if "email" in name or "author_id" in name]

    shop.do("rollback", "--yes", "--no-backup")
    assert (shop.names("authors"), shop.names("books")) == before
    assert shop.sql("SELECT name, email FROM authors ORDER BY name")[0] == ("Ann", "a@b.c")


def test_a_renamed_table_keeps_its_rows_and_those_that_refer_to_it(shop: Library) -> None:
    before = shop.names("authors"), shop.names("books")
    shop.change(("authors", "writers"))
    made = shop.make("--rename", "authors:writers")
    assert made.code == 0, made.stderr
    assert "rename table authors to writers" in made.stderr
    assert 'op.rename_table("authors", "writers")' in shop.up_down_up()
    assert shop.sql("SELECT name, title FROM writers JOIN books ON author_id = writers.id ORDER BY name") == [
        ("Ann", "Of Ann"), ("Bob", "Of Bob")
    ]  # fmt: skip
    keys = {"pk_writers"} if shop.url else set()
    assert shop.names("writers") == {"ix_writers_name_id", "uq_writers_email", "ck_writers_age_positive"} | keys
    assert "fk_books_author_id_writers" in shop.names("books")

    shop.do("rollback", "--yes", "--no-backup")
    assert (shop.names("authors"), shop.names("books")) == before


def test_a_renamed_table_counts_on_and_its_columns_may_be_renamed_too(shop: Library) -> None:
    shop.sql("INSERT INTO authors (name, email, age) VALUES ('Cid', 'c@b.c', 3)")
    ((last,),) = shop.sql("SELECT max(id) FROM authors")
    shop.sql("DELETE FROM authors WHERE name = 'Cid'")
    shop.change(("authors", "writers"), ("    age: int", "    years: int"), ("age >= 0", "years >= 0"))
    shop.made("--rename", "authors:writers", "--rename", "writers.age:years")
    shop.sql("INSERT INTO writers (name, email, years) VALUES ('Dora', 'd@b.c', 3)")
    assert shop.sql("SELECT id FROM writers WHERE name = 'Dora'") == [(last + 1,)]


MOODS = """
from enum import StrEnum

from sqlalchemy import Enum


class Mood(StrEnum):
    glad = "glad"
    sad = "sad"

"""


def test_a_renamed_table_takes_what_only_one_database_has_along(shop: Library) -> None:
    shop.change(
        ("\n\nclass Author", MOODS + "\nclass Author"),
        ("    age: int\n", '    age: int\n    mood: Mood = Field(default="glad", sa_type=Enum(Mood, name="mood"))\n'),
        ('Index(None, "name", "id")', 'Index(None, "name"), Index("ix_lower", text("lower(name)"))'),
    )
    shop.made()
    shop.change(("authors", "writers"), ("mood: Mood", "temper: Mood"))
    text = shop.made("--rename", "authors:writers", "--rename", "writers.mood:temper")
    assert "CREATE TYPE" not in text
    assert {"ix_lower", "ix_writers_name", "ck_writers_age_positive"} <= shop.names("writers")
    assert shop.sql("SELECT temper FROM writers") == [("glad",), ("glad",)]
    assert shop.make().stderr == "No changes: the models and the migrations agree.\n"


def test_nothing_is_dropped_without_a_word(shop: Library) -> None:
    count = shop.revisions()
    shop.change(('    name: str = Field(max_length=100)', '    full_name: str = Field(max_length=100)'),
                ('"name", "id"', '"full_name", "id"'))  # fmt: skip
    refused = shop.make()
    assert refused.code == 2
    assert "authors.name would be dropped with its data. Nothing was written." in refused.stderr
    assert "`--rename authors.name:full_name` or `--allow-drop authors.name`" in refused.stderr
    assert shop.revisions() == count

    shop.write(AUTHORS)
    refused = shop.make()
    assert refused.code == 2
    assert "books would be dropped" in refused.stderr
    assert "`--allow-drop books`" in refused.stderr
    wrong = shop.make("--allow-drop", "books", "--allow-drop", "authors.nme")
    assert wrong.code == 2
    assert "--allow-drop authors.nme names nothing" in wrong.stderr
    wrong = shop.make("--rename", "books:shelves")
    assert wrong.code == 2
    assert "books" in wrong.stderr
    assert shop.revisions() == count
    shop.made("--allow-drop", "books")


def test_what_may_go_goes_and_comes_back_without_its_values(shop: Library) -> None:
    shop.change(("    age: int\n", ""), ('CheckConstraint("age >= 0", name="age_positive"), ', ""),
                ("    email: str = Field(max_length=100)\n", ""), ('UniqueConstraint("email"), ', ""),
                ("    note: str | None = Field(default=None, max_length=50)\n", ""))  # fmt: skip
    made = shop.make("--allow-drop", "all")
    assert made.code == 0, made.stderr
    shop.up_down_up()
    shop.do("rollback", "--yes", "--no-backup")
    assert shop.sql("SELECT name, age, email, note FROM authors ORDER BY name")[0] == ("Ann", None, None, None)


def test_a_not_null_column_without_rules_comes_back_with_a_neutral_value(shop: Library) -> None:
    shop.change(("    title: str = Field(max_length=80)\n", ""))
    shop.made("--allow-drop", "books.title")
    shop.do("rollback", "--yes", "--no-backup")
    assert shop.sql("SELECT DISTINCT title FROM books") == [("",)]


def test_rows_without_a_value_get_one_before_null_is_refused(shop: Library) -> None:
    count = shop.revisions()
    shop.change(("    note: str | None = Field(default=None, max_length=50)", "    note: str = Field(max_length=50)"))
    refused = shop.make()
    assert refused.code == 2
    assert "Which value do rows without one get?" in refused.stderr
    assert shop.revisions() == count
    text = shop.made("--backfill", "authors.note=it's 10 :now")
    assert "UPDATE authors SET note = 'it''s 10" in text
    assert shop.sql("SELECT note FROM authors ORDER BY name") == [("x",), ("it's 10 :now",)]
    with pytest.raises(Exception, match=r"(?i)not.null"):
        shop.sql("INSERT INTO authors (name, email, age) VALUES ('E', 'e', 1)")


def test_the_default_of_the_model_fills_what_may_not_be_null(shop: Library) -> None:
    shop.change(('    note: str | None = Field(default=None, max_length=50)',
                 '    note: str = Field(default="none", max_length=50)'))  # fmt: skip
    shop.made()
    assert shop.sql("SELECT note FROM authors ORDER BY name") == [("x",), ("none",)]


def test_a_changed_type_takes_the_values_along(shop: Library) -> None:
    shop.sql("UPDATE authors SET note = '7', name = '5'")
    shop.change(("    note: str | None = Field(default=None, max_length=50)", "    note: int | None = None"),
                ("    name: str = Field(max_length=100)", "    name: int"),
                ("    age: int\n", "    age: str = Field(max_length=9)\n"),
                ('CheckConstraint("age >= 0", name="age_positive"), ', ""))  # fmt: skip
    text = shop.made()
    assert 'postgresql_using="note::INTEGER"' in text
    assert shop.sql("SELECT name, age, note FROM authors WHERE email = 'a@b.c'") == [(5, "30", 7)]
    shop.do("rollback", "--yes", "--no-backup")
    assert shop.sql("SELECT name, age, note FROM authors WHERE email = 'a@b.c'") == [("5", 30, "7")]


def test_text_that_is_no_number_stays_as_it_is(shop: Library) -> None:
    shop.change(("    title: str = Field(max_length=80)", "    title: int"))
    assert shop.make(message="numbers").code == 0
    refused = shop.run("db", "migrate", "--no-backup", cwd=shop.root)
    assert refused.code == 1
    assert "Of Ann" in refused.stderr
    assert "Nothing was changed" in refused.stderr
    assert shop.sql("SELECT title FROM books ORDER BY id") == [("Of Ann",), ("Of Bob",)]
    shop.sql("UPDATE books SET title = ' 0' || id")
    shop.do("migrate", "--no-backup")
    assert shop.sql("SELECT title FROM books ORDER BY id") == [(1,), (2,)]


def test_a_changed_type_with_a_default_and_a_new_not_null(shop: Library) -> None:
    """The default that a backfill left in the database is of the old type."""
    shop.change(("    age: int\n", "    age: int\n    rank: str = '3'\n    seen: date | None = None\n"))
    shop.made()
    shop.sql("UPDATE authors SET rank = '12', seen = '2030-05-01'")
    shop.sql("UPDATE authors SET note = '5' WHERE name = 'Ann'")
    shop.change(("rank: str = '3'", "rank: int = 3"), ("seen: date |", "seen: datetime |"),
                ("    note: str | None = Field(default=None, max_length=50)", "    note: int"))  # fmt: skip
    shop.made("--backfill", "authors.note=9")
    assert shop.sql("SELECT rank, note FROM authors ORDER BY name") == [(12, 5), (12, 9)]
    assert str(shop.sql("SELECT seen FROM authors")[0][0]).startswith("2030-05-01")


def test_checks_and_server_defaults_are_added_changed_and_removed(shop: Library) -> None:
    plain = "    age: int\n"
    shop.change((plain, '    age: int = Field(sa_column_kwargs={"server_default": text("18")})\n'))
    shop.made()
    shop.sql("INSERT INTO authors (name, email) VALUES ('Eve', 'e')")
    assert shop.sql("SELECT age FROM authors WHERE name = 'Eve'") == [(18,)]
    shop.change(
        ('text("18")', '"21"'),
        ('CheckConstraint("age >= 0", name="age_positive")', 'CheckConstraint("age > 2", name="age_two")'),
    )
    shop.made()
    shop.sql("INSERT INTO authors (name, email) VALUES ('Fay', 'f')")
    assert shop.sql("SELECT age FROM authors WHERE name = 'Fay'") == [(21,)]
    assert "ck_authors_age_two" in shop.names("authors")
    assert "ck_authors_age_positive" not in shop.names("authors")
    shop.do("rollback", "--yes", "--no-backup")
    assert "ck_authors_age_positive" in shop.names("authors")
    assert shop.sql("SELECT count(*) FROM authors") == [(4,)]


def test_check_says_what_is_missing_and_writes_nothing(shop: Library) -> None:
    assert "No migration is missing." in shop.do("makemigrations", "--check").stderr
    count = shop.revisions()
    shop.change(("    age: int\n", "    age: int\n    rank: int = 0\n"))
    missing = shop.run("db", "makemigrations", "--check", cwd=shop.root)
    assert missing.code == 1
    assert "add column authors.rank" in missing.stdout
    assert shop.revisions() == count


def test_sql_shows_what_would_run_and_writes_nothing(shop: Library) -> None:
    count = shop.revisions()
    shop.change(("    age: int\n", "    age: int\n    rank: int = 0\n"), ("max_length=80", "max_length=90"))
    shown = shop.run("db", "makemigrations", "--sql", cwd=shop.root)
    assert shown.code == 0, shown.stderr
    assert "ALTER TABLE authors ADD COLUMN rank INTEGER DEFAULT '0' NOT NULL;" in shown.stdout
    assert ("ALTER TABLE books ALTER COLUMN title TYPE VARCHAR(90);" in shown.stdout) == bool(shop.url)
    assert "alembic_version" not in shown.stdout
    assert shop.revisions() == count


def test_a_migration_of_data_walks_through_the_rows_and_may_run_again(shop: Library) -> None:
    many = (
        "INSERT INTO authors (name, email, age) SELECT 'N', 'n' || g, 1 FROM generate_series(1, 2500) g" if shop.url
        else "WITH RECURSIVE g(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM g WHERE n < 2500)"
        " INSERT INTO authors (name, email, age) SELECT 'N', 'n' || n, 1 FROM g"
    )  # fmt: skip
    shop.sql(many)
    made = shop.make("--data", "--table", "authors", message="shout")
    assert made.code == 0, made.stderr
    path = newest(shop.root)
    assert "oppman" not in path.read_text()
    unfilled = shop.run("db", "migrate", cwd=shop.root)
    assert unfilled.code == 1
    assert "fill in `todo` and `values`" in unfilled.stderr

    text = path.read_text().replace("todo = sa.true()", "todo = rows.c.note.is_(None)")
    text = text.replace("sa.ColumnElement] = {}", 'sa.ColumnElement] = {"note": sa.func.upper(rows.c.email)}')
    path.write_text(text)
    done = shop.do("migrate")
    assert "authors: 1,000 rows seen" in done.stderr
    assert "authors: 2,502 rows seen, 2,501 changed" in done.stderr
    assert shop.sql("SELECT count(*) FROM authors WHERE note = upper(email)") == [(2501,)]
    shop.do("rollback", "--yes", "--no-backup")
    assert "2,502 rows seen, 0 changed" in shop.do("migrate").stderr


def test_a_migration_that_fails_in_its_trial_is_not_kept(shop: Library) -> None:
    count = shop.revisions()
    shop.change(
        ("    age: int\n", '    age: int\n    rank: int = Field(sa_column_kwargs={"server_default": text("(")})\n')
    )
    failed = shop.make()
    assert failed.code == 1
    assert "The new migration could not be applied on a scratch database" in failed.stderr
    assert "It was not kept." in failed.stderr
    assert "line " in failed.stderr
    assert shop.revisions() == count


def test_on_a_terminal_the_question_is_asked(plain: Library) -> None:
    plain.change(("    name: str = Field(max_length=100)", "    full_name: str = Field(max_length=100)"),
                 ('"name", "id"', '"full_name", "id"'),
                 ("    note: str | None = Field(default=None, max_length=50)\n", ""))  # fmt: skip
    command = [sys.executable, "-m", "oppman", "db", "makemigrations", "-m", "asked"]
    likeliest = "Was authors.name renamed to authors.full_name?"
    no = talk(
        command, plain.root, (likeliest, "n"), ("Was authors.note renamed to authors.full_name?", "n"),
        ("will be dropped", "n"),
    )  # fmt: skip
    assert no.code == 1
    assert "nothing was written" in no.output
    yes = talk(command, plain.root, (likeliest, "y"), ("authors.note and its data will be dropped", "y"))
    assert yes.code == 0, yes.output
    plain.up_down_up()
    assert plain.sql("SELECT full_name FROM authors ORDER BY full_name") == [("Ann",), ("Bob",)]


def test_models_that_nothing_imports_are_told(plain: Library) -> None:
    folder = plain.root / "webapp/more"
    folder.mkdir()
    (folder / "shelf.py").write_text(
        "from sqlmodel import Field, SQLModel\n\n\nclass Base(SQLModel):\n    pass\n\n\n"
        "class Shelf(Base, table=True):\n    id: int | None = Field(default=None, primary_key=True)\n"
    )
    told = plain.make()
    assert told.code == 0, told.stderr
    assert "webapp/more/shelf.py has models that nothing imports, so no migration sees them: Shelf." in told.stderr
    assert "No changes" in told.stderr
    with (plain.root / "webapp/models.py").open("a") as models:
        models.write("\nfrom webapp.more import shelf  # noqa\n")
    seen = plain.make("--dry-run")
    assert "nothing imports" not in seen.stderr
    assert "add table shelf" in seen.stderr


def test_what_is_written_passes_the_projects_linter(plain: Library) -> None:
    (plain.root / "webapp/kinds.py").write_text(
        "from sqlalchemy import String, TypeDecorator\n\n\n"
        "class Colour(TypeDecorator[str]):\n    impl = String(7)\n    cache_ok = True\n"
    )
    plain.change(
        ("    age: int\n", '    age: int\n    colour: str = Field(default="#fff", sa_type=Colour)\n'),
        ('    name: str = Field(max_length=100)', '    a_rather_long_name_for_a_column: str = Field(max_length=120)'),
        ('"name", "id"', '"a_rather_long_name_for_a_column", "id"'), ("authors", "people_who_write_books"),
        ("    note: str | None = Field(default=None, max_length=50)", "    note: int"),
        ("\n\nclass Author", "\nfrom webapp.kinds import Colour  # noqa\n\n\nclass Author"),
    )  # fmt: skip
    made = plain.make(
        "--rename", "authors:people_who_write_books", "--backfill", "people_who_write_books.note=1",
        "--rename", "people_who_write_books.name:a_rather_long_name_for_a_column",
    )  # fmt: skip
    assert made.code == 0, made.stderr
    assert "import webapp.kinds" in newest(plain.root).read_text()
    assert plain.make("--data", "--table", "people_who_write_books", message="data").code == 0
    for command in (["check"], ["format", "--check", "--diff"]):
        done = subprocess.run(
            [sys.executable, "-m", "ruff", *command, "--no-cache", "--config", str(ROOT / "pyproject.toml"),
             "migrations/versions"], cwd=plain.root, capture_output=True, text=True,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr


TWO_AND_A_CHILD = """

class Hen(SQLModel, table=True):
    __tablename__ = "hens"

    id: int | None = Field(default=None, primary_key=True)
    egg_id: int | None = Field(default=None, foreign_key="eggs.id", index=True)


class Egg(SQLModel, table=True):
    __tablename__ = "eggs"

    id: int | None = Field(default=None, primary_key=True)
    hen_id: int = Field(foreign_key="hens.id", ondelete="CASCADE", index=True)
"""


def test_tables_that_refer_to_each_other_come_and_go_together(shop: Library) -> None:
    before = shop.models
    shop.write(before + TWO_AND_A_CHILD)
    shop.change(
        ("    title: str", '    hen_id: int | None = Field(default=None, foreign_key="hens.id")\n    title: str')
    )
    shop.made()
    assert {"fk_hens_egg_id_eggs", "ix_hens_egg_id"} <= shop.names("hens")
    assert {"fk_eggs_hen_id_hens", "ix_eggs_hen_id"} <= shop.names("eggs")
    shop.sql("INSERT INTO hens (egg_id) VALUES (NULL)")
    shop.write(before)
    shop.made("--allow-drop", "all")
    shop.do("rollback", "--yes", "--no-backup")
    assert {"fk_eggs_hen_id_hens", "ix_eggs_hen_id"} <= shop.names("eggs")


def test_a_renamed_key_is_still_referred_to(shop: Library) -> None:
    shop.change(
        ("    age: int\n", '    age: int\n    mentor_id: int | None = Field(default=None, foreign_key="authors.id")\n'),
    )
    shop.made()
    shop.sql("UPDATE authors SET mentor_id = (SELECT id FROM authors WHERE name = 'Ann') WHERE name = 'Bob'")
    author, book = shop.models.split("\n\nclass Book")
    author = author.replace("    id: int", "    number: int").replace('"name", "id"', '"name", "number"')
    shop.write((author + "\n\nclass Book" + book).replace("authors.id", "authors.number"))
    shop.made("--rename", "authors.id:number")
    rows = (
        "SELECT a.name, m.name, title FROM authors a JOIN authors m ON a.mentor_id = m.number JOIN books ON author_id ="
    )
    assert shop.sql(f"{rows} a.number") == [("Bob", "Ann", "Of Bob")]
    if shop.url:
        with pytest.raises(Exception, match="foreign key"):
            shop.sql("UPDATE books SET author_id = 99")
    else:
        assert [row[2:5] for row in shop.sql("PRAGMA foreign_key_list(books)")] == [("authors", "author_id", "number")]
