"""`oppman init`, without a terminal."""

import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from command_line import Run, clean_environment

PASSWORD = {"OPPMAN_PASSWORD": "tulip garden fence"}


def dump(file: Path) -> list[str]:
    """Everything in a SQLite database."""
    with closing(sqlite3.connect(file)) as database:
        return list(database.iterdump())


def steps(stderr: str) -> list[tuple[str, str]]:
    """The reported steps: (verb, what)."""
    verbs = {"create", "insert", "identical", "skip", "apply"}
    lines = [line.strip().partition("  ") for line in stderr.splitlines()]
    return [(verb, what) for verb, _, what in lines if verb in verbs]


def test_init_makes_a_project_ready(run: Run, project: Path) -> None:
    result = run("init", cwd=project)

    assert (result.code, result.stdout) == (0, "")
    assert steps(result.stderr) == [
        ("create", ".env with a fresh SECRET_KEY"),
        ("create", "database sqlite:///app.db"),
        ("apply", "843a51c6e7d1  create tables"),
        ("create", "roles admin, marketing, sales, staff, support"),
        ("skip", "superuser: none yet"),
    ]
    assert result.stderr.endswith("  oppman runserver\n")
    assert "  oppman createsuperuser\n" in result.stderr
    assert run("db", "status", cwd=project).code == 0


def test_init_again_changes_nothing_and_says_so(run: Run, project: Path) -> None:
    args = ("init", "--yes", "--email", "ada@example.com")
    assert run(*args, cwd=project, env=PASSWORD).code == 0
    env, rows = (project / ".env").read_bytes(), dump(project / "app.db")

    result = run(*args, cwd=project)  # nor does it need the password any more

    assert (result.code, result.stdout) == (0, "")
    assert {verb for verb, _ in steps(result.stderr)} == {"identical"}
    assert "Everything was there already; nothing was changed." in result.stderr
    assert ((project / ".env").read_bytes(), dump(project / "app.db")) == (env, rows)


def test_init_creates_the_superuser_that_is_named(run: Run, project: Path) -> None:
    result = run("init", "--email", "Ada@example.com", "--name", "Ada", cwd=project, env=PASSWORD)

    assert result.code == 0
    assert ("create", "superuser ada@example.com") in steps(result.stderr)
    user = json.loads(run("users", "show", "ada@example.com", "--json", cwd=project).stdout)
    assert (user["is_superuser"], user["name"]) == (True, "Ada")

    other = run("init", "--email", "bob@example.com", cwd=project, env=PASSWORD)
    assert other.code == 0
    assert "skip  superuser bob@example.com: there is one" in other.stderr
    assert run("users", "show", "bob@example.com", cwd=project).code == 1


def test_init_without_a_password_for_the_superuser_goes_on_where_it_stopped(run: Run, project: Path) -> None:
    stopped = run("init", "--email", "ada@example.com", cwd=project)
    assert stopped.code == 2
    assert "Error: ada@example.com needs a password." in stopped.stderr

    weak = run("init", "--email", "ada@example.com", "--password-stdin", cwd=project, input="short\n")
    assert weak.code == 1
    assert "The password is not acceptable." in weak.stderr

    done = run("init", "--email", "ada@example.com", "--password-stdin", cwd=project, input="tulip garden fence\n")
    assert done.code == 0
    assert [step for step in steps(done.stderr) if step[0] == "create"] == [("create", "superuser ada@example.com")]


def test_init_keeps_a_secret_that_is_there(run: Run, project: Path) -> None:
    (project / ".env").write_text("SECRET_KEY=mine\nDATABASE_URL=sqlite:///data/here.db\n")

    result = run("init", cwd=project)

    assert result.code == 0
    assert ("identical", ".env") in steps(result.stderr)
    assert (project / ".env").read_text() == "SECRET_KEY=mine\nDATABASE_URL=sqlite:///data/here.db\n"
    assert (project / "data/here.db").is_file()
    assert not (project / "app.db").exists()


def test_init_fills_in_the_secret_of_a_copied_example(run: Run, project: Path) -> None:
    (project / ".env").write_text("DEBUG=true\nSECRET_KEY=\n")

    result = run("init", cwd=project)

    assert ("insert", ".env with a fresh SECRET_KEY") in steps(result.stderr)
    first, second = (project / ".env").read_text().splitlines()
    assert first == "DEBUG=true"
    assert len(second.removeprefix("SECRET_KEY=")) >= 64


