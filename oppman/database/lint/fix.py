"""Safe forms of what the linter found, written into the revision where the outcome is certain.

On SQLite a fixed revision does what it did before, in the one transaction that env.py gives to all of them: only
PostgreSQL gets the blocks that commit in between. A block commits what stands before it too, and a revision that fails
is run again from its start, so what an earlier try may have left is dropped first.
"""

import ast
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path

from oppman.database.autogenerate.drift import written
from oppman.database.lint.calls import called, calls
from oppman.database.lint.concurrent import concurrently
from oppman.database.lint.report import Finding, Linter, read
from oppman.database.lint.site import Site, identifier
from oppman.database.lint.text import Edit, above, apply, span, with_argument
from oppman.database.lint.two_step import Rename, in_two_steps
from oppman.database.revisions import Revision
from oppman.diff import unified
from oppman.project import Project

_ONCE = {
    "add_column", "create_table", "create_unique_constraint", "drop_column", "drop_constraint", "drop_table",
    "rename_table",
}  # fmt: skip
_NAME_LENGTH = 63  # bytes; PostgreSQL cuts off what is longer


@dataclass(frozen=True)
class Fix:
    """The text of a revision, before and after, and the renames of which it is the first step now."""

    revision: Revision
    before: str
    after: str
    renames: tuple[Rename, ...] = ()

    @property
    def commits_early(self) -> bool:
        """Whether a block commits steps that cannot be taken twice, so that a later failure leaves half a revision."""
        made = list(calls(ast.parse(self.after)))
        first = next((place for place, call in enumerate(made) if call.autocommit), 0)
        return any(call.operation in _ONCE for call in made[:first])

    def diff(self, name: str) -> str:
        """The change as a unified diff of the file `name`."""
        return unified(self.before, self.after, f"a/{name}", f"b/{name}")

    def write(self) -> None:
        """Put the new text into the file."""
        self.revision.path.write_bytes(self.after.encode("utf-8"))


def second_step(project: Project, fix: Fix) -> tuple[Path, str] | None:
    """Where the revision with the second step of its renames would lie, and its text; None if there are none."""
    if not fix.renames:
        return None
    bodies = [rename.follow() for rename in fix.renames]
    up, down = ("\n".join(part) for part in ([up for up, _ in bodies], [down for _, down in reversed(bodies)]))
    return written(project, f"drop old names: {', '.join(map(str, fix.renames))}", up, down)


def fixes(linter: Linter, applied: Collection[str]) -> list[Fix]:
    """What can be fixed in the chosen revisions. One that a database has is left alone: it has run as it is."""
    chosen = [item for item in linter.history if item.id in linter.chosen and item.id not in applied]
    found = [_fix(linter, revision) for revision in chosen]
    return [fix for fix in found if fix.before != fix.after]


def _fix(linter: Linter, revision: Revision) -> Fix:
    before = read(revision.path)
    text = before.replace("\r\n", "\n")
    findings = linter.of_text(revision, text)
    while better := _better(linter, revision, text, findings):
        text, findings = better
    renames: list[Rename] = []
    if not any(revision.id in item.parents for item in linter.history):  # nothing may stand between the two steps
        while parted := _parted(linter, revision, text, findings):
            text, findings, rename = parted
            renames.append(rename)
    after = text.replace("\n", "\r\n") if "\r\n" in before else text
    return Fix(revision, before, after, tuple(renames))


def _parted(
    linter: Linter, revision: Revision, text: str, findings: list[Finding]
) -> tuple[str, list[Finding], Rename] | None:
    """The text with one of the renames made the first of two steps."""
    for finding in findings:
        known = finding.rule.id in {"column-renamed", "table-renamed"} and linter.database == "postgres"
        site = Site.of(text, finding.call) if known and finding.call else None
        if site and (changed := in_two_steps(site)):
            left = linter.of_text(revision, changed[0])
            if len(left) < len(findings):
                return changed[0], left, changed[1]
    return None


def _better(linter: Linter, revision: Revision, text: str, findings: list[Finding]) -> tuple[str, list[Finding]] | None:
    """The text without the first finding that can be fixed, and the findings that are left."""
    for finding in findings:
        rewrite = _REWRITES.get(finding.rule.id)
        site = Site.of(text, finding.call) if rewrite and finding.call else None
        changed = rewrite(site) if rewrite and site else None
        if changed is not None and len(left := linter.of_text(revision, changed)) < len(findings):
            return changed, left
    return None


def _not_valid(site: Site) -> str | None:
    """NOT VALID, and then VALIDATE when that has been committed."""
    name = site.call.text("name")
    if not name or "postgresql_not_valid" in site.call.arguments:
        return None
    if site.call.operation == "create_check_constraint" and not _is_final(site):
        return None
    table, constraint = identifier(site.call.table), identifier(name)
    gone = site.on_postgres(f"ALTER TABLE {table} DROP CONSTRAINT IF EXISTS {constraint}")
    valid = site.on_postgres(f"ALTER TABLE {table} VALIDATE CONSTRAINT {constraint}", autocommit=True)
    made = with_argument(site.text, site.statement, site.node, "postgresql_not_valid=True")
    return apply(site.text, [_before(site, gone), Edit(*span(site.statement), tuple(made)), _behind(site, valid)])


def _not_null(site: Site) -> str | None:
    """A check NOT VALID, its VALIDATE, SET NOT NULL as it was, and the check goes again."""
    column = site.call.text("column")
    if not column or {"type_", "new_column_name"} & set(site.call.arguments) or _is_added(site.outer, column):
        return None
    name = f"ck_{site.call.table}_{column}_not_null".encode()[:_NAME_LENGTH].decode(errors="ignore")
    table, check = identifier(site.call.table), identifier(name)
    made = site.on_postgres(
        f"ALTER TABLE {table} DROP CONSTRAINT IF EXISTS {check}, ",
        f"ADD CONSTRAINT {check} CHECK ({identifier(column)} IS NOT NULL) NOT VALID",
    )
    valid = site.on_postgres(f"ALTER TABLE {table} VALIDATE CONSTRAINT {check}", autocommit=True)
    gone = site.on_postgres(f"ALTER TABLE {table} DROP CONSTRAINT {check}")
    branch = site.call.only is None  # the one of `made` is enough for both
    return apply(site.text, [_before(site, [*made, *valid[branch:]]), _behind(site, gone)])


def _before(site: Site, rows: list[str]) -> Edit:
    row = above(site.text, site.outer)
    return Edit(row, row - 1, tuple(rows))


def _behind(site: Site, rows: list[str]) -> Edit:
    _, last = span(site.outer)
    return Edit(last + 1, last, tuple(rows))


def _is_added(outer: ast.stmt, column: str) -> bool:
    """Whether the same batch adds the column, which no statement before the batch can check then."""
    adds = [part for part in ast.walk(outer) if isinstance(part, ast.Call) and called(part) == "add_column"]
    return any(isinstance(part, ast.Constant) and part.value == column for add in adds for part in ast.walk(add))


def _is_final(site: Site) -> bool:
    """Whether the name is the one in the database: a naming convention makes another of a name without `op.f()`."""
    name = site.call.scope.resolve(site.call.arguments["name"])
    return isinstance(name, ast.Call) and called(name) == "f"


_REWRITES: dict[str, Callable[[Site], str | None]] = {
    "index-not-concurrent": concurrently,
    "index-drop-not-concurrent": concurrently,
    "foreign-key-not-split": _not_valid,
    "check-not-split": _not_valid,
    "not-null-set": _not_null,
}
