"""What `--fix` writes, and what it leaves."""

import ast
from pathlib import Path

import pytest

from lint_snippets import body, linter
from oppman.database.lint.fix import fixes

BLOCK = 'with op.get_context().autocommit_block() if op.get_context().dialect.name == "postgresql" else nullcontext():'


def fixed(folder: Path, upgrade: str, downgrade: str = "pass") -> str:
    """The revision after the fix, without what stands above its functions."""
    (made,) = fixes(linter(folder, body(upgrade, downgrade)), ())
    return made.after.partition("\n\n\n")[2]


def untouched(folder: Path, upgrade: str) -> bool:
    return not fixes(linter(folder, body(upgrade)), ())


def test_an_index_is_made_concurrently_and_undone_concurrently(tmp_path: Path) -> None:
    upgrade = '# for the search\nop.create_index("ix", "books", ["title"])  # short'
    assert fixed(tmp_path, upgrade, 'op.drop_index("ix", table_name="books")') == (
        "def upgrade():\n"
        "    # for the search\n"
        f"    {BLOCK}\n"
        '        op.drop_index("ix", table_name="books", if_exists=True, postgresql_concurrently=True)\n'
        '        op.create_index("ix", "books", ["title"], postgresql_concurrently=True)  # short\n\n\n'
        "def downgrade():\n"
        f"    {BLOCK}\n"
        '        op.drop_index("ix", table_name="books", if_exists=True, postgresql_concurrently=True)\n'
    )


def test_indexes_side_by_side_share_a_block_and_nullcontext_is_imported_once(tmp_path: Path) -> None:
    upgrade = "\n".join(f'op.drop_index("ix_{name}", table_name="books")' for name in "abc")
    downgrade = "\n".join(f'op.create_index("ix_{name}", "books", ["{name}"])' for name in "cba")
    (made,) = fixes(linter(tmp_path, body(upgrade, downgrade)), ())
    assert made.after.count("autocommit_block") == 2
    assert made.after.startswith("from contextlib import nullcontext\n\nimport sqlalchemy as sa\n")
    assert made.after.count("import nullcontext") == 1


def test_an_index_leaves_its_batch_in_order(tmp_path: Path) -> None:
    upgrade = (
        'with op.batch_alter_table("books") as batch_op:\n    batch_op.drop_index("ix_a")\n'
        '    batch_op.add_column(sa.Column("n", sa.Integer()))\n    batch_op.create_index(batch_op.f("ix_n"), ["n"])'
    )
    rows = fixed(tmp_path, upgrade).splitlines()
    assert [row.strip() for row in rows[1:8]] == [
        BLOCK,
        'op.drop_index("ix_a", table_name="books", if_exists=True, postgresql_concurrently=True)',
        'with op.batch_alter_table("books") as batch_op:',
        'batch_op.add_column(sa.Column("n", sa.Integer()))',
        BLOCK,
        'op.drop_index(op.f("ix_n"), table_name="books", if_exists=True, postgresql_concurrently=True)',
        'op.create_index(op.f("ix_n"), "books", ["n"], postgresql_concurrently=True)',
    ]


def test_an_index_passes_the_constraints_of_its_batch_unless_it_is_unique(tmp_path: Path) -> None:
    batch = (
        'with op.batch_alter_table("books") as batch_op:\n    batch_op.add_column(sa.Column("n", sa.Integer()))\n'
        '    batch_op.create_index("ix_n", ["n"]{})\n'
        '    batch_op.create_check_constraint("ck", "n > 0", postgresql_not_valid=True)'
    )
    drops = '    b.drop_constraint("ck")\n    b.drop_index("ix_n")\n    b.drop_column("n")'
    down = f'with op.batch_alter_table("books") as b:\n{drops}'
    text = fixed(tmp_path, batch.format(""), down)
    assert text.index("create_check_constraint") < text.index("op.create_index(")
    assert text.rindex("op.drop_index(") < text.index("b.drop_constraint")
    assert untouched(tmp_path, batch.format(", unique=True"))


