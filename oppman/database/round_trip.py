"""A revision tried out on a scratch database: applied, undone and applied again."""

from typing import TYPE_CHECKING

from oppman.contract import Contract
from oppman.database.migrations import config, failure, run_environment
from oppman.database.revisions import BASE, History
from oppman.database.scratch import on_scratch

if TYPE_CHECKING:
    from sqlalchemy import Connection


def round_trip(contract: Contract, revision: str) -> None:
    """Bring an empty database to `revision`, back to the one before it, and there again.

    Raises MigrationFailed, with the revision that raised, SeveralHeads and the errors of the contract.
    """
    project = contract.project
    parents = History.read(project).revisions[revision].parents
    before = parents[0] if parents else BASE
    url = str(contract.settings().database_url)
    contract.load("metadata")
    made = config(project)
    running = [""]

    def go(connection: "Connection", target: str, *, undo: bool = False) -> None:
        def steps(script: "object", current: "object") -> "object":
            find = getattr(script, "_downgrade_revs" if undo else "_upgrade_revs")
            for step in find(target, current):
                running.append(step.revision.revision)
                yield step

        made.attributes["connection"] = connection
        run_environment(made, steps)
        connection.commit()

    def work(connection: "Connection") -> None:
        go(connection, revision)
        go(connection, before, undo=True)
        go(connection, revision)

    try:
        on_scratch(url, work)
    except Exception as problem:
        raise failure(project, url, problem, running[-1]) from None
