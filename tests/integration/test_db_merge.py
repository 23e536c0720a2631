"""`oppman db merge` in a project on SQLite: two heads are joined where the order does not matter."""

from pathlib import Path

from command_line import Run
from revision_chain import A, B, C, write
from revision_files import FIRST, revisions, write_revision


def test_two_heads_are_joined_by_an_empty_revision(project: Path, run: Run) -> None:
    column(project, A, "stock")
    write(project, B, FIRST, 'op.create_table("tags", sa.Column("id", sa.Integer()))', 'op.drop_table("tags")')
    done = run("db", "merge", "-m", "join stock and tags", cwd=project)
    assert done.code == 0, done.stderr
    (made,) = (project / "migrations/versions").glob("*_join_stock_and_tags.py")
    assert f"create  migrations/versions/{made.name}" in done.stderr
    assert "Both sides" not in done.stderr
    assert f'down_revision = ("{A}", "{B}")' in made.read_text()
    assert "def upgrade() -> None:\n    pass\n" in made.read_text()
    assert run("db", "migrate", cwd=project).code == 0
    assert run("db", "rollback", "base", "--yes", "--no-backup", cwd=project).code == 0


def test_a_database_with_one_side_gets_the_other(project: Path, run: Run) -> None:
    column(project, A, "stock")
    column(project, B, "weight")
    assert run("db", "migrate", B, cwd=project).code == 0
    done = run("db", "merge", cwd=project)
    assert done.code == 0, done.stderr
    assert f"Both sides change products ({A}: add column stock; {B}: add column weight)" in done.stderr
    migrated = run("db", "migrate", cwd=project)
    assert migrated.code == 0, migrated.stderr
    assert f"apply  {A}" in migrated.stderr


def test_the_same_column_on_both_sides_is_named_and_refused(project: Path, run: Run) -> None:
    column(project, A, "stock")
    column(project, B, "stock")
    refused = run("db", "merge", cwd=project)
    assert refused.code == 1
    assert "Both sides change products.stock" in refused.stderr
    assert "duplicate column name: stock" in refused.stderr
    assert len(revisions(project)) == 3


def test_sides_whose_order_matters_are_refused(project: Path, run: Run) -> None:
    for name, length, before in ((A, 200, 100), (B, 300, 100)):
        alter = (
            'with op.batch_alter_table("products") as batch_op:\n    batch_op.alter_column("name", type_=sa.String({}))'
        )
        write(project, name, FIRST, alter.format(length), alter.format(before))
    refused = run("db", "merge", cwd=project)
    assert refused.code == 1
    assert "depends on which side is applied first" in refused.stderr
    assert "- column products.name VARCHAR(300)" in refused.stderr
    assert "oppman db rebase" in refused.stderr
    assert len(revisions(project)) == 3


def test_three_heads_are_joined_at_once(project: Path, run: Run) -> None:
    for name, field in ((A, "one"), (B, "two"), (C, "three")):
        column(project, name, field)
    assert run("db", "merge", cwd=project).code == 0
    assert run("db", "migrate", cwd=project).code == 0


def test_one_head_needs_no_merge(project: Path, run: Run) -> None:
    done = run("db", "merge", cwd=project)
    assert (done.code, done.stdout) == (0, "")
    assert "one head" in done.stderr
    write_revision(project, A, FIRST)
    assert "one head" in run("db", "merge", cwd=project).stderr


def column(project: Path, name: str, field: str) -> None:
    batch = 'with op.batch_alter_table("products") as batch_op:\n    batch_op.'
    write(
        project,
        name,
        FIRST,
        f'{batch}add_column(sa.Column("{field}", sa.Integer()))',
        f'{batch}drop_column("{field}")',
    )
