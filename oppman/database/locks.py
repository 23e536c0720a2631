"""Who holds the table that a migration could not have, on PostgreSQL."""

import asyncio
import re
from contextlib import suppress
from dataclasses import dataclass

from oppman.database.address import is_sqlite, postgres_dsn
from oppman.database.status import connect

_HOLDERS = """
SELECT c.relname, a.pid, a.application_name, a.usename, a.state, to_char(a.query_start, 'HH24:MI:SS') AS since,
       left(regexp_replace(a.query, '\\s+', ' ', 'g'), 80) AS query
FROM pg_locks l
JOIN pg_class c ON c.oid = l.relation
JOIN pg_stat_activity a USING (pid)
JOIN pg_database d ON d.oid = l.database
WHERE l.granted AND c.relkind IN ('r', 'p') AND d.datname = current_database() AND a.pid <> pg_backend_pid()
  AND c.relnamespace <> 'pg_catalog'::regnamespace
ORDER BY a.xact_start, a.pid
"""


@dataclass(frozen=True)
class Holder:
    """A session that uses a table."""

    table: str
    pid: int
    text: str


def holders(url: str, statement: str) -> list[Holder]:
    """The sessions that hold a lock on a table that `statement` names, the longest transaction first.

    Empty on SQLite, and where the server does not tell. Must not be called from a running event loop.
    """
    if is_sqlite(url):
        return []
    found: dict[int, Holder] = {}
    with suppress(Exception):  # what could not be done matters more than who is in the way
        for row in asyncio.run(_ask(postgres_dsn(url))):
            table, pid, application, user, state, since, query = row
            if re.search(rf"(?<!\w){re.escape(table)}(?!\w)", statement):
                named = f"application {application}" if application else f"user {user}"
                text = f"process {pid} ({named}, {state}, since {since}: {query})"
                found.setdefault(pid, Holder(table, pid, text))
    return list(found.values())


async def _ask(dsn: str) -> list[tuple[str, int, str, str, str, str, str]]:
    connection = await connect(dsn)
    try:
        return [tuple(row) for row in await connection.fetch(_HOLDERS)]
    finally:
        await connection.close()
