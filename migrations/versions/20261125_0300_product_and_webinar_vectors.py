"""vectors of products and webinars

Revision c3f29b51a0e4, after 843a51c6e7d1, written 2026-11-25
"""

import sqlalchemy as sa
from alembic import op

import webapp.vector

revision = "c3f29b51a0e4"
down_revision = "843a51c6e7d1"
branch_labels = None
depends_on = None


def upgrade() -> None:
    if op.get_context().dialect.name == "postgresql":
        op.execute("CREATE EXTENSION IF NOT EXISTS vector")

    op.create_table(
        "product_vectors",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("embedder", sa.String(length=50), nullable=False),
        sa.Column("digest", sa.String(length=32), nullable=False),
        sa.Column("vector", webapp.vector.Vector(256), nullable=False),
        sa.Column("product_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["product_id"], ["products.id"], name=op.f("fk_product_vectors_product_id_products"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_product_vectors")),
        sa.UniqueConstraint("product_id", name=op.f("uq_product_vectors_product_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        op.f("ix_product_vectors_vector"),
        "product_vectors",
        ["vector"],
        unique=False,
        postgresql_using="hnsw",
        postgresql_ops={"vector": "vector_cosine_ops"},
        sqlite_where=sa.text("0"),
    )
    op.create_table(
        "webinar_vectors",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("embedder", sa.String(length=50), nullable=False),
        sa.Column("digest", sa.String(length=32), nullable=False),
        sa.Column("vector", webapp.vector.Vector(256), nullable=False),
        sa.Column("webinar_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["webinar_id"], ["webinars.id"], name=op.f("fk_webinar_vectors_webinar_id_webinars"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webinar_vectors")),
        sa.UniqueConstraint("webinar_id", name=op.f("uq_webinar_vectors_webinar_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        op.f("ix_webinar_vectors_vector"),
        "webinar_vectors",
        ["vector"],
        unique=False,
        postgresql_using="hnsw",
        postgresql_ops={"vector": "vector_cosine_ops"},
        sqlite_where=sa.text("0"),
    )


def downgrade() -> None:
    op.drop_table("webinar_vectors")
    op.drop_table("product_vectors")
