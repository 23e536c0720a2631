"""`oppman db backup` and `restore` on PostgreSQL: as pg_dump writes it, and in the portable form without it."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

import backups
from command_line import Run, clean_environment
from postgres import execute
from revision_files import FIRST, write_revision

pytestmark = pytest.mark.xdist_group("postgres")

FORMS = pytest.mark.parametrize("form", ["native", "portable"])
ONE, TWO = "1" * 12, "2" * 12
KINDS = """
    CREATE EXTENSION IF NOT EXISTS vector;
    CREATE TYPE mood AS ENUM ('so-so', 'good, very');
    CREATE TABLE "Odd names" (
        id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, "Sel,ect" mood, tags text[], grid int[][], data jsonb,
        raw bytea, price numeric(12, 4), tiny double precision, at timestamptz, plain timestamp, day date,
        span interval, token uuid, place inet, meaning vector(3), note text, other_id int REFERENCES "Odd names" (id),
        twice numeric GENERATED ALWAYS AS (price * 2) STORED
    );
    CREATE SEQUENCE lonely;
    CREATE SEQUENCE unused;
    CREATE TABLE parted (id bigserial, day date NOT NULL, PRIMARY KEY (id, day)) PARTITION BY RANGE (day);
    CREATE TABLE parted_1 PARTITION OF parted FOR VALUES FROM ('2030-01-01') TO ('2031-01-01');
    CREATE MATERIALIZED VIEW totals AS SELECT count(*) AS many FROM "Odd names";
    INSERT INTO "Odd names" (note) VALUES ('written by the migration')
"""
ROWS = r"""
    INSERT INTO "Odd names" ("Sel,ect", tags, grid, data, raw, price, tiny, at, plain, day, span, token, place, meaning,
        note, other_id)
    VALUES ('good, very', '{"a,b","",NULL,"x\"y\\z"}', '{{1,2},{3,NULL}}', '{"a": [1, null, "x\ny"], "ü": "\\"}',
        '\x00ff0a', 12345678.1234, 0.1::float8 + 0.2, '2030-01-02 03:04:05.000006+05:30', '1999-12-31 23:59:59',
        '0044-03-15 BC', '-1 year 2 mons -3 days 04:05:06.7', '00112233-4455-6677-8899-aabbccddeeff', '10.0.0.0/8',
        '[1,-2.5,0.1]', E'tab\tline\nend\\ \\.', 2),
    (NULL, NULL, NULL, NULL, NULL, NULL, 'NaN', 'infinity', NULL, NULL, NULL, NULL, NULL, NULL, '', 1),
    (NULL, '{}', '{}', 'null', '', -0.0001, '-Infinity', NULL, NULL, NULL, NULL, NULL, NULL, NULL, '\N', 3);
    INSERT INTO parted (day) VALUES ('2030-05-05'), ('2030-06-06');
    DELETE FROM parted WHERE id = 2;
    SELECT nextval('lonely'), nextval('lonely');
    REFRESH MATERIALIZED VIEW totals
"""
SCHEMA = (
    "SELECT table_name, column_name, data_type, column_default, is_nullable FROM information_schema.columns"
    " WHERE table_schema = 'public' ORDER BY 1, ordinal_position"
)
CONSTRAINTS = (
    "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid), convalidated FROM pg_constraint"
    " WHERE connamespace = 'public'::regnamespace ORDER BY 1, 2"
)
WRITER = """
import asyncio, sys, asyncpg

async def main():
    connection = await asyncpg.connect(sys.argv[1])
    print("writing", flush=True)
    while True:
        async with connection.transaction():
            await connection.execute("INSERT INTO debits DEFAULT VALUES")
            await connection.execute("INSERT INTO credits DEFAULT VALUES")

