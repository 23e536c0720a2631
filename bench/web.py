"""CPU time per request of the starter beside the ceiling of its stack (`bench/peers/bare.py`), on the same rows.

    uv run --with orjson python bench/web.py                   1,000 rows: ours, bare, and the ratio bare / ours
    uv run --with orjson python bench/web.py --growth          ours at 1,000 and at 1,000,000 rows

Both are one uvicorn process pinned to one core, wrk runs on the other, and they take turns; the figures are medians
over the rounds. Linux, with wrk and taskset. Loopback only; each load stops by itself.
"""

import argparse
import base64
import json
import os
import re
import secrets
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WORK = Path(tempfile.gettempdir()) / "oppman-bench-web"
TICK = os.sysconf("SC_CLK_TCK")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--growth", action="store_true")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=4)
    args = parser.parse_args()
    if not shutil.which("wrk"):
        sys.exit("wrk is not on PATH")
    if args.growth:
        report("rows", {rows: ("webapp.main", rows) for rows in (1_000_000, 1000)}, args)
    else:
        report("app", {"ours": ("webapp.main", 1000), "bare": ("bench.peers.bare", 1000)}, args)


def report(what: str, sides: dict[object, tuple[str, int]], args: argparse.Namespace) -> None:
    """Measure each endpoint on each side, the sides in turn; the ratio is that of the second side to the first."""
    samples: dict[tuple[str, object], list[float]] = {}
    for _ in range(args.rounds):
        for side, (module, rows) in sides.items():
            with served(module, database(rows)) as (port, process):
                for name, path in endpoints(module, rows).items():
                    samples.setdefault((name, side), []).append(cpu_per_request(port, path, process, args.seconds))
    first, second = sides
    print(f"\nCPU ms per request, median of {args.rounds} rounds\n\n{what:14}{first:>10}{second:>10}{'ratio':>8}")
    for name in endpoints("webapp.main", 1000):
        ours, theirs = samples[name, first], samples[name, second]
        ratio = statistics.median(b / a for a, b in zip(ours, theirs, strict=True))
        print(f"{name:14}{statistics.median(ours):10.3f}{statistics.median(theirs):10.3f}{ratio:8.2f}")


def endpoints(module: str, rows: int) -> dict[str, str]:
    middle = rows // 2
    cursor = base64.urlsafe_b64encode(json.dumps(["id", middle, middle], separators=(",", ":")).encode()).decode()
    deep = cursor.rstrip("=") if module == "webapp.main" else str(middle)
    return {
        "list": "/api/products",
        "list, deep": f"/api/products?after={deep}",
        "detail": f"/api/products/{middle}",
        "page": "/products?sort=" if module == "webapp.main" else "/products",
    }


def database(rows: int) -> Path:
    """A migrated SQLite file with that many demo products, made once."""
    path = WORK / f"{rows}.db"
    if not path.exists():
        WORK.mkdir(exist_ok=True)
        part = path.with_suffix(".part")
        environment = os.environ | {"DATABASE_URL": f"sqlite:///{part}", "OPPMAN_PASSWORD": secrets.token_urlsafe(16)}
        for command in (["db", "migrate"], ["demo", "load", "--rows", str(rows)]):
            subprocess.run([sys.executable, "-m", "oppman", *command], cwd=ROOT, env=environment, check=True)
        part.rename(path)
    return path


@contextmanager
def served(module: str, path: Path) -> Iterator[tuple[int, int]]:
    """The port and the process id of one uvicorn that serves `module` from that database."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = os.environ | {
        "DATABASE_URL": f"sqlite:///{path}", "ENVIRONMENT": "production", "SECRET_KEY": secrets.token_urlsafe(48),
    }  # fmt: skip
    command = ["taskset", "-c", "0", sys.executable, "-m", "uvicorn", f"{module}:app", "--host", "127.0.0.1"]
    process = subprocess.Popen(
        [*command, "--port", str(port), "--no-access-log", "--log-level", "warning"], cwd=ROOT, env=environment
    )
    try:
        deadline = time.monotonic() + 30
        while True:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/api/products", timeout=5).close()
                break
            except OSError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.1)
        yield port, process.pid
    finally:
        process.terminate()
        process.wait(20)


def cpu_per_request(port: int, path: str, process: int, seconds: int) -> float:
    """CPU milliseconds of the server for each request of a load of that many seconds, once it has answered one."""
    urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5).close()  # statements and templates are compiled
    before = cpu_seconds(process)
    done = subprocess.run(
        ["taskset", "-c", "1", "wrk", "-t1", "-c16", f"-d{seconds}s", f"http://127.0.0.1:{port}{path}"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    count = int(re.search(r"(\d+) requests in", done.stdout).group(1))  # type: ignore[union-attr]
    if "Non-2xx" in done.stdout:
        sys.exit(f"{path}: {done.stdout}")
    return (cpu_seconds(process) - before) / count * 1000


def cpu_seconds(process: int) -> float:
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICK


if __name__ == "__main__":
    main()
