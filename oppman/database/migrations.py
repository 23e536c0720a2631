"""Apply and undo migrations, through Alembic and the project's own `migrations/env.py`.

The connection, its transactions and its locks are `env.py`'s, so that `oppman db migrate` and `alembic upgrade` do
the same. What is added here: a plan before, the state of the database after a failure, and errors that a person can
act on.
"""

import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from oppman.contract import Contract
from oppman.database.faults import explain
from oppman.database.revisions import BASE, History, Revision, migrations_folder
from oppman.database.status import MigrationStatus, current_revisions, migration_status
from oppman.errors import DatabaseError, MigrationFailed, OppmanError
from oppman.project import Project

if TYPE_CHECKING:
    from alembic.config import Config
    from alembic.script import ScriptDirectory

Report = Callable[[str], None]
"""Called with a revision's identifier when its turn comes."""

STAMP = (
    "If those tables were made without migrations and are what the migrations would make, record that with "
    "`alembic stamp head`."
)


@dataclass(frozen=True)
class Plan:
    """What leads from where the database is to `target`, in order. `undo` says that it destroys what was made."""

    target: str
    steps: tuple[Revision, ...]
    undo: bool


def plan(project: Project, target: str, status: MigrationStatus | None = None) -> Plan:
    """What `db migrate TARGET` would do. Raises UsageError for an unknown target, NewerDatabase and SeveralHeads."""
    status = status or migration_status(project)
    status.refuse_unknown()
    history = History.read(project)
    found = history.find(target, status.current)
    backwards = history.after(found, status.current)
    if backwards and (found == BASE or found in history.applied(status.current)):
        return Plan(found, backwards, undo=True)
    return Plan(found, () if found == BASE else history.missing(status.current, [found]), undo=False)


def upgrade(contract: Contract, target: str = "head", report: Report | None = None) -> list[str]:
    """Apply what is missing up to `target` and return the identifiers that were applied, in order.

    Nothing to do costs next to nothing. Raises MigrationFailed, whose message says where the database stands then.
    Must not be called from a running event loop.
    """
    wanted = plan(contract.project, target)
    if wanted.undo or not wanted.steps:
        return []
    return carry_out(contract, wanted, report)


def carry_out(contract: Contract, wanted: Plan, report: Report | None = None) -> list[str]:
    """Apply or undo the steps of a plan and return their identifiers."""
    url = str(contract.settings().database_url)
    contract.load("metadata")  # a model that cannot be imported is told as such, not as a failed migration
    before = current_revisions(contract.project, url)
    running: list[str] = []

    def steps(script: "ScriptDirectory", current: Any) -> Iterator[Any]:
        # Alembic has no public name for this list; its own commands and the ones built on it call the same two.
        find = script._downgrade_revs if wanted.undo else script._upgrade_revs
        for step in find(wanted.target, current):
            running.append(step.revision.revision)
            if report:
                report(running[-1])
            yield step

    try:
        run_environment(config(contract.project), steps)
    except Exception as problem:
        raise failure(contract.project, url, problem, running[-1] if running else "", before) from None
    return running


def config(project: Project) -> "Config":
    """Alembic's configuration of the project, quiet."""
    from alembic.config import Config

    migrations_folder(project)
    ini = project.root / "alembic.ini"
    made = Config(ini if ini.is_file() else None, toml_file=project.root / "pyproject.toml")
    made.attributes["quiet"] = True
    return made


def run_environment(made: "Config", steps: "Callable[[ScriptDirectory, Any], Any]", **options: Any) -> None:
    """Run `env.py`, which calls `steps(script directory, current revisions)` for what it should carry out."""
    from alembic.runtime.environment import EnvironmentContext
    from alembic.script import ScriptDirectory

    script = ScriptDirectory.from_config(made)
    with EnvironmentContext(made, script, fn=lambda current, _context: steps(script, current), **options):
        script.run_env()


def failure(
    project: Project, url: str, problem: Exception, revision: str = "", before: tuple[str, ...] | None = None
) -> OppmanError:
    """What `problem` amounts to: the database's trouble, that of the `revision` that was running, or `env.py`'s.

    `before` is where the database stood; None if the revision ran on a scratch database.
    """
    if isinstance(problem, OppmanError):
        return problem
    frames = [frame for frame in traceback.extract_tb(problem.__traceback__) if _is_own(project, Path(frame.filename))]
    if not frames and (explained := explain(problem, url)):
        return explained
    detail = "".join(["Traceback (most recent call last):\n"] * bool(frames) + traceback.format_list(frames))
    detail += "".join(traceback.format_exception_only(type(problem), getattr(problem, "orig", None) or problem))
    if not revision:
        return DatabaseError(
            f"The migrations could not be run: {_first_line(problem)}", "Mend what the lines above name.", detail
        )
    failed = History.read(project).revisions[revision]
    state = "It ran on a scratch database; yours was not touched." if before is None else ""
    return MigrationFailed(
        f"Revision {failed} failed: {_first_line(problem)} {state or _state(project, url, failed, before)}",
        STAMP if before == () and "already exists" in str(problem) else f"Mend {failed.path.name} and try again.",
        detail,
    )


def _is_own(project: Project, path: Path) -> bool:
    """Whether `path` is code of the project: not a library, not the tool, and not `env.py`, which is always there."""
    return (
        project.root in path.parents
        and "site-packages" not in path.parts
        and Path(__file__).parent.parent not in path.parents
        and path != migrations_folder(project) / "env.py"
    )


def _state(project: Project, url: str, failed: Revision, before: tuple[str, ...] | None) -> str:
    try:
        current = current_revisions(project, url)
    except OppmanError:
        return "Where the database stands now could not be read."
    where = f"at revision {', '.join(current)}" if current else "before the first revision"
    if "autocommit_block" in failed.path.read_text(encoding="utf-8"):
        return f"The database is {where}; what that revision did in its autocommit_block has stayed."
    if current == before:
        return f"Nothing was changed: the database is still {where}."
    return f"That revision was undone, those before it were not: the database is {where}."


def _first_line(problem: Exception) -> str:
    original = getattr(problem, "orig", None) or problem
    text = (str(original).strip().splitlines() or [type(original).__name__])[0].rpartition(">: ")[2]
    return text if text.endswith((".", "!", "?")) else f"{text}."
