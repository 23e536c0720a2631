"""Apply and undo migrations, through Alembic and the project's own `migrations/env.py`.

The connection, its transactions and its locks are `env.py`'s, so that `oppman db migrate` and `alembic upgrade` do
the same. What is added here: a plan before, the state of the database after a failure, and errors that a person can
act on.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from oppman.contract import Contract
from oppman.database.address import is_sqlite
from oppman.database.backup import back_up
from oppman.database.effects import effects, loses
from oppman.database.environment import config, run_environment
from oppman.database.failures import failure, stands
from oppman.database.faults import lock_timed_out
from oppman.database.limits import Limits
from oppman.database.lint.change import Database
from oppman.database.revisions import BASE, History, Revision
from oppman.database.status import MigrationStatus, migration_status
from oppman.errors import OppmanError, Refused
from oppman.project import Project

if TYPE_CHECKING:
    from alembic.config import Config
    from alembic.script import ScriptDirectory

Report = Callable[[str], None]
"""Called with a revision's identifier when its turn comes."""

Tell = Callable[[str], None]
"""Called with what a person should know meanwhile: what is waited for, what is tried again."""

TRIES = 3
"""How often a revision that could not have its lock is tried, with a second more of a pause each time."""


def _in_silence(_text: str) -> None:
    """Report nothing."""


@dataclass(frozen=True)
class Plan:
    """What leads from where the database is to `target`, in order. `undo` says that it destroys what was made."""

    target: str
    steps: tuple[Revision, ...]
    undo: bool
    start: tuple[str, ...] = ()
    """Where the database is."""


@dataclass(frozen=True)
class Conduct:
    """How a plan is carried out.

    `copy` is called once, when no other process can migrate any more and before the first step, if data can be lost.
    `fake` records the steps without running them.
    """

    report: Report = _in_silence
    tell: Tell = _in_silence
    copy: Callable[[], None] | None = None
    limits: Limits = field(default_factory=Limits)
    fake: bool = False


def plan(project: Project, target: str, status: MigrationStatus | None = None) -> Plan:
    """What `db migrate TARGET` would do. Raises UsageError for an unknown target, NewerDatabase and SeveralHeads."""
    status = status or migration_status(project)
    status.refuse_unknown()
    history = History.read(project)
    found = history.find(target, status.current)
    backwards = history.after(found, status.current)
    if backwards and (found == BASE or found in history.applied(status.current)):
        return Plan(found, backwards, undo=True, start=status.current)
    steps = () if found == BASE else history.missing(status.current, [found])
    return Plan(found, steps, undo=False, start=status.current)


def plan_between(project: Project, start: str, target: str, *, backwards: bool = False) -> Plan:
    """What leads from `start` (where the database is, if it is empty) to `target`; or `backwards`.

    A relative `start` counts from the target. Raises as `plan` does.
    """
    if not start:
        wanted = plan(project, target)
    else:
        history = History.read(project)
        end = history.find(target)
        begin = history.find(start, () if end == BASE else (end,))
        wanted = plan(project, end, MigrationStatus(() if begin == BASE else (begin,), history.heads, ()))
    if not backwards or not wanted.steps:
        return wanted
    end = wanted.start[0] if wanted.start else BASE
    return Plan(end, wanted.steps[::-1], not wanted.undo, () if wanted.target == BASE else (wanted.target,))


def again(undone: Plan) -> Plan:
    """The plan that applies again what a plan undoes."""
    return Plan(undone.start[0], undone.steps[::-1], undo=False)


def database_kind(url: str) -> Database:
    """The kind of the database at `url`."""
    return "sqlite" if is_sqlite(url) else "postgres"


def can_lose(wanted: Plan, kind: Database) -> bool:
    """Whether carrying out the plan may destroy data: it undoes something, or its revisions may. Not if it is empty."""
    return wanted.undo or (bool(wanted.start) and loses(effects(wanted.steps, kind)))


def upgrade(
    contract: Contract, target: str = "head", report: Report = _in_silence, tell: Tell = _in_silence
) -> list[str]:
    """Apply what is missing up to `target` and return the identifiers that were applied, in order.

    The database is copied first where data can be lost. Nothing to do costs next to nothing. Raises MigrationFailed,
    whose message says where the database stands then. Must not be called from a running event loop.
    """
    project = contract.project
    wanted = plan(project, target)
    if wanted.undo or not wanted.steps:
        return []

    def copy() -> None:
        path = back_up(project, str(contract.settings().database_url))
        tell(f"The database was copied to {path.relative_to(project.root)}.")

    return carry_out(contract, [wanted], Conduct(report, tell, copy, Limits.of(project)))


