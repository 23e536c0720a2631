"""`oppman embed`."""

import sys

from webapp.db import dispose
from webapp.services.embedding_service import embed_all


async def embed() -> None:
    """Make the vectors that the search lacks: of rows that came in bulk, or for another EMBEDDER."""
    try:
        tables = await embed_all(_show)
    finally:
        await dispose()
    for table in tables:
        print(f"{table.table}: {table.rows:,} rows, {table.made:,} vectors made")  # noqa: T201
    if not tables:
        print("The search knows of no model yet: webapp/embedded.py says how it gets to know one.")  # noqa: T201


def _show(table: str, done: int, rows: int) -> None:
    if sys.stderr.isatty():
        print(f"{table}: {done:,} of {rows:,}", end="\r", file=sys.stderr, flush=True)  # noqa: T201
