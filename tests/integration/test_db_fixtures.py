"""`oppman db dump` and `oppman db load` on SQLite."""

import gzip
import json
import resource
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import yaml

from command_line import Run, clean_environment
from fixture_schemas import ROWS, SQLITE
from migrating import end, start


@pytest.fixture
def shop(project: Path) -> Path:
    """A project whose database has two tables with every kind of column, and no rows."""
    (project / ".env").write_text("DATABASE_URL=sqlite:///app.db\n")
    with closing(sqlite3.connect(project / "app.db")) as database:
        database.executescript(SQLITE)
    return project


@pytest.fixture
def starter(project: Path, run: Run) -> Path:
    """A project with the starter's tables, and no rows."""
    (project / ".env").write_text("DATABASE_URL=sqlite:///app.db\n")
    assert run("db", "migrate", cwd=project).code == 0
    return project


def query(shop: Path, statement: str) -> list[Any]:
    with closing(sqlite3.connect(shop / "app.db")) as database:
        rows = database.execute(statement).fetchall()
        database.commit()
        return rows


def as_maps(text: str) -> list[Any]:
    return [json.loads(line) for line in text.splitlines()]


def test_what_is_loaded_is_dumped_again(shop: Path, run: Run) -> None:
    loaded = run("db", "load", "-", cwd=shop, input=ROWS)
    assert loaded.code == 0, loaded.stderr
    assert "✓ Wrote 4 rows." in loaded.stderr
    dumped = run("db", "dump", cwd=shop)
    assert dumped.code == 0, dumped.stderr
    assert as_maps(dumped.stdout) == as_maps(ROWS)
    assert query(shop, "SELECT at, hour, token, raw, typeof(price) FROM things WHERE id = 1") == [
        ("2030-01-02 03:04:05.000006", "03:04:05.000006", "00112233445566778899aabbccddeeff", b"\x00\xff", "real")
    ]


@pytest.mark.parametrize("name", ["all.jsonl", "all.jsonl.gz", "all.yaml"])
def test_every_format_holds_everything(shop: Path, run: Run, name: str) -> None:
    assert run("db", "load", "-", cwd=shop, input=ROWS).code == 0
    written = run("db", "dump", "-o", name, cwd=shop)
    assert written.code == 0, written.stderr
    assert f"Wrote 4 rows of 2 tables to {name}" in written.stderr
    assert (shop / name).stat().st_mode & 0o777 == 0o600
    query(shop, "DELETE FROM things")
    query(shop, "DELETE FROM makers")
    loaded = run("db", "load", name, cwd=shop)
    assert loaded.code == 0, loaded.stderr
    assert as_maps(run("db", "dump", cwd=shop).stdout) == as_maps(ROWS)


def test_csv_has_a_file_for_each_table(shop: Path, run: Run) -> None:
    assert run("db", "load", "-", cwd=shop, input=ROWS).code == 0
    refused = run("db", "dump", "--format", "csv", cwd=shop)
    assert refused.code == 2
    assert "one table in a file" in refused.stderr
    assert run("db", "dump", "-o", "out", "--format", "csv", cwd=shop).code == 0
    assert sorted(path.name for path in (shop / "out").iterdir()) == ["makers.csv", "things.csv"]
    query(shop, "DELETE FROM things")
    query(shop, "DELETE FROM makers")
    loaded = run("db", "load", "out/things.csv", "out/makers.csv", cwd=shop)  # in the wrong order, too
    assert loaded.code == 0, loaded.stderr
    assert as_maps(run("db", "dump", cwd=shop).stdout) == as_maps(ROWS)


def test_one_table_goes_to_a_pipe_as_csv(starter: Path, run: Run) -> None:
    run("db", "load", "-", cwd=starter, input='{"products": {"name": "Tea, green", "price": "9.50"}}\n')
    lines = run("db", "dump", "products", "--format", "csv", cwd=starter).stdout.splitlines()
    assert lines[0] == "name,description,price,category,in_stock,id,created_at,updated_at"
    assert lines[1].startswith('"Tea, green",,9.50,,true,1,')


