"""Statements on a PostgreSQL server, for tests that look at what a command left there."""

import asyncio
from typing import Any


def execute(url: str, statement: str) -> list[Any]:
    """Run one statement in autocommit and return its rows."""
    import asyncpg

    async def run() -> list[Any]:
        connection = await asyncpg.connect(url)
        try:
            return [tuple(row) for row in await connection.fetch(statement)]
        finally:
            await connection.close()

    return asyncio.run(run())
