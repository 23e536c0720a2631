"""What two sides of a history both change."""

from pathlib import Path

import pytest

from oppman.database.history.sides import overlaps, sides
from oppman.database.revisions import History
from oppman.project import Project

HEAD = "import sqlalchemy as sa\nfrom alembic import op\n\n"
BATCH = 'with op.batch_alter_table("t") as b:\n        b.'


def write(folder: Path, name: str, after: str, body: str) -> None:
    (folder / "migrations/versions").mkdir(parents=True, exist_ok=True)
    (folder / "migrations/env.py").touch()
    (folder / "pyproject.toml").write_text("[tool.oppman]\n")
    text = f'{HEAD}revision = "{name}"\ndown_revision = {after!r}\n\n\ndef upgrade():\n    {body}\n'
    (folder / f"migrations/versions/{name}.py").write_text(text)


@pytest.mark.parametrize(
    ("one", "other", "places"),
    [
        ('op.drop_table("a")', 'op.drop_table("b")', []),
        ('op.drop_table("t")', 'op.add_column("t", sa.Column("x"))', ["t"]),
        (BATCH + 'drop_column("x")', 'op.execute("ALTER TABLE t ALTER COLUMN x SET NOT NULL")', ["t.x"]),
        (BATCH + 'alter_column("x", new_column_name="y")', 'op.add_column("t", sa.Column("y"))', ["t.y"]),
        ('op.rename_table("s", "t")', 'op.create_index("ix", "t", ["x"])', ["t"]),
    ],
)
def test_tables_and_columns(tmp_path: Path, one: str, other: str, places: list[str]) -> None:
    write(tmp_path, "a1", None, 'op.create_table("t")')  # type: ignore[arg-type]
    write(tmp_path, "b2", "a1", one)
    write(tmp_path, "c3", "a1", other)
    first, second = sides(History.read(Project(tmp_path)))
    assert [[revision.id for revision in side.revisions] for side in (first, second)] == [["b2"], ["c3"]]
    assert [overlap.place for overlap in overlaps(first, second)] == places
