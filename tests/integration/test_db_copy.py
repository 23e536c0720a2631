"""`oppman db copy` in a project, between SQLite and a real PostgreSQL server."""

import asyncio
import json
import os
import resource
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from command_line import Run, clean_environment
from postgres import execute
from revision_files import FIRST, write_revision

pytestmark = pytest.mark.xdist_group("postgres")

AT = "2030-01-01 10:00:00.000000"
READ_ALL = """
import asyncio, json, sys
from sqlalchemy import inspect, select
from webapp import models
from webapp.db import dispose, reading

async def main():
    found = {}
    async with reading() as session:
        for mapper in models.SQLModel._sa_registry.mappers:
            key = [column.key for column in inspect(mapper.class_).primary_key]
            names = [attribute.key for attribute in mapper.column_attrs]
            rows = await session.scalars(select(mapper.class_).order_by(*mapper.primary_key))
            found[mapper.class_.__name__] = [{name: repr(getattr(row, name)) for name in names} for row in rows]
    await dispose()
    print(json.dumps(found, sort_keys=True))

asyncio.run(main())
"""
SCHEMA = """
    SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' UNION ALL
    SELECT conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid) FROM pg_constraint
    WHERE connamespace = 'public'::regnamespace UNION ALL
    SELECT tablename::text FROM pg_tables WHERE schemaname = 'public'
    ORDER BY 1
"""
MANY = 100_000


@pytest.fixture
def shop(project: Path, run: Run) -> Path:
    """A project with demo rows in its SQLite database, and keys that were given away and deleted."""
    assert run("db", "migrate", cwd=project).code == 0
    done = run("demo", "load", "--rows", "300", cwd=project, env={"OPPMAN_PASSWORD": "correct horse battery"})
    assert done.code == 0, done.stderr
    on_sqlite(project, "UPDATE sqlite_sequence SET seq = 5000 WHERE name = 'products'")
    return project


@pytest.fixture
def many(project: Path, run: Run) -> Path:
    """A project with so many products that there is time to interrupt a copy."""
    assert run("db", "migrate", cwd=project).code == 0
    on_sqlite(
        project,
        f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {MANY}) INSERT INTO products "
        f"SELECT 'Product ' || i, 'Text ' || i, i / 100.0, 'c' || i % 9, i % 2, i, '{AT}', '{AT}' FROM n",
    )
    return project


def on_sqlite(project: Path, *statements: str, file: str = "app.db") -> list[Any]:
    """Run statements without foreign keys and return the rows of the last one; the file is there."""
    found: list[Any] = []
    with closing(sqlite3.connect(f"file:{project / file}?mode=rw", uri=True)) as database, database:
        for statement in statements:
            found = database.execute(statement).fetchall()
    return found


