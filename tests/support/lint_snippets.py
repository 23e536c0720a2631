"""Linting one revision that is given as text, for the unit tests of `oppman db lint`."""

from pathlib import Path
from textwrap import indent

from oppman.database.lint.change import Database
from oppman.database.lint.report import Finding, Linter
from oppman.database.revisions import Revision

HEAD = "import sqlalchemy as sa\nfrom alembic import op\n\n\n"


def body(upgrade: str, downgrade: str = "pass") -> str:
    """A revision with these functions."""
    functions = [f"def {name}():\n{indent(text, '    ')}\n" for name, text in
                 (("upgrade", upgrade), ("downgrade", downgrade))]  # fmt: skip
    return HEAD + "\n\n".join(functions)


def linter(folder: Path, *texts: str, database: Database = "postgres", together: bool = False,
           foreign_keys_off: bool = False) -> Linter:  # fmt: skip
    """A linter of a chain of revisions with these texts; all but the last are applied unless they are `together`."""
    made = []
    for number, text in enumerate(texts):
        path = folder / f"{number}.py"
        path.write_text(text)
        made.append(Revision(str(number), (str(number - 1),) if number else (), "", path))
    names = [revision.id for revision in made]
    return Linter(tuple(made), names if together else names[-1:], names if together else (), database, foreign_keys_off)


def findings(folder: Path, upgrade: str, database: Database = "postgres") -> list[Finding]:
    """The findings of one revision whose `upgrade()` has this body."""
    return linter(folder, body(upgrade), database=database).findings()


def ids(found: list[Finding]) -> list[str]:
    return [finding.rule.id for finding in found]
