"""`oppman embed`."""

import sys

from webapp.db import dispose
from webapp.services.embedding_service import embed_all


async def embed() -> None:
    """Make the vectors that the search lacks: of rows that came in bulk, or for another EMBEDDER."""
    try:
        for table in await embed_all(_show):
            print(f"{table.table}: {table.rows:,} rows, {table.made:,} vectors made")  # noqa: T201
    finally:
        await dispose()


def _show(table: str, done: int, rows: int) -> None:
    if sys.stderr.isatty():
        print(f"{table}: {done:,} of {rows:,}", end="\r", file=sys.stderr, flush=True)  # noqa: T201
