"""What a command may import before it knows that it needs it: this is what keeps the command line quick."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from command_line import clean_environment

HEAVY = {
    "alembic",
    "fastapi",
    "jinja2",
    "pydantic",
    "questionary",
    "rich",
    "sqlalchemy",
    "sqlmodel",
    "uvicorn",
    "webapp",
}


def imported_by(*args: str, cwd: Path) -> set[str]:
    """The modules that are loaded after `oppman *args`, its output being piped."""
    code = (
        "import json, sys\nfrom oppman.cli import main\nsys.argv = ['oppman', *json.loads(sys.argv[1])]\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\nprint('\\n' + json.dumps(list(sys.modules)))"
    )
    command = [sys.executable, "-c", code, json.dumps(args)]
    done = subprocess.run(
        command,
        cwd=cwd,
        env=clean_environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    return set(json.loads(done.stdout.splitlines()[-1]))


@pytest.mark.parametrize(
    "args",
    [
        ["--help"],
        ["--version"],
        ["db", "--help"],
        ["db", "lint", "--rules"],
        ["scaffold", "resource", "--help"],
        ["scaffold", "fields"],
        ["secrets"],
        ["new", "--help"],
        ["nope"],
    ],
)
def test_a_light_command_imports_nothing_heavy(args: list[str], tmp_path: Path) -> None:
    modules = {name.partition(".")[0] for name in imported_by(*args, cwd=tmp_path)}

    assert not modules & HEAVY


def test_the_help_imports_no_command(project: Path) -> None:
    assert not [name for name in imported_by("--help", cwd=project) if name.startswith("oppman.commands")]


def test_creating_a_project_imports_nothing_heavy(tmp_path: Path) -> None:
    modules = {name.partition(".")[0] for name in imported_by("new", "shop", cwd=tmp_path)}

    assert not modules & HEAVY
    assert (tmp_path / "shop/webapp/main.py").is_file()


def test_linting_migrations_imports_nothing_heavy(project: Path) -> None:
    modules = imported_by("db", "lint", "all", "--database", "postgres", cwd=project)

    assert "oppman.database.lint.judge" in modules
    assert not {name.partition(".")[0] for name in modules} & HEAVY


def test_a_command_of_ours_reads_none_of_the_project_s_own(project: Path) -> None:
    assert "oppman.own_commands" not in imported_by("secrets", cwd=project)
    assert "oppman.own_commands" in imported_by("--help", cwd=project)
