from pathlib import Path

import pytest

from command_line import Run
from oppman.manifest import MANIFEST


def test_the_help_lists_every_command_with_its_summary(run: Run) -> None:
    result = run("--help")

    assert result.code == 0
    for entry in MANIFEST:
        assert f"  {entry.name} " in result.stdout
        assert entry.summary in result.stdout


def test_an_unknown_command_is_told_with_the_nearest(run: Run) -> None:
    result = run("createsuperusr")

    assert (result.code, result.stdout) == (2, "")
    assert "No such command 'createsuperusr'. Did you mean 'createsuperuser'" in result.stderr


def test_an_unknown_command_of_a_group_is_told_with_the_nearest(run: Run) -> None:
    result = run("db", "migrat")

    assert result.code == 2
    assert "Did you mean 'migrate'" in result.stderr


def test_no_project_is_told_with_a_hint(run: Run) -> None:
    result = run("users", "list")

    assert (result.code, result.stdout) == (1, "")
    assert "Error: There is no project in" in result.stderr
    assert "Hint: Create one with `oppman new NAME`" in result.stderr


class TestOwnCommands:
    """The project's own commands stand in the help beside ours."""

    @pytest.fixture
    def command(self, project: Path) -> Path:
        folder = project / "webapp/commands"
        folder.mkdir(exist_ok=True)
        return folder / "send_reminders.py"

    def test_are_listed_without_being_imported(self, run: Run, project: Path, command: Path) -> None:
        command.write_text('raise RuntimeError\n\ndef send_reminders() -> None:\n    """Remind everybody."""\n')

        result = run("--help", cwd=project / "templates")

        assert (result.code, result.stderr) == (0, "")
        assert "send-reminders   Remind everybody." in result.stdout

    def test_take_arguments_and_options_from_the_signature(self, run: Run, project: Path, command: Path) -> None:
        command.write_text(
            "def send_reminders(days: int, loud: bool = False) -> None:\n"
            '    """Remind everybody."""\n    print("SOON" if loud else "soon", days + 1)\n'
        )

        result = run("send-reminders", "2", "--loud", cwd=project)

        assert (result.code, result.stdout, result.stderr) == (0, "SOON 3\n", "")

    def test_may_be_asynchronous_and_use_the_web_app(self, run: Run, project: Path, command: Path) -> None:
        command.write_text(
            "from webapp.models import Product\n\n\n"
            "async def send_reminders() -> None:\n    print(Product.__tablename__)\n"
        )

        result = run("send-reminders", cwd=project)

        assert (result.code, result.stdout) == (0, "products\n")

    def test_may_be_a_group(self, run: Run, project: Path, command: Path) -> None:
        command.write_text(
            '"""Reminders."""\nimport typer\napp = typer.Typer()\n\n'
            "@app.command()\ndef one() -> None:\n    print(1)\n\n@app.command()\ndef two() -> None:\n    print(2)\n"
        )

        assert "Reminders." in run("--help", cwd=project).stdout
        assert run("send-reminders", "two", cwd=project).stdout == "2\n"

    def test_do_not_hide_ours(self, run: Run, project: Path, command: Path) -> None:
        command.with_name("secrets.py").write_text("def secrets() -> None:\n    print('mine')\n")

        assert run("secrets", cwd=project).stdout.startswith("SECRET_KEY=")

    def test_that_cannot_be_parsed_do_not_break_the_help(self, run: Run, project: Path, command: Path) -> None:
        command.write_text("def send_reminders(:\n")

        result = run("--help", cwd=project)

        assert result.code == 0
        assert "send-reminders   (cannot be read: a syntax error)" in result.stdout

    def test_that_crash_show_their_own_traceback(self, run: Run, project: Path, command: Path) -> None:
        command.write_text("def send_reminders() -> None: ...\n\n1 / 0\n")

        result = run("send-reminders", cwd=project)

        assert result.code == 1
        assert f'File "{command}", line 3' in result.stderr
        assert "ZeroDivisionError: division by zero" in result.stderr
        assert "oppman/" not in result.stderr

    def test_without_the_function_are_told_what_to_add(self, run: Run, project: Path, command: Path) -> None:
        command.write_text("x = 1\n")

        result = run("send-reminders", cwd=project)

        assert result.code == 1
        assert "Hint: Define `def send_reminders() -> None:` there" in result.stderr