def carry_out(contract: Contract, plans: Sequence[Plan], conduct: Conduct) -> list[str]:
    """Apply or undo the steps of plans, one plan after the other, and return their identifiers.

    On SQLite all or none of it is done. The plans are read again when no other process can migrate any more: what
    another one did meanwhile is left out, and Refused is raised if there would be more to do than was planned.
    """
    run = _Run(contract, plans, conduct)
    contract.load("metadata")  # a model that cannot be imported is told as such, not as a failed migration
    for attempt in range(1, TRIES + 1):
        try:
            run_environment(configured(contract.project, conduct), run.steps)
            return run.done
        except KeyboardInterrupt:
            if run.running:
                conduct.tell(f"Interrupted in revision {run.running}. {run.stands()}")
            raise
        except Exception as problem:
            trouble = run.trouble(problem)
            if attempt == TRIES or not run.can_try_again(problem):
                raise trouble from None
            conduct.tell(f"{trouble.message} It is tried again in {attempt} s ({attempt + 1} of {TRIES}).")
            time.sleep(attempt)
            run.try_again()
    raise AssertionError


@dataclass
class _Run:
    """The carrying out of plans, over several attempts. `done` ends with the revision that is running."""

    contract: Contract
    plans: Sequence[Plan]
    conduct: Conduct
    done: list[str] = field(default_factory=list)
    before: tuple[str, ...] | None = None
    copied: bool = False

    def __post_init__(self) -> None:
        self.project = self.contract.project
        self.url = str(self.contract.settings().database_url)

    def steps(self, script: "ScriptDirectory", current: Any) -> Iterator[Any]:
        """Alembic's steps from `current`, which is what the database says now that the lock is ours."""
        self.before = tuple(current) if self.before is None else self.before
        fresh = self._planned_again(tuple(current))
        if self.conduct.copy and not self.copied and any(can_lose(plan, database_kind(self.url)) for plan in fresh):
            outside_of_the_loop(self.conduct.copy)
            self.copied = True
        for wanted in fresh:
            for step in self._alembic_steps(script, wanted):
                if not self.conduct.fake:
                    self.done.append(step.revision.revision)
                    self.conduct.report(self.done[-1])
                yield step
            if self.conduct.fake:
                self.done += [revision.id for revision in wanted.steps]

    def _planned_again(self, current: tuple[str, ...]) -> list[Plan]:
        """The plans for a database at `current`; empty if there is nothing left to do."""
        history, found = History.read(self.project), []
        unknown = tuple(name for name in current if name not in history.revisions)
        MigrationStatus(current, history.heads, (), unknown).refuse_unknown()
        for wanted in self.plans:
            undo, target = wanted.undo, wanted.target
            steps = history.after(target, current) if undo else history.missing(current, [target])
            if new := {step.id for step in steps} - {step.id for step in wanted.steps}:
                raise Refused(
                    f"Another process migrated the database meanwhile: {', '.join(sorted(new))} would be "
                    f"{'undone' if undo else 'applied'} too. Nothing was done.",
                    "Look at `oppman db status` and try again.",
                )
            if not steps:
                continue
            found.append(Plan(target, steps, undo, current))
            current = () if target == BASE else (target,)
        return found

    def _alembic_steps(self, script: "ScriptDirectory", wanted: Plan) -> Any:
        # Alembic has no public name for these lists; its own commands and the ones built on it call the same.
        if self.conduct.fake:
            return script._stamp_revs(wanted.target, wanted.start)
        find = script._downgrade_revs if wanted.undo else script._upgrade_revs
        return find(wanted.target, wanted.start)  # type: ignore[arg-type]

    @property
    def running(self) -> str:
        return self.done[-1] if self.done else ""

    def trouble(self, problem: Exception) -> OppmanError:
        return failure(self.project, self.url, problem, self.running, self.before or ())

    def stands(self) -> str:
        """Where the database is after an end in the middle, in a sentence."""
        return stands(self.project, self.url, History.read(self.project).revisions[self.running], self.before)

    def can_try_again(self, problem: Exception) -> bool:
        """Whether nothing of the revision that failed has stayed: it waited for a lock, in one transaction."""
        if not lock_timed_out(problem) or not self.running:
            return False
        path = History.read(self.project).revisions[self.running].path
        return "autocommit_block" not in path.read_text(encoding="utf-8")

    def try_again(self) -> None:
        self.done.pop()


def outside_of_the_loop(work: Callable[[], None]) -> None:
    """Call `work` in a thread: `env.py` has an event loop in this one, and a copy may need its own."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(work).result()


def configured(project: Project, conduct: Conduct) -> "Config":
    """The same, with what `env.py` has to know of how to go about it."""
    made = config(project)
    made.attributes |= {"tell": conduct.tell, **conduct.limits.attributes()}
    return made
