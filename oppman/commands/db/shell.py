"""`oppman db shell`."""

import sys
from typing import Annotated

import typer

from oppman import console
from oppman.options import Json
from oppman.project import Project


def shell(
    arguments: Annotated[
        list[str] | None, typer.Argument(metavar="ARGS", help="For psql or sqlite3, after --.", show_default=False)
    ] = None,
    sql: Annotated[
        str | None, typer.Option("--command", "-c", metavar="SQL", help="Run this instead of asking for input.")
    ] = None,
    read_only: Annotated[bool, typer.Option("--read-only", help="Refuse what writes.")] = False,
    as_json: Json = False,
) -> None:
    """Open a SQL prompt on the database.

    On a terminal that is psql or sqlite3 if the program is installed, else a prompt of our own. SQL may also come
    through a pipe; it stops at the first error. Each statement is committed by itself, unless you write BEGIN. SQLite
    checks foreign keys.

    \b
    Example:
      oppman db shell
      oppman db shell -c "SELECT name, price FROM products LIMIT 5"
      echo "SELECT count(*) FROM users;" | oppman db shell --json --read-only
      oppman db shell -- --expanded
    """
    from oppman.database import address
    from oppman.database.sql.connection import opened
    from oppman.database.sql.program import become, program
    from oppman.database.sql.shell import interact, script
    from oppman.errors import UsageError

    project = Project.here()
    url = address.database_url(project)
    if arguments and (sql is not None or as_json):
        raise UsageError("--command and --json are our own, not the program's.", "Leave out what follows --.")
    asks = sql is None and not as_json and console.interactive()
    if arguments or asks:
        if path := program(url):
            become(path, project, url, arguments or [], read_only=read_only)
        elif arguments:
            raise UsageError(
                f"{arguments[0]} is for psql or sqlite3, which is not installed.", "Install it, or leave that away."
            )
    with opened(project, url, read_only=read_only) as connection:
        if asks:
            interact(connection, project.root.name)
        else:
            script(connection, sys.stdin.read() if sql is None else sql, as_json=as_json)
