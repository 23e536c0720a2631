"""What Alembic runs for every command: the models to compare with and the connection to work on.

Plain `alembic upgrade head` works, from any folder with `-c path/to/pyproject.toml`. A program may pass in
`config.attributes`: a "connection"; "wait", "lock_timeout" and "statement_timeout" in seconds; "tell", a function that
says to a person what happens meanwhile; a "dialect" to print SQL for; and "quiet", to keep this file from touching
logging.

Behind pgbouncer in its transaction mode neither the lock nor the limits of time hold: migrate with a DATABASE_URL that
names the server itself.
"""

import asyncio
import logging
import sqlite3
import time
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from typing import Any

from alembic import context
from alembic.autogenerate import renderers
from alembic.autogenerate.api import AutogenContext
from alembic.ddl.base import RenameTable
from alembic.ddl.sqlite import SQLiteImpl
from alembic.operations import ops
from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Connection,
    Date,
    DateTime,
    Enum,
    Float,
    Inspector,
    Integer,
    Numeric,
    String,
    Table,
    Time,
    cast,
    event,
    func,
    not_,
    select,
    text,
    type_coerce,
)
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool
from sqlmodel import AutoString
from sqlmodel.sql.sqltypes import UTCDateTime

from webapp.models import metadata
from webapp.settings import get_settings
from webapp.vector import Vector

MIGRATION_LOCK = 7_215_308_461
"""Any number: what two processes that migrate one PostgreSQL database at once have in common."""

WAIT = 300.0
"""Seconds to wait for another process that migrates the same database."""

LOCK_TIMEOUT = 10.0
"""Seconds that a statement waits for a table that somebody uses. Short, since others wait behind it meanwhile."""

STATEMENT_TIMEOUT = 0.0
"""Seconds that a statement may take on PostgreSQL; 0 is as long as it likes."""


class StillLocked(RuntimeError):
    """Another process has the lock for longer than we wait."""


def migrate_online() -> None:
    """Work on the connection that was passed, or on one of our own."""
    connection = context.config.attributes.get("connection")
    if connection is not None:
        migrate_on(connection)
    else:
        asyncio.run(_connect_and_migrate())


def migrate_offline() -> None:
    """Print SQL instead of running it (`alembic upgrade head --sql`)."""
    backend = context.config.attributes.get("dialect") or get_settings().database.get_backend_name()
    context.configure(
        dialect_name=backend,
        literal_binds=True,
        dialect_opts={"paramstyle": "named"},
        transaction_per_migration=backend != "sqlite",
        **_options(),
    )
    with context.begin_transaction():
        context.run_migrations()


def migrate_on(connection: Connection) -> None:
    """Run the revisions on `connection`.

    SQLite: in one transaction, all or none. PostgreSQL: each in its own, so that locks are short and a revision may use
    an `autocommit_block()`; those before a failing one stay applied.
    """
    sqlite = connection.dialect.name == "sqlite"
    if not sqlite:
        with suppress(ImportError):  # so that SQLAlchemy knows a column of vectors that it reads
            import pgvector.sqlalchemy  # noqa: F401
    context.configure(connection=connection, transactional_ddl=True, transaction_per_migration=not sqlite, **_options())
    with context.begin_transaction():
        if sqlite:
            _migrate_sqlite(connection)
        else:
            context.run_migrations()


