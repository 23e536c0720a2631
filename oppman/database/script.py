"""The SQL that a plan would run, without running it on anybody's database."""

import io
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from oppman.contract import Contract
from oppman.database.environment import config, run_environment
from oppman.database.failures import failure
from oppman.database.lint.change import Database
from oppman.database.migrations import Plan
from oppman.database.revisions import BASE, History
from oppman.database.scratch import on_scratch
from oppman.errors import MigrationFailed, UsageError

if TYPE_CHECKING:
    from alembic.script import ScriptDirectory
    from sqlalchemy import Connection

_PASSED_OVER = ("SELECT", "PRAGMA", "BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE", "--", "EXPLAIN")


def sql_of(contract: Contract, wanted: Plan, database: Database) -> str:
    """The statements of a plan for that kind of database, with its transactions, ready for `sqlite3` or `psql`.

    PostgreSQL: Alembic's offline mode; no server is asked. SQLite: what is recorded on a database in memory, because a
    batch change has to read the table that it copies. Raises MigrationFailed for a revision that needs an answer.
    """
    if len(wanted.start) > 1:
        raise UsageError("The database stands at several revisions.", "Name the one to start at: --from REVISION.")
    contract.load("metadata")
    return _recorded(contract, wanted) if database == "sqlite" else _offline(contract, wanted)


def _offline(contract: Contract, wanted: Plan) -> str:
    made, running = config(contract.project), _Running()
    made.attributes["dialect"] = "postgresql"
    made.output_buffer = buffer = io.StringIO()
    start = wanted.start[0] if wanted.start else None
    try:
        run_environment(made, running.steps(wanted), as_sql=True, starting_rev=start, destination_rev=wanted.target)
    except Exception as problem:
        found = failure(contract.project, "postgresql://", problem, running.last, None)
        if not isinstance(found, MigrationFailed):
            raise found from None
        name = History.read(contract.project).revisions[running.last]
        raise MigrationFailed(
            f"The SQL of revision {name} cannot be printed: {problem}",
            "It needs an answer from the database, and none is asked. `oppman db migrate` runs it.",
            found.detail,
        ) from None
    return buffer.getvalue().strip()


def _recorded(contract: Contract, wanted: Plan) -> str:
    made, running, lines = config(contract.project), _Running(), list[str]()
    start = wanted.start[0] if wanted.start else BASE

    def record(statement: str) -> None:
        if not statement.lstrip().upper().startswith(_PASSED_OVER):
            lines.append(f"{statement.strip()};")

    def work(connection: "Connection") -> None:
        made.attributes["connection"] = connection
        if start != BASE:
            run_environment(made, running.steps(Plan(start, (), undo=False)))
            connection.commit()
        driver: Any = connection.connection.dbapi_connection
        driver.set_trace_callback(record)
        run_environment(made, running.steps(wanted, lambda step: lines.append(f"\n-- Running {step}")))
        driver.set_trace_callback(None)

    try:
        on_scratch("sqlite://", work)
    except Exception as problem:
        raise failure(contract.project, "sqlite://", problem, running.last, None) from None
    # With foreign keys on, a table that is copied would take the rows of its children along.
    head, tail = ["PRAGMA foreign_keys = OFF;", "BEGIN IMMEDIATE;"], ["", "PRAGMA foreign_key_check;", "COMMIT;"]
    return "\n".join([*head, *lines, *tail])


class _Running:
    """The revision that runs."""

    def __init__(self) -> None:
        self.last = ""

    def steps(self, wanted: Plan, report: Any = None) -> Any:
        def found(script: "ScriptDirectory", current: Any) -> Iterator[Any]:
            find: Any = script._downgrade_revs if wanted.undo else script._upgrade_revs
            for step in find(wanted.target, tuple(current)):
                self.last = step.revision.revision
                if report:
                    report(step.short_log)
                yield step

        return found