def test_init_writes_no_secret_that_the_environment_has(run: Run, project: Path) -> None:
    result = run("init", cwd=project, env={"SECRET_KEY": "s" * 40})

    assert result.code == 0
    assert not (project / ".env").exists()


def test_init_applies_only_what_is_missing(run: Run, project: Path) -> None:
    assert run("db", "migrate", cwd=project).code == 0

    result = run("init", cwd=project)

    assert result.code == 0
    assert ("identical", "database sqlite:///app.db") in steps(result.stderr)
    assert ("identical", "migrations, at 843a51c6e7d1") in steps(result.stderr)


def test_init_creates_missing_roles_and_keeps_changed_ones(run: Run, project: Path) -> None:
    run("init", cwd=project)
    run("roles", "revoke", "sales", "webinar.view", cwd=project)
    run("roles", "delete", "staff", "--yes", cwd=project)

    result = run("init", cwd=project)

    assert ("create", "roles staff") in steps(result.stderr)
    sales = json.loads(run("roles", "show", "sales", "--json", cwd=project).stdout)
    assert "webinar.view" not in sales["permissions"]


@pytest.mark.parametrize("marks", [(), (".git", ".venv")])
def test_init_in_an_empty_folder_makes_the_project_in_place(run: Run, tmp_path: Path, marks: tuple[str, ...]) -> None:
    folder = tmp_path / "corner"
    for mark in ("", *marks):
        (folder / mark).mkdir()
    unasked = run("init", cwd=folder)
    assert unasked.code == 2
    assert "give --yes" in unasked.stderr
    assert sorted(child.name for child in folder.iterdir()) == sorted(marks)

    result = run("init", "--yes", "--email", "ada@example.com", cwd=folder, env=PASSWORD)

    assert (result.code, result.stdout) == (0, "")
    assert (folder / "webapp/main.py").is_file()
    assert ("identical", ".env") in steps(result.stderr)
    assert ("create", "superuser ada@example.com") in steps(result.stderr)
    assert run("db", "status", cwd=folder).code == 0


def test_init_in_a_folder_with_something_else_touches_nothing(run: Run, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")

    result = run("init", "--yes", cwd=tmp_path)

    assert (result.code, result.stdout) == (1, "")
    assert f"Error: There is no project in {tmp_path} or above it, and the folder is not empty." in result.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_init_tells_a_folder_whose_name_cannot_name_a_project(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "my shop"
    folder.mkdir()

    result = run("init", "--yes", cwd=folder)

    assert result.code == 2
    assert "'my shop' cannot name a project" in result.stderr
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("mysql://localhost/shop", "DATABASE_URL names a database that oppman does not know: mysql."),
        (
            "postgresql://me:hidden@127.0.0.1:1/shop",
            "The database cannot be reached: postgresql://me:***@127.0.0.1:1/shop",
        ),
        ("sqlite:////proc/nowhere/app.db", "The database cannot be reached: sqlite:////proc/nowhere/app.db"),
    ],
)
def test_init_tells_a_database_that_cannot_be(run: Run, project: Path, url: str, message: str) -> None:
    result = run("init", cwd=project, env={"DATABASE_URL": url})

    assert (result.code, result.stdout) == (1, "")
    assert f"Error: {message}" in result.stderr
    assert "hidden" not in result.stderr


def test_init_of_a_ready_project_imports_no_alembic(run: Run, project: Path) -> None:
    run("init", cwd=project)
    code = (
        "import sys\nfrom oppman.cli import main\nsys.argv = ['oppman', 'init', '--yes']\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\nprint('\\n'.join(sys.modules))"
    )

    done = subprocess.run(
        [sys.executable, "-c", code], cwd=project, env=clean_environment(), capture_output=True, text=True
    )

    assert "nothing was changed" in done.stderr
    modules = done.stdout.split()
    assert "webapp.services.user_service" in modules
    assert not {"alembic", "questionary", "webapp.main"} & set(modules)


@pytest.mark.skipif(os.name != "posix", reason="POSIX permissions")
def test_the_secret_is_readable_by_its_owner_alone(run: Run, project: Path) -> None:
    run("init", cwd=project)

    assert (project / ".env").stat().st_mode & 0o777 == 0o600
