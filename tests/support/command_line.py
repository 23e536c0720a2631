"""A person's command line: the tool in a process of its own."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from warm import Warm

ROOT = Path(__file__).parents[2]
_WARM = Warm()


@dataclass(frozen=True)
class Result:
    """What a command left behind."""

    code: int
    stdout: str
    stderr: str


class Run(Protocol):
    """`run("db", "migrate", cwd=project)`: the working directory is the test's own folder unless it is given."""

    def __call__(
        self,
        *args: str,
        cwd: Path = ...,
        input: str = "",
        env: dict[str, str] | None = None,
        timeout: float = 120,
    ) -> Result: ...


def call(
    args: tuple[str, ...],
    cwd: Path,
    input: str,
    env: dict[str, str] | None,
    timeout: float,
) -> Result:
    """Run `oppman *args` in `cwd` and wait for it."""
    environment = clean_environment() | (env or {})
    if warm := _WARM.run(args, cwd, input.encode(), environment, timeout):
        code, stdout, stderr = warm
        return Result(code, _text(stdout), _text(stderr))
    done = subprocess.run(
        [sys.executable, "-m", "oppman", *args],
        cwd=cwd,
        input=input,
        env=environment,
        capture_output=True,
        text=True,
        timeout=timeout,
        encoding="utf-8",
    )
    return Result(done.returncode, done.stdout, done.stderr)


def _text(written: bytes) -> str:
    return written.decode("utf-8").replace("\r\n", "\n")


def python(cwd: Path, *args: str, env: dict[str, str] | None = None) -> "subprocess.CompletedProcess[str]":
    """Run `python -m *args` in `cwd`, which has to go well."""
    done = subprocess.run(
        [sys.executable, "-m", *args], cwd=cwd, env=clean_environment() | (env or {}), capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    return done


def clean_environment() -> dict[str, str]:
    """The environment without whatever the caller's shell says to a project, a terminal or pytest."""
    ours = (
        "DATABASE_URL",
        "SECRET_KEY",
        "ENVIRONMENT",
        "DEBUG",
        "OPPMAN_PASSWORD",
        "UPLOAD_DIR",
        "VIRTUAL_ENV",
    )
    kept = {name: value for name, value in os.environ.items() if name not in ours and not name.startswith("PYTEST_")}
    return kept | {"NO_COLOR": "1", "PYTHONPATH": str(ROOT), "COLUMNS": "120"}
