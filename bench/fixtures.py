"""`oppman db dump` and `db load` of products beside Django's `dumpdata` and `loaddata`: time, CPU time and memory.

    uv run python bench/fixtures.py [--rows 100000] [--runs 3]

Both have the same rows in SQLite, with the same columns, constraint and indexes; runs take turns, ratios are taken run
by run. The peer is installed with uv into a temporary environment on the first call. Linux and macOS.
"""

import argparse
import os
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

WORK = Path(tempfile.gettempdir()) / "oppman-bench-fixtures"
SHOP, PEER = WORK / "shop", WORK / "peer"
OPPMAN, DJANGO = Path(sys.executable).with_name("oppman"), WORK / "venv/bin/python"

MODELS = """
from django.db import models
from django.db.models import Q


class Product(models.Model):
    name = models.CharField(max_length=100)
    description = models.TextField()
    price = models.DecimalField(max_digits=10, decimal_places=2)
    category = models.CharField(max_length=50)
    in_stock = models.BooleanField()
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        db_table = "products"
        constraints = [models.CheckConstraint(condition=Q(price__gte=0), name="price_not_negative")]
        indexes = [models.Index(fields=[name, "id"]) for name in ("name", "price", "created_at", "category")]
"""
SETTINGS = """
SECRET_KEY = "bench"
INSTALLED_APPS = ["catalog"]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "app.db"}}
DEFAULT_AUTO_FIELD = "django.db.models.AutoField"
USE_TZ = True
"""
ROWS = """
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {rows})
    INSERT INTO products (id, name, description, price, category, in_stock, created_at, updated_at)
    SELECT i, 'Product ' || (i * 7919 % {rows}), 'Made of the ' || i || 'th idea that we had, and sold as it is.',
        (i * 37 % 100000) / 100.0, 'Category ' || (i % 40), i % 3 > 0,
        strftime('%Y-%m-%d %H:%M:%S.000000', 1700000000 + i, 'unixepoch'), '2026-01-01 10:00:00.000000' FROM n
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    prepare(options.rows)
    pairs = {
        "dump": (
            [str(OPPMAN), "db", "dump", "products", "-o", "products.jsonl", "--yes"],
            ["dumpdata", "catalog", "-o", "p.json"],
        ),
        "load": ([str(OPPMAN), "db", "load", "products.jsonl"], ["loaddata", "p.json"]),
    }
    for name, (ours, theirs) in pairs.items():
        figures = []
        for _ in range(options.runs):
            if name == "load":
                empty(SHOP)
                empty(PEER)
            figures.append((measure(ours, SHOP), measure([str(DJANGO), "manage.py", *theirs], PEER)))
        for index, unit in enumerate(("s wall", "s CPU", "MB")):
            mine = [own[index] for own, _ in figures]
            other = [peer[index] for _, peer in figures]
            ratio = statistics.median(b / a for a, b in zip(mine, other, strict=True))
            print(f"{name:5} {statistics.median(mine):8.2f} {statistics.median(other):8.2f} {unit:7} {ratio:6.1f} x")


def prepare(rows: int) -> None:
    """Both projects with so many products each."""
    for folder in (SHOP, PEER):
        shutil.rmtree(folder, ignore_errors=True)
    WORK.mkdir(exist_ok=True)
    if not DJANGO.exists():
        subprocess.run(["uv", "venv", "-q", WORK / "venv"], check=True)
        subprocess.run(["uv", "pip", "install", "-q", "--python", DJANGO, "django"], check=True)
    subprocess.run([OPPMAN, "new", "shop", "--no-git"], cwd=WORK, check=True, capture_output=True)
    (SHOP / ".env").write_text("DATABASE_URL=sqlite:///app.db\n")
    subprocess.run([OPPMAN, "db", "migrate"], cwd=SHOP, check=True, capture_output=True)
    (PEER / "catalog/migrations").mkdir(parents=True)
    for name in ("catalog/__init__.py", "catalog/migrations/__init__.py"):
        (PEER / name).touch()
    (PEER / "catalog/models.py").write_text(MODELS)
    (PEER / "settings.py").write_text(SETTINGS)
    (PEER / "manage.py").write_text(
        "import os, sys\nfrom django.core.management import execute_from_command_line\n"
        'os.environ["DJANGO_SETTINGS_MODULE"] = "settings"\nexecute_from_command_line(sys.argv)\n'
    )
    for command in ("makemigrations", "migrate"):
        subprocess.run([DJANGO, "manage.py", command], cwd=PEER, check=True, capture_output=True)
    for folder in (SHOP, PEER):
        with closing(sqlite3.connect(folder / "app.db")) as database, database:
            database.execute("PRAGMA journal_mode = WAL")
            database.execute(ROWS.format(rows=rows))


def empty(folder: Path) -> None:
    """No products in the project's database."""
    with closing(sqlite3.connect(folder / "app.db")) as database, database:
        database.execute("DELETE FROM products")


def measure(command: list[str], folder: Path) -> tuple[float, float, float]:
    """Wall time, CPU time and the most memory of a command."""
    environment = {name: value for name, value in os.environ.items() if name not in {"VIRTUAL_ENV", "DATABASE_URL"}}
    start = time.perf_counter()
    process = subprocess.Popen(
        command, cwd=folder, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - start
    assert status == 0, f"{' '.join(command)} ended with {status}"
    return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


if __name__ == "__main__":
    main()
