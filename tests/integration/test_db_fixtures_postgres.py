"""`oppman db dump` and `oppman db load` on PostgreSQL, and from one database to the other."""

import asyncio
import json
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from command_line import Run, clean_environment
from fixture_schemas import POSTGRES, ROWS, SQLITE
from migrating import end, start, until
from postgres import execute

pytestmark = pytest.mark.xdist_group("postgres")


@pytest.fixture
def shop(project: Path, postgres_url: str) -> Path:
    """A project on PostgreSQL with two tables with every kind of column, and no rows."""
    (project / ".env").write_text(f"DATABASE_URL={postgres_url}\n")
    script(postgres_url, POSTGRES)
    return project


def script(url: str, statements: str) -> None:
    async def run() -> None:
        connection = await asyncpg.connect(url)
        try:
            await connection.execute(statements)
        finally:
            await connection.close()

    asyncio.run(run())


def as_maps(text: str) -> list[Any]:
    return [json.loads(line) for line in text.splitlines()]


def test_rows_go_to_the_other_database_and_back(shop: Path, run: Run) -> None:
    on_sqlite = {"DATABASE_URL": "sqlite:///other.db"}
    with closing(sqlite3.connect(shop / "other.db")) as database:
        database.executescript(SQLITE)
    loaded = run("db", "load", "-", cwd=shop, input=ROWS)
    assert loaded.code == 0, loaded.stderr
    dumped = run("db", "dump", "-o", "all.jsonl", cwd=shop)
    assert dumped.code == 0, dumped.stderr
    assert as_maps((shop / "all.jsonl").read_text()) == as_maps(ROWS)
    assert run("db", "load", "all.jsonl", cwd=shop, env=on_sqlite).code == 0
    back = run("db", "dump", cwd=shop, env=on_sqlite)
    assert as_maps(back.stdout) == as_maps(ROWS)


def test_the_next_key_comes_after_those_that_were_loaded_and_keys_are_checked_as_before(
    shop: Path, run: Run, postgres_url: str
) -> None:
    assert run("db", "load", "-", cwd=shop, input=ROWS).code == 0
    assert execute(postgres_url, "INSERT INTO makers (email) VALUES ('c') RETURNING id") == [(3,)]
    assert execute(
        postgres_url, "INSERT INTO things (maker_id, name, sold) VALUES (1, 'x', true) RETURNING id, twice"
    ) == [(3, 6)]
    assert execute(postgres_url, "SELECT count(*) FROM pg_constraint WHERE contype = 'f' AND condeferrable") == [(0,)]


def test_a_key_that_is_null_or_left_out_is_a_new_one(shop: Path, run: Run, postgres_url: str) -> None:
    (shop / "makers.csv").write_text("id,email\n1,a\n2,b\n,c\n,d\n")
    assert run("db", "load", "makers.csv", cwd=shop).code == 0
    rows = '{"makers": {"id": 9, "email": "e"}}\n{"makers": {"email": "f"}}\n{"makers": {"id": null, "email": "g"}}\n'
    done = run("db", "load", "-", cwd=shop, input=rows)
    assert done.code == 0, done.stderr
    assert execute(postgres_url, "SELECT id, email FROM makers ORDER BY id") == [
        (1, "a"), (2, "b"), (3, "c"), (4, "d"), (9, "e"), (10, "f"), (11, "g")
    ]  # fmt: skip


