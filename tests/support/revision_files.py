"""Changing the models of a project and reading and writing its revisions, for the tests of `oppman db`."""

import subprocess
import sys
from pathlib import Path

from command_line import clean_environment

FIRST = "843a51c6e7d1"
"""The starter's first revision."""

FIELD = "    in_stock: bool = True\n"
"""The last field of a product."""


def change(project: Path, old: str, new: str) -> None:
    models = project / "webapp" / "models.py"
    text = models.read_text()
    assert old in text
    models.write_text(text.replace(old, new))


def add_table(project: Path) -> None:
    with (project / "webapp" / "models.py").open("a") as models:
        models.write(
            '\n\nclass Note(SQLModel, table=True):\n    __tablename__ = "notes"\n\n'
            "    id: int | None = Field(default=None, primary_key=True)\n    text: str = Field(index=True)\n"
            '    product_id: int = Field(foreign_key="products.id", ondelete="CASCADE")\n'
        )


def revisions(project: Path) -> list[Path]:
    return sorted((project / "migrations" / "versions").glob("*.py"))


def newest(project: Path) -> Path:
    return max(revisions(project), key=lambda path: path.stat().st_mtime_ns)


def write_revision(project: Path, name: str, after: str, body: str = "pass") -> Path:
    path = project / "migrations" / "versions" / f"{name}_test.py"
    path.write_text(
        f'"""test"""\n\nfrom alembic import op\n\nrevision = "{name}"\ndown_revision = "{after}"\n'
        f"branch_labels = None\ndepends_on = None\n\n\ndef upgrade():\n    {body}\n\n\ndef downgrade():\n    pass\n"
    )
    return path


def alembic(project: Path, *args: str, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Run plain `alembic` in the project."""
    environment = clean_environment() | (env or {})
    return subprocess.run(
        [sys.executable, "-m", "alembic", *args], cwd=project, env=environment, capture_output=True, text=True
    )


def add_docs(project: Path, fields: str, rules: str = "") -> None:
    """A model `Doc` of the table docs, with an enum `Kind` (draft, live, archived) to use; its fields and rules."""
    with (project / "webapp" / "models.py").open("a") as models:
        models.write(
            "\n\nimport enum\n\nfrom sqlalchemy import Column, func, text, true\n\n"
            "from webapp.vector import Vector, hnsw_index\n\n\n"
            "class Kind(enum.Enum):\n    draft = 1\n    live = 2\n    archived = 3\n\n\n"
            f'class Doc(SQLModel, table=True):\n    __tablename__ = "docs"\n    __table_args__ = ({rules})\n\n'
            f"    id: int | None = Field(default=None, primary_key=True)\n{fields}"
        )
