"""A new revision tried out before it is kept: applied, undone and applied again on a scratch database."""

import re
import traceback
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from oppman.contract import Contract
from oppman.database.autogenerate.drift import Difference, autogenerate, differences, scripts
from oppman.database.environment import config
from oppman.database.failures import failure
from oppman.database.revisions import BASE, History, Revision, version_folders
from oppman.database.scratch import on_scratch
from oppman.errors import MigrationFailed, OppmanError

if TYPE_CHECKING:
    from alembic.config import Config
    from alembic.script import ScriptDirectory
    from sqlalchemy import Connection

_READS = re.compile(
    r"\s*(SELECT|PRAGMA|SAVEPOINT|RELEASE|SHOW|WITH)\b|.*\balembic_version\b", re.IGNORECASE | re.DOTALL
)


@dataclass
class Proof:
    """What a revision did: the statements that it ran on the way up, and the differences that it leaves."""

    statements: list[str] = field(default_factory=list)
    left: list[Difference] = field(default_factory=list)
    running: str = ""
    stage: str = ""


def prove(contract: Contract, path: Path, text: str) -> Proof:
    """Try out the revision `text`, which would lie at `path`; it is not written there.

    Raises MigrationFailed, which says what failed, and the errors of the contract.
    """
    url = str(contract.settings().database_url)
    contract.load("metadata")
    proof = Proof()
    with TemporaryDirectory() as folder:
        copy = Path(folder) / path.name
        copy.write_text(text, encoding="utf-8")
        made = config(contract.project)
        script = scripts(made)
        script.version_locations = [*map(str, version_folders(contract.project)), folder]
        new: Any = script.get_revision("head")
        known = History.read(contract.project).revisions
        revisions = [*known.values(), Revision(new.revision, tuple(known), "", copy)]
        try:
            on_scratch(url, lambda connection: _prove(connection, made, script, new, proof, revisions))
        except OppmanError:
            raise
        except Exception as problem:
            if proof.running != new.revision:
                raise failure(contract.project, url, problem, proof.running) from None
            raise _failed(problem, copy, path, proof) from None
    return proof


def _prove(
    connection: "Connection",
    made: "Config",
    script: "ScriptDirectory",
    new: Any,
    proof: Proof,
    revisions: Sequence[Revision],
) -> None:
    from sqlalchemy import event

    before = new.down_revision or BASE

    def go(target: Any, stage: str, find: Any) -> None:
        def steps(current: Any, _context: Any) -> Iterator[Any]:
            for step in find(target, current):
                proof.running = step.revision.revision
                yield step

        from alembic.runtime.environment import EnvironmentContext

        proof.stage = stage
        made.attributes["connection"] = connection
        with EnvironmentContext(made, script, fn=steps):
            script.run_env()
        connection.commit()

    def record(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if proof.running == new.revision and not _READS.match(statement):
            proof.statements.append(statement.strip() + (f"  -- {parameters}" if parameters else ""))

    if before != BASE:
        go(before, "", script._upgrade_revs)
    event.listen(connection, "before_cursor_execute", record)
    go(new.revision, "applied", script._upgrade_revs)
    event.remove(connection, "before_cursor_execute", record)
    go(before, "undone", script._downgrade_revs)
    go(new.revision, "applied again", script._upgrade_revs)
    proof.stage = "compared with the models"
    operations = autogenerate(made, script, revisions).generated_revisions[-1].upgrade_ops_list
    proof.left = list(differences(operations))


def _failed(problem: Exception, copy: Path, path: Path, proof: Proof) -> MigrationFailed:
    frames = [
        traceback.FrameSummary(str(path), frame.lineno, frame.name, line=frame.line)
        for frame in traceback.extract_tb(problem.__traceback__)
        if frame.filename == str(copy)
    ]
    original = getattr(problem, "orig", None) or problem
    first = (str(original).strip().splitlines() or [type(original).__name__])[0].rpartition(">: ")[2]
    detail = "".join(["Traceback (most recent call last):\n"] * bool(frames) + traceback.format_list(frames))
    return MigrationFailed(
        f"The new migration could not be {proof.stage} on a scratch database: {first.rstrip('.')}. It was not kept.",
        "--dry-run prints it. What cannot be written by itself is written by hand: oppman db makemigrations --empty.",
        detail + "".join(traceback.format_exception_only(type(original), original)),
    )
