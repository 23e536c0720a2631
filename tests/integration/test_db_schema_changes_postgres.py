"""What `oppman db makemigrations` and `db check` see of the schema, on PostgreSQL and on both databases."""

from collections.abc import Callable
from pathlib import Path

import pytest

from command_line import Run
from postgres import execute
from revision_files import add_docs, change, newest

pytestmark = pytest.mark.xdist_group("postgres")  # one server is enough

MEMBERS = "    draft = 1\n    live = 2\n    archived = 3\n"
RULES = (
    'CheckConstraint("length(name) > 1 AND price >= 1.5", name="sane"),\n'
    "        CheckConstraint(\"name IN ('a', 'b c', 'Tea')\", name=\"listed\"),\n"
    '        Index("ix_docs_lower", text("lower(name)")),\n'
    '        Index("ix_docs_dear", "name", sqlite_where=text("price > 3"), postgresql_where=text("price > 3")),\n'
    '        Index("ix_docs_last", text("name DESC"), "price"),\n'
    '        Index("ix_docs_more", "name", postgresql_include=["price"]),\n'
    '        hnsw_index("place"),\n'
)
FIELDS = (
    "    name: str = Field(sa_column_kwargs={'server_default': 'Tea'})\n"
    "    price: Decimal = Field(max_digits=10, decimal_places=2, sa_column_kwargs={'server_default': '2.0'})\n"
    "    extra: dict[str, Any] = Field(sa_type=JSON, sa_column_kwargs={'server_default': '{}'})\n"
    "    flag: bool = Field(sa_column_kwargs={'server_default': true()})\n"
    "    made: datetime = Field(sa_type=UTCDateTime, sa_column_kwargs={'server_default': func.now()})\n"
    "    place: list[float] | None = Field(default=None, sa_type=Vector(3))\n"
)

Write = Callable[..., None]


@pytest.fixture(params=["written on SQLite", "written on PostgreSQL"])
def write(request: pytest.FixtureRequest, project: Path, postgres_url: str, run: Run) -> Write:
    """Write a revision on one database, then apply it, look for differences and undo and redo it on both."""
    urls = ["sqlite:///app.db", postgres_url]
    author = urls[request.param.endswith("PostgreSQL")]

    def write_it(message: str, *flags: str, undo: bool = True) -> None:
        steps = [["migrate"], ["check"]]
        steps += [["rollback", "--yes", "--no-backup"], ["migrate"], ["check"]] if undo else []
        made = run("db", "makemigrations", "-m", message, *flags, cwd=project, env={"DATABASE_URL": author})
        assert made.code == 0, made.stderr
        for url in urls:
            for step in steps:
                done = run("db", *step, cwd=project, env={"DATABASE_URL": url})
                assert done.code == 0, (url, step, done.stdout, done.stderr, newest(project).read_text())

    return write_it


def test_everything_of_a_table_goes_in_and_changes_on_both(
    project: Path, postgres_url: str, run: Run, write: Write
) -> None:
    add_docs(project, FIELDS, RULES)
    write("docs")
    execute(postgres_url, "INSERT INTO docs (id) VALUES (1)")
    for old, new in (
        ("price >= 1.5", "price >= 1.75"),
        ("'b c'", "'b d'"), ("lower(name)", "upper(name)"), ("price > 3", "price > 4"),
        ("name DESC", "name"), ('include=["price"]', 'include=["flag"]'), ('("place")', '("place", "l2")'),
        ("'server_default': 'Tea'", "'server_default': 'a'"), ("'server_default': '2.0'", "'server_default': '3.0'"),
        ("'server_default': '{}'", "'server_default': '[]'"),
    ):  # fmt: skip
        change(project, old, new)
    result = run("db", "check", cwd=project, env={"DATABASE_URL": postgres_url})
    assert result.code == 1
    assert len(result.stdout.splitlines()) == 17  # two for each rule, one for each default
    write("changes")
    definitions = dict(execute(postgres_url, "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'docs'"))
    assert definitions["ix_docs_place"].endswith("USING hnsw (place vector_l2_ops)")
    assert definitions["ix_docs_lower"].endswith("USING btree (upper((name)::text))")
    assert "WHERE (price > (4)::numeric)" in definitions["ix_docs_dear"]
    assert execute(postgres_url, "SELECT name, price, extra::text, flag FROM docs") == [
        ("Tea", 2, "{}", True),
    ]  # fmt: skip


def test_an_enum_is_made_grown_shrunk_and_dropped_on_both(
    project: Path, postgres_url: str, run: Run, write: Write
) -> None:
    add_docs(project, "    kind: Kind\n    other: Kind = Field(sa_column_kwargs={'server_default': 'live'})\n")
    with (project / "webapp" / "models.py").open("a") as models:  # a second table with the type
        models.write(
            '\n\nclass Dog(SQLModel, table=True):\n    __tablename__ = "dogs"\n\n'
            "    id: int | None = Field(default=None, primary_key=True)\n    kind: Kind | None = None\n"
        )
    write("kinds")
    assert members(postgres_url) == ["draft", "live", "archived"]
    execute(postgres_url, "INSERT INTO docs (id, kind) VALUES (1, 'archived')")

    change(project, MEMBERS, "    early = 0\n" + MEMBERS + "    late = 5\n")
    write("grow")
    assert members(postgres_url) == ["early", "draft", "live", "archived", "late"]

    change(project, "    archived = 3\n", "    past = 3\n")
    everywhere = [f"--backfill={column}=past" for column in ("docs.kind", "docs.other", "dogs.kind")]
    write("rename", *everywhere)
    assert execute(postgres_url, "SELECT kind, other FROM docs") == [("past", "live")]
    assert "RENAME VALUE 'archived' TO 'past'" in newest(project).read_text()

    change(project, "    past = 3\n", "    gone = 3\n")
    write("shrink", "--backfill", "docs.kind=gone", undo=False)
    assert members(postgres_url) == ["early", "draft", "live", "gone", "late"]
    assert execute(postgres_url, "SELECT kind, other FROM docs") == [("gone", "live")]
    execute(postgres_url, "INSERT INTO docs (id, kind) VALUES (2, 'late')")
    assert execute(postgres_url, "SELECT other FROM docs WHERE id = 2") == [("live",)]

    change(project, "kind: Kind | None = None", "kind: str | None = Field(default=None, max_length=9)")
    change(project, "    kind: Kind\n", "    kind: str = Field(max_length=9)\n")
    change(project, "    other: Kind = Field(sa_column_kwargs={'server_default': 'live'})\n", "")
    write("no kinds", "--allow-drop", "docs.other", undo=False)
    assert members(postgres_url) == []
    assert execute(postgres_url, "SELECT kind FROM docs ORDER BY id") == [("gone",), ("late",)]