def test_conditions_choose_rows_and_related_brings_what_they_refer_to(shop: Path, run: Run) -> None:
    assert run("db", "load", "-", cwd=shop, input=ROWS).code == 0
    alone = run("db", "dump", "things", "--where", "sold = 0", cwd=shop)
    assert [next(iter(row)) for row in as_maps(alone.stdout)] == ["things"]
    related = as_maps(run("db", "dump", "things", "--where", "things: t.sold = 0", "--related", cwd=shop).stdout)
    assert [(table, row["id"]) for line in related for table, row in line.items()] == [
        ("makers", 1),  # the other one's partner
        ("makers", 2),
        ("things", 2),
    ]
    chain = "".join(f'{{"makers": {{"id": {n}, "email": "{n}", "partner_id": {n - 1}}}}}\n' for n in range(4, 9))
    chain += '{"makers": {"id": 3, "email": "3", "best_id": 3}}\n'
    chain += '{"things": {"id": 3, "maker_id": 2, "name": "x", "sold": true}}\n'
    assert run("db", "load", "-", cwd=shop, input=chain).code == 0
    far = as_maps(run("db", "dump", "makers", "--where", "id = 7", "--related", cwd=shop).stdout)
    assert [(table, row["id"]) for line in far for table, row in line.items()] == [
        *(("makers", number) for number in range(1, 8)),  # 3 has a best thing, whose maker has a partner
        ("things", 2),
        ("things", 3),
    ]
    wrong = run("db", "dump", "things", "--where", "sould = 0", cwd=shop)
    assert wrong.code == 2
    assert "does not understand the condition on things" in wrong.stderr
    unknown = run("db", "dump", "thing", cwd=shop)
    assert unknown.code == 2
    assert "makers, things" in unknown.stderr


def test_natural_keys_find_their_rows_in_another_database(shop: Path, run: Run) -> None:
    assert run("db", "load", "-", cwd=shop, input=ROWS).code == 0
    dumped = run("db", "dump", "--natural", "-o", "all.yaml", cwd=shop)
    assert dumped.code == 0, dumped.stderr
    found = yaml.safe_load((shop / "all.yaml").read_text())
    assert found["makers"][0] == {
        "email": "ann@example.com", "partner_id": {"email": 'Zoë "Z" \\n@example.com'}, "best_id": 2,
    }  # fmt: skip
    assert found["things"][0]["maker_id"] == {"email": "ann@example.com"}
    query(shop, "DELETE FROM things")
    query(shop, "DELETE FROM makers")
    query(shop, "INSERT INTO makers (id, email) VALUES (70, 'somebody@example.com')")
    loaded = run("db", "load", "all.yaml", cwd=shop)
    assert loaded.code == 0, loaded.stderr
    assert query(
        shop, "SELECT t.id, m.email, p.email FROM things t JOIN makers m ON m.id = maker_id "
        "JOIN makers p ON p.id = m.partner_id WHERE t.id = 1 AND m.id > 70",
    ) == [(1, "ann@example.com", 'Zoë "Z" \\n@example.com')]  # fmt: skip


def test_a_reference_to_nobody_is_told_with_its_place(shop: Path, run: Run) -> None:
    rows = '{"things": {"id": 9, "maker_id": {"email": "no@example.com"}, "name": "x", "sold": true}}\n'
    result = run("db", "load", "-", cwd=shop, input=rows)
    assert result.code == 1
    assert "Standard input, line 1: maker_id refers to a row that is not there" in result.stderr
    by_key = rows.replace('{"email": "no@example.com"}', "77")
    for extra in ([], ["--dry-run"]):
        result = run("db", "load", "-", *extra, cwd=shop, input=by_key)
        assert result.code == 1
        assert "line 1: things refers to a row of makers that is not there: maker_id = 77." in result.stderr
    query(shop, "INSERT INTO things (id, maker_id, name, sold) VALUES (8, 66, 'of nobody, before', 1)")
    mine = '{"makers": {"email": "x@example.com"}}\n'
    assert run("db", "load", "-", "--dry-run", cwd=shop, input=mine).code == 0
    assert "line 2: things refers" in run("db", "load", "-", "--dry-run", cwd=shop, input=mine + by_key).stderr
    assert query(shop, "SELECT id FROM things") == [(8,)]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ('{"makers": {"email": "ann@example.com"}}', "line 3: makers: UNIQUE constraint failed: makers.email"),
        (
            '{"things": {"maker_id": 1, "name": "123456789012345678901", "sold": true}}',
            "21 characters, and 20 is the most",
        ),
        (
            '{"things": {"maker_id": 1, "name": "x", "sold": "maybe"}}',
            'things.sold cannot be "maybe": it is no boolean',
        ),
        ('{"things": {"maker_id": 1, "name": "x", "sold": true, "at": "2030-13-01"}}', "it is no datetime"),
        ('{"things": {"maker_id": 1, "name": "x", "sold": true, "price": "123456789"}}', "9 digits before the point"),
        (
            '{"things": {"maker_id": 1, "name": "x", "sold": true, "price": "1.005"}}',
            "it has 3 decimal places, and 2 fit",
        ),
        ('{"things": {"maker_id": 1, "name": "x", "sold": true, "price": "NaN"}}', "SQLite keeps no such number"),
        ('{"things": {"maker_id": 1, "name": "\\ud800", "sold": true}}', "line 3: things: 'utf-8' codec can't encode"),
        ('{"things": {"maker_id": 1, "sold": true}}', "things.name is missing and has no default"),
        ('{"things": {"maker_id": 1, "nam": "x"}}', "things has no column 'nam'"),
        ('{"thing": {"maker_id": 1}}', "there is no such table"),
        ('{"things": {"maker_id": 1', "line 3"),
        ("[1]", "line 3: it is no row of one table"),
    ],
)
def test_what_does_not_fit_is_told_with_its_place_and_nothing_is_kept(
    shop: Path, run: Run, row: str, reason: str
) -> None:
    rows = '{"makers": {"id": 1, "email": "ann@example.com"}}\n{"makers": {"id": 2, "email": "b@example.com"}}\n'
    (shop / "rows.jsonl").write_text(rows + row + "\n")
    result = run("db", "load", "rows.jsonl", cwd=shop)
    assert result.code in {1, 2}
    assert reason in result.stderr
    assert "Traceback" not in result.stderr
    assert query(shop, "SELECT count(*) FROM makers") == [(0,)]


