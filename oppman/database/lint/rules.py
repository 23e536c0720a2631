"""The rules: what each finds, why that is dangerous, and what to write instead.

An identifier is for good: ignore comments in people's migrations name it. What PostgreSQL locks and rewrites is by its
manual (Explicit Locking; ALTER TABLE, Notes; CREATE INDEX, Building Indexes Concurrently).
"""

from dataclasses import dataclass

from oppman.database.lint.change import Database

BOTH: tuple[Database, ...] = ("sqlite", "postgres")
POSTGRES: tuple[Database, ...] = ("postgres",)
SQLITE: tuple[Database, ...] = ("sqlite",)


@dataclass(frozen=True)
class Rule:
    """`instead` is the safe way, in words or as lines of a migration.

    `fixable` says that `--fix` can write it, which is for PostgreSQL.
    """

    id: str
    finds: str
    reason: str
    instead: str
    databases: tuple[Database, ...] = POSTGRES
    fixable: bool = False


_AUTOCOMMIT = "with op.get_context().autocommit_block():\n"
_OLD_CODE = "The code that runs until the deploy is over still "

RULES: dict[str, Rule] = {
    rule.id: rule
    for rule in (
        Rule(
            "index-not-concurrent",
            "an index made without CONCURRENTLY",
            "It locks the table (SHARE): every write waits until the whole index is built.",
            f'{_AUTOCOMMIT}    op.create_index("ix_t_c", "t", ["c"], postgresql_concurrently=True)',
            fixable=True,
        ),
        Rule(
            "index-drop-not-concurrent",
            "an index dropped without CONCURRENTLY",
            "It locks the table (ACCESS EXCLUSIVE): it waits for every query on it, and all later ones wait behind it.",
            f'{_AUTOCOMMIT}    op.drop_index("ix_t_c", table_name="t", postgresql_concurrently=True)',
            fixable=True,
        ),
        Rule(
            "concurrent-in-transaction",
            "CONCURRENTLY inside the transaction of the migration",
            "PostgreSQL refuses it there, so the migration fails.",
            f'{_AUTOCOMMIT}    op.create_index("ix_t_c", "t", ["c"], postgresql_concurrently=True)',
        ),
        Rule(
            "column-dropped",
            "a column dropped",
            f"{_OLD_CODE}selects the column and fails; its values are lost, also for a downgrade.",
            "1. Take the column out of the model and deploy that.\n"
            "2. Then drop it, with the ignore comment that says so:\n"
            "# lint: ignore[column-dropped]: no code reads it since release 42",
            BOTH,
        ),
        Rule(
            "table-dropped",
            "a table dropped",
            f"{_OLD_CODE}reads the table and fails; its rows are lost, also for a downgrade.",
            "1. Take the model out of the code and deploy that.\n"
            "2. Then drop the table, with the ignore comment that says so:\n"
            "# lint: ignore[table-dropped]: no code reads it since release 42",
            BOTH,
        ),
        Rule(
            "column-renamed",
            "a column renamed",
            f"{_OLD_CODE}uses the old name and fails.",
            "Often the database need not change: keep the column, and give the attribute another name in the model\n"
            '(sa_column=Column("old_name", ...)). Otherwise in two steps, each with its deploy:\n'
            "1. Add the new column, with a trigger that keeps both the same, and copy the old values over in batches.\n"
            "2. When no code reads the old one, drop the copy, and rename the column.",
            BOTH,
            fixable=True,
        ),
        Rule(
            "table-renamed",
            "a table or a schema renamed",
            f"{_OLD_CODE}uses the old name and fails.",
            'Often the database need not change: keep the table, and say __tablename__ = "old_name" in the model.\n'
            "Otherwise in two steps, each with its deploy:\n"
            "1. Rename the table, and make a view of the old name, through which the old code reads and writes.\n"
            "2. When no code uses the view, drop it.",
            BOTH,
            fixable=True,
        ),
        Rule(
            "type-changed",
            "the type of a column changed in a way that rewrites the table",
            "It locks the table (ACCESS EXCLUSIVE) while every row and every index is written anew: reads wait too.",
            "In two steps, each with its deploy:\n"
            "1. Add a column of the new type, write to both, and copy the old values over in batches.\n"
            "2. Read the new one only, and then drop the old one.",
        ),
        Rule(
            "not-null-set",
            "NOT NULL set on a column that is there",
            "It locks the table (ACCESS EXCLUSIVE) while all of it is read: reads wait too.",
            'op.execute("ALTER TABLE t ADD CONSTRAINT ck_t_c_not_null CHECK (c IS NOT NULL) NOT VALID")\n'
            f'{_AUTOCOMMIT}    op.execute("ALTER TABLE t VALIDATE CONSTRAINT ck_t_c_not_null")\n'
            'op.alter_column("t", "c", nullable=False)  # the valid check spares the reading\n'
            'op.execute("ALTER TABLE t DROP CONSTRAINT ck_t_c_not_null")',
            fixable=True,
        ),
        Rule(
            "column-not-null",
            "a column added NOT NULL without a server default",
            "It fails as soon as the table has a row.",
            'op.add_column("t", sa.Column("c", sa.Integer(), server_default="0", nullable=False))\n'
            "Or add it with nullable=True, fill it, and set NOT NULL in a later migration.",
            BOTH,
        ),
        Rule(
            "default-volatile",
            "a column added whose value is computed for every row",
            "It locks the table (ACCESS EXCLUSIVE) while every row is written anew: reads wait too.",
            "1. Add the column without a default, then set the default for new rows:\n"
            'op.alter_column("t", "c", server_default=sa.text("gen_random_uuid()"))\n'
            "2. Fill the rows that are there in batches, in a migration of its own.",
        ),
        Rule(
            "generated-stored",
            "a stored generated column added",
            "It locks the table (ACCESS EXCLUSIVE) while every row is written anew: reads wait too.",
            "Add a plain column, fill it in batches, and keep it up to date in the code or by a trigger. A virtual\n"
            "column (persisted=False, PostgreSQL 18) costs nothing.",
        ),
        Rule(
            "foreign-key-not-split",
            "a foreign key added and checked in one go",
            "It locks both tables (SHARE ROW EXCLUSIVE): writes to either wait until all rows are checked.",
            'op.create_foreign_key("fk", "t", "other", ["c"], ["id"], postgresql_not_valid=True)\n'
            f'{_AUTOCOMMIT}    op.execute("ALTER TABLE t VALIDATE CONSTRAINT fk")',
            fixable=True,
        ),
        Rule(
            "check-not-split",
            "a check constraint added and checked in one go",
            "It locks the table (ACCESS EXCLUSIVE) while all of it is read: reads wait too.",
            'op.create_check_constraint(op.f("ck"), "t", "c > 0", postgresql_not_valid=True)\n'
            f'{_AUTOCOMMIT}    op.execute("ALTER TABLE t VALIDATE CONSTRAINT ck")',
            fixable=True,
        ),
        Rule(
            "validate-in-transaction",
            "VALIDATE in the transaction that added the constraint",
            "The lock of the first statement is held while all rows are checked, as if it had not been split.",
            f'{_AUTOCOMMIT}    op.execute("ALTER TABLE t VALIDATE CONSTRAINT ck")',
        ),
        Rule(
            "unique-without-index",
            "a unique constraint or primary key added without an index made first",
            "It locks the table (ACCESS EXCLUSIVE) while its index is built: reads wait too.",
            f'{_AUTOCOMMIT}    op.create_index("uq_t_c", "t", ["c"], unique=True, postgresql_concurrently=True)\n'
            'op.execute("ALTER TABLE t ADD CONSTRAINT uq_t_c UNIQUE USING INDEX uq_t_c")',
        ),
        Rule(
            "exclude-added",
            "an exclusion constraint added",
            "It locks the table (ACCESS EXCLUSIVE) while its index is built, and cannot be added in steps.",
            "Add it in a quiet hour with a short lock_timeout, or make the table anew with it.",
        ),
        Rule(
            "json-column",
            "a column of type json added",
            "json has no equality operator: SELECT DISTINCT, UNION and GROUP BY that reach the column fail.",
            'sa.Column("c", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"))',
        ),
        Rule(
            "enum-value-in-transaction",
            "a value added to an enum inside the transaction",
            "The value cannot be used before the commit, and before PostgreSQL 12 the statement fails.",
            f"{_AUTOCOMMIT}    op.execute(\"ALTER TYPE status ADD VALUE IF NOT EXISTS 'archived'\")",
        ),
        Rule(
            "backfill-with-schema-change",
            "all rows of a table written in a migration that also changes the schema",
            "The locks of the schema changes are held until all rows are written.",
            "Write the rows in a migration of its own, a few thousand at a time, each batch with its commit.",
        ),
        Rule(
            "drop-cascade",
            "DROP ... CASCADE",
            "It drops whatever depends on it (views, foreign keys, columns) without naming it.",
            "Drop what depends on it by name first, and leave CASCADE out.",
        ),
        Rule(
            "batch-cascade",
            "a batch change that rebuilds a table to which others refer with ON DELETE CASCADE",
            "The rebuild drops the old table. With foreign keys on, that deletes the rows that refer to it.",
            "Let migrations/env.py say PRAGMA foreign_keys = OFF before the transaction begins, as the starter's does.",
            SQLITE,
        ),
        Rule(
            "constraint-unnamed",
            "a constraint without a name in batch mode",
            "SQLite finds a constraint by its name only: a downgrade or a later change cannot drop it.",
            'batch_op.create_unique_constraint(batch_op.f("uq_t_c"), ["c"])',
            SQLITE,
        ),
        Rule(
            "ignore-without-reason",
            "an ignore comment that gives no reason",
            "Whoever reads it next cannot tell whether it is still true.",
            "# lint: ignore[column-dropped]: no code reads it since release 42",
            BOTH,
        ),
        Rule(
            "ignore-unknown",
            "an ignore comment with an identifier that no rule has",
            "It hides nothing.",
            "`oppman db lint --rules` lists the identifiers.",
            BOTH,
        ),
        Rule(
            "ignore-unused",
            "an ignore comment for something that is not found there",
            "It would hide the next one that comes there.",
            "Take the comment out.",
            BOTH,
        ),
    )
}
"""Every rule by its identifier."""
