"""What goes wrong while SQLite is migrated: nothing is lost, and the next try goes through."""

import json
import signal
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest

from command_line import Run
from migrating import SLOW, end, go_on, has_started, start
from revision_files import FIRST, write_revision

ONE, TWO = "1" * 12, "2" * 12
COPY = (
    "with op.batch_alter_table('webinars', recreate='always') as batch:\n"
    "        import sqlalchemy as sa; batch.add_column(sa.Column('room', sa.String(), nullable=True))\n    "
)


@pytest.fixture
def shop(project: Path, run: Run) -> Path:
    """A project whose database has a webinar with 50 registrations, which go with it (ON DELETE CASCADE)."""
    assert run("db", "migrate", cwd=project).code == 0
    at = "2030-01-01 10:00:00"
    with closing(sqlite3.connect(project / "app.db")) as rows, rows:
        rows.execute(
            "INSERT INTO webinars (id, title, description, starts_at, duration_minutes, capacity, created_at,"
            " updated_at) VALUES (1, 'Talk', '', ?, 60, 5, ?, ?)", (at, at, at)
        )  # fmt: skip
        rows.executemany(
            "INSERT INTO registrations (name, email, webinar_id, status, notes, created_at)"
            " VALUES (?, ? || '@x.y', 1, 'registered', '', ?)", [(str(n), str(n), at) for n in range(50)]
        )  # fmt: skip
    return project


def test_a_migrate_that_is_killed_leaves_the_database_as_it_was(shop: Path, run: Run) -> None:
    write_revision(shop, ONE, FIRST, "op.execute('CREATE TABLE extra (id INTEGER)')")
    write_revision(shop, TWO, ONE, COPY + SLOW + "op.execute('CREATE TABLE more (id INTEGER)')")
    before = dump(shop)
    migrating = start(shop, "db", "migrate")
    has_started(shop)
    migrating.kill()
    assert end(migrating).code == -9

    assert dump(shop) == before
    assert query(shop, "PRAGMA integrity_check") == [("ok",)]
    told = json.loads(run("db", "status", "--json", cwd=shop).stdout)
    assert told["current"] == [FIRST]
    assert [item["revision"] for item in told["pending"]] == [ONE, TWO]

    go_on(shop)
    again = run("db", "migrate", "--wait", "0", cwd=shop)
    assert again.code == 0, again.stderr
    assert query(shop, "SELECT count(*), count(room) FROM registrations, webinars") == [(50, 0)]


def test_control_c_says_where_the_database_stands(shop: Path) -> None:
    write_revision(shop, ONE, FIRST, "op.execute('CREATE TABLE extra (id INTEGER)')")
    write_revision(shop, TWO, ONE, SLOW + "op.execute('CREATE TABLE more (id INTEGER)')")
    before = dump(shop)
    migrating = start(shop, "db", "migrate")
    has_started(shop)
    migrating.send_signal(signal.SIGINT)
    go_on(shop)
    result = end(migrating)
    assert result.code == 130
    assert f"Interrupted in revision {TWO}. Nothing was changed" in result.stderr
    assert "Traceback" not in result.stderr
    assert dump(shop) == before


def test_of_five_migrates_at_once_one_works_and_the_others_wait(project: Path, run: Run) -> None:
    write_revision(project, ONE, FIRST, SLOW + "op.execute('CREATE TABLE extra (id INTEGER)')")
    all_five = [start(project, "db", "migrate") for _ in range(5)]
    has_started(project)
    time.sleep(3)  # all others wait by now, and have said so
    go_on(project)
    results = [end(process) for process in all_five]
    assert [result.code for result in results] == [0] * 5, [result.stderr for result in results]
    assert sum("Applied 2 migrations" in result.stderr for result in results) == 1
    idle = [result for result in results if "Nothing to do" in result.stderr]
    assert len(idle) == 4
    assert any("Another process is migrating this database" in result.stderr for result in idle)
    assert query(project, "SELECT version_num FROM alembic_version") == [(ONE,)]