def test_a_statement_that_becomes_too_long_is_laid_out_anew(tmp_path: Path) -> None:
    names = ", ".join(f'"a_rather_long_column_{number}"' for number in range(4))
    rows = fixed(tmp_path, f'op.create_index(\n    "ix", "books", [{names}]\n)').splitlines()
    assert [row.strip() for row in rows[3:9]] == [
        "op.create_index(",
        '"ix",',
        '"books",',
        f"[{names}],",
        "postgresql_concurrently=True,",
        ")",
    ]
    assert max(map(len, rows)) <= 120


def test_a_foreign_key_is_validated_when_it_was_committed(tmp_path: Path) -> None:
    upgrade = (
        'with op.batch_alter_table("order") as batch_op:\n'
        '    batch_op.create_foreign_key("fk", "users", ["user_id"], ["id"])'
    )
    assert fixed(tmp_path, upgrade).startswith(
        "def upgrade():\n"
        '    if op.get_context().dialect.name == "postgresql":\n'
        "        op.execute('ALTER TABLE \"order\" DROP CONSTRAINT IF EXISTS fk')\n"
        '    with op.batch_alter_table("order") as batch_op:\n'
        '        batch_op.create_foreign_key("fk", "users", ["user_id"], ["id"], postgresql_not_valid=True)\n'
        '    if op.get_context().dialect.name == "postgresql":\n'
        "        with op.get_context().autocommit_block():\n"
        "            op.execute('ALTER TABLE \"order\" VALIDATE CONSTRAINT fk')\n\n"
    )


def test_not_null_is_proved_by_a_check_first(tmp_path: Path) -> None:
    upgrade = '# all have one\nop.alter_column("books", "isbn", existing_type=sa.String(), nullable=False)'
    assert fixed(tmp_path, upgrade).startswith(
        "def upgrade():\n"
        '    if op.get_context().dialect.name == "postgresql":\n'
        "        op.execute(\n"
        '            "ALTER TABLE books DROP CONSTRAINT IF EXISTS ck_books_isbn_not_null, "\n'
        '            "ADD CONSTRAINT ck_books_isbn_not_null CHECK (isbn IS NOT NULL) NOT VALID"\n'
        "        )\n"
        "        with op.get_context().autocommit_block():\n"
        '            op.execute("ALTER TABLE books VALIDATE CONSTRAINT ck_books_isbn_not_null")\n'
        "    # all have one\n"
        '    op.alter_column("books", "isbn", existing_type=sa.String(), nullable=False)\n'
        '    if op.get_context().dialect.name == "postgresql":\n'
        '        op.execute("ALTER TABLE books DROP CONSTRAINT ck_books_isbn_not_null")\n\n'
    )


def test_in_a_branch_for_postgresql_no_other_is_asked_for(tmp_path: Path) -> None:
    upgrade = 'if op.get_context().dialect.name == "postgresql":\n    op.create_index("ix", "books", ["title"])'
    text = fixed(tmp_path, upgrade)
    assert "    with op.get_context().autocommit_block():\n" in text
    assert "nullcontext" not in text


def test_a_rename_becomes_two_steps(tmp_path: Path) -> None:
    upgrade = 'op.alter_column("books", "title", new_column_name="name")\nop.rename_table("a", "b")'
    downgrade = 'op.rename_table("b", "a")\nop.alter_column("books", "name", new_column_name="title")'
    (made,) = fixes(linter(tmp_path, body(upgrade, downgrade)), ())
    assert [str(rename) for rename in made.renames] == ["books.title", "a"]
    for part in ("CREATE OR REPLACE TRIGGER books_title_name", "DROP COLUMN IF EXISTS name", "CREATE VIEW a AS"):
        assert made.after.count(part) == 1
    ast.parse(made.after)
    rename = made.renames[0].follow()[0]
    assert "ALTER TABLE books DROP COLUMN name" in rename
    assert "ALTER TABLE books RENAME COLUMN title TO name" in rename

    quoted = body(
        'op.alter_column("Books", "order", new_column_name="It\'s")',
        'op.alter_column("Books", "It\'s", new_column_name="order")',
    )
    (made,) = fixes(linter(tmp_path, quoted), ())
    assert "attrelid = '\"Books\"'::regclass AND attname = 'order'" in made.after
    assert "format('ALTER TABLE %s ADD COLUMN IF NOT EXISTS %I %s'" in made.after
    assert 'NEW."order" := NEW."It\'s";' in made.after
    for part in made.renames[0].follow():
        ast.parse(f"if True:\n{part}")


