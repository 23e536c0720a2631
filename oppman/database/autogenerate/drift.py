"""How far the models and the migrations are apart, and the revision that would close the gap.

The migrations are applied to a scratch database and the models compared with that, so the answer depends on what is
committed and not on the state of somebody's database.
"""

import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from oppman.contract import Contract
from oppman.database.autogenerate import enum_operations, expression_indexes, vectors
from oppman.database.autogenerate.backfill import Gap, fill, gaps
from oppman.database.autogenerate.checks import compare_checks
from oppman.database.autogenerate.enum_operations import replace_members, stopping
from oppman.database.autogenerate.enums import enum_comparator
from oppman.database.autogenerate.haste import uncollected
from oppman.database.autogenerate.indexes import index_comparator
from oppman.database.autogenerate.portable import make_portable
from oppman.database.autogenerate.postgres_history import PostgresHistory
from oppman.database.autogenerate.renames import Rename
from oppman.database.autogenerate.replay import recording
from oppman.database.autogenerate.snapshot import DamagedSnapshot, Snapshots
from oppman.database.autogenerate.table_order import order_tables
from oppman.database.environment import config, run_environment
from oppman.database.failures import failure
from oppman.database.revisions import BASE, History, Revision, version_folders
from oppman.database.scratch import on_scratch
from oppman.project import Project

if TYPE_CHECKING:
    from alembic.autogenerate.api import RevisionContext
    from alembic.config import Config
    from alembic.script import ScriptDirectory
    from sqlalchemy import Connection

_MADE_BY: ContextVar[Callable[[], PostgresHistory]] = ContextVar("_MADE_BY")
"""What a comparison is about: the comparators, which Alembic calls, read what it makes on PostgreSQL."""

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
    metadata: Any

    @property
    def gaps(self) -> list[Gap]:
        """Columns that may not be NULL from now on, and for which rows that are there have no value."""
        return gaps(self.script.upgrade_ops_list, self.metadata.tables)

    @property
    def script(self) -> Any:
        """What Alembic would write: the operations of both directions."""
        return self.context.generated_revisions[-1]

    def fill(self, values: Mapping[str, str]) -> None:
        """Give columns, and rows with a member of an enum that goes, the value to take: `{"products.stock": "0"}`.

        Raises UsageError.
        """
        operations = self.script.upgrade_ops_list
        fill(operations, replace_members(operations, values), self.metadata.tables)

    @property
    def stopping(self) -> list[str]:
        """Rows that the revision would stop at, since nothing was said of them."""
        return stopping(self.script.upgrade_ops_list)

    def suggestion(self) -> str:
        """A message for the revision, such as `add products.stock`; empty if there is too much for one line."""
        small = {"add_index", "rename_constraint"}
        first, *more = [difference for difference in self.differences if difference.change not in small] or [
            *self.differences
        ]
        words = " ".join(first.text.split(" (")[0].replace("column ", "").split())
        return words if not more else f"{words} and {len(more)} more"

    def source(self, message: str) -> tuple[Path, str]:
        """Where the revision would lie, and its text. Nothing is written to the project."""
        from oppman.database.autogenerate.conversions import convert, give_back

        convert([*self.script.upgrade_ops_list, *self.script.downgrade_ops_list])
        give_back(self.script.downgrade_ops_list)
        return _render(self.project, self.context, message)


@uncollected()
def compare(contract: Contract, renames: Sequence[Rename] = ()) -> Comparison:
    """Compare the models with the migrations, of which `renames` are meant to follow.

    Raises SeveralHeads, MigrationFailed and the errors of the contract.
    """
    project = contract.project
    history = History.read(project)
    head = history.head()
    url = str(contract.settings().database_url)
    metadata = contract.load("metadata")
    snapshots = Snapshots(project, history, getattr(metadata, "naming_convention", None))
    made = config(project)
    context: list[RevisionContext] = []
    running: list[str] = []
    renamed: list[Difference] = []

    def work(connection: "Connection") -> None:
        made.attributes["connection"] = connection
        if head != BASE:
            _bring_to(head, connection, made, snapshots, running)
        running.clear()
        if renames:
            from oppman.database.autogenerate.rename_operations import rename

            rename(connection, renames)
        script = scripts(made)
        _know_the_heads_alone(script, history)
        context[:] = [autogenerate(made, script, history.revisions.values(), renames)]
        if renames:
            renamed[:] = _write_renames(context[0], renames, connection, metadata)

    try:
        try:
            on_scratch(url, work)
        except DamagedSnapshot:
            snapshots.forget()
            on_scratch(url, work)
    except Exception as problem:
        raise failure(project, url, problem, running[-1] if running else "") from None
    operations = context[0].generated_revisions[-1].upgrade_ops_list
    return Comparison(project, (*renamed, *differences(operations)), context[0], metadata)


