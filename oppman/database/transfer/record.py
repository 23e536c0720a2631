"""How far a copy has come, kept in its target: what is written and the record of it are committed together."""

import json
from dataclasses import asdict, dataclass
from typing import Any

from oppman.database.transfer.side import Side
from oppman.errors import Refused

TABLE = "oppman_copy"
_COPY = ""
"""The name of the entry that is about the copy as a whole; the others have the names of tables."""


@dataclass(frozen=True)
class Begun:
    """A copy that is not finished."""

    source: str
    writing: bool = False
    """Whether the schema is there and its rows are being written."""
    statements: tuple[str, ...] = ()
    """What puts back the foreign keys and indexes that were taken away."""


@dataclass(frozen=True)
class Written:
    """How much of one table is there: `last` is the key of the last row, in SQL of the source."""

    last: str = ""
    rows: int = 0
    done: bool = False


class Record:
    """The table of the target that holds it."""

    def __init__(self, side: Side) -> None:
        self._side = side

    async def read(self) -> Begun | None:
        """The copy that was begun, if there is one."""
        if TABLE not in [table.name for table in await self._side.tables()]:
            return None
        found = await self._get(_COPY)
        return Begun(found["source"], found["writing"], tuple(found["statements"])) if found else None

    async def begin(self, begun: Begun) -> None:
        """Make the table, for a copy that begins."""
        await self._side.execute(f"CREATE TABLE {TABLE} (name VARCHAR(200) PRIMARY KEY, value TEXT NOT NULL)")
        await self._put(_COPY, asdict(begun))

    async def change(self, begun: Begun) -> None:
        """Say where the copy as a whole is now."""
        await self._side.execute(f"DELETE FROM {TABLE} WHERE name = $1", _COPY)  # noqa: S608
        await self._put(_COPY, asdict(begun))

    async def forget(self) -> None:
        """Say that no table has been written."""
        await self._side.execute(f"DELETE FROM {TABLE} WHERE name <> $1", _COPY)  # noqa: S608

    async def drop(self) -> None:
        """Remove the table, at the end."""
        await self._side.execute(f"DROP TABLE {TABLE}")

    async def written(self, table: str) -> Written:
        """How much of a table is there."""
        found = await self._get(table)
        if found is None:
            await self._put(table, asdict(Written()))
            return Written()
        return Written(**found)

    async def advance(self, table: str, before: Written, now: Written) -> None:
        """Say that more of a table is there. Raises Refused if another process has written to it."""
        changed = await self._side.execute(
            f"UPDATE {TABLE} SET value = $1 WHERE name = $2 AND value = $3",  # noqa: S608
            json.dumps(asdict(now)), table, json.dumps(asdict(before)),
        )  # fmt: skip
        if changed != 1:
            raise Refused("Another copy into this database is running.", "Wait for it to finish.")

    async def _get(self, name: str) -> Any:
        rows = await self._side.fetch(f"SELECT value FROM {TABLE} WHERE name = $1", name)  # noqa: S608
        return json.loads(rows[0][0]) if rows else None

    async def _put(self, name: str, value: dict[str, Any]) -> None:
        await self._side.execute(f"INSERT INTO {TABLE} (name, value) VALUES ($1, $2)", name, json.dumps(value))  # noqa: S608
