"""The schema of a copy, made by the project's migrations."""

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from oppman.contract import Contract
from oppman.database import address
from oppman.database.create import MAINTENANCE
from oppman.database.engine import on_postgres
from oppman.database.environment import bring, config
from oppman.database.failures import failure
from oppman.database.revisions import History
from oppman.database.scratch import on_scratch
from oppman.database.status import current_revisions
from oppman.database.tables import postgres, sqlite
from oppman.database.tables.table import Table

if TYPE_CHECKING:
    from sqlalchemy import Connection


def migrate(contract: Contract, url: str) -> None:
    """Bring the database at `url` to the project's newest revision. Raises MigrationFailed.

    Must not be called from a running event loop.
    """
    before = current_revisions(contract.project, url)
    _guarded(contract, url, before, lambda work: _on_sqlite(contract, url, work) if address.is_sqlite(url)
             else asyncio.run(on_postgres(address.postgres_dsn(url), work)))  # fmt: skip


def tables_to_be(contract: Contract, url: str) -> list[Table]:
    """The tables that the migrations make on the kind of database that `url` names, tried on a scratch one."""
    if not address.is_sqlite(url):  # the database of `url` need not be there
        url = urlsplit(url)._replace(path=f"/{MAINTENANCE[0]}").geturl()
    found: list[Table] = []

    def on_database(work: "Callable[[Connection], None]") -> None:
        def work_and_look(connection: "Connection") -> None:
            work(connection)
            found.extend(_tables(connection))

        on_scratch(url, work_and_look)

    _guarded(contract, url, None, on_database)
    return found


def _guarded(
    contract: Contract,
    url: str,
    before: tuple[str, ...] | None,
    on_database: "Callable[[Callable[[Connection], None]], None]",
) -> None:
    """Run the migrations on the connection that `on_database` gives."""
    contract.load("metadata")  # a model that cannot be imported is told as such, not as a failed migration
    head = History.read(contract.project).head()
    made = config(contract.project)
    running = [""]

    def work(connection: "Connection") -> None:
        bring(made, connection, head, running.append)

    try:
        on_database(work)
    except Exception as problem:
        raise failure(contract.project, url, problem, running[-1], before) from None


def _on_sqlite(contract: Contract, url: str, work: "Callable[[Connection], None]") -> None:
    from sqlalchemy import create_engine, event
    from sqlalchemy.pool import NullPool

    engine = create_engine(f"sqlite:///{address.sqlite_file(contract.project, url)}", poolclass=NullPool)
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    with engine.connect() as connection:
        work(connection)


def _prepare(connection: Any, _record: object) -> None:
    connection.isolation_level = None
    connection.execute("PRAGMA journal_mode = WAL")


def _tables(connection: "Connection") -> list[Table]:
    from sqlalchemy.util import await_only

    driver: Any = connection.connection.driver_connection
    return sqlite.read(driver) if connection.dialect.name == "sqlite" else await_only(postgres.read(driver))
