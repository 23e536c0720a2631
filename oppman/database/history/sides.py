"""The sides of a history with several heads: what each has that the others lack, and what they both change."""

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from oppman.database.lint.calls import calls
from oppman.database.lint.change import Change
from oppman.database.lint.operations import changes
from oppman.database.lint.report import read
from oppman.database.revisions import History, Revision
from oppman.errors import NoMigrations

_OF_A_COLUMN = {
    "add_column", "drop_column", "rename_column", "change_type", "set_not_null", "alter_column",
}  # fmt: skip
_WORDS = {"write_rows": "writes rows of", "set_not_null": "sets NOT NULL on", "change_type": "changes the type of"}


@dataclass(frozen=True)
class Side:
    """A head, and its own revisions in the order in which they are applied."""

    head: Revision
    revisions: tuple[Revision, ...]

    def __str__(self) -> str:
        return str(self.head)


@dataclass(frozen=True)
class Overlap:
    """A table, or one column of it, that two sides change; `text` says what each of them does."""

    place: str
    text: str


def sides(history: History) -> list[Side]:
    """The sides, by their heads; one head makes one side with nothing of its own."""
    shared = set(history.revisions)
    for head in history.heads:
        shared &= history.applied([head])
    return [
        Side(history.revisions[head], tuple(r for r in history.missing((), [head]) if r.id not in shared))
        for head in history.heads
    ]


def overlaps(one: Side, other: Side) -> list[Overlap]:
    """The tables that both change. A column that both change is named, and its table then only with the rest.

    Read from the files as `oppman db lint` reads them; what is computed there is not seen.
    """
    common = {revision.id for revision in one.revisions} & {revision.id for revision in other.revisions}
    first, second = (
        _touched(revision for revision in side.revisions if revision.id not in common) for side in (one, other)
    )
    found = []
    for table in sorted(first.keys() & second.keys()):
        columns = [name for name in first[table] if name and name in second[table]]
        places = [(f"{table}.{name}", first[table][name], second[table][name]) for name in columns]
        for place, ours, theirs in places or [(table, _flat(first[table]), _flat(second[table]))]:
            found.append(Overlap(place, f"{one.head.id}: {', '.join(ours)}; {other.head.id}: {', '.join(theirs)}"))
    return found


def _touched(revisions: Iterable[Revision]) -> dict[str, dict[str, list[str]]]:
    """What happens to each table: to a column by its name, to the rest of the table by ""."""
    found: dict[str, dict[str, list[str]]] = {}
    for change in (change for revision in revisions for change in _changes(revision)):
        for table in filter(None, {change.table, change.new_name if change.kind == "rename_table" else ""}):
            columns = {change.name, change.new_name} - {""} if change.kind in _OF_A_COLUMN else {""}
            for column in columns:
                said = found.setdefault(table, {}).setdefault(column, [])
                said += [text for text in [_text(change)] if text not in said]
    return found


def _changes(revision: Revision) -> Iterator[Change]:
    try:
        tree = ast.parse(read(revision.path))
    except SyntaxError as problem:
        raise NoMigrations(
            f"{revision.path.name} cannot be read: {problem.msg} in line {problem.lineno}.", f"Mend {revision.path}."
        ) from None
    for call in calls(tree):
        yield from changes(call)


def _text(change: Change) -> str:
    verb = _WORDS.get(change.kind, change.kind.replace("_", " "))
    return f"{verb} {change.name or change.table}"


def _flat(touched: dict[str, list[str]]) -> list[str]:
    return [text for texts in touched.values() for text in texts]
