"""Each rule: a snippet that has it, and one that has not."""

from pathlib import Path

import pytest

from lint_snippets import body, findings, ids, linter
from oppman.database.lint.change import Database
from oppman.database.lint.rules import RULES

BLOCK = "with op.get_context().autocommit_block():\n    "
BATCH = 'with op.batch_alter_table("books") as batch_op:\n    '
CHILDREN = 'op.create_table("chapters", sa.Column("book_id", sa.ForeignKey("books.id", ondelete="CASCADE")))\n'

# Its rule, a body of upgrade() that has it, and one that has not.
POSTGRES = [
    ("index-not-concurrent", 'op.create_index("ix", "books", ["title"])',
     f'{BLOCK}op.create_index("ix", "books", ["title"], postgresql_concurrently=True)'),
    ("index-not-concurrent", 'op.execute("CREATE UNIQUE INDEX ix ON books (title)")',
     f'{BLOCK}op.execute("CREATE INDEX CONCURRENTLY ix ON books (title)")'),
    ("index-drop-not-concurrent", 'op.drop_index("ix", table_name="books")',
     f'{BLOCK}op.drop_index("ix", table_name="books", postgresql_concurrently=True)'),
    ("index-drop-not-concurrent", 'op.execute("DROP INDEX ix")', f'{BLOCK}op.execute("DROP INDEX CONCURRENTLY ix")'),
    ("concurrent-in-transaction", 'op.create_index("ix", "books", ["title"], postgresql_concurrently=True)',
     f'{BLOCK}op.create_index("ix", "books", ["title"], postgresql_concurrently=True)'),
    ("type-changed", 'op.alter_column("books", "n", existing_type=sa.Integer(), type_=sa.BigInteger())',
     'op.alter_column("books", "n", existing_type=sa.String(length=20), type_=sa.String(length=40))'),
    ("type-changed", 'op.execute("ALTER TABLE books ALTER COLUMN n TYPE bigint USING n::bigint")',
     'op.execute("ALTER TABLE books ALTER COLUMN n SET DEFAULT 1")'),
    ("not-null-set", 'op.alter_column("books", "title", nullable=False)',
     'op.alter_column("books", "title", nullable=True)'),
    ("not-null-set", 'op.execute("ALTER TABLE books ALTER title SET NOT NULL")',
     'op.execute("ALTER TABLE books ALTER title DROP NOT NULL")'),
    ("column-not-null", 'op.add_column("books", sa.Column("n", sa.Integer(), nullable=False))',
     'op.add_column("books", sa.Column("n", sa.Integer(), server_default="0", nullable=False))'),
    ("column-not-null", 'op.execute("ALTER TABLE books ADD COLUMN n int NOT NULL")',
     'op.execute("ALTER TABLE books ADD COLUMN n int NOT NULL DEFAULT 0")'),
    ("default-volatile",
     'op.add_column("books", sa.Column("n", sa.Uuid(), server_default=sa.text("gen_random_uuid()")))',
     'op.add_column("books", sa.Column("n", sa.DateTime(), server_default=sa.func.now()))'),
    ("default-volatile", 'op.add_column("books", sa.Column("n", sa.Integer(), sa.Identity()))',
     'op.add_column("books", sa.Column("n", sa.String(), server_default="random()"))'),
    ("default-volatile", 'op.execute("ALTER TABLE books ADD n bigserial")',
     'op.execute("ALTER TABLE books ADD n timestamptz DEFAULT now()")'),
    ("generated-stored", 'op.add_column("books", sa.Column("n", sa.Integer(), sa.Computed("a + b", persisted=True)))',
     'op.add_column("books", sa.Column("n", sa.Integer(), sa.Computed("a + b", persisted=False)))'),
    ("generated-stored", 'op.execute("ALTER TABLE books ADD n int GENERATED ALWAYS AS (a + b) STORED")',
     'op.execute("ALTER TABLE books ADD n int GENERATED ALWAYS AS (a + b) VIRTUAL")'),
    ("foreign-key-not-split", 'op.create_foreign_key("fk", "books", "authors", ["author_id"], ["id"])',
     'op.create_foreign_key("fk", "books", "authors", ["author_id"], ["id"], postgresql_not_valid=True)'),
    ("foreign-key-not-split",
     'op.add_column("books", sa.Column("author_id", sa.Integer(), sa.ForeignKey("authors.id")))',
     'op.add_column("books", sa.Column("author_id", sa.Integer()))'),
    ("foreign-key-not-split",
     'op.execute("ALTER TABLE books ADD CONSTRAINT fk FOREIGN KEY (a) REFERENCES authors (id)")',
     'op.execute("ALTER TABLE books ADD CONSTRAINT fk FOREIGN KEY (a) REFERENCES authors (id) NOT VALID")'),
    ("check-not-split", 'op.create_check_constraint("ck", "books", "n > 0")',
     'op.create_check_constraint("ck", "books", "n > 0", postgresql_not_valid=True)'),
    ("check-not-split", 'op.execute("ALTER TABLE books ADD CONSTRAINT ck CHECK (n > 0)")',
     'op.execute("ALTER TABLE books ADD CONSTRAINT ck CHECK (n > 0) NOT VALID")'),
    ("validate-in-transaction",
     'op.create_check_constraint("ck", "books", "n > 0", postgresql_not_valid=True)\n'
     'op.execute("ALTER TABLE books VALIDATE CONSTRAINT ck")',
     'op.create_check_constraint("ck", "books", "n > 0", postgresql_not_valid=True)\n'
     f'{BLOCK}op.execute("ALTER TABLE books VALIDATE CONSTRAINT ck")'),
    ("unique-without-index", 'op.create_unique_constraint("uq", "books", ["isbn"])',
     'op.execute("ALTER TABLE books ADD CONSTRAINT uq UNIQUE USING INDEX uq")'),
    ("unique-without-index", 'op.add_column("books", sa.Column("isbn", sa.String(), unique=True))',
     'op.add_column("books", sa.Column("isbn", sa.String(), unique=False))'),
    ("exclude-added", 'op.create_exclude_constraint("ex", "books", ("during", "&&"))', "pass"),
    ("json-column", 'op.add_column("books", sa.Column("n", sa.JSON()))',
     'op.add_column("books", sa.Column("n", sa.JSON().with_variant(postgresql.JSONB(), "postgresql")))'),
    ("json-column", 'op.execute("ALTER TABLE books ADD n json")', 'op.execute("ALTER TABLE books ADD n jsonb")'),
    ("enum-value-in-transaction", "op.execute(\"ALTER TYPE status ADD VALUE 'old'\")",
     f"{BLOCK}op.execute(\"ALTER TYPE status ADD VALUE 'old'\")"),
    ("backfill-with-schema-change",
     'op.add_column("books", sa.Column("n", sa.Integer()))\nop.execute("UPDATE books SET n = 1")',
     'op.add_column("books", sa.Column("n", sa.Integer()))\nop.execute("UPDATE books SET n = 1 WHERE id < 1000")'),
    ("backfill-with-schema-change",
     'op.add_column("books", sa.Column("n", sa.Integer()))\nop.execute(sa.update(books).values(n=1))',
     'op.execute(sa.update(books).values(n=1))'),
    ("drop-cascade", 'op.execute("DROP VIEW old_books CASCADE")', 'op.execute("DROP VIEW old_books")'),
]  # fmt: skip
BOTH = [
    ("column-dropped", 'op.drop_column("books", "title")', 'op.add_column("books", sa.Column("title", sa.String()))'),
    ("column-dropped", 'op.execute("ALTER TABLE books DROP COLUMN title")',
     'op.execute("ALTER TABLE books DROP CONSTRAINT title")'),
    ("table-dropped", 'op.drop_table("books")', 'op.create_table("books")\nop.drop_table("books")'),
    ("table-dropped", 'op.execute("drop table if exists a, books")', "op.execute(\"SELECT 'drop table books'\")"),
    ("column-renamed", 'op.alter_column("books", "title", new_column_name="name")',
     'op.alter_column("books", "title", comment="name")'),
    ("column-renamed", 'op.execute("ALTER TABLE books RENAME title TO name")',
     'op.execute("ALTER TABLE books RENAME CONSTRAINT title TO name")'),
    ("table-renamed", 'op.rename_table("books", "works")',
     'op.create_table("books")\nop.rename_table("books", "works")'),
    ("table-renamed", 'op.execute("ALTER SCHEMA shop RENAME TO store")', 'op.execute("CREATE SCHEMA store")'),
    ("column-not-null", f'{BATCH}batch_op.add_column(sa.Column("n", sa.Integer(), nullable=False))',
     f'{BATCH}batch_op.add_column(sa.Column("n", sa.Integer(), nullable=True))'),
]  # fmt: skip
SQLITE = [
    ("batch-cascade", f'{BATCH}batch_op.alter_column("title", existing_type=sa.String(), nullable=True)',
     f'{BATCH}batch_op.add_column(sa.Column("n", sa.Integer()))'),
    ("constraint-unnamed", f'{BATCH}batch_op.create_unique_constraint(None, ["isbn"])',
     f'{BATCH}batch_op.create_unique_constraint("uq", ["isbn"])'),
    ("constraint-unnamed", f'{BATCH}batch_op.add_column(sa.Column("a", sa.Integer(), sa.ForeignKey("authors.id")))',
     f'{BATCH}batch_op.add_column(sa.Column("a", sa.Integer(), sa.ForeignKey("authors.id", name="fk")))'),
]  # fmt: skip
CASES: list[tuple[Database, str, str, str]] = [
    *(("postgres", *case) for case in POSTGRES + BOTH),
    *(("sqlite", *case) for case in SQLITE + BOTH),
]


