"""What a person means by columns and tables that the models no longer have: another name, or a loss.

Nothing is dropped by mistake: each is said on the command line, asked about on a terminal, or refused.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from oppman import console
from oppman.contract import Contract
from oppman.database.autogenerate.drift import Comparison, compare
from oppman.database.autogenerate.renames import Column, Rename, Table, column_renames, table_renames
from oppman.errors import NotAsked, Refused, UsageError

ALL = "all"
"""What `--allow-drop` calls everything."""

_MOST_QUESTIONS = 3
"""How many names a thing may have got are asked about; the others are answered with --rename."""


@dataclass(frozen=True)
class Moves:
    """The columns and tables that went, and those that came. A table's columns are not listed beside it."""

    dropped_tables: tuple[Table, ...]
    added_tables: tuple[Table, ...]
    dropped: tuple[Column, ...]
    added: tuple[Column, ...]

    @classmethod
    def of(cls, comparison: Comparison) -> "Moves":
        """What the operations of a comparison say."""
        from alembic.operations import ops

        every = list(_leaves(comparison.script.upgrade_ops_list))

        def tables(kind: Any) -> tuple[Table, ...]:
            found = [each.to_table() for each in every if isinstance(each, kind) and each.schema is None]
            return tuple(
                Table(table.name, tuple(_column(table.name, column) for column in table.columns)) for table in found
            )

        def columns(kind: Any) -> tuple[Column, ...]:
            found = [each for each in every if isinstance(each, kind) and each.schema is None]
            return tuple(_column(each.table_name, each.to_column()) for each in found)

        return cls(
            tables(ops.DropTableOp), tables(ops.CreateTableOp), columns(ops.DropColumnOp), columns(ops.AddColumnOp)
        )

    @property
    def gone(self) -> list[str]:
        """What is dropped, as a person names it: `products`, `products.name`."""
        return [*(table.path for table in self.dropped_tables), *(column.path for column in self.dropped)]

    @property
    def likely(self) -> list[Rename]:
        """What may be a rename; the likeliest first."""
        return table_renames(self.dropped_tables, self.added_tables) + column_renames(self.dropped, self.added)

    def allows(self, rename: Rename) -> bool:
        """Whether the one side went and the other came."""
        came: Sequence[Column | Table] = self.added if rename.table else self.added_tables
        return rename.before in self.gone and rename.after in {each.path for each in came}


@dataclass
class Intent:
    """What was said: renames in order, and what may be dropped (`products.name`, `products` or `all`)."""

    renames: list[Rename]
    drops: set[str]
    settled: list[Rename] = field(default_factory=list)

    @classmethod
    def parse(cls, renames: Iterable[str], drops: Iterable[str]) -> "Intent":
        """What the command line says. Raises UsageError."""
        return cls([Rename.parse(text) for text in renames], set(drops))

    def means_drop(self, name: str) -> bool:
        """Whether it was said that this may go."""
        return name in self.drops or ALL in self.drops


def settle(contract: Contract, comparison: Comparison, intent: Intent) -> Comparison:
    """The differences between models and migrations once it is clear what was renamed and what may go.

    With a rename they are compared anew: what it leaves is all that has to be altered.

    Raises NotAsked where there is no terminal to ask on, Refused for a no, and UsageError for what cannot be meant.
    """
    drops = intent.drops - {ALL}
    while True:
        moves = Moves.of(comparison)
        drops -= set(moves.gone)
        found = [each for each in intent.renames if each not in intent.settled and moves.allows(each)]
        found += _asked(moves, intent, found)
        if not found:
            break
        intent.settled += found
        comparison = compare(contract, intent.settled)
    unused = [f"--rename {each}" for each in intent.renames if each not in intent.settled]
    unused += [f"--allow-drop {name}" for name in sorted(drops)]
    if unused:
        raise UsageError(f"{unused[0]} names nothing that could be meant.", _what_changed(moves))
    return comparison


def _asked(moves: Moves, intent: Intent, said: Sequence[Rename]) -> list[Rename]:
    """The renames that a person confirms. What is neither renamed nor may be dropped is asked about, or refused."""
    gone, taken = {each.before for each in said}, {each.after for each in said}
    open_ = [name for name in moves.gone if name not in gone and not intent.means_drop(name)]
    if not open_:
        return []
    likely = [each for each in moves.likely if each.before in open_ and each.after not in taken]
    waiting = [each for each in intent.renames if not moves.allows(each)]
    if said and waiting:
        return []  # the rest of what was said may answer it, once these tables have their names
    if not console.interactive():
        raise _unanswered(open_, likely, moves)
    chosen = _confirmed(likely)
    for name in open_:
        if name not in {each.before for each in chosen}:
            what = f"{name} and its data" if "." in name else f"The table {name} and its rows"
            if not console.confirm(f"{what} will be dropped. Is that meant?", f"--allow-drop {name}"):
                raise Refused(f"{name} stays: nothing was written.", "Put it back into the models, or rename it.")
            intent.drops.add(name)
    return chosen


def _confirmed(likely: Iterable[Rename]) -> list[Rename]:
    chosen: list[Rename] = []
    asked: Counter[str] = Counter()
    for each in likely:
        done = {name for other in chosen for name in (other.before, other.after)}
        if each.before in done or each.after in done or asked[each.before] == _MOST_QUESTIONS:
            continue
        asked[each.before] += 1
        if console.confirm(f"Was {each.before} renamed to {each.after}?", f"--rename {each}"):
            chosen.append(each)
    return chosen


def _unanswered(names: Sequence[str], likely: Sequence[Rename], moves: Moves) -> NotAsked:
    types = {column.path: column.type for column in (*moves.dropped, *moves.added)}
    rows = []
    for name in names:
        rows.append(f"  {name}{_typed(types, name)}")
        rows += [f"    renamed to {each.after}{_typed(types, each.after)}?" for each in likely if each.before == name]
    flags = []
    best: dict[str, Rename] = {}
    for each in likely:
        if each.before not in best and each.after not in {other.after for other in best.values()}:
            best[each.before] = each
    for name in names:
        rename = best.get(name)
        drop = f"--allow-drop {name}"
        flags.append(f"`--rename {rename}` or `{drop}`" if rename else f"`{drop}`")
    data = "its data" if len(names) == 1 else "their data"
    return NotAsked(
        f"{', '.join(names)} would be dropped with {data}. Nothing was written.",
        f"Say what is meant: {'; '.join(flags)}.",
        "The models no longer have:\n" + "\n".join(rows),
    )


def _typed(types: dict[str, str], name: str) -> str:
    return f" ({types[name]})" if name in types else ""


def _what_changed(moves: Moves) -> str:
    came = [*(table.name for table in moves.added_tables), *(column.path for column in moves.added)]
    gone = f"The models no longer have: {', '.join(moves.gone)}. " if moves.gone else "Nothing is dropped. "
    return gone + (f"They have anew: {', '.join(came)}." if came else "Nothing is added.")


def _column(table: str, column: Any) -> Column:
    from oppman.database.autogenerate.conversions import ddl

    others = list(column.table.columns.keys()) if column.table is not None else []
    position = others.index(column.name) if column.name in others else 0
    return Column(str(table), column.name, ddl(column.type), bool(column.nullable), position)


def _leaves(operations: Iterable[Any]) -> Iterator[Any]:
    for each in operations:
        if hasattr(each, "ops"):
            yield from _leaves(each.ops)
        else:
            yield each