@pytest.mark.parametrize(
    "more",
    ['op.drop_column("books", "n")', 'op.execute("ALTER TABLE books ADD COLUMN n int")', 'op.drop_table("name")'],
)
def test_a_rename_beside_other_changes_of_its_table_stays(tmp_path: Path, more: str) -> None:
    for what, back in (
        (
            'op.alter_column("books", "title", new_column_name="name")',
            'op.alter_column("books", "name", new_column_name="title")',
        ),
        ('op.rename_table("books", "name")', 'op.rename_table("name", "books")'),
    ):
        if "drop_table" in more and "alter_column" in what:
            continue
        assert not fixes(linter(tmp_path, body(f"{what}\n{more}", back)), ())
        assert not fixes(linter(tmp_path, body(what, "pass")), ())  # which could not be undone


@pytest.mark.parametrize(
    "upgrade",
    [
        'op.drop_column("books", "title")',
        'op.alter_column("books", "title", new_column_name="name")',
        'op.alter_column("books", "n", type_=sa.BigInteger(), nullable=False)',
        'op.create_check_constraint("positive", "books", "n > 0")',
        'op.create_index(name(), "books", ["title"])',
        'op.create_index("ix", "books", ["title"], schema="shop")',
        'op.create_index("ix", "books", ["title"], postgresql_concurrently=False)',
        'for name in ("a", "b"):\n    op.create_index(name, "books", [name])',
        'op.create_index("ix", "books", ["title"]); print()',
        'op.create_index("ix", "books", [sa.text("""\n  lower(title)""")])',
        'with op.batch_alter_table("books") as b:\n    b.drop_column("a")\n'
        '    b.create_index("ix", ["n"])\n    b.drop_column("c")',
        'with op.batch_alter_table("books") as b:\n    b.add_column(sa.Column("n", sa.Integer()))\n'
        '    b.alter_column("n", nullable=False)',
        "op.execute('CREATE INDEX ix ON books (title)')",
    ],
)
def test_what_is_not_certain_is_left(tmp_path: Path, upgrade: str) -> None:
    assert untouched(tmp_path, upgrade)


def test_an_ignored_finding_is_left(tmp_path: Path) -> None:
    assert untouched(
        tmp_path, 'op.create_index("ix", "books", ["a"])  # lint: ignore[index-not-concurrent]: it is small'
    )


def test_an_applied_revision_is_left(tmp_path: Path) -> None:
    assert not fixes(linter(tmp_path, body('op.create_index("ix", "books", ["title"])')), {"0"})


def test_the_ends_of_lines_stay(tmp_path: Path) -> None:
    made = linter(tmp_path, "")
    revision = made.history[0]  # type: ignore[index]
    revision.path.write_bytes(body('op.create_index("ix", "books", ["title"])').replace("\n", "\r\n").encode())
    (fix,) = fixes(made, ())
    assert fix.after.count("\n") == fix.after.count("\r\n") > 10


def test_steps_that_a_block_commits_are_known(tmp_path: Path) -> None:
    index = 'op.create_index("ix", "books", ["n"])'
    (alone,) = fixes(linter(tmp_path, body(index)), ())
    (behind,) = fixes(linter(tmp_path, body(f'op.add_column("books", sa.Column("n", sa.Integer()))\n{index}')), ())
    assert (alone.commits_early, behind.commits_early) == (False, True)