def empty(contract: Contract, message: str) -> tuple[Path, str]:
    """Where a revision without operations would lie, and its text."""
    project = contract.project
    History.read(project).head()
    made = config(project)
    return _render(project, _revision_context(made, scripts(made)), message)


def written(project: Project, message: str, upgrade: str, downgrade: str, imports: str = "") -> tuple[Path, str]:
    """Where a revision with these bodies, indented, would lie, and its text, without a database or the app."""
    History.read(project).head()
    made = config(project)
    context = _revision_context(made, scripts(made))
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


def _write_renames(
    context: "RevisionContext", renames: Sequence[Rename], connection: "Connection", metadata: Any
) -> Iterator[Difference]:
    from oppman.database.autogenerate.rename_operations import write_renames

    script: Any = context.generated_revisions[-1]
    named = write_renames(script.upgrade_ops, script.downgrade_ops, renames, connection, metadata)
    for each in renames:
        kind = "column" if each.table else "table"
        text = f"rename {kind} {each.before} to {each.after}"
        yield Difference(f"rename_{kind}", each.table or each.new, each.new, text)
    for table, old, new in named:
        yield Difference("rename_constraint", table, new, f"  with {old}, now {new}")


def autogenerate(
    made: "Config", script: "ScriptDirectory", revisions: Iterable[Revision], renames: Iterable[Rename] = ()
) -> "RevisionContext":
    """What Alembic and we find between the models and the database of the connection that `made` carries.

    `revisions` are those that made it, parents first, and `renames` what was carried out after them.
    """
    from alembic.runtime.environment import EnvironmentContext
    from sqlalchemy.exc import SAWarning

    _register_comparators()
    _MADE_BY.set(cache(lambda: _read(revisions, renames)))
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


@cache
def _register_comparators() -> None:
    """Once a process, or each difference would be found as often as was compared."""
    from alembic.autogenerate import comparators
    from alembic.util import DispatchPriority

    for module in (enum_operations, expression_indexes, vectors):
        module.register()
    comparators.dispatch_for("table")(compare_checks)
    comparators.dispatch_for("table", priority=DispatchPriority.LAST)(index_comparator(_told))  # after Alembic's own
    whole = (
        order_tables,
        enum_comparator(_told),
        vectors.vector_comparator(_told),
        expression_indexes.keep_expression_indexes,
    )
    for comparator in whole:
        comparators.dispatch_for("schema", priority=DispatchPriority.LAST)(comparator)


def _told() -> PostgresHistory:
    return _MADE_BY.get()()


def _read(revisions: Iterable[Revision], renames: Iterable[Rename]) -> PostgresHistory:
    found = PostgresHistory.read(revisions)
    for each in renames:
        found.rename(each.table, each.old, each.new)
    return found


def _know_the_heads_alone(script: "ScriptDirectory", history: History) -> None:
    """A comparison asks for the heads. Alembic would import every revision to find them."""
    from alembic.script.revision import Revision as Known
    from alembic.script.revision import RevisionMap

    script.revision_map = RevisionMap(lambda: [Known(head, None) for head in history.heads])


def scripts(made: "Config") -> "ScriptDirectory":
    """Alembic's view of the revisions, quiet, with our names for new files unless the project has its own."""
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

    from oppman.database.autogenerate.tidy import tidy

    home = version_folders(project)[0]
    context.generated_revisions[-1].message = message
    with TemporaryDirectory() as folder:
        script = context.script_directory
        script.version_locations = [*map(str, version_folders(project)), folder]
        script.__dict__.pop("_version_locations", None)
        script.revision_map = RevisionMap(script._load_revisions)
        context.generated_revisions[-1].version_path = folder
        path = next(Path(script.path) for script in context.generate_scripts() if script is not None)
        return _free(home / path.relative_to(folder)), tidy(path.read_text(encoding="utf-8"))


def _free(path: Path) -> Path:
    """`path`, or with a number behind it: two revisions of one minute may say the same."""
    number = 2
    found = path
    while found.exists():
        found = path.with_stem(f"{path.stem}_{number}")
        number += 1
    return found


def differences(containers: Iterable[Any]) -> Iterator[Difference]:
    """The operations as a person reads them."""
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