def _migrate_sqlite(connection: Connection) -> None:
    if connection.exec_driver_sql("PRAGMA foreign_keys").scalar():
        raise RuntimeError("Migrate SQLite on a connection with PRAGMA foreign_keys = OFF, or lose rows to CASCADE.")
    orphans, counters = _orphans(connection), _counters(connection)

    def rename(_connection: Connection, statement: Any, *_rest: Any) -> None:
        if isinstance(statement, RenameTable) and statement.table_name in counters:
            counters[str(statement.new_table_name)] = counters.pop(str(statement.table_name))

    event.listen(connection, "after_execute", rename)
    try:
        with warnings.catch_warnings():  # a batch change loses those, so the revisions make them again after it
            warnings.filterwarnings("ignore", "Skipped unsupported reflection of expression-based index")
            context.run_migrations()
    finally:
        event.remove(connection, "after_execute", rename)
    _keep_counters(connection, counters)
    if new := _orphans(connection) - orphans:
        tables = ", ".join(sorted({str(table) for table, *_ in new}))
        raise RuntimeError(
            f"The migration would leave {len(new)} rows that refer to nothing, in: {tables}. "
            "Nothing was changed. Let the revision move or delete those rows first."
        )


async def _connect_and_migrate() -> None:
    engine = create_async_engine(get_settings().database, poolclass=NullPool)
    if engine.dialect.name == "sqlite":
        event.listen(engine.sync_engine, "connect", _prepare_sqlite)
        event.listen(engine.sync_engine, "begin", _lock_sqlite)
    try:
        async with engine.connect() as connection:
            if engine.dialect.name == "postgresql":
                await connection.run_sync(_prepare_postgres)
                await connection.run_sync(_lock_postgres)
            await connection.run_sync(migrate_on)
            await connection.commit()
    finally:
        await engine.dispose()


def _prepare_sqlite(connection: Any, _record: object) -> None:
    # A batch change copies a table and drops the old one. With foreign keys on, that would delete the rows of
    # every table that refers to it with CASCADE.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in ("busy_timeout = 200", "foreign_keys = OFF"):
        cursor.execute(f"PRAGMA {pragma}")
    with suppress(sqlite3.OperationalError):
        cursor.execute("PRAGMA journal_mode = WAL")  # fails while another process does the same
    cursor.close()


def _lock_sqlite(connection: Connection) -> None:
    """Begin a transaction that writes; nobody else can until it ends."""

    def begin() -> bool:
        try:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        except OperationalError as problem:
            if "locked" not in str(problem.orig):
                raise
            return False
        return True

    _wait_until(begin, "Another process is migrating this database, or writing to it")
    timeout = _seconds("lock_timeout", LOCK_TIMEOUT) or 24 * 3600
    connection.exec_driver_sql(f"PRAGMA busy_timeout = {timeout * 1000:.0f}")


def _prepare_postgres(connection: Connection) -> None:
    values = {
        "application_name": "migrations",
        "lock_timeout": f"{_seconds('lock_timeout', LOCK_TIMEOUT) * 1000:.0f}",
        "statement_timeout": f"{_seconds('statement_timeout', STATEMENT_TIMEOUT) * 1000:.0f}",
        "idle_in_transaction_session_timeout": "0",  # a backup may be made in the middle
        # When this process is killed, the server ends its statement and frees its locks (PostgreSQL 14, Linux, macOS).
        "client_connection_check_interval": "1000",
    }
    for name, value in values.items():
        with suppress(DBAPIError):  # a setting that this server does not have
            connection.execute(text("SELECT set_config(:name, :value, false)"), {"name": name, "value": value})
            connection.commit()
        connection.rollback()


def _lock_postgres(connection: Connection) -> None:
    """Take the lock that is held until the connection closes."""

    def ask(question: str) -> Any:
        answer = connection.execute(text(question), {"key": MIGRATION_LOCK}).scalar()
        # Who waits in a transaction would be waited for by CREATE INDEX CONCURRENTLY of the one that migrates.
        connection.commit()
        return answer

    def holder() -> str:
        return str(ask(HOLDER) or "")

    _wait_until(
        lambda: bool(ask("SELECT pg_try_advisory_lock(:key)")), "Another process is migrating this database", holder
    )


HOLDER = """
SELECT format(' (pid %s, since %s)', pid, to_char(backend_start, 'HH24:MI:SS'))
FROM pg_locks JOIN pg_stat_activity USING (pid)
WHERE locktype = 'advisory' AND granted AND (classid::bigint << 32) | objid::bigint = :key
"""


