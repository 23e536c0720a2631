"""The tests' own way to call the tool does what a new Python does."""

import subprocess
import sys
from pathlib import Path

import pytest

from command_line import Result, call, clean_environment
from warm import Warm


def cold(*args: str, cwd: Path, input: str = "", env: dict[str, str] | None = None) -> Result:
    done = subprocess.run(
        [sys.executable, "-m", "oppman", *args],
        cwd=cwd, input=input, env=clean_environment() | (env or {}), capture_output=True, text=True,
    )  # fmt: skip
    return Result(done.returncode, done.stdout, done.stderr)


@pytest.mark.parametrize(
    ("args", "code"),
    [
        (("--version",), 0),
        (("db", "status", "--json"), 0),
        (("db", "check"), 0),
        (("db", "migrate", "nowhere"), 2),
        (("users", "list"), 1),
        (("users", "create", "--nope"), 2),
        (("db", "load", "-"), 2),
    ],
)
def test_a_warm_command_is_like_one_in_a_new_python(args: tuple[str, ...], code: int, project: Path) -> None:
    env = {"SECRET_KEY": "s" * 40, "DATABASE_URL": "sqlite:///other.db"}
    warm = call(args, project, "not json", env, 120)
    assert warm == cold(*args, cwd=project, input="not json", env=env)
    assert warm.code == code


def test_it_ends_with_its_time_and_serves_the_next_one(project: Path) -> None:
    (project / "webapp" / "commands" / "wait.py").write_text("import time\n\n\ndef wait():\n    time.sleep(60)\n")
    with pytest.raises(subprocess.TimeoutExpired):
        call(("wait",), project, "", None, 3)
    assert call(("--version",), project, "", None, 120).code == 0


def test_what_a_package_reads_when_it_is_imported_takes_a_new_python(tmp_path: Path) -> None:
    warm = Warm()
    here = clean_environment()
    assert warm.run(("--version",), tmp_path, b"", here, 60) is not None
    assert warm.run(("--version",), tmp_path, b"", here | {"PYTHONPATH": "elsewhere"}, 60) is None
    assert warm.run(("--version",), tmp_path, b"", {name: here[name] for name in here if name != "HOME"}, 60) is None
