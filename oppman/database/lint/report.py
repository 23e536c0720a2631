"""The findings in the migrations of a project."""

import ast
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

from oppman.database.lint import ignores
from oppman.database.lint.calls import Call, calls
from oppman.database.lint.change import Change, Database
from oppman.database.lint.judge import Verdict, judge
from oppman.database.lint.rules import RULES, Rule
from oppman.database.lint.schema import Schema
from oppman.database.revisions import Revision, migrations_folder
from oppman.errors import NoMigrations
from oppman.project import Project


@dataclass(frozen=True)
class Finding:
    """A rule that is broken at a line (from 1) of a revision."""

    rule: Rule
    revision: Revision
    line: int
    message: str
    call: Call | None = field(default=None, compare=False, repr=False)
    change: Change | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True)
class Linter:
    """Lints the revisions of a history for one database.

    `chosen` are the revisions to look at. Those of `together` are applied in one go: a table that one of them makes is
    new to those behind it. Other revisions are looked at one by one.
    """

    history: Iterable[Revision]
    chosen: Collection[str]
    together: Collection[str]
    database: Database
    foreign_keys_off: bool
    """Whether the project migrates SQLite without foreign keys, so that a rebuilt table loses no children."""

    def findings(self) -> list[Finding]:
        """What the chosen revisions have, in the order in which they are applied. Raises NoMigrations."""
        return list(self._findings({}))

    def of_text(self, revision: Revision, text: str) -> list[Finding]:
        """The findings of one revision if its file had this text."""
        found = replace(self, chosen={revision.id})._findings({revision.id: text})
        return list(found)

    def _findings(self, texts: dict[str, str]) -> Iterator[Finding]:
        schema = Schema()
        for revision in self.history:
            alone = revision.id not in self.together
            if alone:
                schema.new.clear()
            source = texts.get(revision.id) or read(revision.path)
            found = list(judge(_calls(source, revision.path), schema, self.database))
            if alone:
                schema.new.clear()
            if revision.id in self.chosen:
                yield from self._without_ignored(revision, source, found)

    def _without_ignored(self, revision: Revision, source: str, found: list[Verdict]) -> Iterator[Finding]:
        kept = [verdict for verdict in found if not (self.foreign_keys_off and verdict.rule == "batch-cascade")]
        comments = ignores.read(source)
        hidden = {(name, comment.covers) for comment in comments if comment.reason for name in comment.rules}
        findings = [
            Finding(RULES[verdict.rule], revision, verdict.line, verdict.message, verdict.call, verdict.change)
            for verdict in kept
            if not hidden & {(verdict.rule, line) for line in _lines(verdict)}
        ]
        broken = {(verdict.rule, line) for verdict in kept for line in _lines(verdict)}
        for comment in comments:
            for rule, message in self._about(comment, broken):
                findings.append(Finding(RULES[rule], revision, comment.line, message))
        yield from sorted(findings, key=lambda finding: finding.line)

    def _about(self, comment: ignores.Ignore, broken: set[tuple[str, int]]) -> Iterator[tuple[str, str]]:
        if not comment.rules:
            yield "ignore-unknown", "This ignore comment names no rule."
        if not comment.reason:
            yield "ignore-without-reason", "This ignore comment gives no reason."
        for name in comment.rules:
            if name not in RULES:
                yield "ignore-unknown", f"There is no rule {name}.{_nearest(name)}"
            elif self.database in RULES[name].databases and (name, comment.covers) not in broken:
                yield "ignore-unused", f"There is no {name} here."


def read(path: Path) -> str:
    """The text of a revision. Raises NoMigrations if it is not UTF-8."""
    try:
        return path.read_bytes().decode("utf-8")
    except UnicodeDecodeError:
        raise NoMigrations(f"{path.name} is not a text in UTF-8.", "Save it as UTF-8.") from None


def turns_foreign_keys_off(project: Project) -> bool:
    """Whether the project's env.py migrates SQLite with `PRAGMA foreign_keys = OFF`."""
    import re

    text = (migrations_folder(project) / "env.py").read_text(encoding="utf-8")
    return bool(re.search(r"foreign_keys\s*=\s*(?:OFF|0|FALSE|NO)\b", text, re.IGNORECASE))


@cache  # --fix looks at the same history for each of its edits
def _calls(source: str, path: Path) -> tuple[Call, ...]:
    try:
        return tuple(calls(ast.parse(source)))
    except SyntaxError as problem:
        raise NoMigrations(
            f"{path.name} cannot be read: {problem.msg} in line {problem.lineno}.", f"Mend that line of {path}."
        ) from None


def _lines(verdict: Verdict) -> range:
    """The lines on which an ignore comment is about the verdict: from the start of the call to its end."""
    return range(verdict.line, max(verdict.line, verdict.call.node.end_lineno or 0) + 1)


def _nearest(name: str) -> str:
    from difflib import get_close_matches

    near = get_close_matches(name, RULES, 1)
    return f" The nearest is {near[0]}." if near else ""
