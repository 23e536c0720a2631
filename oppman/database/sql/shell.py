"""The SQL prompt, and scripts that come from an option or through a pipe."""

import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from oppman import console
from oppman.database.sql.connection import Answer, Connection, SqlError
from oppman.database.sql.split import split
from oppman.database.sql.values import cell, plain
from oppman.errors import UsageError

HELP = """\
SELECT ...;       runs when the semicolon comes
.tables           the tables and views; \\d too
.schema [NAME]    how a table is made; \\d NAME too
.quit             ends, as Ctrl-D does; Ctrl-C drops what is typed"""

QUIT = (".quit", ".exit", "\\q")
_DESCRIBE = ("\\d", "\\d+", "\\dt")

_UNBROKEN = 32
"""Characters of a value that have to stand in one line."""

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
    for number, line in _inputs(connection, text):
        if line in QUIT:
            break
        try:
            answer = _carry_out(connection, line)
        except SqlError as problem:
            if number > 1 and not problem.hint:
                problem.hint = f"The statement begins in line {number}."
            raise
        if answer is not None and as_json:
            last = answer if answer.columns else last
        elif answer is not None:
            show(answer)
    _tell_what_is_lost(connection)
    if as_json:
        rows = [map(plain, row) for row in last.rows] if last else []
        console.json([dict(zip(last.columns, row, strict=True)) for row in rows] if last else [])


def interact(connection: Connection, name: str) -> None:
    """Ask for statements until the end of the file or `.quit`. What fails is shown, and the prompt goes on."""
    ask = _prompt()
    console.note(".help lists what else can be typed.")
    typed = ""
    while typed.strip() not in QUIT:
        try:
            typed = _run_complete(connection, typed)
            within = "*" if connection.in_transaction else ""  # as psql shows it
            typed += ask(f"{name}{'-' if typed else '='}{within}> ") + "\n"
        except KeyboardInterrupt:
            typed = ""
        except EOFError:
            break
    _tell_what_is_lost(connection)


def show(answer: Answer) -> None:
    """Write the rows to stdout, one below the other where the terminal is too narrow, and what was done to stderr."""
    rows = [[cell(value) for value in row] for row in answer.rows]
    if rows and sys.stdout.isatty() and _width(answer.columns, rows) > shutil.get_terminal_size().columns:
        for number, row in enumerate(rows, 1):
            console.out(f"row {number}", "bold")
            console.facts(zip(answer.columns, row, strict=True))
    elif answer.columns:
        console.table(answer.columns, rows, "No rows.")
    elif answer.done:
        console.note(answer.done)


def _width(columns: Sequence[str], rows: list[list[object]]) -> int:
    """How wide a table has to be; a longer text may be broken."""
    lengths = (max(len(str(value)) for value in column) for column in zip(columns, *rows, strict=True))
    return sum(min(length, _UNBROKEN) + 3 for length in lengths)


def _tell_what_is_lost(connection: Connection) -> None:
    if connection.in_transaction:
        console.warn("There was no COMMIT after BEGIN: what the transaction did is rolled back.")


def _run_complete(connection: Connection, typed: str) -> str:
    """Run what is complete and return the rest."""
    statements, rest = ([typed.strip()], "") if _is_command(typed) else split(typed, sqlite=connection.sqlite)
    for statement in statements:
        try:
            if (answer := _carry_out(connection, statement)) is not None:
                show(answer)
        except (SqlError, UsageError) as problem:
            console.error(problem)
            return ""
    return f"{rest}\n" if rest else ""


def _inputs(connection: Connection, text: str) -> Iterator[tuple[int, str]]:
    """The statements and the dot commands of a script, each with the number of the line in which it begins."""
    statement, begun = "", 1
    for number, line in enumerate(text.splitlines(keepends=True), 1):
        if not statement.strip():
            statement, begun = "", number
            if _is_command(line):
                yield number, line.strip()
                continue
        statement += line
        if ";" in line:
            complete, statement = split(statement, sqlite=connection.sqlite)
            yield from ((begun, each) for each in complete)
            statement += "\n" if statement else ""
            begun = number
    if statement.strip():
        yield begun, statement.strip()


def _is_command(line: str) -> bool:
    """Whether it is ours and not the database's: as sqlite3 has them, and the commonest of psql's."""
    return line.lstrip().startswith((".", "\\"))


def _carry_out(connection: Connection, line: str) -> Answer | None:
    """The answer to a statement or a dot command; None if there is nothing to show."""
    if not _is_command(line):
        return connection.run(line)
    typed, _, name = line.rstrip(";").partition(" ")
    name = name.strip()
    command = (".schema" if name else ".tables") if typed in _DESCRIBE else typed
    if command == ".tables":
        return connection.run(_TABLES[connection.sqlite])
    if command == ".schema":
        return _schema(connection, name)
    if command not in (".help", "\\?"):
        raise UsageError(f"There is no {typed}.", ".help lists what there is.")
    console.out(HELP)
    return None


def _schema(connection: Connection, name: str) -> Answer | None:
    if connection.sqlite:
        if not (made := connection.run(_SQLITE_SCHEMA, name).rows) and name:
            raise UsageError(f"There is no table {name!r}.", ".tables lists them.")
        for (sql,) in made:
            console.out(sql)
        return None
    from oppman.database.inspect.postgres import look
    from oppman.database.inspect.report import one
    from oppman.database.inspect.show import show_table

    catalog = look(connection, exact=False)
    for table in [one(catalog, name)] if name else catalog.tables:
        show_table(table)
    return None


def _prompt() -> Callable[[str], str]:
    from prompt_toolkit import PromptSession
    from prompt_toolkit.output import create_output

    options: dict[str, Any] = {} if sys.stdout.isatty() else {"output": create_output(sys.stderr)}
    session: PromptSession[str] = PromptSession(**options)
    return session.prompt
