"""Fixtures for the tests of the tool: a person's command line, and projects to use it in."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@dataclass(frozen=True)
class Result:
    """What a command left behind."""

    code: int
    stdout: str
    stderr: str


Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Call the tool as a person would, in another process: `run("db", "migrate", cwd=project)`."""

    def call(
        *args: str, cwd: Path = tmp_path, input: str = "", env: dict[str, str] | None = None, timeout: float = 120
    ) -> Result:
        done = subprocess.run(
            [sys.executable, "-m", "oppman", *args], cwd=cwd, input=input, env=clean_environment() | (env or {}),
            capture_output=True, text=True, timeout=timeout, encoding="utf-8",
        )  # fmt: skip
        return Result(done.returncode, done.stdout, done.stderr)

    return call


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project as `oppman new` makes it, with the starter of this checkout; no .env and no database yet."""
    root = tmp_path / "shop"
    root.mkdir()
    for part in ("webapp", "templates", "migrations"):
        shutil.copytree(ROOT / part, root / part, ignore=shutil.ignore_patterns("__pycache__"))
    (root / "pyproject.toml").write_text(
        '[project]\nname = "shop"\nversion = "0.1.0"\n\n[tool.oppman]\n\n'
        '[tool.alembic]\nscript_location = "%(here)s/migrations"\nprepend_sys_path = ["%(here)s"]\n'
    )
    return root


def clean_environment() -> dict[str, str]:
    """The environment without whatever the caller's shell says to a project, a terminal or pytest."""
    ours = ("DATABASE_URL", "SECRET_KEY", "ENVIRONMENT", "DEBUG", "OPPMAN_PASSWORD", "UPLOAD_DIR", "VIRTUAL_ENV")
    kept = {name: value for name, value in os.environ.items() if name not in ours and not name.startswith("PYTEST_")}
    return kept | {"NO_COLOR": "1", "PYTHONPATH": str(ROOT), "COLUMNS": "120"}
