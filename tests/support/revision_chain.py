"""A history of migrations that do what people's migrations do, for the tests of what changes a history."""

from pathlib import Path

from revision_files import FIRST, write_revision

A, B, C, D = "aaaa11112222", "bbbb11112222", "cccc11112222", "dddd11112222"


def write(project: Path, name: str, after: str, upgrade: str, downgrade: str) -> Path:
    path = write_revision(project, name, after, _body(upgrade))
    text = path.read_text().replace("from alembic import op", "import sqlalchemy as sa\nfrom alembic import op")
    path.write_text(text.replace("def downgrade():\n    pass", f"def downgrade():\n    {_body(downgrade)}"))
    return path


def write_schema_chain(project: Path) -> None:
    """A: a table, and a column that may not be NULL; B: renames, an index on an expression; C: defaults and types."""
    write(
        project, A, FIRST,
        'op.create_table("notes", sa.Column("id", sa.Integer(), primary_key=True),\n'
        '    sa.Column("text", sa.String(), nullable=False, unique=True),\n'
        '    sa.Column("product_id", sa.Integer(), sa.ForeignKey("products.id", ondelete="CASCADE"), index=True),\n'
        '    sa.Column("weight", sa.Numeric(10, 2), server_default="1.5"),\n'
        '    sa.CheckConstraint("product_id > 0", name="some"), sqlite_autoincrement=True)\n'
        'with op.batch_alter_table("products") as batch_op:\n'
        '    batch_op.add_column(sa.Column("stock", sa.Integer(), server_default="7", nullable=False))',
        'op.drop_table("notes")\n'
        'with op.batch_alter_table("products") as batch_op:\n'
        '    batch_op.drop_column("stock")',
    )  # fmt: skip
    write(
        project, B, A,
        'op.rename_table("notes", "memos")\n'
        'with op.batch_alter_table("memos") as batch_op:\n'
        '    batch_op.alter_column("text", new_column_name="body", existing_type=sa.String())\n'
        '    batch_op.add_column(sa.Column("seen", sa.DateTime(timezone=True)))\n'
        'for name in ("seen", "weight"):\n'
        '    op.create_index(f"ix_memos_{name}", "memos", [name])\n'
        'op.create_index("ix_lower", "memos", [sa.text("lower(body)")])',
        'op.drop_index("ix_lower", "memos")\n'
        'for name in ("seen", "weight"):\n'
        '    op.drop_index(f"ix_memos_{name}", "memos")\n'
        'with op.batch_alter_table("memos") as batch_op:\n'
        '    batch_op.drop_column("seen")\n'
        '    batch_op.alter_column("body", new_column_name="text", existing_type=sa.String())\n'
        'op.rename_table("memos", "notes")',
    )  # fmt: skip
    write(
        project, C, B,
        'with op.batch_alter_table("products") as batch_op:\n'
        '    batch_op.alter_column("stock", server_default=None, existing_type=sa.Integer(), existing_nullable=False)\n'
        '    batch_op.add_column(sa.Column("sku", sa.String(length=40)))\n'
        '    batch_op.alter_column("name", type_=sa.String(length=200), existing_type=sa.String(length=100))\n'
        '    batch_op.drop_constraint(op.f("ck_products_price_not_negative"), type_="check")',
        'with op.batch_alter_table("products") as batch_op:\n'
        '    batch_op.drop_column("sku")\n'
        '    batch_op.alter_column("stock", server_default="7", existing_type=sa.Integer(), existing_nullable=False)\n'
        '    batch_op.alter_column("name", type_=sa.String(length=100), existing_type=sa.String(length=200))\n'
        '    batch_op.create_check_constraint(op.f("ck_products_price_not_negative"), "price >= 0")',
    )  # fmt: skip


def _body(text: str) -> str:
    return text.replace("\n", "\n    ")
