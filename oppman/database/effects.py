"""What a plan will do to the data, as far as the revisions' text tells: for a person to read, and to know when to copy.

The linter reads the files. Whatever it cannot follow (SQL that is computed, a session, a function from elsewhere that
is handed the connection) counts as if rows could be lost: a copy too many costs less than one too few.
"""

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from oppman.database.lint import sql
from oppman.database.lint.calls import Call, called, calls
from oppman.database.lint.change import Change, Database
from oppman.database.lint.column_types import is_widening
from oppman.database.lint.judge import rebuilds
from oppman.database.lint.operations import changes
from oppman.database.lint.report import read
from oppman.database.revisions import Revision
from oppman.errors import NoMigrations

_ADDS = re.compile(r"(create|insert|select|comment|grant|revoke|set|analyze|vacuum|reindex|drop\s+index)\b", re.I)
_REPLACES = re.compile(r"insert\b.*\b(on\s+conflict\b.*\bdo\s+update|or\s+replace)\b", re.I | re.S)
_HANDED_ON = {"inspect", "create", "execute", "scalar", "scalars"}
"""Calls that may be given the connection: they read, or are looked at by themselves."""
_OWN_WAY = {"Session", "sessionmaker", "run_async", "drop_all", "create_all"}
"""Ways to the database that pass by what is read here."""
_CUT = 60


@dataclass(frozen=True)
class Effect:
    """One thing worth knowing before a revision runs. `loses` says that rows or values may be gone afterwards."""

    text: str
    loses: bool = False


def effects(steps: Iterable[Revision], database: Database, *, undo: bool = False) -> dict[str, tuple[Effect, ...]]:
    """The effects of each of the steps by its identifier; tables that the steps make themselves have nothing to lose.

    `undo` looks at what their `downgrade` does. Raises NoMigrations for a file that cannot be read.
    """
    new: set[str] = set()
    return {step.id: tuple(dict.fromkeys(_of_revision(step, database, undo, new))) for step in steps}


def loses(found: dict[str, tuple[Effect, ...]]) -> bool:
    """Whether any of these effects may destroy rows or values."""
    return any(effect.loses for of_step in found.values() for effect in of_step)


def _of_revision(revision: Revision, database: Database, undo: bool, new: set[str]) -> Iterator[Effect]:
    try:
        tree = ast.parse(read(revision.path))
    except SyntaxError as problem:
        raise NoMigrations(
            f"{revision.path.name} cannot be read: {problem.msg} in line {problem.lineno}.",
            f"Mend that line of {revision.path}.",
        ) from None
    functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    name = "downgrade" if undo else "upgrade"
    for call in calls(tree, name):
        if call.only not in {None, database}:
            continue
        for change in changes(call):
            if change.kind == "create_table":
                new.add(change.table)
            elif not change.table or change.table not in new:
                yield from _of_change(change, call, database)
        yield from _of_sql(call, new)
    if any(map(_is_out_of_sight, functions.values())):
        yield Effect("does what cannot be read here", loses=True)
    if not undo and _cannot_go_back(functions):
        yield Effect("cannot be undone")


def _of_change(change: Change, call: Call, database: Database) -> Iterator[Effect]:
    table, place = change.table or "a table", f"{change.table or 'a table'}.{change.name or 'a column'}"
    if change.kind == "drop_table":
        yield Effect(f"drops table {table}", loses=True)
    elif change.kind == "drop_column":
        yield Effect(f"drops column {place}", loses=True)
    elif change.kind == "change_type" and not is_widening(change.old_type, change.type):
        kinds = f" from {change.old_type} to {change.type}" if change.old_type and change.type else ""
        rewrites = f", which rewrites {table}" if database == "postgres" else ""
        yield Effect(f"changes the type of {place}{kinds}{rewrites}", loses=True)
    elif change.kind in {"rename_table", "rename_column"}:
        yield Effect(f"renames {table if change.kind == 'rename_table' else place} to {change.new_name or '...'}")
    elif change.kind == "drop_cascade" or (change.cascade and change.kind.startswith("drop_")):
        yield Effect("drops something with CASCADE", loses=True)
    elif change.kind == "write_rows":
        yield Effect(f"writes all rows of {table}", loses=True)
    elif change.kind == "add_column" and database == "postgres" and _fills(change):
        yield Effect(f"rewrites {table} to fill {place}")
    if call.batch and database == "sqlite" and rebuilds(change, call.batch):
        yield Effect(f"copies table {call.batch.table}")


def _fills(change: Change) -> bool:
    return any(column.stored or column.default == "volatile" for column in change.columns)


def _of_sql(call: Call, new: set[str]) -> Iterator[Effect]:
    """What an `execute` does beyond the changes that the linter knows."""
    if call.operation != "execute":
        return
    node = call.arguments.get("sql")
    text = call.scope.text(node)
    if text is None:
        yield from _of_built(call.scope.resolve(node) if node is not None else None)
        return
    for statement in sql.statements(text):
        found = list(sql.read(statement))
        if _ADDS.match(statement) and not _REPLACES.match(statement):
            continue
        if found and all(change.kind not in {"write_rows"} for change in found):
            continue  # told as a change
        if found and all(change.table in new for change in found):
            continue
        line = " ".join(statement.split())
        yield Effect(f"runs {line if len(line) <= _CUT else line[: _CUT - 3] + '...'}", loses=True)


def _of_built(node: ast.expr | None) -> Iterator[Effect]:
    """A statement that SQLAlchemy builds."""
    names = {called(part) for part in ast.walk(node) if isinstance(part, ast.Call)} if node is not None else set()
    if names & {"update", "delete"}:
        yield Effect("changes or deletes rows", loses=True)
    elif not names & {"select", "insert", "CreateSequence", "CreateIndex", "CreateTable"}:
        yield Effect("runs SQL that is computed", loses=True)


def _is_out_of_sight(function: ast.FunctionDef) -> bool:
    """Whether the function gives the connection to something that is not followed."""
    connections = {
        target.id
        for node in ast.walk(function)
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call) and called(node.value) == "get_bind"
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for node in ast.walk(function):
        if not isinstance(node, ast.Call):
            continue
        if called(node) in _OWN_WAY:
            return True
        given = [*node.args, *(keyword.value for keyword in node.keywords)]
        hands_on = any(
            (isinstance(value, ast.Name) and value.id in connections)
            or (isinstance(value, ast.Call) and called(value) == "get_bind")
            for value in given
        )
        if hands_on and called(node) not in _HANDED_ON:
            return True
    return False


def _cannot_go_back(functions: dict[str, ast.FunctionDef]) -> bool:
    up, down = functions.get("upgrade"), functions.get("downgrade")
    if up is None or not _does_something(up):
        return False
    return down is None or not _does_something(down)


def _does_something(function: ast.FunctionDef) -> bool:
    """Whether there is more in it than `pass`, a docstring or a `raise`."""
    return any(
        not isinstance(node, (ast.Pass, ast.Raise))
        and not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
        for node in function.body
    )
