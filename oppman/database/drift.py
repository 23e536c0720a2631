"""How far the models and the migrations are apart, and the revision that would close the gap.

The migrations are applied to a scratch database and the models compared with that, so the answer depends on what is
committed and not on the state of somebody's database.
"""

import warnings
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from oppman.contract import Contract
from oppman.database import enum_operations, expression_indexes, vectors
from oppman.database.backfill import Gap, fill, gaps
from oppman.database.checks import compare_checks
from oppman.database.enum_operations import replace_members
from oppman.database.enums import enum_comparator
from oppman.database.haste import uncollected
from oppman.database.indexes import index_comparator
from oppman.database.migrations import config, failure, run_environment
from oppman.database.portable import make_portable
from oppman.database.postgres_history import PostgresHistory
from oppman.database.replay import recording
from oppman.database.revisions import BASE, History, version_folders
from oppman.database.scratch import on_scratch
from oppman.database.snapshot import DamagedSnapshot, Snapshots
from oppman.project import Project

if TYPE_CHECKING:
    from alembic.autogenerate.api import RevisionContext
    from alembic.config import Config
    from alembic.script import ScriptDirectory
    from sqlalchemy import Connection

FILE_TEMPLATE = "%(year)d%(month).2d%(day).2d_%(hour).2d%(minute).2d_%(slug)s"


@dataclass(frozen=True)
class Difference:
    """One thing that the models have and the migrations lack, or the other way round."""

    change: str
    table: str
    name: str
    text: str


@dataclass(frozen=True)
class Comparison:
    """The differences, and Alembic's operations that would remove them."""

    project: Project
    differences: tuple[Difference, ...]
    context: "RevisionContext"

    @property
    def gaps(self) -> list[Gap]:
        """New columns that may not be NULL and for which rows that are there have no value."""
        return gaps(self._script.upgrade_ops_list)

    @property
    def _script(self) -> Any:
        return self.context.generated_revisions[-1]

    def fill(self, values: Mapping[str, str]) -> None:
        """Give new columns, and rows with a member of an enum that goes, the value to take: `{"products.stock": "0"}`.

        Raises UsageError.
        """
        fill(self._script.upgrade_ops_list, replace_members(self._script.upgrade_ops_list, values))

    def suggestion(self) -> str:
        """A message for the revision, such as `add products.stock`; empty if there is too much for one line."""
        first, *more = [difference for difference in self.differences if difference.change != "add_index"] or [
            *self.differences
        ]
        words = " ".join(first.text.split(" (")[0].replace("column ", "").split())
        return words if not more else f"{words} and {len(more)} more"

    def source(self, message: str) -> tuple[Path, str]:
        """Where the revision would lie, and its text. Nothing is written to the project."""
        return _render(self.project, self.context, message)


@uncollected()
def compare(contract: Contract) -> Comparison:
    """Compare the models with the migrations. Raises SeveralHeads, MigrationFailed and the errors of the contract."""
    project = contract.project
    history = History.read(project)
    head = history.head()
    url = str(contract.settings().database_url)
    snapshots = Snapshots(project, history, getattr(contract.load("metadata"), "naming_convention", None))
    made = config(project)
    context: list[RevisionContext] = []
    running: list[str] = []

    def work(connection: "Connection") -> None:
        made.attributes["connection"] = connection
        if head != BASE:
            _bring_to(head, connection, made, snapshots, running)
        running.clear()
        context.append(_autogenerate(made, history))

    try:
        try:
            on_scratch(url, work)
        except DamagedSnapshot:
            snapshots.forget()
            on_scratch(url, work)
    except Exception as problem:
        raise failure(project, url, problem, running[-1] if running else "") from None
    operations = context[0].generated_revisions[-1].upgrade_ops_list
    return Comparison(project, tuple(_differences(operations)), context[0])


def empty(contract: Contract, message: str) -> tuple[Path, str]:
    """Where a revision without operations would lie, and its text."""
    project = contract.project
    History.read(project).head()
    made = config(project)
    return _render(project, _revision_context(made, _scripts(made)), message)


def written(project: Project, message: str, upgrade: str, downgrade: str, imports: str = "") -> tuple[Path, str]:
    """Where a revision with these bodies, indented, would lie, and its text, without a database or the app."""
    History.read(project).head()
    made = config(project)
    context = _revision_context(made, _scripts(made))
    bodies: dict[str, Any] = {"upgrades": upgrade.lstrip(), "downgrades": downgrade.lstrip(), "imports": imports}
    context.template_args |= bodies
    return _render(project, context, message)


def write(path: Path, text: str) -> None:
    """Put a new revision into the project."""
    path.parent.mkdir(exist_ok=True)
    with path.open("x", encoding="utf-8", newline="\n") as file:
        file.write(text)


def _bring_to(head: str, connection: "Connection", made: "Config", snapshots: Snapshots, running: list[str]) -> None:
    """Apply the migrations to an empty database: those that no snapshot has."""
    found, before = snapshots.restore(connection, head)
    if found == head:
        return
    with recording(connection, before) as recorded:
        run_environment(made, lambda script, current: _remember(script._upgrade_revs(head, current), running))
        connection.commit()
    snapshots.keep(connection, head, recorded())


def _remember(steps: Iterable[Any], running: list[str]) -> Iterator[Any]:
    for step in steps:
        running.append(step.revision.revision)
        yield step


