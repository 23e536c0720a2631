"""Which calls of a revision are found, and what is known of them."""

import ast

import pytest

from oppman.database.lint.calls import Call, calls

INDEX = 'op.create_index("ix", "books", ["title"])'


def found(source: str) -> list[Call]:
    return list(calls(ast.parse(source)))


@pytest.mark.parametrize(
    "source",
    [
        f"from alembic import op\ndef upgrade():\n    {INDEX}",
        'from alembic import op as o\ndef upgrade():\n    o.create_index("ix", "books", ["title"])',
        'import alembic\ndef upgrade():\n    alembic.op.create_index("ix", "books", ["title"])',
        'from alembic import op\nTABLE = "books"\ndef upgrade():\n    op.create_index("ix", TABLE, ["title"])',
        'from alembic import op\ndef upgrade():\n    op.create_index(index_name="ix", table_name="books")',
        f"from alembic import op\ndef upgrade():\n    index()\ndef index():\n    {INDEX}",
        "from alembic import op\ndef upgrade():\n    index('books')\n"
        'def index(table):\n    op.create_index(f"i{chr}" if 0 else "ix", table, ["title"])',
        'from alembic import op\ndef upgrade():\n    with op.batch_alter_table("books") as b:\n'
        '        b.create_index("ix", ["title"])',
        'from alembic import op\ndef upgrade():\n    with op.batch_alter_table("books") as b:\n        index(b)\n'
        'def index(batch):\n    batch.create_index("ix", ["title"])',
        'from alembic import op\ndef upgrade():\n    for t in ("books",):\n        op.create_index("ix", t, [])',
        "from alembic import op\ndef upgrade():\n    try:\n        " + INDEX + "\n    finally:\n        pass",
    ],
)
def test_an_operation_is_found_however_it_is_called(source: str) -> None:
    (call,) = found(source)
    assert (call.operation, call.table) == ("create_index", "books")


def test_a_loop_over_literals_goes_round_for_each() -> None:
    loop = 'for t, c in [("a", "x"), ("b", "y")]:\n        op.drop_column(t, c)'
    source = f"from alembic import op\ndef upgrade():\n    {loop}"
    assert [(call.table, call.text("column")) for call in found(source)] == [("a", "x"), ("b", "y")]


def test_only_what_upgrade_calls_is_looked_at() -> None:
    source = (
        f"from alembic import op\ndef upgrade():\n    pass\ndef other():\n    {INDEX}\ndef downgrade():\n    {INDEX}"
    )
    assert not found(source)


def test_what_is_called_like_an_operation_is_none() -> None:
    assert not found(f"import op\ndef upgrade():\n    {INDEX}")


@pytest.mark.parametrize(
    ("test", "inside"),
    [
        ('op.get_context().dialect.name == "postgresql"', "postgres"),
        ('op.get_bind().dialect.name != "postgresql"', "sqlite"),
        ('not op.get_bind().dialect.name == "sqlite"', "postgres"),
        ("something()", None),
    ],
)
def test_a_branch_that_asks_for_the_dialect_is_for_that_one(test: str, inside: str | None) -> None:
    other = {"postgres": "sqlite", "sqlite": "postgres", None: None}[inside]
    both = found(f"from alembic import op\ndef upgrade():\n    if {test}:\n        {INDEX}\n    else:\n        {INDEX}")
    assert [call.only for call in both] == [inside, other]
    early = found(f"from alembic import op\ndef upgrade():\n    if {test}:\n        return\n    {INDEX}")
    assert [call.only for call in early] == [other]


def test_an_autocommit_block_is_seen_also_where_it_depends_on_the_dialect() -> None:
    head = "op.get_context().autocommit_block()"
    source = (
        f"from alembic import op\ndef upgrade():\n    {INDEX}\n    with {head}:\n        {INDEX}\n"
        f"    with {head} if postgres else nullcontext():\n        {INDEX}"
    )
    assert [call.autocommit for call in found(source)] == [False, True, True]


def test_a_function_that_calls_itself_and_a_name_made_of_itself_come_to_an_end() -> None:
    source = (
        "from alembic import op\ndef upgrade():\n    again()\ndef again():\n"
        '    name = name + "_old"\n    op.drop_table(name)\n    again()'
    )
    assert {call.table for call in found(source)} == {""}