def test_natural_keys_and_formats(shop: Path, run: Run, postgres_url: str) -> None:
    assert run("db", "load", "-", cwd=shop, input=ROWS).code == 0
    assert run("db", "dump", "--natural", "-o", "all.yaml", cwd=shop).code == 0
    assert run("db", "dump", "-o", "out", "--format", "csv", cwd=shop).code == 0
    script(postgres_url, "UPDATE makers SET best_id = NULL; DELETE FROM things; DELETE FROM makers")
    loaded = run("db", "load", "all.yaml", cwd=shop)
    assert loaded.code == 0, loaded.stderr
    joined = "SELECT m.email FROM things t JOIN makers m ON m.id = maker_id WHERE t.id = 1"
    assert execute(postgres_url, joined) == [("ann@example.com",)]
    script(postgres_url, "UPDATE makers SET best_id = NULL; DELETE FROM things; DELETE FROM makers")
    loaded = run("db", "load", "out/things.csv", "out/makers.csv", cwd=shop)
    assert loaded.code == 0, loaded.stderr
    assert as_maps(run("db", "dump", cwd=shop).stdout) == as_maps(ROWS)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (
            '{"makers": {"email": "ann@example.com"}}',
            'line 3: makers: duplicate key value violates unique constraint "makers_email_key". '
            "Key (email)=(ann@example.com) already exists. Nothing was changed.",
        ),
        ('{"things": {"maker_id": 1, "name": "x", "sold": true, "price": 0.105}}', "3 decimal places, and 2 fit"),
        ('{"things": {"maker_id": 1, "name": "123456789012345678901", "sold": true}}', "value too long for type"),
        ('{"things": {"maker_id": 1, "name": "x", "sold": "maybe"}}', "invalid input syntax for type boolean"),
        ('{"things": {"maker_id": 1, "name": "x\\u0000", "sold": true}}', "line 3"),
        ('{"things": {"maker_id": 77, "name": "x", "sold": true}}', "Key (maker_id)=(77) is not present"),
        (
            '{"things": {"maker_id": 77, "name": "x", "sold": true}}\n{"makers": {"email": "late@example.com"}}',
            "line 3: things refers to a row of makers that is not there: maker_id = 77.",
        ),
    ],
)
def test_what_does_not_fit_is_told_with_its_place_and_nothing_is_kept(
    shop: Path, run: Run, postgres_url: str, row: str, reason: str
) -> None:
    rows = '{"makers": {"id": 1, "email": "ann@example.com"}}\n{"makers": {"id": 2, "email": "b@example.com"}}\n'
    result = run("db", "load", "-", cwd=shop, input=rows + row + "\n")
    assert result.code == 1
    assert reason in result.stderr
    assert "Traceback" not in result.stderr
    assert execute(postgres_url, "SELECT count(*) FROM makers") == [(0,)]


def test_a_row_that_is_there_is_kept_or_changed(shop: Path, run: Run, postgres_url: str) -> None:
    assert run("db", "load", "-", cwd=shop, input=ROWS).code == 0
    again = (
        '{"makers": {"email": "ann@example.com", "best_id": 1}}\n{"makers": {"email": "n@example.com", "best_id": 1}}\n'
    )
    skipped = run("db", "load", "-", "--on-conflict", "skip", "--json", cwd=shop, input=again)
    assert json.loads(skipped.stdout)["written"] == {"makers": 1}
    assert run("db", "load", "-", "--on-conflict", "update", cwd=shop, input=again).code == 0
    assert execute(postgres_url, "SELECT best_id FROM makers WHERE email = 'ann@example.com'") == [(1,)]


KEYS = """
    CREATE TABLE rooms (id {serial}, code {uuid} NOT NULL, since {time} NOT NULL, size NUMERIC(6, 3) NOT NULL,
        UNIQUE (code, since, size));
    CREATE TABLE doors (id {serial}, room_id INTEGER NOT NULL REFERENCES rooms (id), vector {vector}, mark TEXT);
"""


