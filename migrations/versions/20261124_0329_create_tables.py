"""create tables

Revision 843a51c6e7d1, after nothing, written 2026-11-24
"""

import sqlalchemy as sa
from alembic import op

import webapp.vector

revision = "843a51c6e7d1"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    if op.get_context().dialect.name == "postgresql":
        op.execute("CREATE EXTENSION IF NOT EXISTS vector")

    op.create_table(
        "demo_batches",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("table_name", sa.String(length=63), nullable=False),
        sa.Column("first_id", sa.Integer(), nullable=False),
        sa.Column("last_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_demo_batches")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_demo_batches_table_name"), "demo_batches", ["table_name"], unique=False)
    op.create_table(
        "products",
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("price", sa.Numeric(precision=10, scale=2), nullable=False),
        sa.Column("category", sa.String(length=50), nullable=False),
        sa.Column("in_stock", sa.Boolean(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("price >= 0", name=op.f("ck_products_price_not_negative")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_products")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_products_category_id"), "products", ["category", "id"], unique=False)
    op.create_index(op.f("ix_products_created_at_id"), "products", ["created_at", "id"], unique=False)
    op.create_index(op.f("ix_products_name_id"), "products", ["name", "id"], unique=False)
    op.create_index(op.f("ix_products_price_id"), "products", ["price", "id"], unique=False)
    op.create_table(
        "roles",
        sa.Column("name", sa.String(length=50), nullable=False),
        sa.Column("description", sa.String(length=200), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("permissions", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roles")),
        sa.UniqueConstraint("name", name=op.f("uq_roles_name")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "users",
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("password_hash", sa.String(length=255), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("is_superuser", sa.Boolean(), nullable=False),
        sa.Column("session_version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_login_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
        sa.UniqueConstraint("email", name=op.f("uq_users_email")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "audit_entries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("actor_email", sa.String(length=254), nullable=False),
        sa.Column("action", sa.String(length=50), nullable=False),
        sa.Column("target", sa.String(length=300), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["actor_id"], ["users.id"], name=op.f("fk_audit_entries_actor_id_users"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_entries")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_audit_entries_actor_id"), "audit_entries", ["actor_id"], unique=False)
    op.create_index(op.f("ix_audit_entries_at_id"), "audit_entries", ["at", "id"], unique=False)
    op.create_index(
        op.f("ix_audit_entries_target_action_id"), "audit_entries", ["target", "action", "id"], unique=False
    )
    op.create_table(
        "user_roles",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("role_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["role_id"], ["roles.id"], name=op.f("fk_user_roles_role_id_roles"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_user_roles_user_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", "role_id", name=op.f("pk_user_roles")),
    )
    op.create_index(op.f("ix_user_roles_role_id"), "user_roles", ["role_id"], unique=False)
    op.create_table(
        "webinars",
        sa.Column("title", sa.String(length=150), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("duration_minutes", sa.Integer(), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("host_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("capacity > 0", name=op.f("ck_webinars_capacity_positive")),
        sa.CheckConstraint("duration_minutes > 0", name=op.f("ck_webinars_duration_positive")),
        sa.ForeignKeyConstraint(["host_id"], ["users.id"], name=op.f("fk_webinars_host_id_users"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webinars")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_webinars_host_id"), "webinars", ["host_id"], unique=False)
    op.create_index(op.f("ix_webinars_starts_at_id"), "webinars", ["starts_at", "id"], unique=False)
    op.create_index(op.f("ix_webinars_title_id"), "webinars", ["title", "id"], unique=False)
    op.create_table(
        "registrations",
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("webinar_id", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("notes", sa.Text(), nullable=False),
        sa.Column("photo", sa.String(length=100), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["webinar_id"], ["webinars.id"], name=op.f("fk_registrations_webinar_id_webinars"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registrations")),
        sa.UniqueConstraint("webinar_id", "email", name=op.f("uq_registrations_webinar_id_email")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_registrations_created_at_id"), "registrations", ["created_at", "id"], unique=False)
    op.create_index(op.f("ix_registrations_webinar_id_status"), "registrations", ["webinar_id", "status"], unique=False)
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
    op.drop_index(op.f("ix_registrations_webinar_id_status"), table_name="registrations")
    op.drop_index(op.f("ix_registrations_created_at_id"), table_name="registrations")
    op.drop_table("registrations")
    op.drop_index(op.f("ix_webinars_title_id"), table_name="webinars")
    op.drop_index(op.f("ix_webinars_starts_at_id"), table_name="webinars")
    op.drop_index(op.f("ix_webinars_host_id"), table_name="webinars")
    op.drop_table("webinars")
    op.drop_index(op.f("ix_user_roles_role_id"), table_name="user_roles")
    op.drop_table("user_roles")
    op.drop_index(op.f("ix_audit_entries_target_action_id"), table_name="audit_entries")
    op.drop_index(op.f("ix_audit_entries_at_id"), table_name="audit_entries")
    op.drop_index(op.f("ix_audit_entries_actor_id"), table_name="audit_entries")
    op.drop_table("audit_entries")
    op.drop_table("users")
    op.drop_table("roles")
    op.drop_index(op.f("ix_products_price_id"), table_name="products")
    op.drop_index(op.f("ix_products_name_id"), table_name="products")
    op.drop_index(op.f("ix_products_created_at_id"), table_name="products")
    op.drop_index(op.f("ix_products_category_id"), table_name="products")
    op.drop_table("products")
    op.drop_index(op.f("ix_demo_batches_table_name"), table_name="demo_batches")
    op.drop_table("demo_batches")