def _wait_until(taken: Callable[[], bool], reason: str, holder: Callable[[], str] = str) -> None:
    """Try to take a lock until it is ours. Says so after a second; raises StillLocked when the time is over."""
    start, told, wait = time.monotonic(), False, _seconds("wait", WAIT)
    tell = context.config.attributes.get("tell", logging.getLogger("alembic").warning)
    while not taken():
        waited = time.monotonic() - start
        if waited >= wait:
            raise StillLocked(f"{reason}{holder()}. It did not end within {wait:g} seconds.")
        if waited >= 1 and not told:
            told = True
            tell(f"{reason}; waiting.")
        time.sleep(0.1)


def _seconds(name: str, default: float) -> float:
    return float(context.config.attributes.get(name, default))


def _orphans(connection: Connection) -> set[tuple[Any, ...]]:
    return {tuple(row) for row in connection.exec_driver_sql("PRAGMA foreign_key_check")}


def _counters(connection: Connection) -> dict[str, int]:
    """The greatest key that each AUTOINCREMENT table has given away."""
    if not connection.exec_driver_sql("SELECT 1 FROM sqlite_master WHERE name = 'sqlite_sequence'").scalar():
        return {}
    return {row.name: row.seq for row in connection.exec_driver_sql("SELECT name, seq FROM sqlite_sequence")}


def _keep_counters(connection: Connection, counters: dict[str, int]) -> None:
    """A table that a batch change copied counts from its greatest row: keys of deleted rows would come back."""
    now = _counters(connection)
    for name, key in counters.items():
        if key > now.get(name, 0):
            connection.exec_driver_sql("DELETE FROM sqlite_sequence WHERE name = ?", (name,))
            connection.exec_driver_sql(
                "INSERT INTO sqlite_sequence (name, seq) SELECT name, ? FROM sqlite_master WHERE name = ?", (key, name)
            )


class SQLite(SQLiteImpl):
    """A batch change that gives a column another type casts its values, whatever they are."""

    __dialect__ = "sqlite"

    def cast_for_batch_migrate(self, existing: Column[Any], existing_transfer: dict[str, Any], new_type: Any) -> None:
        if isinstance(new_type, Date | DateTime | Time | UTCDateTime):
            return  # kept as text, of which CAST would leave the year
        source = existing_transfer["expr"]
        numbers = new_type._type_affinity in {Boolean, Float, Integer, Numeric}
        if numbers and isinstance(source, Column) and self.connection is not None:
            _refuse_what_is_no_number(self.connection, source, new_type)
        super().cast_for_batch_migrate(existing, existing_transfer, new_type)


def _refuse_what_is_no_number(connection: Connection, column: Column[Any], new_type: Any) -> None:
    """SQLite makes 0 of any text that is none, where PostgreSQL refuses it."""
    number = cast(column, Integer if new_type._type_affinity is Integer else Numeric)
    wrong = (
        select(type_coerce(column, String))
        .where(func.typeof(column) == "text", not_(type_coerce(column, Numeric) == number))
        .limit(1)
    )
    value = connection.scalar(wrong)
    if value is not None:
        raise RuntimeError(f"{column.table.name}.{column.name} has {value!r}, which is no number. Change it first.")


@event.listens_for(Table, "column_reflect")
def _keep_autoincrement(inspector: Inspector, table: Table, column: Any) -> None:
    """SQLAlchemy does not see AUTOINCREMENT in a table that it reads, so a batch change would lose it."""
    if column.get("primary_key") and isinstance(inspector.bind, Connection) and inspector.dialect.name == "sqlite":
        sql = inspector.bind.exec_driver_sql("SELECT sql FROM sqlite_master WHERE name = ?", (table.name,)).scalar()
        table.dialect_options["sqlite"]["autoincrement"] = "AUTOINCREMENT" in str(sql).upper()


