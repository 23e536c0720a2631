"""A rename carried out on a scratch database, and written into the revision that autogenerate made after it.

What is compared afterwards is the renamed table, so whatever else changed is found and altered as usual. The names of
indexes and constraints follow the naming convention: PostgreSQL renames them in place, SQLite makes them anew.
"""

from collections.abc import Iterable, Iterator, Sequence
from copy import copy
from dataclasses import dataclass
from typing import Any

from alembic.autogenerate import renderers
from alembic.autogenerate.api import AutogenContext
from alembic.autogenerate.render import render_op
from alembic.operations import ops
from sqlalchemy import Column, Connection, MetaData, Table, inspect
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import conv

from oppman.database.autogenerate.expression_indexes import has_expression
from oppman.database.autogenerate.renames import Rename

_POSTGRES: Any = postgresql.dialect()  # type: ignore[no-untyped-call]
_INDEXES = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'index'",
    "postgresql": "SELECT indexname FROM pg_indexes WHERE schemaname = current_schema()",
}
_ADDS = (ops.CreateUniqueConstraintOp, ops.CreateCheckConstraintOp, ops.CreateForeignKeyOp)


def rename(connection: Connection, renames: Iterable[Rename]) -> None:
    """Carry out the renames on a scratch database."""
    quoted = connection.dialect.identifier_preparer.quote
    for each in renames:
        if each.table:
            how = f"{quoted(each.table)} RENAME COLUMN {quoted(each.old)} TO {quoted(each.new)}"
        else:
            how = f"{quoted(each.old)} RENAME TO {quoted(each.new)}"
        connection.exec_driver_sql(f"ALTER TABLE {how}")
    connection.commit()


def write_renames(
    upgrade: ops.UpgradeOps,
    downgrade: ops.DowngradeOps,
    renames: Sequence[Rename],
    connection: Connection,
    metadata: MetaData,
) -> list[tuple[str, str, str]]:
    """Put the renames, and those of what is named after them, into the operations found on the renamed tables.

    Returns what became of indexes and constraints: the table, and the names before and after.
    """
    before = {each.new: each.old for each in renames if not each.table}
    touched = {each.table or each.new for each in renames}
    named = [
        *_primary_keys(before, connection, metadata),
        *_foreign_keys(touched, connection, metadata, _dropped(upgrade)),
        *_pairs(upgrade, touched, before),
    ]
    _pairs(downgrade, touched, before)
    changing = {_name(each) for each in _leaves(upgrade) if isinstance(each, ops.DropIndexOp | ops.CreateIndexOp)}
    kept = list(_lost_in_a_batch(named, changing, connection, metadata))
    upgrade.ops[:0] = [*map(RenameOp, renames), *_following(named, kept, back=False)]
    downgrade.ops += [*_following(named, kept, back=True), *(RenameOp(each, back=True) for each in reversed(renames))]
    return [(each.table, each.old, each.new) for each in named if each.create is not None]


class RenameOp(ops.OpContainer):
    """The rename of a column or of a table. It leaves the models and the database the same: no difference."""

    def __init__(self, what: Rename, *, back: bool = False) -> None:
        super().__init__()
        self.table, (self.old, self.new) = what.table, (what.new, what.old) if back else (what.old, what.new)


class NamesFollow(ops.OpContainer):
    """What renames indexes and constraints: `statements` on PostgreSQL, the operations `elsewhere` on SQLite."""

    def __init__(self, statements: list[str], elsewhere: list[ops.MigrateOperation]) -> None:
        super().__init__()
        self.statements, self.elsewhere = statements, elsewhere


@renderers.dispatch_for(RenameOp)
def _render_rename(_autogen: AutogenContext, operation: RenameOp) -> str:
    # Not in a batch: that would copy the table, and leave the foreign keys of others at the old name.
    if operation.table:
        return f"op.alter_column({operation.table!r}, {operation.old!r}, new_column_name={operation.new!r})"
    return f"op.rename_table({operation.old!r}, {operation.new!r})"


@renderers.dispatch_for(NamesFollow)
def _render_names(autogen: AutogenContext, operation: NamesFollow) -> list[str]:
    lines = ['if op.get_context().dialect.name == "postgresql":']
    lines += [f"op.execute({statement!r})" for statement in operation.statements]
    if operation.elsewhere:
        lines += ["else:", *(line for each in operation.elsewhere for line in render_op(autogen, each))]
    return [*lines, ""]


@dataclass(frozen=True)
class _Named:
    """An index or constraint of `table` whose name follows; `create` makes it, None if SQLite can do without."""

    kind: str
    table: str
    old: str
    new: str
    create: Any = None

    def statement(self, *, back: bool) -> str:
        quoted = _POSTGRES.identifier_preparer.quote
        old, new = (self.new, self.old) if back else (self.old, self.new)
        if self.kind in {"index", "primary"}:
            # Without "if exists" for what was found. The key of an AUTOINCREMENT table has no name on SQLite to find.
            there = "" if self.kind == "index" else "IF EXISTS "
            return f"ALTER INDEX {there}{quoted(old)} RENAME TO {quoted(new)}"
        return f"ALTER TABLE {quoted(self.table)} RENAME CONSTRAINT {quoted(old)} TO {quoted(new)}"

    def anew(self, *, back: bool) -> list[Any]:
        old, new = (self.new, self.old) if back else (self.old, self.new)
        made = copy(self.create)
        if self.kind == "index":
            made.index_name = conv(new)
            return [ops.DropIndexOp(conv(old), self.table), made]
        made.constraint_name = conv(new)
        return [ops.DropConstraintOp(conv(old), self.table, self.kind), made]


