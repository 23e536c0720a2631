"""`oppman db backup` and `restore` on SQLite: what is backed up comes back, and nothing else does."""

import json
import os
import sqlite3
import subprocess
import sys
import zipfile
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

import backups
from command_line import Run, clean_environment
from migrating import start
from revision_files import FIRST, write_revision
from terminal import talk

AT = "2030-01-01 10:00:00"
ONE = "1" * 12
WRITER = """
import sqlite3, sys, time
database = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=30)
print("writing", flush=True)
number, longest = 0, 0.0
while True:
    number += 1
    began = time.monotonic()
    database.execute("BEGIN IMMEDIATE")
    database.execute("INSERT INTO debits (id) VALUES (?)", (number,))
    database.execute("INSERT INTO credits (id) VALUES (?)", (number,))
    database.execute("COMMIT")
    longest = max(longest, time.monotonic() - began)
    if number % 50 == 0:
        print(number, longest, flush=True)
"""


def sql(file: Path, *statements: str) -> list[Any]:
    """Run statements on a database in one transaction; the rows of the last one."""
    with closing(sqlite3.connect(file)) as database, database:
        rows: list[Any] = []
        for statement in statements:
            rows = database.execute(statement).fetchall()
        return rows


def dump(file: Path) -> list[str]:
    """All that is in a database, the counters of AUTOINCREMENT too."""
    with closing(sqlite3.connect(file)) as database:
        return list(database.iterdump())


def files(folder: Path) -> dict[str, str]:
    return {path.relative_to(folder).as_posix(): path.read_text() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def shop(project: Path, run: Run) -> Path:
    """A project with two products, of which the second was deleted, and three uploaded files."""
    assert run("db", "migrate", cwd=project).code == 0
    row = f"('Tea', '', 9.5, '🫖', true, '{AT}', '{AT}')"
    columns = "(name, description, price, category, in_stock, created_at, updated_at)"
    sql(
        project / "app.db", "PRAGMA journal_mode = WAL", f"INSERT INTO products {columns} VALUES {row}, {row}",
        "DELETE FROM products WHERE id = 2",
        "CREATE TABLE counted (id INTEGER PRIMARY KEY AUTOINCREMENT, b BLOB, n NUMERIC, t TEXT)",
        "INSERT INTO counted VALUES (7, x'00ff', 0.1, NULL), (9, NULL, 3, ''), (12, 'x', 'y', 'Zoë''s')",
        "DELETE FROM counted WHERE id = 12",
    )  # fmt: skip
    for name, text in (("a.txt", "first"), ("deep/er/ü b.txt", "second"), ("same.txt", "same")):
        path = project / "uploads" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return project


def test_what_is_backed_up_comes_back(shop: Path, run: Run) -> None:
    made = run("db", "backup", "--note", "before the sale", "--json", cwd=shop)
    assert (made.code, made.stderr) == (0, "")
    told = json.loads(made.stdout)
    backup = backups.only(shop / "backups")
    assert told["file"] == str(backup)
    assert (told["rows"]["products"], told["rows"]["counted"], told["uploads"]) == (1, 2, 3)
    assert (told["verified"], told["unverified_because"], told["revision"]) == (True, None, [FIRST])
    assert backup.stat().st_mode & 0o077 == 0
    assert backups.rows(backup, "SELECT name, category FROM products") == [("Tea", "🫖")]
    assert backups.parts(backup)["uploads/deep/er/ü b.txt"] == b"second"
    before, uploads = dump(shop / "app.db"), files(shop / "uploads")

    sql(
        shop / "app.db", "DELETE FROM products", "INSERT INTO counted (t) VALUES ('new')", "CREATE TABLE stray (id)",
        f"UPDATE alembic_version SET version_num = '{ONE}'",
    )  # fmt: skip
    (shop / "uploads" / "a.txt").write_text("changed")
    (shop / "uploads" / "deep" / "er" / "ü b.txt").unlink()
    (shop / "uploads" / "new.txt").write_text("new")
    (shop / "uploads" / "same.txt").touch()
    untouched = (shop / "uploads" / "same.txt").stat().st_ino

    done = run("db", "restore", "--yes", cwd=shop)
    assert done.code == 0, done.stderr
    assert "manual: before the sale" in done.stderr
    assert "What was there is in backups/app-" in done.stderr
    assert "Restored 3 rows" in done.stderr
    assert dump(shop / "app.db") == before
    assert files(shop / "uploads") == uploads
    assert (shop / "uploads" / "same.txt").stat().st_ino == untouched
    assert sql(shop / "app.db", "INSERT INTO counted (t) VALUES ('x')", "SELECT max(id) FROM counted") == [(13,)]
    assert sorted(path.name for path in shop.iterdir() if "partial" in path.name or "restoring" in path.name) == []

    # What was there before is a backup as well, and brings back what the restore took away.
    (other,) = set((shop / "backups").iterdir()) - {backup}
    assert backups.manifest(other)["why"] == "before a restore"
    write_revision(shop, ONE, FIRST)
    back = run("db", "restore", other.stem, "--yes", "--no-backup", cwd=shop)
    assert back.code == 0, back.stderr
    assert sql(shop / "app.db", "SELECT t FROM counted WHERE id > 9") == [("new",)]
    assert files(shop / "uploads") == {"a.txt": "changed", "new.txt": "new", "same.txt": "same"}
    assert len(list((shop / "backups").iterdir())) == 2


@pytest.mark.parametrize("journal", ["WAL", "DELETE"])
def test_a_backup_is_one_moment_of_a_database_that_is_written_to(project: Path, run: Run, journal: str) -> None:
    assert run("db", "migrate", cwd=project).code == 0
    database = project / "app.db"
    sql(database, f"PRAGMA journal_mode = {journal}")
    sql(
        database, "CREATE TABLE debits (id INTEGER PRIMARY KEY)", "CREATE TABLE credits (id INTEGER PRIMARY KEY)",
        "CREATE TABLE filling AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 4000)"
        " SELECT randomblob(4000) AS b FROM n",
    )  # fmt: skip
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, str(database)], stdout=subprocess.PIPE, text=True, env=clean_environment()
    ) as writer:
        assert writer.stdout is not None
        try:
            writer.stdout.readline()
            for _ in range(2):
                done = run("db", "backup", cwd=project)
                assert done.code == 0, done.stderr
        finally:
            writer.terminate()
        longest = max(float(line.split()[1]) for line in writer.stdout.read().splitlines())
    found = sorted((project / "backups").iterdir())
    assert len(found) == 2
    seen = []
    for backup in found:
        counted = backups.rows(backup, "SELECT count(*), max(id) FROM debits")
        assert counted == backups.rows(backup, "SELECT count(*), max(id) FROM credits")
        assert counted[0][0] == counted[0][1] == backups.counts(backup)["debits"]
        seen.append(counted[0][0])
    assert 0 < seen[0] < seen[1] < sql(database, "SELECT count(*) FROM debits")[0][0]
    assert journal == "DELETE" or longest < 2  # seconds: with a WAL, nobody waits for a backup


