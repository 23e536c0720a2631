"""The SQL prompt, and scripts that come from an option or through a pipe."""

import sys
from collections.abc import Callable, Iterator
from typing import Any

from oppman import console
from oppman.database.sql.connection import Answer, Connection, SqlError
from oppman.database.sql.split import split
from oppman.errors import UsageError

HELP = """\
SELECT ...;       runs when the semicolon comes
.tables           the tables and views
.schema [NAME]    how a table is made
.quit             ends, as Ctrl-D does; Ctrl-C drops what is typed"""

QUIT = (".quit", ".exit")

_TABLES = {
    True: "SELECT name, type FROM sqlite_master WHERE type IN ('table', 'view') AND name NOT GLOB 'sqlite_*'"
    " ORDER BY 1",
    False: "SELECT c.oid::regclass::text AS name, CASE WHEN relkind IN ('v', 'm') THEN 'view' ELSE 'table' END AS type"
    " FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace WHERE relkind IN ('r', 'p', 'v', 'm', 'f')"
    " AND nspname !~ '^pg_' AND nspname <> 'information_schema' ORDER BY 1",
}
_SQLITE_SCHEMA = "SELECT sql || ';' FROM sqlite_master WHERE sql IS NOT NULL AND ? IN (tbl_name, '') ORDER BY tbl_name"


def script(connection: Connection, text: str, *, as_json: bool = False) -> None:
    """Run the statements of `text` and show their rows; stop at the first that fails.

    As JSON: the rows of the last statement that has any, as a list of objects. Raises SqlError and UsageError.
    """
    last: Answer | None = None
    for line in _inputs(connection, text):
        if line in QUIT:
            break
        answer = _carry_out(connection, line)
        if answer is not None and as_json:
            last = answer if answer.columns else last
        elif answer is not None:
            show(answer)
    if as_json:
        console.json([dict(zip(last.columns, row, strict=True)) for row in last.rows] if last else [])


def interact(connection: Connection, name: str) -> None:
    """Ask for statements until the end of the file or `.quit`. What fails is shown, and the prompt goes on."""
    ask = _prompt()
    console.note(".help lists what else can be typed.")
    typed = ""
    while True:
        try:
            typed += ask(f"{name}{'-' if typed else '='}> ") + "\n"
            if typed.strip() in QUIT:
                return
            typed = _run_complete(connection, typed)
        except KeyboardInterrupt:
            typed = ""
        except EOFError:
            return


def show(answer: Answer) -> None:
    """Write the rows to stdout, and what was done to stderr."""
    if answer.columns:
        console.table(answer.columns, [[_cell(value) for value in row] for row in answer.rows], "No rows.")
    elif answer.done:
        console.note(answer.done)


def _run_complete(connection: Connection, typed: str) -> str:
    """Run what is complete and return the rest."""
    statements, rest = (
        ([typed.strip()], "") if typed.lstrip().startswith(".") else split(typed, sqlite=connection.sqlite)
    )
    for statement in statements:
        try:
            if (answer := _carry_out(connection, statement)) is not None:
                show(answer)
        except (SqlError, UsageError) as problem:
            console.error(problem)
            return ""
    return f"{rest}\n" if rest else ""


def _inputs(connection: Connection, text: str) -> Iterator[str]:
    """The statements and the dot commands of a script."""
    statement = ""
    for line in text.splitlines(keepends=True):
        if not statement.strip() and line.lstrip().startswith("."):
            yield line.strip()
            continue
        statement += line
        if ";" in line:
            complete, statement = split(statement, sqlite=connection.sqlite)
            yield from complete
            statement += "\n" if statement else ""
    if statement.strip():
        yield statement.strip()


def _carry_out(connection: Connection, line: str) -> Answer | None:
    """The answer to a statement or a dot command; None if there is nothing to show."""
    if not line.startswith("."):
        return connection.run(line)
    command, _, name = line.rstrip(";").partition(" ")
    if command == ".tables":
        return connection.run(_TABLES[connection.sqlite])
    if command == ".schema":
        return _schema(connection, name.strip())
    if command != ".help":
        raise UsageError(f"There is no {command}.", ".help lists what there is.")
    console.out(HELP)
    return None


def _schema(connection: Connection, name: str) -> Answer | None:
    if connection.sqlite:
        for (sql,) in connection.run(_SQLITE_SCHEMA, name).rows:
            console.out(sql)
        return None
    from oppman.database.inspect.postgres import look
    from oppman.database.inspect.show import show_table

    tables = look(connection, exact=False).tables
    for table in [table for table in tables if name in {table.name, ""}]:
        show_table(table)
    return None


def _prompt() -> Callable[[str], str]:
    from prompt_toolkit import PromptSession
    from prompt_toolkit.output import create_output

    options: dict[str, Any] = {} if sys.stdout.isatty() else {"output": create_output(sys.stderr)}
    session: PromptSession[str] = PromptSession(**options)
    return session.prompt


def _cell(value: object) -> object:
    if value is None:
        return "NULL"
    return f"x'{bytes(value).hex()}'" if isinstance(value, (bytes, memoryview)) else value
