"""What the rules say to the changes of one revision."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from oppman.database.lint.calls import Batch, Call
from oppman.database.lint.change import Change, Database
from oppman.database.lint.column_types import is_widening
from oppman.database.lint.operations import changes
from oppman.database.lint.rules import RULES
from oppman.database.lint.schema import Schema

_DATA = {"write_rows", "validate", "create_table"}
_IN_PLACE = {"add_column", "create_index", "drop_index"}


@dataclass(frozen=True)
class Verdict:
    """That a rule is broken: at a line (from 1), with what is wrong there in one sentence."""

    rule: str
    line: int
    message: str
    call: Call
    change: Change


@dataclass(frozen=True)
class _Step:
    change: Change
    call: Call

    @property
    def autocommit(self) -> bool:
        return self.call.autocommit


def judge(revision: Iterable[Call], schema: Schema, database: Database) -> Iterator[Verdict]:
    """The rules that the calls of a revision break. `schema` is brought to where the revision leads."""
    steps = [_Step(change, call) for call in revision for change in changes(call) if call.only in {None, database}]
    seen: set[tuple[str, int, str]] = set()
    committed = True
    schema.begin()
    for step in steps:
        if step.autocommit != committed:
            committed = step.autocommit
            schema.begin()
        for rule, message in _broken(step, schema, steps):
            line = _line(rule, step.call)
            if database in RULES[rule].databases and (rule, line, message) not in seen:
                seen.add((rule, line, message))
                yield Verdict(rule, line, message, step.call, step.change)
        schema.apply(step.change)


def rebuilds(change: Change, batch: Batch) -> bool:
    """Whether SQLite makes a new table for this change in a batch, with the rows of the old one."""
    return batch.recreates or change.kind not in _IN_PLACE or any(column.stored for column in change.columns)


def _broken(step: _Step, schema: Schema, steps: list[_Step]) -> Iterator[tuple[str, str]]:
    change = step.change
    if change.concurrently and not step.autocommit:
        yield "concurrent-in-transaction", f"{_index(change, schema)} is named with CONCURRENTLY in the transaction."
    elif schema.table_of(change) in schema.new:
        return
    elif check := _CHECKS.get(change.kind):
        yield from check(step, schema)
    if change.cascade and change.kind in {"drop_table", "drop_column", "drop_index", "drop_constraint", "drop_cascade"}:
        yield "drop-cascade", "CASCADE drops more than what is named here."
    if change.kind == "write_rows" and not step.autocommit and _changes_schema(steps, schema):
        yield "backfill-with-schema-change", f"All rows of {_table(change)} are written beside changes of the schema."
    if step.call.batch:
        yield from _in_batch(step, schema)


def _changes_schema(steps: list[_Step], schema: Schema) -> bool:
    """Whether the revision locks a table that is in use, beside writing rows."""
    locking = (step.change for step in steps if step.change.kind not in _DATA and not step.autocommit)
    return any(schema.table_of(change) not in schema.new for change in locking)


def _index_made(step: _Step, schema: Schema) -> Iterator[tuple[str, str]]:
    if not step.change.concurrently:
        yield "index-not-concurrent", f"{_index(step.change, schema)} is made without CONCURRENTLY."


def _index_dropped(step: _Step, schema: Schema) -> Iterator[tuple[str, str]]:
    if not step.change.concurrently:
        yield "index-drop-not-concurrent", f"{_index(step.change, schema)} is dropped without CONCURRENTLY."


def _column_added(step: _Step, _schema: Schema) -> Iterator[tuple[str, str]]:
    place, column = _column(step.change), step.change.columns[0]
    if not column.nullable and not column.default:
        yield "column-not-null", f"{place} is added NOT NULL without a server default."
    if column.stored:
        yield "generated-stored", f"{place} is added as a stored generated column."
    elif column.default == "volatile":
        yield "default-volatile", f"{place} is added with a value of its own for every row."
    yield from _json(step.change)


def _type_changed(step: _Step, schema: Schema) -> Iterator[tuple[str, str]]:
    change = step.change
    old = change.old_type or schema.types.get((change.table, change.name), "")
    if not is_widening(old, change.type):
        kinds = f" from {old} to {change.type}" if old and change.type else f" to {change.type}" if change.type else ""
        yield "type-changed", f"{_column(change)} changes its type{kinds}."
    if old != "json":
        yield from _json(change)


def _json(change: Change) -> Iterator[tuple[str, str]]:
    if change.type == "json":
        yield "json-column", f"{_column(change)} is json and not jsonb."


def _not_null(step: _Step, schema: Schema) -> Iterator[tuple[str, str]]:
    if not schema.is_never_null(step.change.table, step.change.name):
        yield "not-null-set", f"{_column(step.change)} is set NOT NULL without a valid check first."


def _foreign_key(step: _Step, schema: Schema) -> Iterator[tuple[str, str]]:
    if not step.change.not_valid:
        to = f" to {step.change.refers_to}" if step.change.refers_to else ""
        yield "foreign-key-not-split", f"A foreign key from {_table(step.change)}{to} is added and checked in one go."


def _check(step: _Step, _schema: Schema) -> Iterator[tuple[str, str]]:
    if not step.change.not_valid:
        yield "check-not-split", f"A check of {_table(step.change)} is added and checked in one go."


def _unique(step: _Step, _schema: Schema) -> Iterator[tuple[str, str]]:
    if not step.change.using_index:
        yield "unique-without-index", f"A unique constraint of {_table(step.change)} is added without an index."


def _validated(step: _Step, schema: Schema) -> Iterator[tuple[str, str]]:
    if step.change.name in schema.uncommitted:
        yield "validate-in-transaction", f"{step.change.name} is validated in the transaction that added it."


def _renamed(step: _Step, _schema: Schema) -> Iterator[tuple[str, str]]:
    change = step.change
    if change.kind == "rename_column":
        yield "column-renamed", f"{_column(change)} is renamed to {change.new_name or 'another name'}."
    else:
        name = change.table or change.name or "a table"
        yield "table-renamed", f"{name} is renamed to {change.new_name or 'another name'}."


def _dropped(step: _Step, _schema: Schema) -> Iterator[tuple[str, str]]:
    if step.change.kind == "drop_column":
        yield "column-dropped", f"{_column(step.change)} is dropped."
    else:
        yield "table-dropped", f"{_table(step.change)} is dropped."


def _enum_value(step: _Step, _schema: Schema) -> Iterator[tuple[str, str]]:
    if not step.autocommit:
        yield "enum-value-in-transaction", f"The enum {step.change.name} gets a value in the transaction."


def _excluded(step: _Step, _schema: Schema) -> Iterator[tuple[str, str]]:
    yield "exclude-added", f"An exclusion constraint of {_table(step.change)} is added."


def _in_batch(step: _Step, schema: Schema) -> Iterator[tuple[str, str]]:
    """What a batch does to children, and to constraints without a name."""
    change, batch = step.change, step.call.batch
    if batch is None:
        return
    children = sorted(schema.cascades.get(batch.table, set()) - {batch.table})
    if children and rebuilds(change, batch) and batch.table not in schema.new:
        yield "batch-cascade", f"{batch.table} is rebuilt, and rows of {', '.join(children)} go with its rows."
    kinds = {"add_foreign_key", "add_check", "add_unique", "drop_constraint"}
    if change.kind in kinds and change.unnamed and not batch.names_constraints:
        done = "dropped" if change.kind == "drop_constraint" else "added"
        yield "constraint-unnamed", f"A constraint of {batch.table or 'a table'} is {done} without a name."


_CHECKS: dict[str, Callable[[_Step, Schema], Iterator[tuple[str, str]]]] = {
    "create_index": _index_made,
    "drop_index": _index_dropped,
    "add_column": _column_added,
    "change_type": _type_changed,
    "set_not_null": _not_null,
    "add_foreign_key": _foreign_key,
    "add_check": _check,
    "add_unique": _unique,
    "add_exclude": _excluded,
    "validate": _validated,
    "rename_column": _renamed,
    "rename_table": _renamed,
    "rename_schema": _renamed,
    "drop_column": _dropped,
    "drop_table": _dropped,
    "add_enum_value": _enum_value,
}


def _line(rule: str, call: Call) -> int:
    return call.batch.node.lineno if rule == "batch-cascade" and call.batch else call.node.lineno


def _table(change: Change) -> str:
    return change.table or "a table"


def _column(change: Change) -> str:
    return f"{_table(change)}.{change.name or 'a column'}"


def _index(change: Change, schema: Schema) -> str:
    table = schema.table_of(change)
    where = f" on {table}" if table else ""
    return f"The index {change.name}{where}" if change.name else f"An index{where}"