def _following(named: Sequence[_Named], kept: Sequence[_Named], *, back: bool) -> list[NamesFollow]:
    """What renames `named`. An index goes before its table is copied, and comes after that, as do those `kept`."""
    if not named:
        return []
    made = [each for each in named if each.create is not None]
    indexes = [each.anew(back=back) for each in (*made, *kept) if each.kind == "index"]
    batches: list[Any] = []
    for table in dict.fromkeys(each.table for each in made if each.kind != "index"):
        ours = [each for each in made if each.kind != "index" and each.table == table]
        batches.append(ops.ModifyTableOps(table, [one for each in ours for one in each.anew(back=back)]))
    elsewhere = [*(drop for drop, _ in indexes), *batches, *(create for _, create in indexes)]
    return [NamesFollow([each.statement(back=back) for each in named], elsewhere)]


def _lost_in_a_batch(
    named: Sequence[_Named], changing: set[str], connection: Connection, metadata: MetaData
) -> Iterator[_Named]:
    """Indexes on expressions that keep their name, of tables that SQLite copies: such a copy does not have them."""
    copied = {each.table for each in named if each.create is not None and each.kind != "index"}
    there = {name for (name,) in connection.exec_driver_sql(_INDEXES[connection.dialect.name])}
    for table in sorted(copied):
        for index in metadata.tables[table].indexes:
            name = str(index.name)
            if has_expression(index) and name in there - changing and name not in {each.new for each in named}:
                yield _Named("index", table, name, name, ops.CreateIndexOp.from_index(index))


def _primary_keys(before: dict[str, str], connection: Connection, metadata: MetaData) -> Iterator[_Named]:
    """The names of the primary keys of renamed tables. Nothing on SQLite refers to them."""
    for table, old in before.items():
        key = metadata.tables[table].primary_key
        found: Any = inspect(connection).get_pk_constraint(table)["name"]
        if not found:
            columns = [Column(column.name, column.type, primary_key=True) for column in key]
            unnamed = Table(old, MetaData(naming_convention=metadata.naming_convention), *columns).primary_key
            found = unnamed.name
        if found and key.name and str(found) != str(key.name):
            yield _Named("primary", table, str(found), str(key.name))


def _foreign_keys(
    touched: set[str], connection: Connection, metadata: MetaData, dropped: set[tuple[str, str]]
) -> Iterator[_Named]:
    """Foreign keys that are the same but for the name; Alembic does not compare that."""
    preparer = connection.dialect.identifier_preparer
    for (schema, name), keys in inspect(connection).get_multi_foreign_keys().items():
        if schema is not None or name not in metadata.tables:
            continue
        wanted = {
            (tuple(key.column_keys), key.referred_table.name, tuple(part.column.name for part in key.elements)): key
            for key in metadata.tables[name].foreign_key_constraints
        }
        for found in keys:
            target = found["referred_table"]
            key = wanted.get((tuple(found["constrained_columns"]), target, tuple(found["referred_columns"])))
            if key is None or not found["name"] or not {name, target} & touched or (name, found["name"]) in dropped:
                continue
            new = str(preparer.format_constraint(key) or "")
            if new and new != found["name"]:
                yield _Named("foreignkey", name, found["name"], new, ops.CreateForeignKeyOp.from_constraint(key))


def _pairs(container: ops.OpContainer, touched: set[str], before: dict[str, str]) -> list[_Named]:
    """Take what is dropped under one name and made under another out of the operations, and return it."""
    found: list[_Named] = []
    gone: set[int] = set()
    every = list(_leaves(container))
    made = {_key(each, before): each for each in every if isinstance(each, (ops.CreateIndexOp, *_ADDS))}
    for drop in every:
        if not isinstance(drop, (ops.DropIndexOp, ops.DropConstraintOp)) or drop.table_name not in touched:
            continue
        create = made.get(_key(drop.reverse(), before))
        if create is None or _name(create) == _name(drop) or id(create) in gone:
            continue
        kind = "index" if isinstance(drop, ops.DropIndexOp) else str(drop.constraint_type)
        found.append(_Named(kind, drop.table_name, _name(drop), _name(create), create))
        gone |= {id(drop), id(create)}
    _take_out(container, gone)
    return found


def _key(create: Any, before: dict[str, str]) -> tuple[Any, ...]:
    """What an index or constraint is apart from its name. A check is its name, but for the table's in it."""
    if isinstance(create, ops.CreateIndexOp):
        columns = tuple(str(getattr(column, "name", column)) for column in create.columns)
        options = {name: str(value) for name, value in create.kw.items() if value}
        return "index", create.table_name, columns, bool(create.unique), str(sorted(options.items()))
    if isinstance(create, ops.CreateUniqueConstraintOp):
        return "unique", create.table_name, tuple(map(str, create.columns))
    if isinstance(create, ops.CreateCheckConstraintOp):
        table = create.table_name
        return "check", table, _name(create).replace(f"_{table}_", f"_{before.get(table, table)}_", 1)
    return "other", id(create)


def _name(operation: Any) -> str:
    return str(getattr(operation, "index_name", None) or getattr(operation, "constraint_name", None) or "")


def _dropped(container: ops.OpContainer) -> set[tuple[str, str]]:
    return {(each.table_name, _name(each)) for each in _leaves(container) if isinstance(each, ops.DropConstraintOp)}


def _leaves(container: ops.OpContainer) -> Iterator[Any]:
    for each in container.ops:
        if isinstance(each, ops.OpContainer):
            yield from _leaves(each)
        else:
            yield each


def _take_out(container: ops.OpContainer, gone: set[int]) -> None:
    kept = []
    for each in container.ops:
        if isinstance(each, ops.ModifyTableOps):
            _take_out(each, gone)
            if not each.ops:
                continue
        if id(each) not in gone:
            kept.append(each)
    container.ops = kept
