"""`oppman new --minimal`: the starter without its demo slices still stands on its own."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from command_line import ROOT, Run

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("minimal")]


@pytest.fixture
def tiny(run: Run, tmp_path: Path) -> Path:
    assert run("new", "tiny", "--minimal").code == 0
    return tmp_path / "tiny"


def test_it_has_no_trace_of_the_slices_that_anybody_would_run_into(run: Run, tiny: Path) -> None:
    assert run("init", "--yes", cwd=tiny).code == 0

    paths = run("routes", cwd=tiny).stdout
    assert "/account" in paths
    assert "/dashboard" in paths
    assert not re.search("product|webinar|registra", paths)
    names = "\n".join(path.relative_to(tiny).as_posix() for path in tiny.rglob("*") if ".git" not in path.parts)
    assert not re.search("product|webinar|registra|photo", names)
    assert run("db", "check", cwd=tiny).code == 0


def test_it_is_as_clean_as_the_starter(run: Run, tiny: Path) -> None:
    for command in (["ruff", "check", "--no-cache"], ["ruff", "format", "--check", "--no-cache"], ["mypy", "webapp"]):
        done = subprocess.run([sys.executable, "-m", *command], cwd=tiny, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
    shutil.rmtree(tiny / ".mypy_cache")


def test_it_passes_its_own_tests(run: Run, tiny: Path) -> None:
    result = run("test", "-q", "-n", "2", cwd=tiny, timeout=900)

    assert result.code == 0, result.stdout[-4000:]
    assert int(re.search(r"(\d+) passed", result.stdout).group(1)) > 500  # type: ignore[union-attr]


def test_what_stays_has_kept_its_bytes(tiny: Path) -> None:
    for name in ("webapp/db.py", "webapp/settings.py", "webapp/services/user_service.py", "templates/base.html"):
        assert (tiny / name).read_bytes() == (ROOT / name).read_bytes()
