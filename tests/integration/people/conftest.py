"""Projects with people in them, and a terminal to answer questions on."""

import os
import select
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from command_line import ROOT, call, clean_environment

PASSWORD = "tulip garden fence"


@pytest.fixture
def password() -> str:
    """The password of the people below."""
    return PASSWORD


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project that `oppman init` made ready, with a superuser ada and a user grace who holds the role sales."""
    root = tmp_path_factory.mktemp("made") / "shop"
    for part in ("webapp", "templates", "migrations"):
        shutil.copytree(ROOT / part, root / part, ignore=shutil.ignore_patterns("__pycache__"))
    (root / "pyproject.toml").write_text(
        '[project]\nname = "shop"\nversion = "0.1.0"\n\n[tool.oppman]\n\n'
        '[tool.alembic]\nscript_location = "%(here)s/migrations"\nprepend_sys_path = ["%(here)s"]\n'
    )
    for args in (
        ("init", "--email", "ada@example.com", "--name", "Ada"),
        ("createuser", "--email", "grace@example.com", "--name", "Grace", "--role", "sales"),
    ):
        result = call(args, root, "", {"OPPMAN_PASSWORD": PASSWORD}, 120)
        assert result.code == 0, result.stderr
    return root


@pytest.fixture
def shop(made: Path, tmp_path: Path) -> Path:
    """A copy of that project for one test."""
    return Path(shutil.copytree(made, tmp_path / "shop"))


@pytest.fixture
def stored(shop: Path) -> Callable[..., list[dict[str, Any]]]:
    """What stands in the shop's database: `stored("SELECT * FROM users WHERE id = ?", 1)`."""

    def query(statement: str, *parameters: object) -> list[dict[str, Any]]:
        with closing(sqlite3.connect(shop / "app.db")) as database:
            database.row_factory = sqlite3.Row
            return [dict(row) for row in database.execute(statement, parameters)]

    return query


@dataclass
class Terminal:
    """`oppman` on a terminal, driven from outside. `screen` is everything that the person has seen."""

    process: "subprocess.Popen[bytes]"
    master: int
    screen: str = ""
    seen: int = field(default=0, repr=False)

    def expect(self, text: str, timeout: float = 60) -> None:
        """Wait until `text` appears after what was waited for before."""
        end = time.monotonic() + timeout
        while (found := self.screen.find(text, self.seen)) < 0:
            assert self._read(end - time.monotonic()), f"{text!r} did not appear:\n{self.screen}"
        self.seen = found + len(text)

    def type(self, line: str) -> None:
        """Type a line and the return key."""
        os.write(self.master, f"{line}\r".encode())

    def finish(self, timeout: float = 60) -> int:
        """Wait for the end and return the exit code."""
        end = time.monotonic() + timeout
        while self._read(end - time.monotonic()):
            pass
        return self.process.wait(timeout)

    def _read(self, seconds: float) -> bool:
        """Take in what was written; False at the end, or when the time is over."""
        if not select.select([self.master], [], [], max(seconds, 0))[0]:
            return False
        try:
            data = os.read(self.master, 65536)
        except OSError:  # Linux's way to say that the other side is closed
            return False
        self.screen += data.decode()
        return bool(data)


@pytest.fixture
def terminal() -> Iterator[Callable[..., Terminal]]:
    """Start the tool on a terminal of its own: `terminal("init", cwd=shop)`; `stdout` may go elsewhere."""
    if sys.platform == "win32":
        pytest.skip("a pseudo-terminal is POSIX's")
    import pty
    import termios

    started: list[Terminal] = []

    def start(*args: str, cwd: Path, stdout: int | None = None) -> Terminal:
        master, slave = pty.openpty()
        termios.tcsetwinsize(slave, (50, 200))
        process = subprocess.Popen(
            [sys.executable, "-m", "oppman", *args], cwd=cwd, stdin=slave, stdout=slave if stdout is None else stdout,
            stderr=slave, start_new_session=True,
            env=clean_environment() | {"TERM": "xterm", "PROMPT_TOOLKIT_NO_CPR": "1"},
        )  # fmt: skip
        os.close(slave)
        started.append(Terminal(process, master))
        return started[-1]

    yield start
    for one in started:
        if one.process.poll() is None:
            one.process.kill()
            one.process.wait()
        os.close(one.master)