def test_a_row_that_is_there_is_kept_or_changed(shop: Path, run: Run) -> None:
    assert run("db", "load", "-", cwd=shop, input=ROWS).code == 0
    again = "".join(f'{{"makers": {{"email": "{who}@example.com", "best_id": 1}}}}\n' for who in ("ann", "new"))
    assert "--on-conflict skip" in run("db", "load", "-", cwd=shop, input=again).stderr
    skipped = run("db", "load", "-", "--on-conflict", "skip", "--json", cwd=shop, input=again)
    assert json.loads(skipped.stdout) == {"read": {"makers": 2}, "written": {"makers": 1}, "dry_run": False}
    assert query(shop, "SELECT best_id FROM makers WHERE email = 'ann@example.com'") == [(2,)]
    assert run("db", "load", "-", "--on-conflict", "update", cwd=shop, input=again).code == 0
    assert query(shop, "SELECT id, best_id FROM makers WHERE email = 'ann@example.com'") == [(1, 1)]
    nothing = run("db", "load", "-", "--on-conflict", "update", cwd=shop, input='{"makers": {"best_id": 1}}')
    assert nothing.code in {1, 2}
    taken = '{"makers": {"id": 2, "email": "ann@example.com"}}'
    refused = run("db", "load", "-", "--on-conflict", "update", cwd=shop, input=taken)
    assert refused.code == 1
    assert "An update finds its row by id, and another row has what is unique beside that." in refused.stderr


def test_an_update_leaves_alone_what_the_fixture_does_not_say(starter: Path, run: Run) -> None:
    tea = '{"products": {"id": 1, "name": "Tea", "price": "2.00", "description": "Green.", "category": "Hot"}}'
    assert run("db", "load", "-", cwd=starter, input=tea).code == 0
    query(starter, "UPDATE products SET created_at = '2020-01-01 00:00:00.000000', updated_at = created_at")
    cheaper = '{"products": {"id": 1, "name": "Tea", "price": "1.00"}}'
    done = run("db", "load", "-", "--on-conflict", "update", cwd=starter, input=cheaper)
    assert done.code == 0, done.stderr
    ((price, description, category, created, updated),) = query(
        starter, "SELECT price, description, category, created_at, updated_at FROM products"
    )
    assert (price, description, category, created) == (1, "Green.", "Hot", "2020-01-01 00:00:00.000000")
    assert updated > created


def test_a_person_leaves_out_what_the_model_has_a_default_for(starter: Path, run: Run) -> None:
    (starter / "talks.yaml").write_text(
        "webinars:\n- title: Talk\n  starts_at: 2030-01-01T10:00:00+02:00\n  capacity: 5\n"
        "  host_id: {email: ann@example.com}\n"
        "users:\n- email: ann@example.com\n  password_hash: x\n"
    )
    result = run("db", "load", "talks.yaml", cwd=starter)
    assert result.code == 0, result.stderr
    assert query(
        starter, "SELECT starts_at, duration_minutes, email, is_active FROM webinars w JOIN users u ON u.id = host_id"
    ) == [("2030-01-01 08:00:00.000000", 60, "ann@example.com", 1)]