def _autogenerate(made: "Config", history: History) -> "RevisionContext":
    from alembic.autogenerate import comparators
    from alembic.runtime.environment import EnvironmentContext
    from alembic.util import DispatchPriority
    from sqlalchemy.exc import SAWarning

    for module in (enum_operations, expression_indexes, vectors):
        module.register()
    told = cache(lambda: PostgresHistory.read(history.revisions.values()))
    comparators.dispatch_for("table")(compare_checks)
    comparators.dispatch_for("table", priority=DispatchPriority.LAST)(index_comparator(told))  # after Alembic's own
    whole = (enum_comparator(told), vectors.vector_comparator(told), expression_indexes.keep_expression_indexes)
    for comparator in whole:
        comparators.dispatch_for("schema", priority=DispatchPriority.LAST)(comparator)
    script = _scripts(made)
    _know_the_heads_alone(script, history)
    context = _revision_context(made, script)

    def steps(current: Any, migration: Any) -> list[Any]:
        context.run_autogenerate(current, migration)
        return []

    with (
        EnvironmentContext(made, script, fn=steps, template_args=context.template_args, revision_context=context),
        warnings.catch_warnings(),
    ):
        # Two tables may refer to each other; that nothing follows from it here is no news on every check.
        warnings.filterwarnings("ignore", "Cannot correctly sort tables", SAWarning)
        # Indexes on expressions are compared by us.
        warnings.filterwarnings("ignore", "Skipped unsupported reflection of expression-based index", SAWarning)
        warnings.filterwarnings("ignore", "autogenerate skipping metadata-specified expression-based index")
        script.run_env()
    return context


def _know_the_heads_alone(script: "ScriptDirectory", history: History) -> None:
    """A comparison asks for the heads. Alembic would import every revision to find them."""
    from alembic.script.revision import Revision, RevisionMap

    script.revision_map = RevisionMap(lambda: [Revision(head, None) for head in history.heads])


def _scripts(made: "Config") -> "ScriptDirectory":
    from alembic.script import ScriptDirectory

    script = ScriptDirectory.from_config(made)
    script.messaging_opts = {"quiet": True}
    if made.get_alembic_option("file_template") is None:
        script.file_template = FILE_TEMPLATE
    return script


def _revision_context(made: "Config", script: "ScriptDirectory") -> "RevisionContext":
    from alembic.autogenerate.api import RevisionContext

    arguments = ("message", "rev_id", "branch_label", "version_path", "depends_on")
    return RevisionContext(
        made, script, dict.fromkeys(arguments) | {"sql": False, "splice": False, "head": "head"}, _put_portably
    )  # fmt: skip


def _put_portably(_context: Any, _revision: Any, scripts: Iterable[Any]) -> None:
    for script in scripts:
        make_portable(script.upgrade_ops_list, undo=False)
        make_portable(script.downgrade_ops_list, undo=True)


def _render(project: Project, context: "RevisionContext", message: str) -> tuple[Path, str]:
    """Let Alembic write the revision into a temporary folder, with the project's template, and read it there."""
    from tempfile import TemporaryDirectory

    from alembic.script.revision import RevisionMap

    from oppman.database.tidy import tidy

    home = version_folders(project)[0]
    context.generated_revisions[-1].message = message
    with TemporaryDirectory() as folder:
        script = context.script_directory
        script.version_locations = [*map(str, version_folders(project)), folder]
        script.__dict__.pop("_version_locations", None)
        script.revision_map = RevisionMap(script._load_revisions)
        context.generated_revisions[-1].version_path = folder
        path = next(Path(script.path) for script in context.generate_scripts() if script is not None)
        return home / path.relative_to(folder), tidy(path.read_text(encoding="utf-8"))


def _differences(containers: Iterable[Any]) -> Iterator[Difference]:
    entries = [entry for container in containers for entry in container.as_diffs()]
    flat = [part for entry in entries for part in (entry if isinstance(entry, list) else [entry])]
    whole = {entry[1].name for entry in flat if entry[0] in {"add_table", "remove_table"}}
    for entry in flat:
        found = _difference(*entry)
        if found.change in {"add_table", "remove_table"} or found.table not in whole:
            yield found


def _difference(change: str, *rest: Any) -> Difference:
    verb, _, kind = change.partition("_")
    words = {"fk": "foreign key", "constraint": "constraint"}.get(kind, kind)
    if kind == "table":
        count = len(rest[0].columns)
        return Difference(change, rest[0].name, rest[0].name, f"{verb} table {rest[0].name} ({count} columns)")
    if kind == "column":
        _, table, column = rest
        null = "may be null" if column.nullable else "not null"
        return Difference(
            change, table, column.name, f"{verb} column {table}.{column.name} ({_type(column.type)}, {null})"
        )
    if verb == "modify":
        _, table, column, _, old, new = rest
        return Difference(change, table, column, f"change {table}.{column}: {kind} {_value(old)} -> {_value(new)}")
    item = rest[0]
    if text := getattr(item, "text", ""):  # an operation of ours
        return Difference(change, item.table, item.name, text)
    table = getattr(getattr(item, "table", None), "name", "")
    columns = ", ".join(column.name for column in getattr(item, "columns", ()))
    text = f"{verb} {words} {item.name or 'without a name'} on {table}"
    return Difference(change, table, str(item.name or ""), f"{text} ({columns})" if columns else text)


def _type(value: Any) -> str:
    from sqlalchemy.types import TypeDecorator

    return str(value.impl if isinstance(value, TypeDecorator) else value)


def _value(value: Any) -> str:
    from sqlalchemy.types import TypeEngine

    return _type(value) if isinstance(value, TypeEngine) else str(getattr(value, "arg", value))
