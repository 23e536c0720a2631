"""What is said of a revision before it runs."""

from pathlib import Path

import pytest

from oppman.database.effects import effects, loses
from oppman.database.lint.change import Database
from oppman.database.revisions import Revision
from oppman.errors import NoMigrations


def told(folder: Path, *bodies: str, database: Database = "sqlite", undo: bool = False) -> list[tuple[str, bool]]:
    """The effects of revisions whose `upgrade` (or `downgrade`) has these bodies, in order."""
    steps = []
    for number, body in enumerate(bodies):
        path = folder / f"{number}.py"
        up, down = ("pass", body) if undo else (body, "op.noop()")
        path.write_text(
            f"import sqlalchemy as sa\nfrom alembic import op\n\n\ndef upgrade():\n    {up}\n\n\n"
            f"def downgrade():\n    {down}\n\n\ndef of(table):\n    op.drop_table(table)\n"
        )
        steps.append(Revision(str(number), (), "", path))
    found = effects(steps, database, undo=undo)
    return [(effect.text, effect.loses) for step in steps for effect in found[step.id]]


def test_tables_that_the_plan_makes_itself_have_nothing_to_lose(tmp_path: Path) -> None:
    made = "op.create_table('a', sa.Column('id', sa.Integer()))"
    assert told(tmp_path, made, "op.drop_column('a', 'id')", "op.execute('DELETE FROM a')") == []


def test_a_helper_and_a_loop_are_followed(tmp_path: Path) -> None:
    assert told(tmp_path, "for name in ('a', 'b'): of(name)") == [("drops table a", True), ("drops table b", True)]


def test_only_what_runs_on_the_database_counts(tmp_path: Path) -> None:
    body = "if op.get_context().dialect.name == 'postgresql': op.drop_table('a')"
    assert told(tmp_path, body) == []
    assert told(tmp_path, body, database="postgres") == [("drops table a", True)]


def test_a_wider_column_loses_nothing_and_copies_the_table_on_sqlite(tmp_path: Path) -> None:
    body = (
        "with op.batch_alter_table('a') as batch:\n"
        "        batch.alter_column('x', type_=sa.String(9), existing_type=sa.String(5))"
    )
    assert told(tmp_path, body) == [("copies table a", False)]
    assert told(tmp_path, body, database="postgres") == []
    narrower = body.replace("sa.String(9)", "sa.String(3)")
    assert loses({"0": ()}) is False
    assert told(tmp_path, narrower)[0] == ("changes the type of a.x from varchar(5) to varchar(3)", True)


@pytest.mark.parametrize(
    ("body", "is_told"),
    [
        ("op.execute(sa.select(1))", False),
        ("sa.inspect(op.get_bind())", False),
        ("kind = sa.Enum('a'); kind.create(op.get_bind())", False),
        ("op.execute('INSERT INTO a VALUES (1)')", False),
        ("op.execute('INSERT INTO a VALUES (1) ON CONFLICT (id) DO UPDATE SET id = 2')", True),
        ("op.execute('TRUNCATE a')", True),
        ("op.execute('CREATE TABLE b (id int); DELETE FROM a WHERE id = 1')", True),
        ("op.execute(computed())", True),
        ("import other; other.fix(op.get_bind())", True),
        ("bind = op.get_bind(); import other; other.fix(connection=bind)", True),
    ],
)
def test_what_cannot_be_followed_counts_as_a_loss(tmp_path: Path, body: str, is_told: bool) -> None:
    assert any(lost for _, lost in told(tmp_path, body)) is is_told


def test_the_way_back_is_read_too(tmp_path: Path) -> None:
    assert told(tmp_path, "op.drop_column('a', 'x')", undo=True) == [("drops column a.x", True)]


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(NoMigrations, match=r"0\.py cannot be read"):
        told(tmp_path, "op.execute(")
