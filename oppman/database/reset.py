"""Empty a database: everything that the project may have made in it is dropped, in one transaction."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from oppman.contract import Contract
from oppman.database.address import is_sqlite, sqlite_file
from oppman.database.environment import run_in_context
from oppman.database.failures import failure
from oppman.database.migrations import Conduct, configured, outside_of_the_loop
from oppman.errors import Refused
from oppman.project import Project

if TYPE_CHECKING:
    from sqlalchemy import Connection

PRODUCTION = "production"

# A virtual table takes those along that it keeps its data in, so it comes first.
_IN_SQLITE = """
SELECT type, name FROM sqlite_master
WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'
ORDER BY type = 'table', sql NOT LIKE 'CREATE VIRTUAL%'
"""
# What belongs to us in the schema, but for what an extension brought along or is a column's own sequence.
_IN_POSTGRES = """
SELECT kind, format('%I.%I', current_schema(), name) FROM (
    SELECT c.oid, relname AS name, 'pg_class'::regclass AS class,
           CASE relkind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW' WHEN 'S' THEN 'SEQUENCE'
                        WHEN 'f' THEN 'FOREIGN TABLE' WHEN 'c' THEN 'TYPE' ELSE 'TABLE' END AS kind
    FROM pg_class c
    WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p', 'v', 'm', 'S', 'f', 'c')
      AND pg_has_role(relowner, 'USAGE')
    UNION ALL
    SELECT t.oid, typname, 'pg_type'::regclass, CASE typtype WHEN 'd' THEN 'DOMAIN' ELSE 'TYPE' END
    FROM pg_type t
    WHERE typnamespace = current_schema()::regnamespace AND typtype IN ('e', 'd', 'r')
      AND pg_has_role(typowner, 'USAGE')
) AS ours
WHERE NOT EXISTS (
    SELECT FROM pg_depend
    WHERE classid = class AND objid = ours.oid AND (deptype = 'e' OR kind = 'SEQUENCE' AND deptype IN ('a', 'i'))
)
"""
_ORDER = ("VIEW", "MATERIALIZED VIEW", "FOREIGN TABLE", "TABLE", "SEQUENCE", "DOMAIN", "TYPE")


def refuse_in_production(contract: Contract) -> None:
    """Raise Refused if the settings say that this is production."""
    if str(getattr(contract.settings(), "environment", "")) == PRODUCTION:
        raise Refused(
            "A database in production is not reset: ENVIRONMENT is production.",
            "`oppman db rollback` undoes migrations; a database that is not needed any more is dropped on its server.",
        )


def database_name(project: Project, url: str) -> str:
    """What a person calls the database at `url`: its file's name, or its name on the server."""
    return sqlite_file(project, url).name if is_sqlite(url) else unquote(urlsplit(url).path.strip("/"))


def drop_everything(contract: Contract, conduct: Conduct) -> list[str]:
    """Drop every table, view, sequence and type of the database that is ours, and return the names of the tables.

    It waits for a process that migrates, copies the database (`conduct.copy`) unless it is empty, and drops all or
    nothing. Extensions, other schemas and what belongs to others stay. Raises DatabaseError if something of theirs
    depends on ours.
    """
    url, tables = str(contract.settings().database_url), list[str]()

    def drop(_script: object, _current: object, context: Any) -> Iterator[Any]:
        found = list(_found(context.connection))
        tables.extend(name for kind, name in found if kind == "TABLE")
        if tables and conduct.copy:
            outside_of_the_loop(conduct.copy)
        for statement in _drops(found, context.connection.dialect.name):
            context.connection.exec_driver_sql(statement)
        return iter(())

    contract.load("metadata")
    try:
        run_in_context(configured(contract.project, conduct), drop)
    except Exception as problem:
        raise failure(contract.project, url, problem) from None
    return tables


def _found(connection: "Connection") -> Iterator[tuple[str, str]]:
    if connection.dialect.name == "sqlite":
        quote = connection.dialect.identifier_preparer.quote_identifier
        for kind, name in connection.exec_driver_sql(_IN_SQLITE):
            yield kind.upper(), quote(name)
    else:
        for kind, name in connection.exec_driver_sql(_IN_POSTGRES):
            yield kind, name


def _drops(found: list[tuple[str, str]], dialect: str) -> Iterator[str]:
    """One statement for each kind, so that it does not matter which of them refers to which."""
    if dialect == "sqlite":
        yield from (f"DROP {kind} IF EXISTS {name}" for kind, name in found)
        return
    for kind in _ORDER:
        if names := [name for of, name in found if of == kind]:
            yield f"DROP {kind} IF EXISTS {', '.join(names)}"
