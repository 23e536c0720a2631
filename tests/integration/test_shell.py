"""`oppman shell` with code from an option, from a pipe and from a terminal."""

import os
import sys
import time
from pathlib import Path

import pytest

from command_line import ROOT, Run, clean_environment
from servers import PATIENCE, write_project

ADD = "session.add(Role(name='pilot', permissions=[]))\n"
COUNT = "print(await session.scalar(select(func.count()).select_from(Role).where(Role.name == 'pilot')))\n"


@pytest.fixture
def migrated(project: Path, run: Run) -> Path:
    assert run("db", "migrate", cwd=project).code == 0
    return project


def count(run: Run, root: Path) -> str:
    return run("shell", "-c", COUNT, cwd=root).stdout.strip()


def test_session_models_settings_and_services_are_at_hand(migrated: Path, run: Run) -> None:
    code = (
        "print(settings.environment, Product.__tablename__, Registration.__name__, services.product_service.__name__)\n"
        "print(type(session).__mro__[1].__name__)"
    )
    result = run("shell", "-c", code, cwd=migrated)
    assert (result.code, result.stderr) == (0, "")
    assert result.stdout == "development products Registration webapp.services.product_service\nAsyncSession\n"


def test_what_is_committed_is_kept(migrated: Path, run: Run) -> None:
    assert run("shell", "-c", ADD + "await session.commit()", cwd=migrated).stderr == ""
    assert count(run, migrated) == "1"


def test_what_is_not_committed_is_rolled_back_and_said(migrated: Path, run: Run) -> None:
    result = run("shell", "-c", ADD + "await session.flush()", cwd=migrated)
    assert "What was not committed was rolled back" in result.stderr
    assert count(run, migrated) == "0"


def test_a_sandbox_keeps_nothing_although_it_commits(migrated: Path, run: Run) -> None:
    result = run("shell", "--sandbox", "-c", ADD + "await session.commit()\n" + COUNT, cwd=migrated)
    assert result.stdout == "1\n"
    assert result.stderr == "Everything was rolled back.\n"
    assert count(run, migrated) == "0"


def test_a_sandbox_keeps_nothing_that_was_written_below_the_session(migrated: Path, run: Run) -> None:
    code = (
        "from sqlalchemy import text\nconnection = await session.connection()\n"
        "await connection.execute(text('INSERT INTO roles (name, description, permissions) '\n"
        "    \"VALUES ('pilot', '', '[]')\"))\nawait session.commit()\n"
    )
    assert run("shell", "--sandbox", "-c", code, cwd=migrated).code == 0
    assert count(run, migrated) == "0"


def test_code_comes_through_a_pipe(migrated: Path, run: Run) -> None:
    code = f"for _ in range(2):\n    {COUNT}\n"
    result = run("shell", cwd=migrated, input=code)
    assert (result.code, result.stdout) == (0, "0\n0\n")


@pytest.mark.parametrize(
    ("code", "message"), [("def f():\n    1 / 0\nf()", "line 2, in f"), ("x = (", "SyntaxError: '(' was never closed")]
)
def test_code_that_raises_ends_with_its_own_traceback(migrated: Path, run: Run, code: str, message: str) -> None:
    result = run("shell", "-c", code, cwd=migrated)
    assert result.code == 1
    assert message in result.stderr
    assert "oppman/" not in result.stderr


def test_a_database_without_tables_is_told_in_words(project: Path, run: Run) -> None:
    result = run("shell", "-c", COUNT, cwd=project)
    assert result.code == 1
    assert "oppman db migrate" in result.stderr
    assert "Traceback" not in result.stderr


def test_a_project_of_another_making_has_its_own_models_and_no_session(tmp_path: Path, run: Run) -> None:
    main = (
        "from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column\nclass Base(DeclarativeBase): ...\n"
        "class Boat(Base):\n    __tablename__ = 'boats'\n    id: Mapped[int] = mapped_column(primary_key=True)\n"
        "app = 1\n"
    )
    result = run(
        "shell", "-c", "print(Boat.__table__, 'session' in globals())", cwd=write_project(tmp_path / "t", main)
    )
    assert (result.code, result.stdout) == (0, "boats False\n")


@pytest.mark.skipif(sys.platform == "win32", reason="a pseudo-terminal")
class TestTheTerminal:
    """What a person sees, through a pseudo-terminal."""

    def test_the_prompt_awaits_and_holds_no_lock_between_two_inputs(self, migrated: Path) -> None:
        with Terminal(migrated, "shell") as terminal:
            terminal.sees("nothing is kept before `await session.commit()`")
            terminal.sees(">>> ")
            terminal.types("(await session.scalars(select(Role))).all()", "[]")
            terminal.types("session.in_transaction()", "False")
            terminal.types("undefined", "NameError")
            terminal.types("1 + 1", "2")
            terminal.types(ADD.strip() + "; await session.flush()", ">>> ")
            terminal.types("session.in_transaction()", "True")
            terminal.types("exit()", "What was not committed was rolled back")

    def test_the_sandbox_says_that_it_is_one(self, migrated: Path) -> None:
        with Terminal(migrated, "shell", "--sandbox") as terminal:
            terminal.sees("a sandbox: whatever it does is rolled back at the end")


class Terminal:
    """`oppman *args` on a pseudo-terminal."""

    def __init__(self, cwd: Path, *args: str) -> None:
        import pty

        environment = clean_environment() | {"HOME": str(cwd), "TERM": "dumb", "PYTHONPATH": str(ROOT)}
        self._pid, self._terminal = pty.fork()
        if self._pid == 0:
            os.chdir(cwd)
            os.execve(sys.executable, [sys.executable, "-m", "oppman", *args], environment)
        os.set_blocking(self._terminal, False)
        self._unread = ""

    def __enter__(self) -> "Terminal":
        return self

    def __exit__(self, *_: object) -> None:
        os.kill(self._pid, 9)
        os.waitpid(self._pid, 0)
        os.close(self._terminal)

    def types(self, line: str, then: str) -> None:
        """Type a line and wait for what follows its echo."""
        os.write(self._terminal, f"{line}\n".encode())
        self.sees(line)
        self.sees(then)

    def sees(self, text: str) -> None:
        """Wait for `text` after all that was seen before."""
        end = time.monotonic() + PATIENCE
        while text not in self._unread:
            assert time.monotonic() < end, f"{text!r} did not come, but: {self._unread}"
            try:
                self._unread += os.read(self._terminal, 65536).decode()
            except (BlockingIOError, OSError):
                time.sleep(0.02)
        self._unread = self._unread.partition(text)[2]