@pytest.mark.parametrize(("database", "rule", "has", "has_not"), CASES)
def test_a_rule_finds_what_it_is_about_and_nothing_else(
    tmp_path: Path, database: Database, rule: str, has: str, has_not: str
) -> None:
    before = body(CHILDREN)
    assert rule in ids(linter(tmp_path, before, body(has), database=database).findings())
    assert rule not in ids(linter(tmp_path, before, body(has_not), database=database).findings())


@pytest.mark.parametrize(("rule", "has", "_has_not"), POSTGRES)
def test_locks_of_postgresql_do_not_matter_on_sqlite(tmp_path: Path, rule: str, has: str, _has_not: str) -> None:
    found = ids(findings(tmp_path, has, "sqlite"))
    assert rule not in found or "sqlite" in RULES[rule].databases


def test_every_rule_has_a_case() -> None:
    tested = {rule for _, rule, *_ in CASES}
    assert RULES.keys() - tested == {"ignore-without-reason", "ignore-unknown", "ignore-unused"}


def test_a_finding_says_where_and_what(tmp_path: Path) -> None:
    (found,) = findings(tmp_path, 'op.create_index(\n    op.f("ix"),\n    "books",\n    ["title"],\n)')
    assert (found.line, found.message) == (6, "The index ix on books is made without CONCURRENTLY.")