def all_rows(project: Path, url: str) -> Any:
    """What the app's models read."""
    environment = clean_environment() | {"DATABASE_URL": url}
    done = subprocess.run(
        [sys.executable, "-c", READ_ALL], cwd=project, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def start(project: Path, *args: str) -> "subprocess.Popen[str]":
    """The command in the background."""
    return subprocess.Popen(
        [sys.executable, "-m", "oppman", "db", "copy", *args], cwd=project, env=clean_environment(), text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def wait_for_rows(process: "subprocess.Popen[str]", url: str) -> None:
    """Wait until some of the products have been written, but not all."""
    there = "SELECT to_regclass('oppman_copy')"
    written = "SELECT value FROM oppman_copy WHERE name = 'products'"
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        if execute(url, there) != [(None,)] and (rows := execute(url, written)) and json.loads(rows[0][0])["rows"]:
            return
        time.sleep(0.02)
    raise AssertionError(process.communicate())


@pytest.fixture
def fresh_schema(project: Path, postgres_server: Any, run: Run) -> Iterator[list[Any]]:
    """Tables, indexes and constraints as the migrations make them."""
    name = f"fresh_{os.getpid()}"
    execute(postgres_server.get_uri(), f"CREATE DATABASE {name}")
    url = postgres_server.get_uri(database=name)
    assert run("db", "migrate", cwd=project, env={"DATABASE_URL": url}).code == 0
    yield execute(url, SCHEMA)
    execute(postgres_server.get_uri(), f"DROP DATABASE {name} WITH (FORCE)")


def test_the_app_reads_everything_as_before_on_both_ways(
    shop: Path, postgres_url: str, run: Run, fresh_schema: list[Any]
) -> None:
    before = all_rows(shop, "sqlite:///app.db")
    assert len(before["Product"]) == 300

    there = run("db", "copy", "--to", postgres_url, cwd=shop)

    assert there.code == 0, there.stderr
    lines = [line.split() for line in there.stdout.splitlines()]
    assert lines[0] == ["table", "rows", "checksum", "equal"]
    assert {line[0]: int(line[1]) for line in lines[1:]}["products"] == 300
    assert {line[3] for line in lines[1:]} == {"yes"}
    assert "nothing stands against a copy" in there.stderr
    assert "DATABASE_URL=postgresql://" in there.stderr
    assert all_rows(shop, postgres_url) == before
    assert execute(postgres_url, SCHEMA) == fresh_schema
    added = f"INSERT INTO products VALUES ('New', '', 1, '', true, DEFAULT, '{AT}', '{AT}') RETURNING id"
    assert execute(postgres_url, added) == [(5001,)]
    execute(postgres_url, "DELETE FROM products WHERE id = 5001")

    back = run("db", "copy", "--from", postgres_url, "--to", "sqlite:///other/back.db", cwd=shop)

    assert back.code == 0, back.stderr
    assert all_rows(shop, "sqlite:///other/back.db") == before
    for table in ("products", "users", "audit_entries", "webinars", "registrations"):
        query = f"SELECT * FROM {table} ORDER BY id"
        assert on_sqlite(shop, query, file="other/back.db") == on_sqlite(shop, query)
    counter = "SELECT seq FROM sqlite_sequence WHERE name = 'products'"
    assert on_sqlite(shop, counter, file="other/back.db") == [(5001,)]
    made = "SELECT name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_stat%' ORDER BY name"
    assert on_sqlite(shop, made, file="other/back.db") == on_sqlite(shop, made)


def test_the_preflight_names_table_row_column_and_value(shop: Path, postgres_url: str, run: Run) -> None:
    ids = [row[0] for row in on_sqlite(shop, "SELECT id FROM products ORDER BY id LIMIT 14")]
    fine = f"UPDATE products SET updated_at = '9999-12-31 23:59:59.999999', price = 0.1 + 0.2 WHERE id = {ids.pop()}"
    twice = "(SELECT id FROM registrations LIMIT 2)"
    enforced = "UPDATE sqlite_master SET sql = replace(sql, ' UNIQUE (webinar_id, email)', ' CHECK (1)') WHERE name ="
    on_sqlite(
        shop, fine, "PRAGMA writable_schema = ON", f"{enforced} 'registrations'",
        "DELETE FROM sqlite_master WHERE name LIKE 'sqlite_autoindex_registrations%'",
    )  # fmt: skip
    on_sqlite(shop, f"UPDATE registrations SET (webinar_id, email) = (987, 'same') WHERE id IN {twice}")
    first, second = (str(row[0]) for row in on_sqlite(shop, "SELECT id FROM registrations WHERE webinar_id = 987"))
    bad = [
        f"name = '{'é' * 101}'", "category = CAST(x'c328' AS TEXT)", "description = 'a' || char(0) || 'b'",
        "in_stock = 2", "price = 'cheap'", "price = 1.005", "price = 123456789.5", "created_at = '0000-00-00'",
        "created_at = '2030'", "updated_at = '2030-01-01 10:00:00+02:00'", "updated_at = '2030-02-30 10:00:00'",
        "name = x'00ff'", "created_at = ''",
    ]  # fmt: skip
    on_sqlite(shop, *(f"UPDATE products SET {change} WHERE id = {row}" for change, row in zip(bad, ids, strict=True)))
    on_sqlite(
        shop, "UPDATE roles SET permissions = '{no' WHERE id = 1",
        "UPDATE webinars SET host_id = 987654, capacity = 3000000000 WHERE id = (SELECT min(id) FROM webinars)",
        "PRAGMA ignore_check_constraints = ON", "UPDATE webinars SET duration_minutes = -5 WHERE id = 2",
    )  # fmt: skip

    found = run("db", "copy", "--to", postgres_url, "--check", "--json", cwd=shop)

    assert found.code == 1
    report = json.loads(found.stdout)
    troubles = {
        (trouble["table"], trouble["column"], row["key"], trouble["reason"]): row["value"]
        for trouble in report["troubles"]
        for row in trouble["rows"]
    }
    at = [str(number) for number in ids]
    assert troubles == {
        ("products", "name", at[0], "is longer than 100 characters"): "é" * 59 + "…",
        ("products", "category", at[1], "is not UTF-8"): "\\xc3(",
        ("products", "description", at[2], "holds a NUL character"): "a\\x00b",
        ("products", "in_stock", at[3], "is neither 0 nor 1"): "2",
        ("products", "price", at[4], "is no number"): "cheap",
        ("products", "price", at[5], "has more than 2 decimal places"): "1.005",
        ("products", "price", at[6], "does not fit numeric(10,2)"): "123456789.5",
        ("products", "created_at", at[7], "is a date without a time"): "0000-00-00",
        ("products", "created_at", at[8], "is no date and time"): "2030",
        ("products", "updated_at", at[9], "has an offset, and SQLite keeps UTC without one"): bad[9][14:-1],
        ("products", "updated_at", at[10], "is no date and time"): "2030-02-30 10:00:00",
        ("products", "name", at[11], "is no text"): "0x00ff",
        ("products", "created_at", at[12], "is no date and time"): "",
        ("registrations", "webinar_id", first, "refers to a row of webinars that is not there"): "987",
        ("registrations", "webinar_id", second, "refers to a row of webinars that is not there"): "987",
        ("registrations", "webinar_id, email", first, "is there more than once"): "987, same",
        ("registrations", "webinar_id, email", second, "is there more than once"): "987, same",
        ("roles", "permissions", "1", "is no JSON"): "{no",
        ("webinars", "host_id", "1", "refers to a row of users that is not there"): "987654",
        ("webinars", "capacity", "1", "is out of the range of integer"): "3000000000",
        ("webinars", "", "2", "breaks the rule duration_minutes > 0"): "",
    }
    assert "21 values in the source would not arrive as they are. Nothing was copied." in found.stderr
    assert "Mend them" in found.stderr
    assert execute(postgres_url, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'") == []

    refused = run("db", "copy", "--to", postgres_url, cwd=shop)
    assert refused.code == 1
    assert f"{at[12]}  (empty)\n" in refused.stdout
    assert f"products.price does not fit numeric(10,2): 1 row\n    {at[6]}  123456789.5\n" in refused.stdout
    assert execute(postgres_url, "SELECT count(*) FROM products") == [(0,)]
    on_sqlite(shop, f"DELETE FROM products WHERE id <= {ids[-1]}", "DELETE FROM webinars", "DELETE FROM registrations")
    on_sqlite(shop, "UPDATE roles SET permissions = '[]'")
    assert run("db", "copy", "--to", postgres_url, "--check", cwd=shop).code == 0
    assert run("db", "copy", "--to", postgres_url, cwd=shop).code == 0
    last = "SELECT price::text, updated_at::timestamp::text FROM products ORDER BY id LIMIT 1"
    assert execute(postgres_url, last) == [("0.30", "9999-12-31 23:59:59.999999")]


def test_a_killed_copy_goes_on_and_nothing_is_lost_or_doubled(
    many: Path, postgres_url: str, run: Run, fresh_schema: list[Any]
) -> None:
    process = start(many, "--to", postgres_url)
    wait_for_rows(process, postgres_url)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert 0 < execute(postgres_url, "SELECT count(*) FROM products")[0][0] < MANY

    done = run("db", "copy", "--to", postgres_url, "--json", cwd=many)

    assert done.code == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["resumed"] is True
    assert all(table["equal"] for table in report["tables"])
    counted = execute(postgres_url, "SELECT count(*), count(DISTINCT id), sum(price) FROM products")
    assert counted == [
        (MANY, MANY, execute(postgres_url, f"SELECT sum(i / 100.0) FROM generate_series(1, {MANY}) i")[0][0])
    ]
    assert execute(postgres_url, SCHEMA) == fresh_schema
    assert "not empty" in run("db", "copy", "--to", postgres_url, cwd=many).stderr


def test_a_copy_that_is_killed_while_it_compares_and_while_it_finishes_goes_on(
    many: Path, postgres_url: str, run: Run, fresh_schema: list[Any]
) -> None:
    on_sqlite(many, "INSERT INTO roles VALUES ('last', '', 7, '[]')")
    busy = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"

    async def kill_at(query: str, lock: str) -> None:
        """Kill a copy that waits for a table at this place."""
        connection = await asyncpg.connect(postgres_url)
        process = start(many, "--to", postgres_url)
        deadline = time.monotonic() + 60
        try:
            if await connection.fetchval("SELECT to_regclass('oppman_copy')") is None:
                await asyncio.to_thread(wait_for_rows, process, postgres_url)
            async with connection.transaction():
                await connection.execute(lock)
                while not await connection.fetchval(f"{busy} AND wait_event_type = 'Lock' AND query LIKE '{query}'"):
                    assert process.poll() is None, process.communicate()
                    assert time.monotonic() < deadline
                    await connection.execute("SELECT pg_stat_clear_snapshot()")
                    await asyncio.sleep(0.02)
                process.send_signal(signal.SIGKILL)
                process.communicate()
        finally:
            process.kill()
            await connection.close()

    # What is compared last is read by whoever has every row; an index is made by whoever has compared them.
    asyncio.run(kill_at('COPY (SELECT%"webinar_vectors"%', "LOCK TABLE webinar_vectors"))
    assert execute(postgres_url, "SELECT count(*) FROM products") == [(MANY,)]
    asyncio.run(kill_at("CREATE INDEX%products%", "LOCK TABLE products IN ROW EXCLUSIVE MODE"))
    assert execute(postgres_url, SCHEMA) != fresh_schema

    done = run("db", "copy", "--to", postgres_url, "--json", cwd=many)

    assert done.code == 0, done.stderr
    report = json.loads(done.stdout)
    assert (report["resumed"], all(table["equal"] for table in report["tables"])) == (True, True)
    assert execute(postgres_url, "SELECT count(*), count(DISTINCT id) FROM products") == [(MANY, MANY)]
    assert execute(postgres_url, SCHEMA) == fresh_schema


def test_what_is_written_to_the_source_meanwhile_is_in_the_copy_as_a_whole_or_not_at_all(
    many: Path, postgres_url: str
) -> None:
    process = start(many, "--to", postgres_url, "--json")
    written, both = 0, "SELECT (SELECT count(*) FROM products WHERE category = 'new'), (SELECT count(*) FROM roles)"
    with closing(sqlite3.connect(many / "app.db", timeout=20)) as database:
        while process.poll() is None:
            with database:
                database.execute("INSERT INTO roles VALUES (?, '', NULL, '[]')", (f"role {written}",))
                database.execute(
                    "INSERT INTO products VALUES ('New', '', 1, 'new', 1, NULL, ?, ?)",
                    (AT, AT),
                )
                database.execute("UPDATE products SET description = 'changed' WHERE id = ?", (MANY - written,))
            written += 1
            time.sleep(0.01)
    stdout, error = process.communicate()
    assert process.returncode == 0, error
    assert all(table["equal"] for table in json.loads(stdout)["tables"])
    ((products, roles),) = execute(postgres_url, both)
    assert products == roles
    assert products < written
    assert execute(postgres_url, "SELECT count(*) FROM products WHERE description = 'changed'") == [(products,)]


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_a_copy_to_sqlite_that_is_stopped_goes_on_too(
    project: Path, postgres_url: str, run: Run, how: signal.Signals
) -> None:
    assert run("db", "migrate", cwd=project, env={"DATABASE_URL": postgres_url}).code == 0
    execute(
        postgres_url,
        f"INSERT INTO products SELECT 'P' || i, '', i, '', true, i, '{AT}', '{AT}' FROM generate_series(1, {MANY}) i",
    )
    process = start(project, "--from", postgres_url, "--to", "sqlite:///back.db")
    written = "SELECT value FROM oppman_copy WHERE name = 'products'"
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        with suppress(sqlite3.OperationalError):  # there is no such file, and then no such table
            if (rows := on_sqlite(project, written, file="back.db")) and json.loads(rows[0][0])["rows"]:
                break
        time.sleep(0.02)
    time.sleep(0.1)  # into the middle of a batch
    process.send_signal(how)
    _, error = process.communicate(timeout=60)
    assert process.returncode != 0
    assert how is signal.SIGKILL or "it goes on where it stopped" in error
    assert 0 < on_sqlite(project, "SELECT count(*) FROM products", file="back.db")[0][0] < MANY

    done = run("db", "copy", "--from", postgres_url, "--to", "sqlite:///back.db", "--json", cwd=project)

    assert done.code == 0, done.stderr
    assert json.loads(done.stdout)["resumed"] is True
    counted = "SELECT count(*), count(DISTINCT id), sum(price) FROM products"
    assert on_sqlite(project, counted, file="back.db") == [(MANY, MANY, MANY * (MANY + 1) // 2)]


def test_a_lost_connection_is_told_and_the_copy_goes_on(many: Path, postgres_url: str, run: Run) -> None:
    process = start(many, "--to", postgres_url)
    wait_for_rows(process, postgres_url)
    cut_while_it_waits(postgres_url)
    _, error = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "The copy stopped." in error
    assert "Run the same command again: it goes on where it stopped." in error
    assert "Traceback" not in error

    done = run("db", "copy", "--to", postgres_url, cwd=many)
    assert done.code == 0, done.stderr
    assert "Finished the copy" in done.stderr
    assert execute(postgres_url, "SELECT count(*), count(DISTINCT id) FROM products") == [(MANY, MANY)]


def cut_while_it_waits(url: str) -> None:
    """End the copy's session while the server takes no rows from it, so that there is more to send."""

    async def cut() -> None:
        connection = await asyncpg.connect(url)
        async with connection.transaction():
            await connection.execute("LOCK TABLE products")
            await asyncio.sleep(1)
            await connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        await connection.close()

    asyncio.run(cut())


def test_a_source_that_changed_between_two_runs_is_noticed(many: Path, postgres_url: str, run: Run) -> None:
    process = start(many, "--to", postgres_url)
    wait_for_rows(process, postgres_url)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    on_sqlite(many, "UPDATE products SET name = 'Other' WHERE id = 1")

    other = run("db", "copy", "--to", postgres_url, "--from", "sqlite:///./app.db", cwd=many)
    assert other.code == 1
    assert "unfinished copy of another database" in other.stderr
    differs = run("db", "copy", "--to", postgres_url, cwd=many)
    assert differs.code == 1
    assert "The source and the copy differ in: products." in differs.stderr
    assert "--restart" in differs.stderr

    anew = run("db", "copy", "--to", postgres_url, "--restart", cwd=many)
    assert anew.code == 0, anew.stderr
    assert execute(postgres_url, "SELECT name FROM products WHERE id = 1") == [("Other",)]
    assert execute(postgres_url, "SELECT count(*) FROM products") == [(MANY,)]


def test_a_full_disk_is_told_and_the_copy_goes_on(many: Path, postgres_url: str, run: Run) -> None:
    assert run("db", "copy", "--to", postgres_url, cwd=many).code == 0

    process = start(many, "--from", postgres_url, "--to", "sqlite:///back.db")
    resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (3_000_000, 3_000_000))
    _, error = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "The copy stopped. The file of the database" in error
    assert "it goes on where it stopped" in error

    done = run("db", "copy", "--from", postgres_url, "--to", "sqlite:///back.db", "--json", cwd=many)
    assert done.code == 0, done.stderr
    assert json.loads(done.stdout)["resumed"] is True
    query = "SELECT * FROM products ORDER BY id"
    assert on_sqlite(many, query, file="back.db") == on_sqlite(many, query)


def test_rows_of_a_migration_are_not_doubled(project: Path, postgres_url: str, run: Run) -> None:
    write_revision(project, "aaaa11112222", FIRST, "op.execute(\"INSERT INTO roles VALUES ('made', '', 3, '[]')\")")
    assert run("db", "migrate", cwd=project).code == 0
    on_sqlite(project, "UPDATE roles SET description = 'changed'")
    done = run("db", "copy", "--to", postgres_url, cwd=project)
    assert done.code == 0, done.stderr
    assert execute(postgres_url, "SELECT id, name, description FROM roles") == [(3, "made", "changed")]


def test_a_target_with_rows_is_never_written_over(shop: Path, postgres_url: str, run: Run) -> None:
    assert run("db", "migrate", cwd=shop, env={"DATABASE_URL": postgres_url}).code == 0
    execute(postgres_url, "INSERT INTO roles VALUES ('mine', '', 1, '[]')")
    for more in ([], ["--restart"]):
        refused = run("db", "copy", "--to", postgres_url, *more, cwd=shop)
        assert refused.code == 1
        assert ("is not empty: roles has rows" in refused.stderr) is not bool(more)
    assert execute(postgres_url, "SELECT name FROM roles") == [("mine",)]
    assert execute(postgres_url, "SELECT to_regclass('oppman_copy')") == [(None,)]


def test_what_cannot_be_copied_is_refused_with_a_hint(project: Path, postgres_url: str, run: Run) -> None:
    pending = run("db", "copy", "--to", postgres_url, cwd=project)
    assert pending.code == 1
    assert "oppman db migrate" in pending.stderr
    assert not (project / "app.db").exists()
    assert run("db", "migrate", cwd=project).code == 0
    same = run("db", "copy", "--to", "sqlite:///other.db", cwd=project)
    assert same.code == 1
    assert "Both databases are SQLite" in same.stderr
    on_sqlite(project, "CREATE TABLE extra (id INTEGER PRIMARY KEY)")
    lost = run("db", "copy", "--to", postgres_url, cwd=project)
    assert lost.code == 1
    assert "The migrations do not make extra" in lost.stderr
    assert run("db", "copy", cwd=project).code == 2


def test_the_database_is_created_and_the_password_never_shown(
    shop: Path, postgres_server: Any, postgres_url: str, run: Run
) -> None:
    url = postgres_url.replace("postgres:@", "postgres:hush@").replace("/test_", "/made_")
    done = run("db", "copy", "--to", url, "--json", cwd=shop)
    name = url.partition("/made_")[2].partition("?")[0]
    execute(postgres_server.get_uri(), f"DROP DATABASE made_{name} WITH (FORCE)")
    assert done.code == 0, done.stderr
    assert "hush" not in done.stdout + done.stderr
    assert "postgres:***@" in json.loads(done.stdout)["to"]


def test_what_sqlite_cannot_keep_is_found(project: Path, postgres_url: str, run: Run) -> None:
    assert run("db", "migrate", cwd=project, env={"DATABASE_URL": postgres_url}).code == 0
    execute(
        postgres_url, f"INSERT INTO products VALUES ('Tea', '', 'NaN', '', true, 7, 'infinity', '{AT}')"
    )  # fmt: skip
    found = run("db", "copy", "--from", postgres_url, "--to", "sqlite:///new.db", "--check", cwd=project)
    assert found.code == 1
    assert found.stdout == (
        "products.price is no finite number: 1 row\n    7  NaN\n"
        "products.created_at is not in the years 1 to 9999: 1 row\n    7  infinity\n"
    )
    assert not (project / "new.db").exists()
