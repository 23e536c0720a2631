"""A schema as bytes, and back: SQLite's whole database, or the statements that PostgreSQL was told."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sqlalchemy import Connection

_REFLECTION = "SELECT pg_catalog."  # how SQLAlchemy asks what is there; nothing depends on it


def facts(connection: "Connection") -> list[str]:
    """What of the database decides how it takes the bytes: its kind and version, and those of its driver."""
    dialect = connection.dialect
    driver = "" if dialect.name == "sqlite" else str(getattr(dialect.dbapi, "version", ""))  # SQLite's is Python's own
    return [dialect.name, str(dialect.server_version_info), driver]


@contextmanager
def recording(connection: "Connection", before: bytes = b"") -> "Iterator[Callable[[], bytes | None]]":
    """What was made on the connection, `before` and within the block, is what the given function returns.

    None if it cannot be kept.
    """
    if connection.dialect.name == "sqlite":
        raw: Any = connection.connection.driver_connection
        yield lambda: raw.serialize() if hasattr(raw, "serialize") else None
        return
    from sqlalchemy import event

    steps: list[Any] = json.loads(before) if before else [[]]

    def on_statement(
        current: "Connection", _cursor: Any, statement: str, parameters: Any, _context: Any, many: bool
    ) -> None:
        if statement.startswith(_REFLECTION):
            return
        alone = current.get_execution_options().get("isolation_level") == "AUTOCOMMIT"
        step = [statement, [list(row) for row in parameters] if many else list(parameters or ()), many]
        steps.append([step]) if alone else steps[-1].append(step)
        if alone:
            steps.append([])

    def on_commit(_connection: "Connection") -> None:
        steps.append([])

    event.listen(connection, "before_cursor_execute", on_statement)
    event.listen(connection, "commit", on_commit)
    try:
        yield lambda: _as_bytes(steps)
    finally:
        event.remove(connection, "before_cursor_execute", on_statement)
        event.remove(connection, "commit", on_commit)


def _as_bytes(steps: list[Any]) -> bytes | None:
    try:
        return json.dumps([step for step in steps if step]).encode()
    except TypeError:  # a parameter that is no plain value
        return None


def restore(connection: "Connection", payload: bytes) -> None:
    """Make what the bytes say in an empty database."""
    raw: Any = connection.connection.driver_connection
    if connection.dialect.name == "sqlite":
        raw.deserialize(payload)
        return
    from sqlalchemy.util import await_only

    for transaction in json.loads(payload):
        plain: list[str] = []
        for statement, parameters, many in [*transaction, ["", [""], False]]:
            if not parameters:
                plain.append(statement)
                continue
            if plain:  # several statements in one message are one transaction to the server
                await_only(raw.execute("\n;\n".join(plain)))
                plain = []
            if statement:
                connection.exec_driver_sql(statement, _rows(parameters, many))
                connection.commit()


def _rows(parameters: list[Any], many: bool) -> Any:
    return [tuple(row) for row in parameters] if many else tuple(parameters)
