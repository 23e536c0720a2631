"""Fixtures for the tests of the tool: a person's command line, and projects to use it in."""

import shutil
from pathlib import Path

import pytest
from hypothesis import settings

from command_line import ROOT, Result, Run, call

# How long one example takes says how busy the machine is.
settings.register_profile("oppman", deadline=None)
settings.load_profile("oppman")


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Call the tool as a person would, in another process: `run("db", "migrate", cwd=project)`."""

    def run_it(
        *args: str,
        cwd: Path = tmp_path,
        input: str = "",
        env: dict[str, str] | None = None,
        timeout: float = 120,
    ) -> Result:
        return call(args, cwd, input, env, timeout)

    return run_it


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