def test_what_concerns_a_table_of_the_same_revision_is_safe(tmp_path: Path) -> None:
    made = 'op.create_table("books", sa.Column("n", sa.JSON()))\n'
    assert not findings(tmp_path, f'{made}op.create_index("ix", "books", ["title"])\nop.drop_column("books", "n")')


def test_a_table_of_another_revision_is_new_only_where_both_are_applied_together(tmp_path: Path) -> None:
    texts = body('op.create_table("books")'), body('op.create_index("ix", "books", ["title"])')
    assert ids(linter(tmp_path, *texts).findings()) == ["index-not-concurrent"]
    assert not linter(tmp_path, *texts, together=True).findings()


def test_rows_may_be_written_beside_a_new_table(tmp_path: Path) -> None:
    write = 'op.execute("UPDATE books SET n = 1")'
    assert not findings(tmp_path, f'op.create_table("notes")\nop.create_index("ix", "notes", ["n"])\n{write}')


def test_a_valid_check_makes_not_null_safe(tmp_path: Path) -> None:
    check = 'op.execute("ALTER TABLE books ADD CONSTRAINT ck CHECK (title IS NOT NULL) NOT VALID")\n'
    valid = f'{BLOCK}op.execute("ALTER TABLE books VALIDATE CONSTRAINT ck")\n'
    null = 'op.alter_column("books", "title", nullable=False)'
    assert not findings(tmp_path, check + valid + null)
    assert ids(findings(tmp_path, check + null)) == ["not-null-set"]
    other = check.replace("title", "isbn")
    assert ids(findings(tmp_path, other + valid + null)) == ["not-null-set"]


def test_the_old_type_is_looked_up_where_the_revision_does_not_say_it(tmp_path: Path) -> None:
    made = body('op.create_table("books", sa.Column("title", sa.String(length=20)))')
    longer, shorter = (body(f'op.alter_column("books", "title", type_=sa.String({size}))') for size in (30, 10))
    assert not linter(tmp_path, made, longer).findings()
    (found,) = linter(tmp_path, made, shorter).findings()
    assert found.message == "books.title changes its type from varchar(20) to varchar(10)."


def test_children_are_safe_where_env_py_turns_foreign_keys_off(tmp_path: Path) -> None:
    texts = body(CHILDREN), body(f'{BATCH}batch_op.drop_column("title")')
    found = linter(tmp_path, *texts, database="sqlite").findings()
    assert [finding.message for finding in found if finding.rule.id == "batch-cascade"] == [
        "books is rebuilt, and rows of chapters go with its rows."
    ]
    assert ids(linter(tmp_path, *texts, database="sqlite", foreign_keys_off=True).findings()) == ["column-dropped"]
