"""Migrations in processes of their own: started together, slow on purpose, and killed in the middle."""

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from command_line import Result, clean_environment
from servers import PATIENCE

STARTED, GO_ON = "started", "go-on"

SLOW = (
    f"import pathlib, time; pathlib.Path({STARTED!r}).touch()\n"
    f"    while not pathlib.Path({GO_ON!r}).exists(): time.sleep(0.05)\n    "
)
"""The start of a revision's body that says that it has started and waits until it may go on."""


def start(project: Path, *args: str, env: dict[str, str] | None = None) -> "subprocess.Popen[str]":
    """Start `oppman *args` in the project and do not wait for it."""
    return subprocess.Popen(
        [sys.executable, "-m", "oppman", *args], cwd=project, env=clean_environment() | (env or {}), text=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def end(process: "subprocess.Popen[str]") -> Result:
    """Wait for the process and return what it left behind."""
    stdout, stderr = process.communicate(timeout=PATIENCE * 2)
    return Result(process.returncode, stdout, stderr)


def has_started(project: Path) -> None:
    """Wait until a revision that begins with SLOW runs."""
    until((project / STARTED).exists, "a revision has started")


def go_on(project: Path) -> None:
    """Let revisions that begin with SLOW go on."""
    (project / GO_ON).touch()


def until(true: Callable[[], bool], what: str) -> None:
    """Wait until `true()`. Fails after PATIENCE."""
    limit = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < limit, f"waited in vain until {what}"
        time.sleep(0.02)
