"""`oppman test`: pytest in the project, with everything that follows."""

import os
from pathlib import Path

import pytest

from command_line import ROOT, Run
from servers import write_project

TESTS = "def test_good(): ...\n\n\ndef test_bad():\n    assert False\n"


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    root = write_project(tmp_path / "tiny", "app = 1\n")
    (root / "tests").mkdir()
    (root / "tests/test_it.py").write_text(TESTS)
    return root


@pytest.mark.parametrize(
    ("arguments", "code", "summary"),
    [
        (["-k", "good"], 0, "1 passed, 1 deselected"),
        ([], 1, "1 failed, 1 passed"),
        (["tests/test_it.py::test_bad", "-x", "--tb=line"], 1, "1 failed"),
        (["-k", "nothing"], 5, "2 deselected"),
        (["--no-such-option"], 4, ""),
    ],
)
def test_arguments_and_the_exit_code_are_passed_on(
    tiny: Path, run: Run, arguments: list[str], code: int, summary: str
) -> None:
    result = run("test", *arguments, cwd=tiny)
    assert result.code == code
    assert summary in result.stdout


def test_it_runs_in_the_root_of_the_project(tiny: Path, run: Run) -> None:
    (tiny / "deep").mkdir()
    result = run("test", "-k", "good", cwd=tiny / "deep")
    assert result.code == 0
    assert f"rootdir: {tiny}" in result.stdout


def test_without_pytest_it_says_how_to_get_it(tiny: Path, run: Run) -> None:
    (tiny / "sitecustomize.py").write_text("import sys\nsys.modules['pytest'] = None  # as if it were not installed\n")
    result = run("test", cwd=tiny, env={"PYTHONPATH": os.pathsep.join([str(tiny), str(ROOT)])})
    assert result.code == 1
    assert "pytest is not installed in" in result.stderr
    assert "Hint: " in result.stderr


def test_no_project(tmp_path: Path, run: Run) -> None:
    result = run("test", cwd=tmp_path)
    assert result.code == 1
    assert "There is no project in" in result.stderr
