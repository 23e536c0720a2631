"""The README's commands, typed as they stand there, in a fresh copy with no environment."""

import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

import checkout
from command_line import ROOT, clean_environment
from oppman.manifest import MANIFEST
from servers import members

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.xdist_group("wheel"),
    pytest.mark.skipif(os.name != "posix", reason="typed into a POSIX shell"),
]

README = (ROOT / "README.md").read_text(encoding="utf-8")
DEMO, TESTS = re.findall(r"^    (pip install uv && uv run .*)$", README, re.MULTILINE)


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("clone") / "oppman"
    checkout.copy_to(folder)
    return folder


def test_the_first_command_ends_in_the_running_demo(clone: Path) -> None:
    log = clone.parent / "log"
    with log.open("w") as output:  # the port may be taken here, and nobody looks at a browser
        process = subprocess.Popen(
            f"{DEMO} --port 0 --no-open", shell=True, cwd=clone, env=stranger(), stdout=output, stderr=output,
            start_new_session=True,
        )  # fmt: skip
    try:
        address = wait_for(r"(http://127\.0\.0\.1:\d+)\s", log, process)
        password = wait_for(r"Password[^:]*: (\S+)", log, process)
        email = wait_for(r"(\S+@\S+)\s+superuser", log, process)

        with urllib.request.urlopen(f"{address}/products", timeout=30) as page:
            assert page.read().decode().count('href="/products/') >= 20
        form = f"username={email}&password={password}".encode()
        with urllib.request.urlopen(f"{address}/api/auth/token", form, timeout=30) as answer:
            assert b"access_token" in answer.read()
    finally:
        os.killpg(process.pid, signal.SIGINT)
        process.wait(30)
    # The shell itself dies of Ctrl-C, or passes on what uv made of it.
    assert process.returncode in {0, 130, -signal.SIGINT}, log.read_text()[-3000:]
    assert members(process.pid) == []


def test_the_second_command_runs_the_tests(clone: Path) -> None:
    done = subprocess.run(
        f"{TESTS} -n 0 tests/unit/test_dotenv.py", shell=True, cwd=clone, env=stranger(), capture_output=True,
        text=True, timeout=300,
    )  # fmt: skip

    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    assert re.search(r"\d+ passed", done.stdout)


def test_every_file_that_the_readme_links_is_there() -> None:
    for target in re.findall(r"\]\(([^)#:]+)\)", README):
        assert (ROOT / target).is_file(), target


def test_every_command_that_the_readme_shows_exists() -> None:
    known = {entry.name for entry in MANIFEST}
    shown = set(re.findall(r"^\s*(?:uv run )?oppman ([a-z]+)", README, re.MULTILINE))

    assert shown
    assert shown <= known


def stranger() -> dict[str, str]:
    """The environment of somebody who has Python and pip: no environment of ours, none of our paths."""
    ours = {"PYTHONPATH", "UV_PROJECT_ENVIRONMENT", "CI"}
    kept = {name: value for name, value in clean_environment().items() if name not in ours}
    kept["PATH"] = os.pathsep.join(p for p in kept["PATH"].split(os.pathsep) if Path(p) != Path(sys.prefix, "bin"))
    return kept


def wait_for(pattern: str, log: Path, process: "subprocess.Popen[bytes]") -> str:
    deadline = time.monotonic() + 240
    while time.monotonic() < deadline and process.poll() is None:
        if found := re.search(pattern, log.read_text()):
            return found.group(1)
        time.sleep(0.1)
    pytest.fail(f"nothing like {pattern} in:\n{log.read_text()[-3000:]}")
