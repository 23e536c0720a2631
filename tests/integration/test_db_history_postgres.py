"""`oppman db merge`, `rebase` and `squash` in a project on a real PostgreSQL server."""

from pathlib import Path

import pytest

from command_line import Run
from postgres import execute
from revision_chain import A, B, C, D, write, write_schema_chain
from revision_files import FIRST, revisions

pytestmark = pytest.mark.xdist_group("postgres")

SCHEMA = """
SELECT table_name || '.' || column_name, data_type, is_nullable, regexp_replace(column_default, '^nextval.*', 'nextval')
FROM information_schema.columns
WHERE table_schema = 'public'
UNION ALL SELECT conname, pg_get_constraintdef(oid), '', '' FROM pg_constraint
WHERE connamespace = 'public'::regnamespace AND contype <> 'n'
UNION ALL SELECT indexname, indexdef, '', '' FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1, 2
"""


@pytest.fixture
def shop(project: Path, postgres_url: str) -> Path:
    (project / ".env").write_text(f"DATABASE_URL={postgres_url}\n")
    return project


def test_a_squash_makes_the_same_schema_and_the_database_goes_on(shop: Path, postgres_url: str, run: Run) -> None:
    write_schema_chain(shop)
    write(
        shop, D, C,
        'op.create_table("moods", sa.Column("id", sa.Integer(), sa.Identity(), primary_key=True),\n'
        '    sa.Column("mood", sa.Enum("good", "bad", name="mood")), sa.Column("key", sa.Uuid(), unique=True),\n'
        '    sa.Column("tags", sa.JSON(), server_default=sa.text("\'[]\'")))\n'
        'if op.get_context().dialect.name == "postgresql":\n'
        '    op.execute("COMMENT ON TABLE moods IS \'how it is\'")',
        'op.drop_table("moods")\nsa.Enum(name="mood").drop(op.get_bind(), checkfirst=True)',
    )  # fmt: skip
    assert run("db", "migrate", cwd=shop).code == 0
    before = execute(postgres_url, SCHEMA)
    refused = run("db", "squash", "--yes", cwd=shop)
    assert refused.code == 1
    assert "COMMENT ON TABLE" not in refused.stderr.partition("if op.get_context()")[0]

    done = run("db", "squash", "--yes", "--keep-data", cwd=shop)
    assert done.code == 0, done.stderr
    assert len(revisions(shop)) == 1
    assert "Nothing to do" in run("db", "migrate", cwd=shop).stderr
    for command in (["rollback", "base", "--yes", "--no-backup"], ["migrate"]):
        again = run("db", *command, cwd=shop)
        assert again.code == 0, again.stderr
    assert execute(postgres_url, SCHEMA) == before
    on_sqlite = run("db", "migrate", cwd=shop, env={"DATABASE_URL": "sqlite:///other.db"})
    assert on_sqlite.code == 0, on_sqlite.stderr


def test_a_piece_in_the_middle_keeps_rows(shop: Path, postgres_url: str, run: Run) -> None:
    write_schema_chain(shop)
    assert run("db", "migrate", FIRST, cwd=shop).code == 0
    at = "'2030-01-01 10:00:00+00'"
    execute(postgres_url, f"INSERT INTO products VALUES ('Tea', '', 9.5, 'drinks', true, 1, {at}, {at})")
    done = run("db", "squash", A, C, "--yes", cwd=shop)
    assert done.code == 0, done.stderr
    migrated = run("db", "migrate", cwd=shop)
    assert migrated.code == 0, migrated.stderr
    assert execute(postgres_url, "SELECT name, stock FROM products") == [("Tea", 7)]


def test_tables_that_refer_to_each_other_are_squashed(shop: Path, postgres_url: str, run: Run) -> None:
    write(
        shop, A, FIRST,
        'op.create_table("teams", sa.Column("id", sa.Integer(), primary_key=True),\n'
        '    sa.Column("boss_id", sa.Integer()))\n'
        'op.create_table("people", sa.Column("id", sa.Integer(), primary_key=True),\n'
        '    sa.Column("team_id", sa.Integer(), sa.ForeignKey("teams.id")))',
        'op.drop_table("people")\nop.drop_table("teams")',
    )  # fmt: skip
    write(
        shop, B, A,
        'with op.batch_alter_table("teams") as batch_op:\n'
        '    batch_op.create_foreign_key(op.f("fk_boss"), "people", ["boss_id"], ["id"])',
        'with op.batch_alter_table("teams") as batch_op:\n    batch_op.drop_constraint("fk_boss", type_="foreignkey")',
    )  # fmt: skip
    assert run("db", "migrate", cwd=shop).code == 0
    before = execute(postgres_url, SCHEMA)
    done = run("db", "squash", "--yes", cwd=shop)
    assert done.code == 0, done.stderr
    for command in (["rollback", "base", "--yes", "--no-backup"], ["migrate"]):
        again = run("db", *command, cwd=shop)
        assert again.code == 0, again.stderr
    assert execute(postgres_url, SCHEMA) == before


def test_heads_are_joined_or_put_in_a_row(shop: Path, postgres_url: str, run: Run) -> None:
    for name, field in ((A, "stock"), (B, "weight")):
        write(
            shop, name, FIRST,
            f'op.add_column("products", sa.Column("{field}", sa.Integer()))',
            f'op.drop_column("products", "{field}")',
        )  # fmt: skip
    assert run("db", "migrate", A, cwd=shop).code == 0
    shown = run("db", "rebase", "--dry-run", cwd=shop)
    assert f'+down_revision = "{A}"' in shown.stdout, shown.stderr
    merged = run("db", "merge", cwd=shop)
    assert merged.code == 0, merged.stderr
    (made,) = (shop / "migrations/versions").glob("*_merge.py")
    made.unlink()
    rebased = run("db", "rebase", cwd=shop)
    assert rebased.code == 0, rebased.stderr
    assert run("db", "migrate", cwd=shop).code == 0
    assert execute(postgres_url, "SELECT version_num FROM alembic_version") == [(B,)]
    assert execute(postgres_url, "SELECT datname FROM pg_database WHERE datname LIKE 'oppman_scratch_%'") == []
