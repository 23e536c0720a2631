"""A revision carried over into another one as it is: its functions under names of their own."""

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from oppman.database.lint.report import read
from oppman.database.revisions import Revision
from oppman.errors import Refused

_HEAD = {"revision", "down_revision", "branch_labels", "depends_on", "replaces"}
_GIVEN = {"from alembic import op", "import sqlalchemy as sa"}
"""What the template imports."""


@dataclass(frozen=True)
class Carried:
    """What the revisions bring along: imports, and the text of what they define."""

    future: list[str]
    imports: list[str]
    text: str


def function(revision: Revision, name: str) -> str:
    """What the `upgrade` or `downgrade` of the revision is called where it is carried over."""
    suffix = re.sub(r"\W", "_", revision.id)
    return f"_{name}_{suffix}"


def carry(revisions: Iterable[Revision]) -> Carried:
    """What to add to a file so that it can call their functions. Raises Refused if two define one name differently."""
    defined: dict[str, tuple[Revision, str]] = {}
    imports: dict[str, None] = {}
    parts: list[str] = []
    for revision in revisions:
        for meanings, text, is_import in _definitions(revision):
            if is_import:
                imports[text] = None
            known = [(name, *defined[name]) for name in meanings if name in defined]
            if clash := next((found for found in known if found[2] != meanings[found[0]]), None):
                raise Refused(
                    f"{clash[1].path.name} and {revision.path.name} both define {clash[0]}, differently.",
                    "Rename it in one of them.",
                )
            defined |= {name: (revision, meaning) for name, meaning in meanings.items()}
            if not known and not is_import:
                parts.append(text)
    future = [text for text in imports if text.startswith("from __future__")]
    others = [text for text in imports if text not in future and text not in _GIVEN]
    return Carried(future, others, "\n\n\n".join(parts))


def _definitions(revision: Revision) -> Iterator[tuple[dict[str, str], str, bool]]:
    """The statements of the file below its head: what each name stands for, its text, and whether it is an import."""
    source = read(revision.path).replace("\r\n", "\n")
    rows, end = source.split("\n"), 0
    for node in ast.parse(source).body:
        text = "\n".join(rows[end : node.end_lineno]).strip("\n")
        end = node.end_lineno or end
        names = list(_names(node))
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            yield dict(_imported(node)), ast.unparse(node), True
        elif isinstance(node, ast.FunctionDef) and node.name in {"upgrade", "downgrade"}:
            name = function(revision, node.name)
            renamed = re.sub(rf"(?m)^def {node.name}\b", f"def {name}", text, count=1)
            yield {name: renamed}, renamed, False
        elif not _HEAD & {*names} and not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)):
            yield dict.fromkeys(names, text), text, False


def _imported(node: ast.Import | ast.ImportFrom) -> Iterator[tuple[str, str]]:
    """Each name, and what it stands for. `import a.b` and `import a.c` both give `a`, the same package."""
    for alias in node.names:
        if isinstance(node, ast.ImportFrom):
            yield alias.asname or alias.name, f"{'.' * node.level}{node.module or ''}:{alias.name}"
        else:
            name = alias.asname or alias.name.partition(".")[0]
            yield name, alias.name if alias.asname else name


def _names(node: ast.stmt) -> Iterator[str]:
    if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
        yield node.name
    else:
        yield from (
            part.id for part in ast.walk(node) if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)
        )
