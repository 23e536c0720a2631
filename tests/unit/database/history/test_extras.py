"""What a revision does besides changing the schema."""

from textwrap import indent

import pytest

from oppman.database.history.extras import extensions, extras

HEAD = "import sqlalchemy as sa\nfrom alembic import op\n\n\ndef downgrade():\n    pass\n\n\ndef upgrade():\n"


@pytest.mark.parametrize(
    "body",
    [
        "pass",
        '"""What it does."""\nop.drop_table("a")',
        'op.create_table("a", sa.Column("id", sa.Integer(), server_default=sa.text("1")), *columns())',
        'with op.batch_alter_table("a") as batch:\n    batch.add_column(sa.Column("b", sa.Integer()))',
        'for name in ("a", "b"):\n    op.create_index(op.f(f"ix_{name}"), "t", [name])',
    ],
)
def test_schema_is_no_extra(body: str) -> None:
    assert extras(HEAD + indent(body, "    ")) == []


@pytest.mark.parametrize(
    "body",
    [
        'op.execute("UPDATE a SET b = 1")',
        "op.bulk_insert(table, [])",
        "connection = op.get_bind()",
        "fill(op.get_bind())",
        'op.alter_column("a", "b", type_=sa.Integer(), postgresql_using="b::int")',
        'if op.get_context().dialect.name == "postgresql":\n    op.drop_table("a")',
        'with op.get_context().autocommit_block():\n    op.drop_table("a")',
        'for row in op.get_bind().execute(x):\n    op.drop_table("a")',
        'with op.batch_alter_table("a") as batch:\n    op.execute("DELETE FROM a")',
        'op.create_index("a", name(op.get_bind()), ["b"])',
        "op.invoke(Custom())",
        "return",
    ],
)
def test_all_else_is_one_and_is_named(body: str) -> None:
    (found,) = extras(HEAD + indent(body, "    "))
    assert body.split("\n")[found.line - 10].strip().startswith(found.text.strip())


def test_a_downgrade_counts_too() -> None:
    text = HEAD.replace("downgrade():\n    pass", 'downgrade():\n    op.execute("DELETE FROM a")') + "    pass\n"
    assert [extra.text for extra in extras(text)] == ['op.execute("DELETE FROM a")']


def test_an_extension_and_the_method_of_an_index_are_schema() -> None:
    branch = (
        'if op.get_context().dialect.name == "postgresql":\n        op.execute("CREATE EXTENSION IF NOT EXISTS vector")'
    )
    source = (
        f"from alembic import op\n\n\ndef upgrade():\n    {branch}\n"
        '    op.create_index("ix", "t", ["c"], postgresql_using="hnsw")\n'
    )
    assert extras(source) == []
    (kept,) = extensions(source)
    assert "CREATE EXTENSION IF NOT EXISTS vector" in kept
    for more in ('op.execute("DELETE FROM t")', 'op.alter_column("t", "c", type_=T, postgresql_using="c::int")'):
        (found,) = extras(f"{source}    {more}\n")
        assert found.text == more