def test_natural_keys_that_the_databases_write_differently(
    project: Path, run: Run, postgres_url: str, tmp_path: Path
) -> None:
    (project / ".env").write_text(f"DATABASE_URL={postgres_url}\n")
    script(postgres_url, "CREATE EXTENSION vector;" + KEYS.format(
        serial="serial PRIMARY KEY", uuid="uuid", time="timestamptz", vector="vector(2)"))  # fmt: skip
    script(
        postgres_url,
        "INSERT INTO rooms VALUES (7, '00112233-4455-6677-8899-aabbccddeeff', '2030-01-01 10:00+02', 1.5);"
        r"INSERT INTO doors VALUES (1, 7, '[0.5,1]', '\N'), (2, 7, NULL, NULL), (3, 7, NULL, '')",
    )
    on_sqlite = {"DATABASE_URL": f"sqlite:///{tmp_path / 'other.db'}"}
    doors = "SELECT d.id, vector, mark, code, since, size FROM doors d JOIN rooms r ON r.id = room_id ORDER BY d.id"
    for number, kind in enumerate(("jsonl", "yaml", "csv")):
        (tmp_path / "other.db").unlink(missing_ok=True)
        with closing(sqlite3.connect(tmp_path / "other.db")) as database:
            database.executescript(
                KEYS.format(serial="INTEGER PRIMARY KEY", uuid="CHAR(32)", time="DATETIME", vector="BLOB")
                + f"INSERT INTO rooms VALUES ({40 + number}, 'x', 'x', 1)"
            )
            output = f"out{kind}" if kind == "csv" else f"all.{kind}"
            assert run("db", "dump", "--natural", "-o", output, "-y", cwd=project).code == 0
            there = run("db", "load", output, cwd=project, env=on_sqlite)
            assert there.code == 0, there.stderr
            room = ("00112233445566778899aabbccddeeff", "2030-01-01 08:00:00.000000", 1.5)
            assert database.execute(doors).fetchall() == [
                (1, b"\0\0\0?\0\0\x80?", r"\N", *room), (2, None, None, *room), (3, None, "", *room)
            ]  # fmt: skip
            database.execute("DELETE FROM rooms WHERE code = 'x'")
            database.commit()
        before = execute(postgres_url, doors)
        assert run("db", "dump", "--natural", "-o", output, "-y", cwd=project, env=on_sqlite).code == 0
        script(postgres_url, "TRUNCATE rooms, doors")
        back = run("db", "load", output, cwd=project)
        assert back.code == 0, back.stderr
        assert execute(postgres_url, doors) == before


def test_a_dump_whose_connection_is_lost_leaves_no_file(project: Path, run: Run, postgres_url: str) -> None:
    (project / ".env").write_text(f"DATABASE_URL={postgres_url}\n")
    script(
        postgres_url,
        "CREATE TABLE things (id int PRIMARY KEY, name text); INSERT INTO things "
        "SELECT n, repeat('x', 1000) FROM generate_series(1, 300000) n",
    )
    dumping = start(project, "db", "dump", "-o", "all.jsonl.gz")
    partial = project / ".all.jsonl.gz.partial"
    until(lambda: partial.exists() and partial.stat().st_size > 0, "something is written")
    execute(
        postgres_url,
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid()",
    )
    lost = end(dumping)
    assert lost.code == 1
    assert "was lost" in lost.stderr
    assert "Traceback" not in lost.stderr
    assert not list(project.glob("*all.jsonl.gz*"))
    killed = start(project, "db", "dump", "-o", "all.jsonl.gz")
    until(lambda: partial.exists() and partial.stat().st_size > 0, "something is written")
    killed.kill()
    end(killed)
    assert not (project / "all.jsonl.gz").exists()
    done = run("db", "dump", "-o", "all.jsonl.gz", cwd=project)
    assert done.code == 0, done.stderr
    assert not partial.exists()


def test_killing_a_load_or_its_connection_leaves_nothing_of_it(project: Path, run: Run, postgres_url: str) -> None:
    (project / ".env").write_text(f"DATABASE_URL={postgres_url}\n")
    assert run("db", "migrate", cwd=project).code == 0
    with (project / "many.jsonl").open("w") as file:
        for number in range(200_000):
            file.write(f'{{"products": {{"name": "P{number}", "price": "1.00"}}}}\n')
    busy = (
        "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() "
        "AND query LIKE '%oppman_fixture%'"
    )
    for way in ("kill", "terminate"):
        command = [sys.executable, "-m", "oppman", "db", "load", "many.jsonl"]
        loading = subprocess.Popen(command, cwd=project, env=clean_environment(), stderr=subprocess.PIPE, text=True)
        deadline = time.monotonic() + 60
        while not (found := execute(postgres_url, busy)):
            assert loading.poll() is None, "it ended before it could be stopped"
            assert time.monotonic() < deadline
        if way == "kill":
            loading.send_signal(signal.SIGKILL)
        else:
            execute(postgres_url, f"SELECT pg_terminate_backend({found[0][0]})")
        _, said = loading.communicate(timeout=60)
        assert loading.returncode == (-signal.SIGKILL if way == "kill" else 1)
        assert "Traceback" not in said
        assert execute(postgres_url, "SELECT count(*) FROM products") == [(0,)]
    done = run("db", "load", "many.jsonl", cwd=project)
    assert done.code == 0, done.stderr
    assert execute(postgres_url, "SELECT count(*), count(DISTINCT name) FROM products") == [(200_000, 200_000)]
