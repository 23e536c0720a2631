"""What revisions make on PostgreSQL, read from their text."""

from pathlib import Path

from oppman.database.autogenerate.postgres_history import PostgresHistory
from oppman.database.revisions import Revision


def read(folder: Path, *bodies: str) -> PostgresHistory:
    """What revisions with these bodies come to."""
    found = []
    for number, body in enumerate(bodies):
        path = folder / f"{number}.py"
        path.write_text(f"def upgrade():\n{body}\n\n\ndef downgrade():\n    op.execute('DROP TYPE kind')\n")
        found.append(Revision(str(number), (), "", path))
    return PostgresHistory.read(found)


def test_members_follow_the_statements(tmp_path: Path) -> None:
    history = read(
        tmp_path,
        "    if op.get_context().dialect.name == 'postgresql':\n"
        "        op.execute(\"CREATE TYPE kind AS ENUM ('a', 'it''s', 'b')\")",
        "    with op.get_context().autocommit_block():\n"
        "        op.execute(\"ALTER TYPE kind ADD VALUE IF NOT EXISTS 'first' BEFORE 'a'\")\n"
        "        op.execute(\"ALTER TYPE kind ADD VALUE 'last'\")\n"
        "        op.execute(\"ALTER TYPE kind ADD VALUE 'c' AFTER 'b'\")\n"
        "        op.execute(\"ALTER TYPE kind RENAME VALUE 'a' TO 'A'\")",
    )
    assert history.enums == {"kind": ("first", "A", "it's", "b", "c", "last")}


def test_a_type_that_is_made_anew_has_the_new_members(tmp_path: Path) -> None:
    history = read(
        tmp_path,
        '    op.create_table("docs", sa.Column("kind", sa.Enum("a", "b", name="kind")))',
        '    op.execute("ALTER TYPE kind RENAME TO kind_old")\n'
        "    op.execute(\"CREATE TYPE kind AS ENUM ('b')\")\n"
        '    op.execute("ALTER TABLE docs ALTER COLUMN kind TYPE kind USING CAST(CAST(kind AS text) AS kind)")\n'
        '    op.execute("DROP TYPE kind_old")',
    )
    assert history.enums == {"kind": ("b",)}
    assert history.column_enums == {("docs", "kind"): "kind"}


def test_what_is_renamed_keeps_what_it_is(tmp_path: Path) -> None:
    made = (
        '    op.create_table("docs", sa.Column("kind", sa.Enum("a", name="kind")), sa.Column("at", Vector(3)))\n'
        '    op.create_index("ix_docs_at", "docs", ["at"], postgresql_ops={"at": "x"},\n'
        "        postgresql_where=sa.text(\"at <> 'at' AND atat > 1\"))"
    )
    operations = (
        '    op.rename_table("docs", "notes")\n    op.alter_column("notes", "kind", new_column_name="sort")\n'
        '    with op.batch_alter_table("notes") as batch_op:\n'
        '        batch_op.alter_column("at", new_column_name="place")\n'
        "    if op.get_context().dialect.name == 'postgresql':\n"
        '        op.execute("ALTER INDEX ix_docs_at RENAME TO ix_notes_place")'
    )
    statements = "".join(
        f"    op.execute('ALTER TABLE {change}')\n"
        for change in (
            "docs RENAME TO notes", "notes RENAME COLUMN kind TO sort", "notes RENAME at TO place",
            "notes RENAME CONSTRAINT sort TO other",
        )
    )  # fmt: skip
    for body in (operations, statements + "    op.execute('ALTER INDEX ix_docs_at RENAME TO ix_notes_place')"):
        history = read(tmp_path, made, body)
        assert history.column_enums == {("notes", "sort"): "kind"}
        assert history.dimensions == {("notes", "place"): 3}
        assert history.index_options == {
            "ix_notes_place": {
                "postgresql_ops": {"place": "x"}, "postgresql_where": "place <> 'at' AND atat > 1",
            }
        }  # fmt: skip


def test_columns_come_and_go(tmp_path: Path) -> None:
    history = read(
        tmp_path,
        '    op.create_table("docs", sa.Column("place", webapp.vector.Vector(3)), sa.Column("name", sa.String()))\n'
        '    op.create_table("gone", sa.Column("place", Vector(3)))\n'
        '    op.create_table("less", sa.Column("kind", sa.Enum("a", name="kind")))',
        '    with op.batch_alter_table("docs") as batch_op:\n'
        '        batch_op.add_column(sa.Column("kind", sa.Enum("a", name="kind")))\n'
        '        batch_op.alter_column("place", type_=webapp.vector.Vector(4))\n'
        '    op.drop_table("gone")\n'
        '    with op.batch_alter_table("less") as batch_op:\n'
        '        batch_op.drop_column("kind")',
        '    op.execute("ALTER TABLE docs ALTER COLUMN place TYPE vector(5)")',
    )
    assert history.dimensions == {("docs", "place"): 5}
    assert history.column_enums == {("docs", "kind"): "kind"}


def test_what_is_computed_or_for_sqlite_alone_is_not_taken(tmp_path: Path) -> None:
    history = read(
        tmp_path,
        '    op.create_table("docs", sa.Column("kind", sa.Enum(Kind, name="kind")))\n'
        "    if op.get_context().dialect.name == 'sqlite':\n"
        '        op.execute("DROP TYPE kind")',
    )
    assert history.enums == {"kind": ()}