def test_people_are_made_unrecognisable(starter: Path, run: Run) -> None:
    people = "".join(
        f'{{"users": {{"email": "ann{n}@example.com", "name": "Ann {n}", "password_hash": "secret"}}}}\n'
        for n in (1, 2)
    )
    talk = '{"webinars": {"title": "T", "starts_at": "2030-01-01T10:00:00Z", "capacity": 5, "host_id": 1}}\n'
    assert run("db", "load", "-", cwd=starter, input=people + talk).code == 0
    pyproject = starter / "pyproject.toml"
    pyproject.write_text(pyproject.read_text() + '\n[tool.oppman.anonymize]\nusers.email = "email"\n')
    result = run(
        "db",
        "dump",
        "users",
        "webinars",
        "--natural",
        "--anonymize",
        "--rule",
        "users.password_hash==gone",
        cwd=starter,
    )
    assert result.code == 0, result.stderr
    assert "No rule says what to do with users.name" in result.stderr
    first, second, webinar = as_maps(result.stdout)
    assert "@example.com" not in result.stdout
    assert first["users"]["password_hash"] == "gone"
    assert first["users"]["email"] != second["users"]["email"]
    assert webinar["webinars"]["host_id"] == {"email": first["users"]["email"]}
    for rule, reason in [
        ("users.id=hash", "is a key"), ("users.emial=email", "is not there"), ("users.email=nmae", "There is no rule"),
        ("users.email=null", "may not be NULL"), ("users", "cannot be understood"),
    ]:  # fmt: skip
        wrong = run("db", "dump", "users", "--rule", rule, cwd=starter)
        assert wrong.code == 2
        assert reason in wrong.stderr


def test_a_file_that_is_there_is_not_replaced_unasked(shop: Path, run: Run) -> None:
    (shop / "all.jsonl").write_text("mine")
    assert run("db", "dump", "-o", "all.jsonl", cwd=shop).code == 2
    assert (shop / "all.jsonl").read_text() == "mine"
    assert run("db", "dump", "-o", "all.jsonl", "--yes", cwd=shop).code == 0
    assert (shop / "all.jsonl").read_text() == ""


def test_what_only_some_read_of_a_dump_is_no_fault(starter: Path, run: Run) -> None:
    rows = "".join(f'{{"products": {{"name": "P{number}", "price": "1.00"}}}}\n' for number in range(5000))
    assert run("db", "load", "-", cwd=starter, input=rows).code == 0
    command = [sys.executable, "-m", "oppman", "db", "dump", "products"]
    dumping = subprocess.Popen(
        command, cwd=starter, env=clean_environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert dumping.stdout
    assert dumping.stdout.readline().startswith(b'{"products"')
    dumping.stdout.close()
    assert dumping.stderr
    assert dumping.stderr.read() == b""
    dumping.stderr.close()
    assert dumping.wait(60) == 1


def test_a_full_disk_leaves_no_part_of_a_dump_or_of_a_load(starter: Path, run: Run) -> None:
    rows = "".join(
        f'{{"products": {{"name": "P{number}", "price": "1.00", "description": "{number:0200}"}}}}\n'
        for number in range(20_000)
    )
    (starter / "many.jsonl").write_text(rows)
    loading = start(starter, "db", "load", "many.jsonl")
    resource.prlimit(loading.pid, resource.RLIMIT_FSIZE, (2_000_000, 2_000_000))
    full = end(loading)
    assert full.code == 1
    assert "Is its disk full" in full.stderr
    assert query(starter, "SELECT count(*) FROM products") == [(0,)]
    assert query(starter, "PRAGMA integrity_check") == [("ok",)]
    assert run("db", "load", "many.jsonl", cwd=starter).code == 0

    (starter / "all.jsonl").write_text("what was there")
    dumping = start(starter, "db", "dump", "-o", "all.jsonl", "--yes")
    resource.prlimit(dumping.pid, resource.RLIMIT_FSIZE, (2_000_000, 2_000_000))
    full = end(dumping)
    assert full.code == 1
    assert "all.jsonl could not be written: File too large. No part of it is left." in full.stderr
    assert (starter / "all.jsonl").read_text() == "what was there"
    assert not list(starter.glob(".all*"))


def test_killing_a_load_leaves_nothing_of_it(starter: Path, run: Run) -> None:
    with gzip.open(starter / "many.jsonl.gz", "wt") as file:
        for number in range(200_000):
            file.write(f'{{"products": {{"name": "P{number}", "price": "1.00"}}}}\n')
    command = [sys.executable, "-m", "oppman", "db", "load", "many.jsonl.gz"]
    loading = subprocess.Popen(command, cwd=starter, env=clean_environment(), stderr=subprocess.DEVNULL)
    wal, deadline = starter / "app.db-wal", time.monotonic() + 60
    while not (wal.exists() and wal.stat().st_size > 1_000_000):
        assert loading.poll() is None, "it ended before it could be killed"
        assert time.monotonic() < deadline
        time.sleep(0.01)
    loading.send_signal(signal.SIGKILL)
    loading.wait()
    assert query(starter, "SELECT count(*) FROM products") == [(0,)]
    assert query(starter, "PRAGMA integrity_check") == [("ok",)]
    again = run("db", "load", "many.jsonl.gz", cwd=starter)
    assert again.code == 0, again.stderr
    assert query(starter, "SELECT count(*), count(DISTINCT name) FROM products") == [(200_000, 200_000)]
