"""Foreign keys of a PostgreSQL database that is filled as a whole: taken away before its rows, put back after them.

So rows come in any order, also where tables refer to each other, and each key is checked once for all of them, which
takes a fraction of checking every row. No privilege is needed but that of the tables' owner.
"""

from typing import Any

_FOREIGN_KEYS = """
    SELECT conrelid::regclass::text AS table, quote_ident(conname) AS name, pg_get_constraintdef(oid) AS definition
    FROM pg_constraint
    WHERE contype = 'f' AND conparentid = 0 AND connamespace = current_schema()::regnamespace ORDER BY conname
"""


async def take_away(connection: Any) -> list[str]:
    """Drop all foreign keys on an asyncpg `connection`; the statements that put them back are returned.

    Do both in one transaction, or keep the statements where a crash cannot lose them.
    """
    found = await connection.fetch(_FOREIGN_KEYS)
    for row in found:
        await connection.execute(f"ALTER TABLE {row['table']} DROP CONSTRAINT {row['name']}")
    return [f"ALTER TABLE {row['table']} ADD CONSTRAINT {row['name']} {row['definition']}" for row in found]