def _options() -> dict[str, Any]:
    return {
        "target_metadata": metadata,
        "render_as_batch": True,  # on PostgreSQL too: what was written there has to run on SQLite as well
        "render_item": _render_item,
        "process_revision_directives": _rewrite,
        "compare_type": True,
        "compare_server_default": _compare_server_default,
    }


def _render_item(kind: str, item: Any, autogen: AutogenContext) -> str | bool:
    """Write SQLModel's types and text enums as plain SQLAlchemy ones, and import the module of any other type."""
    if kind == "type" and isinstance(item, UTCDateTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(item, AutoString):
        length = getattr(item.impl, "length", None)
        return f"sa.String(length={length})" if length else "sa.String()"
    if kind == "type" and isinstance(item, Enum) and not item.native_enum:
        return f"sa.String(length={item.length})"
    if kind == "type" and type(item).__module__.startswith("pgvector."):  # as it is read from PostgreSQL
        autogen.imports.add(f"import {Vector.__module__}")
        return f"{Vector.__module__}.{Vector.__name__}({item.dim})"
    if kind == "type" and not type(item).__module__.startswith("sqlalchemy."):
        autogen.imports.add(f"import {type(item).__module__}")
    return False


def _rewrite(_context: Any, _revision: Any, directives: list[Any]) -> None:
    """What autogenerate found, as this project writes it."""
    for script in directives:
        for operations in (*script.upgrade_ops_list, *script.downgrade_ops_list):
            operations.ops = [plain for operation in operations.ops for plain in _without_batch(operation)]
        for operations in script.upgrade_ops_list:
            if any(isinstance(column.type, Vector) for column in _new_columns(operations.ops)):
                operations.ops.insert(0, CreateVectorExtension())


class CreateVectorExtension(ops.OpContainer):
    """What PostgreSQL needs before its first column of vectors. No difference between the models and a database."""


@renderers.dispatch_for(CreateVectorExtension)
def _render_extension(_autogen: AutogenContext, _operation: CreateVectorExtension) -> list[str]:
    return [
        'if op.get_context().dialect.name == "postgresql":',
        'op.execute("CREATE EXTENSION IF NOT EXISTS vector")',
        "",
    ]


def _new_columns(operations: Iterable[Any]) -> Iterator[Any]:
    for operation in operations:
        if isinstance(operation, ops.CreateTableOp):
            yield from (column for column in operation.columns if isinstance(column, Column))
        elif isinstance(operation, ops.AddColumnOp):
            yield operation.column
        elif isinstance(operation, ops.ModifyTableOps):
            yield from _new_columns(operation.ops)


def _without_batch(operation: Any) -> list[Any]:
    """An index can be made and dropped without a batch. Autogenerate would write one around each."""
    if isinstance(operation, ops.ModifyTableOps) and all(
        isinstance(inner, ops.CreateIndexOp | ops.DropIndexOp) for inner in operation.ops
    ):
        return list(operation.ops)
    return [operation]


def _compare_server_default(
    alembic_context: Any, _inspected_column: Any, column: Any, inspected: str | None, _default: Any, wanted: str | None
) -> bool | None:
    """A default that only the database has is no difference. On SQLite quotes and parentheses are none either."""
    if wanted is None:
        return False
    if alembic_context.dialect.name == "sqlite":
        return _unquoted(inspected) != _unquoted(wanted)
    if isinstance(column.type, JSON) and inspected is not None:  # PostgreSQL does not compare JSON with JSON
        return _unquoted(inspected.rpartition("::")[0] or inspected) != _unquoted(wanted)
    return None


def _unquoted(default: str | None) -> str | None:
    return None if default is None else default.strip("()'\"")


if context.config.cmd_opts is not None and not context.config.attributes.get("quiet"):
    logging.basicConfig(format="%(levelname)s %(message)s")
    logging.getLogger("alembic").setLevel(logging.INFO)

if context.is_offline_mode():
    migrate_offline()
else:
    migrate_online()