def test_the_wait_for_another_process_has_an_end(shop: Path, run: Run) -> None:
    write_revision(shop, ONE, FIRST)
    with closing(sqlite3.connect(shop / "app.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        began = time.monotonic()
        result = run("db", "migrate", "--wait", "1.5", cwd=shop)
        assert time.monotonic() - began > 1.5
    assert result.code == 1
    assert "Another process is migrating this database, or writing to it; waiting." in result.stderr
    assert "did not end within 1.5 seconds" in result.stderr
    assert "Traceback" not in result.stderr
    assert query(shop, "SELECT version_num FROM alembic_version") == [(FIRST,)]


def test_two_rollbacks_at_once_undo_one_migration(shop: Path, run: Run) -> None:
    write_revision(shop, ONE, FIRST)
    slow = write_revision(shop, TWO, ONE)
    assert run("db", "migrate", cwd=shop).code == 0
    slow.write_text(slow.read_text().replace("def downgrade():\n    pass", f"def downgrade():\n    {SLOW}pass"))
    both = [start(shop, "db", "rollback", "--yes") for _ in range(2)]
    has_started(shop)
    time.sleep(3)  # the other one has made its plan by now
    go_on(shop)
    results = [end(process) for process in both]
    assert [result.code for result in results] == [0, 0], [result.stderr for result in results]
    assert sum("Nothing to do: meanwhile another process" in result.stderr for result in results) == 1
    assert query(shop, "SELECT version_num FROM alembic_version") == [(ONE,)]
    assert len(list((shop / "backups").iterdir())) == 1


def test_more_than_was_agreed_to_is_not_undone(shop: Path, run: Run) -> None:
    write_revision(shop, ONE, FIRST)
    assert run("db", "migrate", cwd=shop).code == 0
    with closing(sqlite3.connect(shop / "app.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        waiting = start(shop, "db", "rollback", "--yes")
        assert waiting.stderr is not None
        while "waiting" not in waiting.stderr.readline():
            pass
        write_revision(shop, TWO, ONE)  # another process has the next release, and applies it
        other.execute(f"UPDATE alembic_version SET version_num = '{TWO}'")
        other.execute("COMMIT")
    result = end(waiting)
    assert result.code == 1
    assert f"{TWO} would be undone too. Nothing was done." in result.stderr
    assert query(shop, "SELECT version_num FROM alembic_version") == [(TWO,)]


def test_a_newer_release_that_migrates_first_is_told(shop: Path) -> None:
    write_revision(shop, ONE, FIRST)
    with closing(sqlite3.connect(shop / "app.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        waiting = start(shop, "db", "migrate")
        assert waiting.stderr is not None
        while "waiting" not in waiting.stderr.readline():
            pass
        other.execute("UPDATE alembic_version SET version_num = 'ffff99998888'")
        other.execute("COMMIT")
    result = end(waiting)
    assert result.code == 1
    assert "revision ffff99998888, which this project does not have" in result.stderr


def test_a_full_disk_is_told_and_nothing_is_lost(shop: Path, run: Run) -> None:
    fill = "INSERT INTO big SELECT randomblob(100000) FROM registrations"
    full = write_revision(
        shop, ONE, FIRST,
        "op.execute('PRAGMA max_page_count = 60')\n    op.execute('CREATE TABLE big (data BLOB)')\n"
        f"    op.execute('{fill}')",
    )  # fmt: skip
    before = dump(shop)
    result = run("db", "migrate", cwd=shop)
    assert result.code == 1
    assert "The disk of the database sqlite:///app.db is full (database or disk is full)" in result.stderr
    assert f"Nothing was changed: the database is still at revision {FIRST}" in result.stderr
    assert "Traceback" not in result.stderr
    assert dump(shop) == before

    full.write_text(full.read_text().replace("PRAGMA max_page_count = 60", "PRAGMA max_page_count = 4000000"))
    assert run("db", "migrate", cwd=shop).code == 0


def test_a_database_newer_than_the_code_is_left_alone(shop: Path, run: Run) -> None:
    with closing(sqlite3.connect(shop / "app.db")) as rows, rows:
        rows.execute("UPDATE alembic_version SET version_num = 'ffff99998888'")
    for command in (["db", "migrate"], ["db", "migrate", "--plan"], ["db", "rollback", "--yes"], ["db", "redo"],
                    ["db", "migrate", "--fake", "--yes"], ["db", "sql"], ["db", "status"], ["info"]):  # fmt: skip
        result = run(*command, cwd=shop)
        assert result.code == 1, command
        assert "revision ffff99998888, which this project does not have" in result.stderr, command


def dump(project: Path) -> list[str]:
    with closing(sqlite3.connect(project / "app.db")) as connection:
        return list(connection.iterdump())


def query(project: Path, sql: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(project / "app.db")) as connection:
        return connection.execute(sql).fetchall()
