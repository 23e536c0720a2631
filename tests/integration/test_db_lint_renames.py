"""A rename that `oppman db lint --fix` makes two steps, on PostgreSQL with rows in the tables."""

from pathlib import Path

import pytest

from changing_models import ROWS, Library, library
from command_line import Run
from revision_files import newest, revisions

pytestmark = pytest.mark.xdist_group("postgres")


@pytest.fixture
def shop(project: Path, run: Run, postgres_url: str) -> Library:
    """Two authors with a book each."""
    made = library(project, run, postgres_url)
    for statement in ROWS:
        made.sql(statement)
    return made


def first_step(shop: Library, *renames: str) -> str:
    """Write the migration, let it be fixed and apply the first step; returns its identifier."""
    done = shop.make(*renames, message="names")
    assert done.code == 0, done.stderr
    assert "Next:\n  oppman db lint\n  oppman db migrate" in done.stderr
    path, count = newest(shop.root), shop.revisions()
    fixed = shop.run("db", "lint", "--fix", "--yes", cwd=shop.root)
    assert fixed.code == 0, fixed.stdout + fixed.stderr
    assert shop.revisions() == count + 1
    revision = path.read_text().partition('revision = "')[2][:12]
    assert f"oppman db migrate --to {revision}" in " ".join(fixed.stderr.split())
    shop.do("check")  # both steps together make what the models say
    shop.do("migrate", "--to", revision, "--no-backup")
    return revision


def test_both_names_of_a_column_work_between_the_steps(shop: Library) -> None:
    names = shop.names("authors")
    shop.change(("    age: int\n", "    years: int\n"), ("age >= 0", "years >= 0"))
    revision = first_step(shop, "--rename", "authors.age:years")
    assert shop.sql("SELECT age, years FROM authors ORDER BY id") == [(30, 30), (40, 40)]

    shop.sql("INSERT INTO authors (name, email, age) VALUES ('Old', 'o', 1)")
    shop.sql("INSERT INTO authors (name, email, years) VALUES ('New', 'n', 2)")
    shop.sql("UPDATE authors SET age = 31 WHERE name = 'Ann'")
    shop.sql("UPDATE authors SET years = 41, note = 'y' WHERE name = 'Bob'")
    expected = [(31,), (41,), (1,), (2,)]
    assert shop.sql("SELECT age FROM authors ORDER BY id") == expected
    assert shop.sql("SELECT years FROM authors ORDER BY id") == expected
    with pytest.raises(Exception, match="ck_authors_age_positive"):
        shop.sql("INSERT INTO authors (name, email, years) VALUES ('Bad', 'b', -2)")

    shop.do("migrate", "--no-backup")
    assert shop.sql("SELECT years FROM authors ORDER BY id") == expected
    assert shop.names("authors") == names
    assert shop.sql("SELECT proname FROM pg_proc WHERE proname ~ 'age_years'") == []
    shop.do("rollback", "--yes", "--no-backup")
    assert shop.sql("SELECT age, years FROM authors ORDER BY id") == [(age, age) for (age,) in expected]
    shop.do("rollback", "--yes", "--no-backup")
    assert shop.sql("SELECT age FROM authors ORDER BY id") == expected
    shop.do("migrate", "--no-backup")
    assert shop.sql("SELECT years FROM authors ORDER BY id") == expected
    assert shop.run("db", "lint", revision, cwd=shop.root).code == 0
    assert (
        shop.run("db", "lint", newest(shop.root).read_text().partition('revision = "')[2][:12], cwd=shop.root).code == 0
    )
    assert shop.make().stderr == "No changes: the models and the migrations agree.\n"


def test_both_names_of_a_table_work_between_the_steps(shop: Library) -> None:
    shop.change(("authors", "writers"))
    first_step(shop, "--rename", "authors:writers")
    shop.sql("INSERT INTO authors (name, email, age) VALUES ('Old', 'o', 1)")
    shop.sql("INSERT INTO writers (name, email, age) VALUES ('New', 'n', 2)")
    shop.sql("DELETE FROM authors WHERE name = 'Ann'")
    shop.sql("UPDATE authors SET age = 41 WHERE name = 'Bob'")
    expected = [("Bob", 41), ("Old", 1), ("New", 2)]
    assert shop.sql("SELECT name, age FROM authors ORDER BY id") == expected
    shop.do("migrate", "--no-backup")
    assert shop.sql("SELECT name, age FROM writers ORDER BY id") == expected
    assert shop.sql("SELECT viewname FROM pg_views WHERE schemaname = 'public'") == []
    shop.do("rollback", "--yes", "--no-backup", "--steps", "2")
    assert shop.sql("SELECT name, age FROM authors ORDER BY id") == expected


def test_on_sqlite_both_steps_are_the_plain_rename(shop: Library, tmp_path: Path) -> None:
    shop.change(("    age: int\n", "    years: int\n"), ("age >= 0", "years >= 0"), ('"books"', '"volumes"'))
    first_step(shop, "--rename", "books:volumes", "--rename", "authors.age:years")
    sqlite = {"DATABASE_URL": f"sqlite:///{tmp_path / 'other.db'}"}
    for command in (["migrate"], ["check"], ["rollback", "--yes", "--steps", "2"], ["migrate"]):
        done = shop.run("db", *command, cwd=shop.root, env=sqlite)
        assert done.code == 0, done.stderr


def test_a_rename_with_more_to_it_is_left_to_its_owner(shop: Library) -> None:
    shop.change(
        ("    age: int\n", "    years: str = Field(max_length=9)\n"),
        ('CheckConstraint("age >= 0", name="age_positive"), ', ""),
    )
    assert shop.make("--rename", "authors.age:years").code == 0
    count, text = len(revisions(shop.root)), newest(shop.root).read_text()
    assert shop.run("db", "lint", "--fix", "--yes", cwd=shop.root).code == 1
    assert (len(revisions(shop.root)), newest(shop.root).read_text()) == (count, text)