def test_an_application_that_runs_sees_the_restored_rows(shop: Path, run: Run) -> None:
    assert run("db", "backup", cwd=shop).code == 0
    with (
        closing(sqlite3.connect(shop / "app.db", isolation_level=None)) as reader,
        closing(sqlite3.connect(shop / "app.db", isolation_level=None)) as idle,
    ):
        idle.execute("DELETE FROM products")
        reader.execute("BEGIN")
        assert reader.execute("SELECT count(*) FROM products").fetchone() == (0,)

        done = run("db", "restore", "--yes", cwd=shop)
        assert done.code == 0, done.stderr

        assert reader.execute("SELECT count(*) FROM products").fetchone() == (0,)  # one transaction, one view
        reader.execute("COMMIT")
        assert reader.execute("SELECT count(*) FROM products").fetchone() == (1,)
        assert idle.execute("SELECT count(*) FROM products").fetchone() == (1,)
        idle.execute("UPDATE products SET name = 'Coffee'")
    assert sql(shop / "app.db", "SELECT name FROM products") == [("Coffee",)]
    assert sql(shop / "app.db", "PRAGMA integrity_check") == [("ok",)]


def test_a_database_that_is_locked_is_left_alone(shop: Path, run: Run) -> None:
    assert run("db", "backup", cwd=shop).code == 0
    with closing(sqlite3.connect(shop / "app.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        other.execute("DELETE FROM products")
        refused = run("db", "restore", "--yes", cwd=shop)
        other.execute("COMMIT")
    assert refused.code == 1
    assert "is locked by another process" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert sql(shop / "app.db", "SELECT count(*) FROM products") == [(0,)]


def test_what_cannot_be_a_good_backup_is_refused_and_nothing_changes(shop: Path, run: Run, tmp_path: Path) -> None:
    assert run("db", "backup", cwd=shop).code == 0
    good = backups.only(shop / "backups")
    whole, bad, evil = good.read_bytes(), tmp_path / "bad.backup", tmp_path / "evil.txt"
    before, uploads = dump(shop / "app.db"), files(shop / "uploads")

    def refused(*said: str) -> None:
        for command in (("restore", str(bad), "--yes"), ("backups", "verify", str(bad))):
            result = run("db", *command, cwd=shop)
            assert result.code == 1, result.stderr
            assert "Traceback" not in result.stderr
            assert any(text in result.stdout + result.stderr for text in said), result.stdout + result.stderr
        assert dump(shop / "app.db") == before
        assert files(shop / "uploads") == uploads
        assert not evil.exists()
        assert list((shop / "backups").iterdir()) == [good]

    flipped = bytearray(whole)
    flipped[len(whole) // 3] ^= 0x10
    bad.write_bytes(flipped)
    refused("bad.backup is damaged. Its checksum is wrong")
    bad.write_bytes(whole[: len(whole) // 2])
    refused("bad.backup is damaged. It is cut short")
    bad.write_bytes(whole[:-1])
    refused("is damaged")
    with zipfile.ZipFile(bad, "w") as file:
        file.writestr("database.sqlite", b"SQLite format 3\0")
    refused("or no backup at all")
    # A checksum is no signature: whoever makes an archive can make its checksum. So each is looked at by itself.
    parts = {"database.sqlite": backups.parts(good)["database.sqlite"]}
    said = backups.manifest(good)
    fine: dict[str, Any] = {"revision": tuple(said["revision"]), "rows": said["rows"]}
    for name in (f"uploads/{'../' * 30}{evil.relative_to('/')}", f"uploads/{evil}", f"uploads/deep/../../{evil.name}"):
        bad.unlink()
        backups.write(bad, parts | {name: b"evil"}, uploads=1, **fine)
        refused("is no name of a part")
    bad.unlink()
    backups.write(bad, parts, **fine | {"rows": said["rows"] | {"products": 2}})
    refused("products has 1 rows, not 2 rows")
    bad.unlink()
    backups.write(bad, parts, **fine | {"revision": ("f" * 12,)})
    newer = run("db", "restore", str(bad), "--yes", cwd=shop)
    assert newer.code == 1
    assert "The backup is at revision ffffffffffff, which this project does not have" in newer.stderr
    assert "Check out the code that has that revision" in newer.stderr
    bad.unlink()
    backups.write(bad, {"database.dump": b"PGDMP"}, kind="postgresql", form="native")
    other = run("db", "restore", str(bad), "--yes", cwd=shop)
    assert other.code == 1
    assert "is a backup of a postgresql database, and DATABASE_URL names a sqlite one" in other.stderr
    assert run("db", "restore", "nothing", "--yes", cwd=shop).code == 2
    assert dump(shop / "app.db") == before


def test_a_restore_asks_and_in_production_it_wants_more(shop: Path, run: Run) -> None:
    assert run("db", "backup", cwd=shop).code == 0
    sql(shop / "app.db", "DELETE FROM products")
    command = [sys.executable, "-m", "oppman", "db", "restore"]
    no = talk(command, shop, ("Replace the database by this backup?", "n"))
    assert no.code == 1
    assert "Nothing was changed" in no.output
    assert len(list((shop / "backups").iterdir())) == 1
    asked = run("db", "restore", cwd=shop)
    assert asked.code == 2
    assert "give --yes" in asked.stderr
    production = {"ENVIRONMENT": "production", "SECRET_KEY": "x" * 64}
    refused = run("db", "restore", cwd=shop, env=production)
    assert refused.code == 1
    assert "ENVIRONMENT is production. Nothing was changed." in refused.stderr
    (shop / ".env").write_text(f"ENVIRONMENT=production\nSECRET_KEY={'x' * 64}\n")
    assert "ENVIRONMENT is production" in run("db", "restore", cwd=shop).stderr
    (shop / ".env").unlink()
    assert sql(shop / "app.db", "SELECT count(*) FROM products") == [(0,)]

    yes = talk(command, shop, ("Replace the database by this backup?", "y"))
    assert yes.code == 0, yes.output
    assert "sqlite:///" in yes.output
    assert sql(shop / "app.db", "SELECT count(*) FROM products") == [(1,)]
    sql(shop / "app.db", "DELETE FROM products")
    assert run("db", "restore", "--yes", cwd=shop, env=production).code == 0
    assert sql(shop / "app.db", "SELECT count(*) FROM products") == [(1,)]


def test_a_broken_database_is_no_obstacle(shop: Path, run: Run) -> None:
    assert run("db", "backup", cwd=shop).code == 0
    database, good = shop / "app.db", dump(shop / "app.db")
    sql(database, "PRAGMA wal_checkpoint(TRUNCATE)")

    torn = bytearray(database.read_bytes())
    torn[4096 * 4 : 4096 * 12] = b"\xa5" * 4096 * 8
    database.write_bytes(torn)
    backup = run("db", "backup", cwd=shop)
    assert backup.code == 1
    assert "SQLite finds the database corrupt" in backup.stderr
    assert "`oppman db backups list`" in backup.stderr
    refused = run("db", "restore", "--yes", cwd=shop)
    assert refused.code == 1
    assert "What is there could not be backed up, so nothing was restored." in refused.stderr
    assert "--no-backup" in refused.stderr
    assert database.read_bytes() == torn
    mended = run("db", "restore", "--yes", "--no-backup", cwd=shop)
    assert mended.code == 0, mended.stderr
    assert dump(database) == good

    for beside in shop.glob("app.db*"):
        beside.unlink()
    database.write_text("this is no database\n" * 1000)
    assert "--no-backup" in run("db", "restore", "--yes", cwd=shop).stderr
    mended = run("db", "restore", "--yes", "--no-backup", cwd=shop)
    assert mended.code == 0, mended.stderr
    assert dump(database) == good
    (aside,) = shop.glob("app.db.broken-*")
    assert f"it is {aside}" in mended.stderr
    assert "this is no database" in aside.read_text()

    database.unlink()
    gone = run("db", "restore", "--yes", cwd=shop)
    assert gone.code == 0, gone.stderr
    assert "What was there" not in gone.stderr
    assert dump(database) == good
    assert (
        "There is no database to back up"
        in run("db", "backup", cwd=shop, env={"DATABASE_URL": "sqlite:///x.db"}).stderr
    )


def test_a_backup_before_a_migration_undoes_it(shop: Path, run: Run) -> None:
    write_revision(shop, ONE, FIRST, "op.execute('ALTER TABLE products DROP COLUMN description')")
    sql(shop / "app.db", "UPDATE products SET description = 'of great value'")
    migrated = run("db", "migrate", cwd=shop)
    assert migrated.code == 0, migrated.stderr
    assert "was copied to backups/" in migrated.stderr
    backup = backups.only(shop / "backups")
    assert (backups.manifest(backup)["why"], backups.manifest(backup)["uploads"]) == ("before a migration", None)

    back = run("db", "restore", "--yes", cwd=shop)
    assert back.code == 0, back.stderr
    assert "uploads   left out of it; those that are there stay" in back.stderr
    assert "The code has 1 newer migration.\n\nNext:\n  oppman db migrate" in back.stderr
    assert sql(shop / "app.db", "SELECT description FROM products") == [("of great value",)]
    assert len(files(shop / "uploads")) == 3
    assert json.loads(run("db", "status", "--json", cwd=shop).stdout)["current"] == [FIRST]


def test_uploads_that_go_while_they_are_copied_are_named(shop: Path, run: Run) -> None:
    (shop / "uploads" / "link.txt").symlink_to(shop / "uploads" / "nowhere")
    made = json.loads(run("db", "backup", "--json", cwd=shop).stdout)
    assert (made["uploads"], made["vanished"]) == (3, [])
    named = bytes(shop / "uploads") + b"/\xff.txt"
    Path(os.fsdecode(named)).touch()
    odd = run("db", "backup", cwd=shop)
    assert odd.code == 1
    assert "no UTF-8: b'\\xff.txt'" in odd.stderr
    left_out = run("db", "backup", "--no-uploads", cwd=shop)
    assert left_out.code == 0
    assert "uploads   left out" in left_out.stdout


def test_uploads_are_where_the_project_says(shop: Path, run: Run) -> None:
    file = shop.parent / "elsewhere" / "of" / "a.txt"
    file.parent.mkdir(parents=True)
    file.write_text("first")
    env = {"UPLOAD_DIR": "../elsewhere"}
    assert json.loads(run("db", "backup", "--json", cwd=shop, env=env).stdout)["uploads"] == 1
    file.unlink()
    assert run("db", "restore", "--yes", cwd=shop, env=env).code == 0
    assert file.read_text() == "first"
    assert len(files(shop / "uploads")) == 3


def test_two_backups_at_once_are_two_backups(shop: Path, run: Run) -> None:
    both = [start(shop, "db", "backup") for _ in range(2)]
    assert [process.wait(60) for process in both] == [0, 0]
    for process in both:
        process.communicate()
    assert len(list((shop / "backups").iterdir())) == 2
    assert run("db", "backups", "verify", "all", cwd=shop).code == 0
