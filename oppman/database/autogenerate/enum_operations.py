"""What a revision does to PostgreSQL's enum types, as operations that Alembic reverses and writes out.

A revision holds SQL for PostgreSQL alone, in its own branch. A column is text on SQLite, which heeds no length: nothing
is to be done there but for rows that have a member that is gone.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from oppman.database.autogenerate.parameters import without_parameters
from oppman.database.tables import quote
from oppman.errors import UsageError

ON_POSTGRES = 'if op.get_context().dialect.name == "postgresql":'
ON_SQLITE = 'if op.get_context().dialect.name == "sqlite":'
END = ""
"""Ends a block in what is given to Alembic's printer."""


@dataclass(frozen=True)
class EnumColumn:
    """A column in the database whose type is an enum, and its default there, a member."""

    table: str
    column: str
    default: str | None = None

    @property
    def name(self) -> str:
        """How a person names it: `products.status`."""
        return f"{self.table}.{self.column}"


@dataclass
class EnumOperation:
    """`old` and `new` are the members; none where the type is not there."""

    name: str
    old: tuple[str, ...]
    new: tuple[str, ...]
    columns: tuple[EnumColumn, ...] = ()
    replacements: dict[str, str] = field(default_factory=dict)
    """The member that rows get instead of one that is gone, by the name of their column."""
    undoes: "EnumOperation | None" = None

    @property
    def added(self) -> list[str]:
        """The members that are new."""
        return [member for member in self.new if member not in self.old]

    @property
    def gone(self) -> list[str]:
        """The members that no row may have afterwards."""
        return [member for member in self.old if member not in self.new] if self.new else []

    @property
    def renamed(self) -> tuple[str, str] | None:
        """A member and what it is called from now on: all rows with it get the one that came."""
        if self.undoes is not None:
            before = self.undoes.renamed
            return before and (before[1], before[0])
        instead = {self.replacements.get(column.name) for column in self.columns}
        return (self.gone[0], self.added[0]) if len(self.gone) == 1 and instead == {*self.added} else None

    @property
    def table(self) -> str:
        """Where a person looks for it."""
        return self.columns[0].table if len({column.table for column in self.columns}) == 1 else ""

    @property
    def text(self) -> str:
        """The change in a line."""
        if not self.old:
            return f"add enum {self.name} ({', '.join(self.new)})"
        if not self.new:
            return f"remove enum {self.name} ({', '.join(self.old)})"
        changes = [f"+{member}" for member in self.added] + [f"-{member}" for member in self.gone]
        return f"change enum {self.name}: {', '.join(changes)}"

    def to_diff_tuple(self) -> tuple[str, Any]:
        verb = "change" if self.old and self.new else "add" if self.new else "remove"
        return f"{verb}_enum", self

    def reverse(self) -> "EnumOperation":
        """What undoes it. Rows that took another member keep that, but for one that was renamed."""
        return replace(self, old=self.new, new=self.old, replacements={}, undoes=self)

    def lines(self) -> list[str]:
        """The statements of the revision."""
        if not self.old:
            return [ON_POSTGRES, execute(f"CREATE TYPE {name_of(self.name)} AS ENUM ({_listed(self.new)})"), END]
        if not self.new:
            return [ON_POSTGRES, execute(f"DROP TYPE {name_of(self.name)}"), END]
        if self.renamed:
            return self._with_another_name(*self.renamed)
        return self._replaced() if self.gone else self._grown()

    def _with_another_name(self, old: str, new: str) -> list[str]:
        """PostgreSQL keeps the name of a member apart from the rows, so no row is touched there."""
        change = f"ALTER TYPE {name_of(self.name)} RENAME VALUE {literal(old)} TO {literal(new)}"
        rows = [
            f"UPDATE {name_of(column.table)} SET {name_of(column.column)} = {literal(new)} "  # noqa: S608
            f"WHERE {name_of(column.column)} = {literal(old)}"
            for column in self.columns
        ]
        return [ON_POSTGRES, execute(change), END, ON_SQLITE, *map(execute, rows), END]

    def _grown(self) -> list[str]:
        """A value is added without a look at the tables, and outside of a transaction: the next one may use it."""
        statements = []
        for place, member in enumerate(self.new):
            if member not in self.old:
                where = f" AFTER {literal(self.new[place - 1])}" if place else f" BEFORE {literal(self.old[0])}"
                last = not any(later in self.old for later in self.new[place:])
                statements.append(
                    f"ALTER TYPE {name_of(self.name)} ADD VALUE IF NOT EXISTS {literal(member)}{'' if last else where}"
                )
        block = "with op.get_context().autocommit_block():"
        return [ON_POSTGRES, block, *map(execute, statements), END, END]

    def _replaced(self) -> list[str]:
        """PostgreSQL cannot take a value out of a type, so the type is made anew and the columns change to it."""
        found = _refused([column for column in self.columns if column.name not in self.replacements], self.gone)
        old = f"{self.name}_old"
        statements = [
            f"ALTER TYPE {name_of(self.name)} RENAME TO {name_of(old)}",
            f"CREATE TYPE {name_of(self.name)} AS ENUM ({_listed(self.new)})",
        ]
        for column in self.columns:
            default = column.default if column.default in self.new else self.replacements.get(column.name)
            value = _text(column.column)
            if instead := self.replacements.get(column.name):
                value = f"CASE WHEN {value} IN ({_listed(self.gone)}) THEN {literal(instead)} ELSE {value} END"
            statements += _retyped(column, self.name, value, default)
        found += [ON_POSTGRES, *map(execute, [*statements, f"DROP TYPE {name_of(old)}"]), END]
        if self.replacements:
            found += [ON_SQLITE]
            for column in self.columns:
                if instead := self.replacements.get(column.name):
                    table, place = name_of(column.table), name_of(column.column)
                    wanted = f"WHERE {place} IN ({_listed(self.gone)})"
                    found.append(execute(f"UPDATE {table} SET {place} = {literal(instead)} {wanted}"))  # noqa: S608
            found += [END]
        return found


