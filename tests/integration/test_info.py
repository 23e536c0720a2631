"""`oppman info`: what it tells, what it masks, and what it says of a project that is broken."""

import json
from importlib.metadata import version
from pathlib import Path

import pytest

from command_line import Run
from servers import write_project

SECRET = "a-secret-of-this-test-that-is-long-enough-0123456789"


def test_it_tells_versions_settings_database_and_migrations(project: Path, run: Run) -> None:
    (project / ".env").write_text(f"SECRET_KEY={SECRET}\n")
    result = run("info", cwd=project)
    assert result.code == 0
    for line in (
        f"fastapi {version('fastapi')}",
        "app webapp.main:app",
        "database_url sqlite:///app.db",
        "secret_key ***",
    ):
        assert line in words(result.stdout)
    assert "reachable not created yet: `oppman init`" in words(result.stdout)
    assert "pending: " in result.stdout
    assert SECRET not in result.stdout
    assert not (project / "app.db").exists()


def test_it_tells_that_the_migrations_are_applied(project: Path, run: Run) -> None:
    assert run("db", "migrate", cwd=project).code == 0
    found = json.loads(run("info", "--json", cwd=project).stdout)
    assert found["database"] == {"url": "sqlite:///app.db", "reachable": True}
    assert found["migrations"]["pending"] == []
    assert len(found["migrations"]["current"]) == 1
    assert found["problems"] == []


@pytest.mark.parametrize("options", [[], ["--json"]])
def test_an_unreachable_database_is_a_problem_beside_the_rest(project: Path, run: Run, options: list[str]) -> None:
    url = "postgresql://shop:hunter2@127.0.0.1:1/shop"
    result = run("info", *options, cwd=project, env={"DATABASE_URL": url, "SECRET_KEY": SECRET})
    assert result.code == 1
    assert "The database cannot be reached: postgresql://shop:***@127.0.0.1:1/shop" in result.stderr
    assert "Hint: " in result.stderr
    assert "postgresql://shop:***@127.0.0.1:1/shop" in result.stdout
    assert "hunter2" not in result.stdout + result.stderr
    assert SECRET not in result.stdout + result.stderr


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        ({"DEBUG": "perhaps"}, "The settings are unusable: DEBUG"),
        ({"DATABASE_URL": "mysql://user:hunter2@host/name"}, "DATABASE_URL"),
        ({"ENVIRONMENT": "production", "SECRET_KEY": "hunter2"}, "SECRET_KEY is shorter than 32 characters"),
    ],
)
def test_unusable_settings_are_a_problem_beside_the_versions(
    project: Path, run: Run, environment: dict[str, str], message: str
) -> None:
    result = run("info", "--json", cwd=project, env=environment)
    assert result.code == 1
    found = json.loads(result.stdout)
    assert found["versions"]["oppman"] == version("oppman")
    assert found["problems"][0]["error"] == "BadConfiguration"
    assert message in found["problems"][0]["message"]
    assert message in result.stderr
    assert "hunter2" not in result.stdout + result.stderr


def test_a_project_of_another_making_needs_no_settings(tmp_path: Path, run: Run) -> None:
    result = run("info", "--json", cwd=write_project(tmp_path / "tiny", "app = object()\n"))
    assert result.code == 0
    assert json.loads(result.stdout)["project"]["app"] == "main:app"


def test_a_project_of_another_making_that_crashes_is_a_problem(tmp_path: Path, run: Run) -> None:
    result = run("info", cwd=write_project(tmp_path / "tiny", "1 / 0\n"))
    assert result.code == 1
    assert "ZeroDivisionError" in result.stderr
    assert "python" in result.stdout


def test_no_project(tmp_path: Path, run: Run) -> None:
    result = run("info", cwd=tmp_path)
    assert result.code == 1
    assert "There is no project in" in result.stderr


def words(text: str) -> str:
    """`text` with every run of blanks as one."""
    return "\n".join(" ".join(line.split()) for line in text.splitlines())