asyncio.run(main())
"""


@pytest.fixture
def shop(project: Path, postgres_url: str, run: Run) -> Path:
    """A project on PostgreSQL with columns of every kind, and an uploaded file."""
    (project / ".env").write_text(f"DATABASE_URL={postgres_url}\n")
    write_revision(project, ONE, FIRST, executing(KINDS))
    done = run("db", "migrate", cwd=project)
    assert done.code == 0, done.stderr
    script(postgres_url, ROWS)
    (project / "uploads").mkdir()
    (project / "uploads" / "a.txt").write_text("first")
    return project


def executing(statements: str) -> str:
    """The body of a revision that executes each of the statements."""
    return f"for statement in {statements.split(';' + chr(10))!r}:\n        op.execute(statement)"


def script(url: str, statements: str) -> None:
    for statement in statements.split(";\n"):
        execute(url, statement)


def state(url: str) -> dict[str, Any]:
    """All rows as text, the schema, and where the sequences are."""
    tables = [
        row[0] for row in execute(url, "SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = 'public'")
    ]
    rows = {name: execute(url, f"SELECT t::text FROM {name} t ORDER BY 1") for name in [*tables, "totals"]}
    sequences = execute(url, "SELECT sequencename, last_value FROM pg_sequences ORDER BY 1")
    return rows | {"": [sequences, execute(url, SCHEMA), execute(url, CONSTRAINTS)]}


def databases(url: str) -> list[str]:
    """The databases that have to do with that of the test."""
    name = url.partition("?")[0].rpartition("/")[2]
    return [row[0] for row in execute(url, f"SELECT datname FROM pg_database WHERE datname LIKE '{name[:40]}%'")]


def name_of(url: str) -> str:
    return url.partition("?")[0].rpartition("/")[2]


def renamed(url: str, name: str) -> str:
    """The address of another database of the server."""
    return url.replace(f"/{name_of(url)}", f"/{quote(name, safe='')}")


@FORMS
def test_values_of_every_kind_come_back(shop: Path, postgres_url: str, run: Run, form: str) -> None:
    before = state(postgres_url)
    made = run("db", "backup", "--format", form, "--json", cwd=shop)
    assert (made.code, made.stderr) == (0, "")
    told = json.loads(made.stdout)
    assert (told["form"], told["verified"], told["revision"], told["uploads"]) == (form, True, [ONE], 1)
    assert (told["rows"]["Odd names"], told["rows"]["parted"]) == (4, 1)
    assert databases(postgres_url) == [name_of(postgres_url)]

    script(
        postgres_url,
        'UPDATE "Odd names" SET note = NULL;\nDELETE FROM parted;\nCREATE TABLE stray (id int);\n'
        "DROP SEQUENCE unused;\nDROP MATERIALIZED VIEW totals;\nALTER TYPE mood ADD VALUE 'bad';\n"
        f"UPDATE alembic_version SET version_num = '{FIRST}'",
    )
    (shop / "uploads" / "a.txt").unlink()
    done = run("db", "restore", "--yes", cwd=shop)
    assert done.code == 0, done.stderr
    assert f"the database is at revision {ONE}" in done.stderr
    assert state(postgres_url) == before
    assert (shop / "uploads" / "a.txt").read_text() == "first"
    assert databases(postgres_url) == [name_of(postgres_url)]
    with pytest.raises(Exception, match="bad"):
        execute(postgres_url, "SELECT 'bad'::mood")
    execute(postgres_url, "INSERT INTO parted (day) VALUES ('2030-07-07')")
    assert execute(postgres_url, "SELECT max(id), nextval('lonely'), nextval('unused') FROM parted") == [(3, 3, 1)]

    # What was there, the stray table included, is a backup too; pg_dump's form holds tables that no migration makes.
    (other,) = (path for path in (shop / "backups").iterdir() if str(path) != told["file"])
    assert (backups.manifest(other)["why"], backups.manifest(other)["form"]) == ("before a restore", "native")
    assert backups.counts(other)["stray"] == 0


@FORMS
def test_a_backup_is_one_moment_and_an_application_that_runs_goes_on(
    project: Path, postgres_url: str, run: Run, form: str
) -> None:
    (project / ".env").write_text(f"DATABASE_URL={postgres_url}\n")
    tables = "CREATE TABLE debits (id serial PRIMARY KEY);\nCREATE TABLE credits (id serial PRIMARY KEY)"
    write_revision(project, ONE, FIRST, executing(tables))
    assert run("db", "migrate", cwd=project).code == 0
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, postgres_url],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=clean_environment(),
    ) as writer:  # fmt: skip
        assert writer.stdout is not None
        try:
            writer.stdout.readline()
            made = run("db", "backup", "--format", form, "--json", cwd=project)
            assert made.code == 0, made.stderr
            rows = json.loads(made.stdout)["rows"]
            assert rows["debits"] == rows["credits"] > 0
            assert execute(postgres_url, "SELECT count(*) FROM debits")[0][0] > rows["debits"]
            done = run("db", "restore", "--yes", cwd=project)
            assert done.code == 0, done.stderr
            assert writer.wait(60) == 1  # its connection was cut, once all was ready
        finally:
            writer.kill()
    assert execute(postgres_url, "SELECT (SELECT count(*) FROM debits), count(*) FROM credits") == [
        (rows["debits"], rows["credits"])
    ]


def test_settings_of_the_database_change_no_value_and_stay(shop: Path, postgres_url: str, run: Run) -> None:
    database, before = f'ALTER DATABASE "{name_of(postgres_url)}"', state(postgres_url)
    written = {
        "datestyle": "German", "intervalstyle": "sql_standard", "extra_float_digits": "-10", "bytea_output": "escape",
        "timezone": "Asia/Kolkata",
    }  # fmt: skip
    limits = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")
    for form in ("portable", "native"):
        for name, value in (written | dict.fromkeys(limits, "300")).items():
            execute(postgres_url, f"{database} SET {name} = '{value}'")
        execute(postgres_url, f"{database} SET search_path = 'public', 'extra'")
        made = run("db", "backup", "--format", form, cwd=shop)
        assert made.code == 0, made.stderr
        execute(postgres_url, "DELETE FROM parted")
        done = run("db", "restore", "--yes", cwd=shop)
        assert done.code == 0, done.stderr
        assert execute(postgres_url, "SHOW search_path") == [("public, extra",)]
        for name, value in written.items():
            assert value in execute(postgres_url, f"SHOW {name}")[0][0]
            execute(postgres_url, f"{database} RESET {name}")
        assert state(postgres_url) == before


@FORMS
def test_rights_stay_as_they_are(shop: Path, postgres_url: str, run: Run, form: str) -> None:
    role, name = f"reader_{form}", name_of(postgres_url)
    rights = [
        f"SELECT {named}, ARRAY(SELECT unnest({listed})::text ORDER BY 1) FROM {catalog} WHERE {listed} IS NOT NULL"
        for named, listed, catalog in (
            ("relname", "relacl", "(SELECT * FROM pg_class WHERE relnamespace = 'public'::regnamespace) ours"),
            ("attname", "attacl", "(SELECT * FROM pg_attribute WHERE attrelid >= 16384) ours"),
            ("nspname", "nspacl", "(SELECT * FROM pg_namespace WHERE nspname = 'public') ours"),
            ("datname", "datacl", "(SELECT * FROM pg_database WHERE datname = current_database()) ours"),
            ("defaclobjtype", "defaclacl", "pg_default_acl"),
        )
    ]
    script(
        postgres_url,
        f"CREATE ROLE {role} LOGIN;\nGRANT SELECT ON products, totals TO {role};\n"
        f"GRANT UPDATE (name) ON products TO {role} WITH GRANT OPTION;\n"
        f"GRANT USAGE ON SEQUENCE lonely TO {role};\nREVOKE CONNECT ON DATABASE {name} FROM PUBLIC;\n"
        f"GRANT CONNECT ON DATABASE {name} TO {role};\nREVOKE ALL ON SCHEMA public FROM PUBLIC;\n"
        f"GRANT USAGE ON SCHEMA public TO {role};\n"
        f"ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO {role};\n"
        f"CREATE TABLE later (id int)",
    )
    try:
        before = [sorted(execute(postgres_url, statement)) for statement in rights]
        execute(postgres_url, "DROP TABLE later")
        assert run("db", "backup", "--format", form, cwd=shop).code == 0
        execute(postgres_url, "CREATE TABLE later (id int)")
        done = run("db", "restore", "--yes", cwd=shop)
        assert done.code == 0, done.stderr
        execute(postgres_url, "CREATE TABLE later (id int)")
        assert [sorted(execute(postgres_url, statement)) for statement in rights] == before
        as_reader = postgres_url.replace("//postgres", f"//{role}")
        assert execute(as_reader, "SELECT count(*) FROM products") == [(0,)]
    finally:
        script(postgres_url, f"DROP OWNED BY {role};\nDROP ROLE {role}")


def test_the_portable_form_says_what_it_cannot_hold(shop: Path, postgres_url: str, run: Run) -> None:
    def refused(*said: str) -> None:
        result = run("db", "backup", "--format", "portable", cwd=shop)
        assert result.code == 1, result.stderr
        assert "Traceback" not in result.stderr
        assert all(text in result.stderr for text in said), result.stderr
        assert list((shop / "backups").iterdir()) == []
        assert databases(postgres_url) == [name_of(postgres_url)]

    execute(postgres_url, "CREATE TABLE stray (id int)")
    refused("The project's migrations make no table stray, so its rows have no place")
    execute(postgres_url, "DROP TABLE stray")
    script(postgres_url, "CREATE SCHEMA tenant;\nCREATE TABLE tenant.teas (id int);\nSELECT lo_create(0)")
    refused("this database has the schema tenant, 1 large objects as well")
    native = run("db", "backup", cwd=shop)
    assert native.code == 0, native.stderr
    script(postgres_url, "DROP SCHEMA tenant CASCADE;\nSELECT lo_unlink(oid) FROM pg_largeobject_metadata")
    assert run("db", "restore", "--yes", cwd=shop).code == 0
    assert execute(postgres_url, "SELECT count(*) FROM tenant.teas, pg_largeobject_metadata") == [(0,)]
    script(postgres_url, "DROP SCHEMA tenant CASCADE;\nSELECT lo_unlink(oid) FROM pg_largeobject_metadata")
    execute(postgres_url, "DROP TABLE alembic_version")
    for path in (shop / "backups").iterdir():
        path.unlink()
    refused("The portable form needs migrations that make the tables, and this database is at no revision")


def test_rows_that_a_policy_hides_are_not_left_out_in_silence(shop: Path, postgres_url: str, run: Run) -> None:
    script(
        postgres_url,
        "CREATE ROLE watched LOGIN CREATEDB;\nGRANT SELECT ON ALL TABLES IN SCHEMA public TO watched;\n"
        "ALTER TABLE parted ENABLE ROW LEVEL SECURITY;\nGRANT SELECT ON ALL SEQUENCES IN SCHEMA public TO watched",
    )
    try:
        env = {"DATABASE_URL": postgres_url.replace("//postgres", "//watched")}
        for form in ("portable", "native"):
            refused = run("db", "backup", "--format", form, cwd=shop, env=env)
            assert refused.code == 1, refused.stdout
            assert "row-level security" in refused.stderr
            assert "Traceback" not in refused.stderr
        assert list((shop / "backups").iterdir()) == []
    finally:
        script(postgres_url, "DROP OWNED BY watched;\nDROP ROLE watched")


def test_a_user_who_may_not_create_databases_restores_in_place(
    project: Path, postgres_url: str, run: Run, postgres_server: Any
) -> None:
    name = name_of(postgres_url)
    script(postgres_url, f'CREATE ROLE small LOGIN;\nALTER DATABASE "{name}" OWNER TO small;\nCREATE EXTENSION vector')
    script(postgres_url, "ALTER SCHEMA public OWNER TO small")
    url = postgres_url.replace("//postgres", "//small")
    try:
        (project / ".env").write_text(f"DATABASE_URL={url}\n")
        migrated = run("db", "migrate", cwd=project)
        assert migrated.code == 0, migrated.stderr
        insert = (
            "INSERT INTO products (name, description, price, category, in_stock, created_at, updated_at)"
            " SELECT 'Tea', '', i, '', true, now(), now() FROM generate_series(1, 3) i"
        )
        execute(url, insert)
        made = run("db", "backup", "--json", cwd=project)
        assert made.code == 0, made.stderr
        told = json.loads(made.stdout)
        assert (told["form"], told["verified"]) == ("portable", False)
        assert told["unverified_because"] == "its user may not create databases"
        execute(url, insert)
        done = run("db", "restore", "--yes", cwd=project)
        assert done.code == 0, done.stderr
        assert execute(url, "SELECT count(*), max(id) FROM products") == [(3, 3)]
        assert execute(url, insert + " RETURNING id")[0] == (4,)
        checked = run("db", "backups", "verify", cwd=project)
        assert checked.code == 0
        assert "it was not restored: the user of DATABASE_URL may not create databases" in checked.stdout

        write_revision(project, ONE, FIRST)
        assert run("db", "migrate", cwd=project).code == 0
        moved = run("db", "restore", told["file"], "--yes", cwd=project)
        assert moved.code == 1
        assert "the rows have to fit the tables that are there" in moved.stderr
        assert f"oppman db migrate {FIRST}" in moved.stderr
        assert execute(url, "SELECT count(*) FROM products") == [(6,)]
    finally:
        script(postgres_url, f'REASSIGN OWNED BY small TO postgres;\nALTER DATABASE "{name}" OWNER TO postgres')
        script(postgres_url, "DROP OWNED BY small;\nDROP ROLE small")


@FORMS
def test_a_database_with_an_odd_name_and_one_that_is_gone(shop: Path, postgres_url: str, run: Run, form: str) -> None:
    name = f'{name_of(postgres_url)[5:]} ("old", ü.+ {"x" * 30}'
    url = renamed(postgres_url, name)
    quoted = '"' + name.replace('"', '""') + '"'
    execute(postgres_url, f"CREATE DATABASE {quoted} TEMPLATE {name_of(postgres_url)}")
    env = {"DATABASE_URL": url}
    try:
        before = state(url)
        made = run("db", "backup", "--format", form, cwd=shop, env=env)
        assert made.code == 0, made.stderr
        execute(url, "DELETE FROM parted")
        assert run("db", "restore", "--yes", cwd=shop, env=env).code == 0
        assert state(url) == before

        execute(postgres_url, f"DROP DATABASE {quoted} WITH (FORCE)")
        gone = run("db", "restore", "--yes", cwd=shop, env=env)
        assert gone.code == 0, gone.stderr
        assert "What was there" not in gone.stderr
        assert state(url) == before
    finally:
        execute(postgres_url, f"DROP DATABASE IF EXISTS {quoted} WITH (FORCE)")


def test_a_backup_of_the_other_kind_and_one_that_is_damaged_are_refused(
    shop: Path, postgres_url: str, run: Run, tmp_path: Path
) -> None:
    before = state(postgres_url)
    for form in ("native", "portable"):
        made = json.loads(run("db", "backup", "--format", form, "--json", cwd=shop).stdout)
        good, bad = Path(made["file"]), tmp_path / "bad.backup"
        flipped = bytearray(good.read_bytes())
        flipped[len(flipped) // 2] ^= 1
        bad.write_bytes(flipped)
        refused = run("db", "restore", str(bad), "--yes", cwd=shop)
        assert refused.code == 1
        assert "bad.backup is damaged." in refused.stderr
        # Right checksums of wrong rows: the new database is looked at, and the old one stays.
        bad.unlink()
        said = backups.manifest(good)
        said["rows"]["parted"] += 1
        facts = {name: said[name] for name in ("kind", "form", "rows", "revision", "columns", "sequences")}
        backups.write(bad, backups.parts(good), **facts)
        refused = run("db", "restore", str(bad), "--yes", cwd=shop)
        assert refused.code == 1
        assert "parted has 1 rows, not 2 rows" in refused.stderr
        bad.unlink()
        parts = backups.parts(good)
        name = next(name for name in parts if name.startswith(("database", "tables/products")))
        backups.write(bad, parts | {name: b"torn" + parts[name][:100]}, **facts)
        refused = run("db", "restore", str(bad), "--yes", cwd=shop)
        assert refused.code == 1
        assert "Traceback" not in refused.stderr
        bad.unlink()
    lite = run("db", "restore", made["file"], "--yes", cwd=shop, env={"DATABASE_URL": "sqlite:///app.db"})
    assert lite.code == 1
    assert "DATABASE_URL names a sqlite one" in lite.stderr
    checked = run("db", "backups", "verify", made["file"], cwd=shop, env={"DATABASE_URL": "sqlite:///app.db"})
    assert checked.code == 0
    assert "it was not restored: DATABASE_URL names no PostgreSQL server" in checked.stdout
    assert state(postgres_url) == before
    assert databases(postgres_url) == [name_of(postgres_url)]


def test_a_rollback_is_undone_by_its_own_backup(shop: Path, postgres_url: str, run: Run) -> None:
    down = write_revision(shop, TWO, ONE, "op.execute('ALTER TABLE parted ADD COLUMN note text')")
    down.write_text(
        down.read_text().replace("downgrade():\n    pass", "downgrade():\n    op.drop_column('parted', 'note')")
    )
    assert run("db", "migrate", cwd=shop).code == 0
    execute(postgres_url, "UPDATE parted SET note = 'of great value'")
    before = state(postgres_url)
    back = run("db", "rollback", "--yes", cwd=shop)
    assert back.code == 0, back.stderr
    assert run("db", "restore", "--yes", cwd=shop).code == 0
    assert state(postgres_url) == before