@dataclass
class ColumnToEnum:
    """A column becomes one of the enum type `new`, or stops being one of `old`; text where the name is empty."""

    column: EnumColumn
    old: str
    new: str
    old_length: int | None
    new_length: int | None

    def to_diff_tuple(self) -> tuple[str, Any]:
        return "change_type", self

    @property
    def name(self) -> str:
        return self.column.column

    @property
    def table(self) -> str:
        return self.column.table

    @property
    def text(self) -> str:
        """The change in a line."""
        return f"change {self.column.name}: type {self.old or 'text'} -> {self.new or 'text'}"

    def reverse(self) -> "ColumnToEnum":
        return ColumnToEnum(self.column, self.new, self.old, self.new_length, self.old_length)

    def lines(self) -> list[str]:
        """The statements of the revision."""
        kind = self.new or (f"VARCHAR({self.new_length})" if self.new_length else "VARCHAR")
        statements = _retyped(self.column, kind, _text(self.column.column), self.column.default, named=bool(self.new))
        found = [ON_POSTGRES, *map(execute, statements), END]
        if not self.new and self.old_length != self.new_length:
            length = f"length={self.new_length}" if self.new_length else ""
            found += [
                ON_SQLITE,
                f"with op.batch_alter_table({self.column.table!r}) as batch_op:",
                f"batch_op.alter_column({self.column.column!r}, type_=sa.String({length}))",
                END,
                END,
            ]
        return found


def register() -> None:
    """Let Alembic write these operations."""
    from alembic.autogenerate import renderers

    for kind in (EnumOperation, ColumnToEnum):
        renderers.dispatch_for(kind, replace=True)(lambda _context, operation: operation.lines())


def replace_members(containers: Iterable[Any], values: Mapping[str, str]) -> dict[str, str]:
    """Give rows whose member goes another one, by the name of their column, and return the values for other columns.

    Raises UsageError for what is no member.
    """
    left = dict(values)
    for operation in [item for container in containers for item in container.ops if isinstance(item, EnumOperation)]:
        for column in operation.columns if operation.gone else ():
            if (member := left.pop(column.name, None)) is not None:
                if member not in operation.new:
                    raise UsageError(
                        f"{member!r} is no member of {operation.name}.", f"Those that are: {', '.join(operation.new)}."
                    )
                operation.replacements[column.name] = member
    return left


def stopping(containers: Iterable[Any]) -> list[str]:
    """What is to be known of rows that have a member which goes and would get no other: a line for each column."""
    return [
        f"stops at rows whose {column.name} is {' or '.join(operation.gone)}; "
        f"--backfill {column.name}={(operation.added or operation.new)[0]} gives those another"
        for container in containers
        for operation in container.ops
        if isinstance(operation, EnumOperation) and operation.gone
        for column in operation.columns
        if column.name not in operation.replacements
    ]


def literal(value: str) -> str:
    """`value` as SQL text, in which a colon begins no parameter."""
    return without_parameters(quote.literal(value))


def _retyped(column: EnumColumn, kind: str, value: str, default: str | None, *, named: bool = True) -> list[str]:
    change = f"ALTER TABLE {name_of(column.table)} ALTER COLUMN {name_of(column.column)}"
    kind = name_of(kind) if named else kind
    found = [f"{change} TYPE {kind} USING CAST({value} AS {kind})"]
    if column.default is not None:  # it is a value of the old type
        found = [f"{change} DROP DEFAULT", *found, *([f"{change} SET DEFAULT {literal(default)}"] if default else [])]
    return found


def _refused(columns: list[EnumColumn], members: list[str]) -> list[str]:
    """What raises for a row that has a member which goes, and says where it is."""
    if not columns:
        return []
    return [
        f"for table, column in {[(item.table, item.column) for item in columns]!r}:",
        "value = sa.cast(sa.column(column), sa.Text)",
        f"rows = sa.select(value).select_from(sa.table(table)).where(value.in_({members!r})).limit(1)",
        "found = None if op.get_context().as_sql else op.get_bind().scalar(rows)",
        "if found is not None:",
        'raise RuntimeError(f"{table}.{column} has rows with {found!r}, which goes. Change them first.")',
        END,
        END,
    ]


def execute(statement: str) -> str:
    """The statement of a revision that runs SQL."""
    return f"op.execute({statement!r})"


def _text(column: str) -> str:
    return f"CAST({name_of(column)} AS text)"


def _listed(members: Iterable[str]) -> str:
    return ", ".join(map(literal, members))


def name_of(name: str) -> str:
    """A name as both databases read it."""
    from sqlalchemy.dialects import postgresql

    preparer = postgresql.dialect().identifier_preparer  # type: ignore[no-untyped-call]
    return str(preparer.quote(name))
