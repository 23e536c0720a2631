"""What the two databases of a copy can do, each in its own way."""

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any, Protocol

from oppman.database.tables.table import Table
from oppman.database.transfer.checksum import Checksum
from oppman.database.transfer.pair import TablePair
from oppman.database.transfer.trouble import Troubles

Reported = Callable[[int], None]
BATCH_ROWS = 20_000
BATCH_BYTES = 4_000_000
"""A batch ends where one of the two is reached, so that the memory that it takes does not depend on the rows."""


@dataclass(frozen=True)
class Batch:
    """Rows as the other side takes them. `last` is the key of the last one, in SQL of the side that it comes from."""

    rows: int
    payload: Any
    last: str
    checksum: Checksum | None = None
    """None if what is sent is not what is compared."""


def silent(_rows: int) -> None:
    """Tell nobody."""


class Side(Protocol):
    """One database and our one connection to it."""

    async def claim(self) -> None:
        """Wait for what a killed copy has left behind. Raises Refused while another one writes."""
        ...

    async def tables(self) -> list[Table]:
        """All tables of the project."""
        ...

    async def fetch(self, sql: str, *values: object) -> Sequence[Sequence[Any]]:
        """The rows of a query with parameters $1, $2, ..."""
        ...

    async def execute(self, sql: str, *values: object) -> int:
        """Run a statement with parameters $1, $2, ... and return how many rows it changed."""
        ...

    def transaction(self) -> AbstractAsyncContextManager[Any]:
        """All of the block or nothing."""
        ...

    def snapshot(self) -> AbstractAsyncContextManager[Any]:
        """What is read in the block is the database as it was when the block began."""
        ...

    async def check(self, pair: TablePair, troubles: Troubles) -> None:
        """Add what the other side would not take from this one."""
        ...

    async def read(self, pair: TablePair, after: str) -> Batch:
        """The next rows in the order of the key; no rows at the end."""
        ...

    async def write(self, pair: TablePair, payload: Any) -> None:
        """Insert the rows of a batch from the other side."""
        ...

    async def checksum(self, pair: TablePair, report: Reported = silent) -> Checksum:
        """Read the whole table for what is compared; `report` is called with how many rows more have been read."""
        ...

    async def clear(self, tables: list[Table]) -> None:
        """Delete all rows of the tables."""
        ...

    async def take_away(self) -> list[str]:
        """Drop what makes writing slow or ties it to an order; the statements that put it back are returned."""
        ...

    async def counter(self, pair: TablePair) -> int:
        """The greatest integer key that this database has ever given to a row of the table by itself; 0 if none."""
        ...

    async def count_on(self, pair: TablePair, counter: int) -> None:
        """Give the table's next row a key that is greater than `counter` and all that are there."""
        ...

    async def settle(self) -> None:
        """Let the database look at its new rows, so that it plans well; on SQLite, check its foreign keys."""
        ...
