"""`oppman db seed`: the project's own seeds, each in one transaction."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from command_line import Run
from oppman.database.seeds import EXAMPLE
from postgres import execute

SEED = (
    '"""{name} and more."""\n\nfrom webapp.models import Role\n\n\nasync def seed(session):\n'
    '    session.add(Role(name="{name}"))\n    await session.flush()\n'
)


@pytest.fixture
def shop(project: Path, run: Run) -> Path:
    (project / "webapp/seeds").mkdir()
    (project / "webapp/seeds/__init__.py").touch()
    assert run("db", "migrate", cwd=project).code == 0
    return project


def test_seeds_run_in_the_order_of_their_names(shop: Path, run: Run) -> None:
    for name in ("b_second", "a_first"):
        write(shop, name)
    done = run("db", "seed", cwd=shop)
    assert (done.code, done.stdout) == (0, "")
    assert done.stderr.index("seed  a_first") < done.stderr.index("seed  b_second")
    assert "2 seeds have run" in done.stderr
    assert roles(shop) == ["a_first", "b_second"]


def test_the_example_that_is_shown_runs_twice(shop: Path, run: Run) -> None:
    none = run("db", "seed", cwd=shop)
    assert none.code == 1
    assert "There are no seeds yet: no file in webapp/seeds/" in none.stderr
    assert EXAMPLE in none.stderr
    (shop / "webapp/seeds/roles.py").write_text(EXAMPLE)
    for _ in range(2):
        done = run("db", "seed", cwd=shop)
        assert done.code == 0, done.stderr
    assert roles(shop) == ["editor"]


def test_only_the_named_ones_run_and_an_unknown_one_is_told(shop: Path, run: Run) -> None:
    for name in ("one", "two"):
        write(shop, name)
    assert run("db", "seed", "two", cwd=shop).code == 0
    assert roles(shop) == ["two"]
    wrong = run("db", "seed", "ones", cwd=shop)
    assert wrong.code == 2
    assert "The nearest is one" in wrong.stderr


def test_they_are_listed_without_being_imported(shop: Path, run: Run) -> None:
    (shop / "webapp/seeds/bad.py").write_text('"""Crashes."""\nraise RuntimeError\n')
    shown = run("db", "seed", "--list", cwd=shop)
    assert shown.code == 0
    assert "bad   Crashes." in shown.stdout
    listed = json.loads(run("db", "seed", "--list", "--json", cwd=shop).stdout)
    assert listed == [{"name": "bad", "summary": "Crashes.", "module": "webapp.seeds.bad"}]


def test_a_seed_that_fails_keeps_nothing_of_it_and_shows_its_own_lines(shop: Path, run: Run) -> None:
    write(shop, "a_good")
    write(shop, "b_bad", "    raise RuntimeError('half way')\n")
    failed = run("db", "seed", cwd=shop)
    assert failed.code == 1
    assert "The seed b_bad failed, and nothing of it was kept" in failed.stderr
    assert f'File "{shop / "webapp/seeds/b_bad.py"}", line 9, in seed' in failed.stderr
    assert "RuntimeError: half way" in failed.stderr
    assert "oppman/database" not in failed.stderr
    assert roles(shop) == ["a_good"]


def test_a_seed_that_is_refused_or_commits_by_itself_is_told_as_such(shop: Path, run: Run) -> None:
    write(shop, "one", "    from webapp.errors import Conflict\n    raise Conflict('It is taken.', 'Take another.')\n")
    refused = run("db", "seed", cwd=shop)
    assert refused.code == 1
    assert refused.stderr == (
        "Error: The seed one was refused, and nothing of it was kept: It is taken.\nHint: Take another.\n"
    )
    write(shop, "one", "    await session.commit()\n    raise RuntimeError\n")
    assert "what it had committed by itself stays" in run("db", "seed", cwd=shop).stderr
    assert roles(shop) == ["one"]


def test_a_file_without_the_function_is_told_before_any_runs(shop: Path, run: Run) -> None:
    write(shop, "a_good")
    (shop / "webapp/seeds/b_bad.py").write_text("def seed(session):\n    pass\n")
    refused = run("db", "seed", cwd=shop)
    assert refused.code == 1
    assert "webapp.seeds.b_bad has no function `async def seed(session)`" in refused.stderr
    assert roles(shop) == []


def test_production_is_asked_about(shop: Path, run: Run) -> None:
    write(shop, "one")
    production = {"ENVIRONMENT": "production", "SECRET_KEY": "k" * 64}
    asked = run("db", "seed", cwd=shop, env=production)
    assert asked.code == 2, asked.stderr
    assert "production" in asked.stderr
    assert roles(shop) == []
    done = run("db", "seed", "--yes", cwd=shop, env=production)
    assert done.code == 0, done.stderr
    assert roles(shop) == ["one"]


def test_another_package_can_be_named(shop: Path, run: Run) -> None:
    (shop / "rows").mkdir()
    (shop / "rows/one.py").write_text(SEED.format(name="one"))
    config = shop / "pyproject.toml"
    config.write_text(config.read_text().replace("[tool.oppman]\n", '[tool.oppman]\nseeds = "rows"\n'))
    assert run("db", "seed", cwd=shop).code == 0
    assert roles(shop) == ["one"]


@pytest.mark.xdist_group("postgres")
def test_postgresql(project: Path, postgres_url: str, run: Run) -> None:
    (project / ".env").write_text(f"DATABASE_URL={postgres_url}\n")
    (project / "webapp/seeds").mkdir()
    write(project, "one")
    pending = run("db", "seed", cwd=project)
    assert pending.code == 1
    assert "oppman db migrate" in pending.stderr
    assert run("db", "migrate", cwd=project).code == 0
    done = run("db", "seed", cwd=project)
    assert done.code == 0, done.stderr
    assert execute(postgres_url, "SELECT name FROM roles") == [("one",)]


def write(project: Path, name: str, more: str = "") -> None:
    (project / f"webapp/seeds/{name}.py").write_text(SEED.format(name=name) + more)


def roles(project: Path) -> list[str]:
    with closing(sqlite3.connect(project / "app.db")) as database:
        return [row[0] for row in database.execute("SELECT name FROM roles ORDER BY id")]
