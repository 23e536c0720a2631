"""What the revisions of a project did to some of its tables, read from their source: nothing is imported or run."""

import ast
import builtins
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent, indent

from oppman.database.revisions import History, Revision
from oppman.project import Project
from oppman.scaffold.revision_file import revision_file

_KNOWN = {"sa", "op", "batch_op", "webapp", *dir(builtins)}
"""What the file of a new revision has, or imports where it is used: the app's own types."""


@dataclass(frozen=True)
class Part:
    """A statement of a revision, and the tables of the wanted ones that it is about."""

    tables: frozenset[str]
    source: str
    creates: str = ""
    """The table that it creates."""
    names: frozenset[str] = frozenset()


def drop_tables(project: Project, tables: Collection[str], message: str) -> tuple[Path, str] | None:
    """Where the revision that drops `tables` would lie, and its text. Its downgrade does what the revisions did so far.

    None if these do not tell how the tables came to be, or took more than the usual imports for it. Raises
    SeveralHeads and NoMigrations.
    """
    parts = [part for one in History.read(project).revisions.values() for part in _parts(one, tables) if part.tables]
    created = [part.creates for part in parts if part.creates]
    if set(created) != set(tables) or len(created) != len(set(created)) or any(part.names - _KNOWN for part in parts):
        return None
    upgrade = "\n".join(f'    op.drop_table("{table}")' for table in reversed(created))
    return revision_file(project, message, upgrade, "\n".join(indent(part.source, "    ") for part in parts))


def removable(history: History, tables: Collection[str], applied: Collection[str]) -> tuple[Revision, ...]:
    """The revisions that can go together with `tables`: the last ones, not `applied`, about nothing else.

    None of them if one that has to do with the tables would stay.
    """
    revisions = list(history.revisions.values())
    last: list[Revision] = []
    while revisions and len(revisions[-1].parents) <= 1 and revisions[-1].id not in applied:
        parts = list(_parts(revisions[-1], tables))
        if not parts or not all(part.tables for part in parts):
            break
        last.append(revisions.pop())
    touched = any(part.tables for revision in revisions for part in _parts(revision, tables))
    return () if touched else tuple(last)


def _parts(revision: Revision, tables: Collection[str]) -> Iterator[Part]:
    """The statements of its upgrade."""
    source = revision.path.read_text(encoding="utf-8")
    for function in ast.parse(source).body:
        if isinstance(function, ast.FunctionDef) and function.name == "upgrade":
            for node in function.body:
                if not isinstance(node, ast.Pass):
                    yield _part(node, source, tables)


def _part(node: ast.stmt, source: str, tables: Collection[str]) -> Part:
    calls: list[ast.expr] = [node.value] if isinstance(node, ast.Expr) else []
    calls = [item.context_expr for item in node.items] if isinstance(node, ast.With) else calls
    if isinstance(node, ast.If):  # what one of the databases has alone
        calls = [one.value for one in node.body if isinstance(one, ast.Expr)]
    named: set[str] = set()
    creates = ""
    for call in calls:
        if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Attribute) or call.func.attr == "execute":
            continue
        arguments = [*call.args[:2], *(keyword.value for keyword in call.keywords if keyword.arg == "table_name")]
        texts = {one.value for one in arguments if isinstance(one, ast.Constant) and isinstance(one.value, str)}
        named |= texts & set(tables)
        if call.func.attr == "create_table":
            creates = "".join(texts & set(tables))
    rows = source.split("\n")[node.lineno - 1 : node.end_lineno]
    names = frozenset(one.id for one in ast.walk(node) if isinstance(one, ast.Name))
    return Part(frozenset(named), dedent("\n".join(rows)), creates, names)
