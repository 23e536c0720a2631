"""`oppman scaffold command`: a command of the project's own."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from command_line import ROOT, Run, clean_environment

COMMAND = ("scaffold", "command", "send-reminders", "--about", "Remind everybody")


def test_the_command_runs_stands_in_the_help_and_its_test_passes(run: Run, project: Path) -> None:
    result = run(*COMMAND, cwd=project)

    assert (result.code, result.stdout) == (0, "")
    assert "create  webapp/commands/send_reminders.py\n" in result.stderr
    assert "Next:\n  oppman send-reminders --help\n" in result.stderr
    assert "send-reminders   Remind everybody." in run("--help", cwd=project).stdout
    assert run("db", "migrate", cwd=project).code == 0
    assert run("send-reminders", "--limit", "2", cwd=project).stdout == "There are 0 users, and 2 would be looked at.\n"
    shutil.copyfile(ROOT / "tests/webapp/conftest.py", project / "tests/conftest.py")
    tested = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-o", "asyncio_mode=auto", "tests"],
        cwd=project, env=clean_environment() | {"PYTHONPATH": str(project)}, capture_output=True, text=True,
    )  # fmt: skip
    assert tested.returncode == 0, tested.stdout + tested.stderr


def test_it_is_identical_the_second_time_and_undone_whole(run: Run, project: Path) -> None:
    run(*COMMAND, cwd=project)

    again = run(*COMMAND, cwd=project)

    assert again.code == 0
    assert "identical  webapp/commands/send_reminders.py\n" in again.stderr
    assert run("scaffold", "undo", cwd=project).code == 0
    assert not (project / "webapp/commands/send_reminders.py").exists()
    assert not (project / "tests").exists()


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("db", "`oppman db` is a command of oppman"),
        ("print", "'print' has a meaning of its own"),
        ("1st", "cannot name a command"),
    ],
)
def test_a_name_with_another_meaning_is_refused(run: Run, project: Path, name: str, message: str) -> None:
    result = run("scaffold", "command", name, cwd=project)

    assert (result.code, result.stdout) == (2, "")
    assert message in result.stderr
    assert "Hint: " in result.stderr
