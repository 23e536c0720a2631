"""CPU time and memory of commands beside their counterparts in Django.

    uv run python bench/startup.py [--runs 11] [--only new]

Pairs take turns, so that a slow minute of the machine falls on both; figures are medians over the runs, ratios are
taken run by run. The peer is installed with uv into a temporary environment on the first call. Linux and macOS.
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

WORK = Path(tempfile.gettempdir()) / "oppman-bench-startup"
OPPMAN = Path(sys.executable).with_name("oppman")
DJANGO = WORK / "django/bin"

# An installed command finds its bytecode compiled, so the checkout's may be written too.
UNSET = {"NO_COLOR", "PYTHONDONTWRITEBYTECODE", "VIRTUAL_ENV"}


@dataclass(frozen=True)
class Pair:
    """Our command and its counterpart; `limit` is the ratio that ours may reach."""

    name: str
    ours: list[str]
    theirs: list[str]
    limit: float
    fresh: tuple[str, ...] = ()  # what is removed before each run
    terminal: bool = False
    cwd: Path = field(default=WORK)


@dataclass(frozen=True)
class Sample:
    cpu_ms: float
    wall_ms: float
    rss_mb: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=11)
    parser.add_argument("--only", default="", help="only the pairs whose name contains this")
    parser.add_argument("--peer-python", default=sys.executable, help="for Django: version 6 needs Python 3.12")
    args = parser.parse_args()
    set_up(args.peer_python)
    print(f"{'command':34}{'ours':>9}{'Django':>9}{'ratio':>8}{'limit':>7}{'MB':>8}   CPU ms, median of {args.runs}")
    for pair in pairs():
        if args.only not in pair.name:
            continue
        samples = [(measure(pair, pair.ours), measure(pair, pair.theirs)) for _ in range(args.runs + 1)][1:]
        ratio = statistics.median(ours.cpu_ms / theirs.cpu_ms for ours, theirs in samples)
        ours, theirs = (statistics.median(sample[side].cpu_ms for sample in samples) for side in (0, 1))
        rss = statistics.median(sample[0].rss_mb for sample in samples)
        print(f"{pair.name:34}{ours:9.0f}{theirs:9.0f}{ratio:8.2f}{pair.limit:7.1f}{rss:8.0f}")


def pairs() -> list[Pair]:
    admin, help_ = str(DJANGO / "django-admin"), [str(DJANGO / "django-admin"), "help"]
    ours = str(OPPMAN)
    return [
        Pair("oppman --help", [ours, "--help"], help_, 0.7),
        Pair("oppman db --help", [ours, "db", "--help"], help_, 0.7),
        Pair("oppman secrets", [ours, "secrets"], help_, 0.7),
        Pair("oppman --help on a terminal", [ours, "--help"], help_, 1.2, terminal=True),
        Pair(
            "oppman new", [ours, "new", "shop", "--no-git"], [admin, "startproject", "site1"], 1.0,
            fresh=("shop", "site1"),
        ),
        Pair(
            "oppman new, with git", [ours, "new", "shop"], [admin, "startproject", "site1"], 1.0,
            fresh=("shop", "site1"),
        ),
        Pair(
            "oppman init, fresh SQLite", [ours, "init", "--yes"], [str(DJANGO / "python"), "manage.py", "migrate"], 4.0,
            fresh=("app.db", "db.sqlite3"), cwd=WORK / "both",
        ),
    ]  # fmt: skip


def set_up(python: str) -> None:
    """The peer, and one folder that is a project of ours and of Django's."""
    WORK.mkdir(exist_ok=True)
    if not (DJANGO / "django-admin").exists():
        subprocess.run(["uv", "venv", "--quiet", "--clear", "--python", python, str(WORK / "django")], check=True)
        subprocess.run(
            ["uv", "pip", "install", "--quiet", "--compile-bytecode", "--python", str(DJANGO / "python"), "django"],
            check=True,
        )
    both = WORK / "both"
    shutil.rmtree(both, ignore_errors=True)
    subprocess.run([str(OPPMAN), "new", "both", "--no-git"], cwd=WORK, check=True, capture_output=True)
    subprocess.run([str(DJANGO / "django-admin"), "startproject", "site1", str(both)], cwd=WORK, check=True)


def measure(pair: Pair, command: list[str]) -> Sample:
    for name in pair.fresh:
        for path in pair.cwd.glob(f"{name}*"):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    environment = {name: value for name, value in os.environ.items() if name not in UNSET}
    out, other = os.openpty() if pair.terminal else (None, os.open(os.devnull, os.O_WRONLY))
    began = time.perf_counter()
    process = subprocess.Popen(command, cwd=pair.cwd, env=environment, stdout=other, stderr=subprocess.PIPE)
    os.close(other)
    if out is not None:
        drain(out)
    _, status, usage = os.wait4(process.pid, 0)
    wall = (time.perf_counter() - began) * 1000
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.stderr is not None
    complaint = process.stderr.read().decode()
    process.stderr.close()
    if process.returncode:
        sys.exit(f"{' '.join(command)} failed:\n{complaint}")
    scale = 1 if sys.platform == "darwin" else 1024
    return Sample((usage.ru_utime + usage.ru_stime) * 1000, wall, usage.ru_maxrss * scale / 2**20)


def drain(terminal: int) -> None:
    """Read what a process writes to the other end until it closes it."""
    try:
        while os.read(terminal, 65536):
            pass
    except OSError:  # Linux says EIO at the end
        pass
    os.close(terminal)


if __name__ == "__main__":
    main()