def test_what_was_dropped_comes_back_with_its_types(project: Path, postgres_url: str, run: Run, write: Write) -> None:
    """SQLite has neither enum types nor dimensions, so what is written there reads them from the revisions."""
    fields = "    kind: Kind | None = None\n    place: list[float] | None = Field(default=None, sa_type=Vector(3))\n"
    add_docs(project, fields, 'hnsw_index("place"),')
    write("docs", undo=False)
    change(project, fields, "    name: str\n")
    change(project, 'hnsw_index("place"),', "")
    write("less", "--allow-drop", "all", "--backfill", "docs.name=x", undo=False)
    assert run("db", "rollback", "--yes", "--no-backup", cwd=project, env={"DATABASE_URL": postgres_url}).code == 0
    types = "SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = 'docs'::regclass"
    assert execute(postgres_url, f"{types} AND attname IN ('kind', 'place') ORDER BY 1") == [
        ("kind", "kind"), ("place", "vector(3)"),
    ]  # fmt: skip
    assert members(postgres_url) == ["draft", "live", "archived"]


def test_a_member_that_a_row_has_is_told_by_table_column_and_value(project: Path, postgres_url: str, run: Run) -> None:
    env = {"DATABASE_URL": postgres_url}
    add_docs(project, "    kind: Kind\n")
    for command in (["makemigrations", "-m", "docs"], ["migrate"]):
        assert run("db", *command, cwd=project, env=env).code == 0
    execute(postgres_url, "INSERT INTO docs VALUES (1, 'archived')")
    change(project, "    archived = 3\n", "")
    assert run("db", "makemigrations", "-m", "less", cwd=project, env=env).code == 0
    refused = run("db", "migrate", cwd=project, env=env)
    assert refused.code == 1
    assert "docs.kind has rows with 'archived', which goes" in refused.stderr
    assert execute(postgres_url, "SELECT kind FROM docs") == [("archived",)]
    assert members(postgres_url) == ["draft", "live", "archived"]


def test_a_type_that_the_project_made_for_itself_is_left_alone(project: Path, postgres_url: str, run: Run) -> None:
    env = {"DATABASE_URL": postgres_url}
    made = run("db", "makemigrations", "--empty", "-m", "own", cwd=project, env=env)
    assert made.code == 0, made.stderr
    path = newest(project)
    path.write_text(path.read_text().replace("    pass\n", "    op.execute(\"CREATE TYPE own AS ENUM ('a')\")\n", 1))
    assert run("db", "check", cwd=project, env=env).code == 0


def test_a_column_of_text_becomes_an_enum_with_its_rows(
    project: Path, postgres_url: str, run: Run, write: Write
) -> None:
    add_docs(project, "    kind: str = Field(max_length=20, sa_column_kwargs={'server_default': 'draft'})\n")
    write("docs")
    execute(postgres_url, "INSERT INTO docs VALUES (1, 'live')")
    change(project, "    kind: str = Field(max_length=20, ", "    kind: Kind = Field(")
    write("enum")
    assert execute(postgres_url, "SELECT kind, pg_typeof(kind)::text FROM docs") == [("live", "kind")]


def test_a_snapshot_is_replayed_with_what_ran_outside_of_a_transaction(
    project: Path, postgres_url: str, run: Run
) -> None:
    env = {"DATABASE_URL": postgres_url}
    add_docs(project, "    kind: Kind\n")
    assert run("db", "makemigrations", "-m", "docs", cwd=project, env=env).code == 0
    change(project, MEMBERS, MEMBERS + "    late = 5\n")
    assert run("db", "makemigrations", "-m", "late", cwd=project, env=env).code == 0
    assert run("db", "check", cwd=project, env=env).code == 0
    (kept,) = (project / ".oppman" / "database").glob("postgresql.schema")
    at = kept.stat().st_mtime_ns
    assert run("db", "check", cwd=project, env=env).code == 0
    assert kept.stat().st_mtime_ns == at
    change(project, "    kind: Kind\n", "    kind: Kind\n    name: str = ''\n")
    assert run("db", "check", cwd=project, env=env).stdout == "add column docs.name (VARCHAR, not null)\n"
    kept.write_bytes(kept.read_bytes()[:-50])
    assert run("db", "check", cwd=project, env=env).code == 1


def members(url: str) -> list[str]:
    return [row[0] for row in execute(url, "SELECT enumlabel::text FROM pg_enum ORDER BY enumtypid, enumsortorder")]
