"""What goes wrong while PostgreSQL is migrated: nothing is lost, no lock stays, and the next try goes through."""

import asyncio
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from command_line import Run
from migrating import SLOW, end, go_on, has_started, start, until
from postgres import execute
from revision_files import FIRST, write_revision

pytestmark = pytest.mark.xdist_group("postgres")

ONE, TWO = "1" * 12, "2" * 12
AT = "'2030-01-01 10:00:00+00'"
SLEEPING = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND query LIKE '%pg_sleep(300)%' AND pid <> pg_backend_pid()"  # noqa: E501
VERSION = "SELECT version_num FROM alembic_version"


@pytest.fixture
def shop(project: Path, postgres_url: str, run: Run) -> Path:
    """A project on PostgreSQL whose database has a webinar with 50 registrations, which go with it."""
    (project / ".env").write_text(f"DATABASE_URL={postgres_url}\n")
    done = run("db", "migrate", cwd=project)
    assert done.code == 0, done.stderr
    execute(postgres_url, f"INSERT INTO webinars VALUES ('Talk', '', {AT}, 60, 5, 1, NULL, {AT}, {AT})")
    execute(
        postgres_url,
        f"INSERT INTO registrations SELECT n, n || '@b.c', n, 1, 'registered', '', NULL, {AT}"
        " FROM generate_series(1, 50) n",
    )
    return project


def test_a_migrate_that_is_killed_leaves_no_lock_and_the_next_goes_through(
    shop: Path, postgres_url: str, run: Run
) -> None:
    write_revision(shop, ONE, FIRST, "op.execute('CREATE TABLE extra (id integer)')")
    slow = write_revision(
        shop,
        TWO,
        ONE,
        "op.execute('ALTER TABLE webinars ADD COLUMN room text')\n    op.execute('SELECT pg_sleep(300)')",
    )  # fmt: skip
    migrating = start(shop, "db", "migrate")
    until(lambda: bool(execute(postgres_url, SLEEPING)), "the revision sleeps on the server")
    migrating.kill()
    assert end(migrating).code == -9
    until(lambda: not execute(postgres_url, SLEEPING), "the server has noticed")

    told = json.loads(run("db", "status", "--json", cwd=shop).stdout)
    assert told["current"] == [ONE]
    assert [item["revision"] for item in told["pending"]] == [TWO]
    slow.write_text(slow.read_text().replace("pg_sleep(300)", "1"))
    again = run("db", "migrate", "--wait", "0", cwd=shop)
    assert again.code == 0, again.stderr
    assert execute(postgres_url, "SELECT count(*), count(room) FROM registrations, webinars") == [(50, 0)]


def test_of_five_migrates_at_once_one_works_and_an_index_is_made_beside_those_that_wait(
    project: Path, postgres_url: str
) -> None:
    concurrently = (
        "with op.get_context().autocommit_block():\n        op.execute('CREATE INDEX CONCURRENTLY ix ON users (id)')"
    )
    write_revision(project, ONE, FIRST, SLOW + concurrently)
    all_five = [start(project, "db", "migrate", env={"DATABASE_URL": postgres_url}) for _ in range(5)]
    has_started(project)
    time.sleep(3)
    go_on(project)
    results = [end(process) for process in all_five]
    assert [result.code for result in results] == [0] * 5, [result.stderr for result in results]
    assert sum("Applied 2 migrations" in result.stderr for result in results) == 1
    idle = [result for result in results if "Nothing to do" in result.stderr]
    assert len(idle) == 4
    assert any("Another process is migrating this database; waiting." in result.stderr for result in idle)
    assert execute(postgres_url, VERSION) == [(ONE,)]


def test_the_wait_for_another_process_has_an_end_and_names_it(shop: Path, postgres_url: str, run: Run) -> None:
    write_revision(shop, ONE, FIRST, SLOW + "pass")
    migrating = start(shop, "db", "migrate")
    has_started(shop)
    result = run("db", "migrate", "--wait", "1.5", cwd=shop)
    assert result.code == 1
    ((pid,),) = execute(
        postgres_url,
        "SELECT pid FROM pg_stat_activity WHERE application_name = 'migrations' AND datname = current_database()",
    )
    assert f"Another process is migrating this database (pid {pid}, since " in result.stderr
    assert "did not end within 1.5 seconds" in result.stderr
    assert "Traceback" not in result.stderr
    go_on(shop)
    assert end(migrating).code == 0


def test_who_holds_a_table_is_named_after_three_tries(shop: Path, postgres_url: str, run: Run) -> None:
    write_revision(shop, ONE, FIRST, "op.execute('ALTER TABLE webinars ADD COLUMN room text')")
    with session(postgres_url, "LOCK TABLE webinars IN ACCESS SHARE MODE") as pid:
        result = run("db", "migrate", "--lock-timeout", "0.3", cwd=shop)
    assert result.code == 1
    assert "It is tried again in 1 s (2 of 3)." in result.stderr
    assert "It is tried again in 2 s (3 of 3)." in result.stderr
    error = result.stderr.partition("Error: ")[2]
    assert f"Revision {ONE}  test was interrupted. It could not have the table webinars in time" in error
    assert f"process {pid} (application report, idle in transaction, since " in error
    assert f"Nothing was changed: the database is still at revision {FIRST}" in error
    assert f"SELECT pg_terminate_backend({pid});" in error
    assert "Traceback" not in result.stderr


def test_a_table_that_is_given_free_is_had_at_the_next_try(shop: Path, postgres_url: str, run: Run) -> None:
    (shop / "pyproject.toml").write_text(
        (shop / "pyproject.toml").read_text() + "\n[tool.oppman.migrate]\nlock_timeout = 0.2\n"
    )
    write_revision(shop, ONE, FIRST, "op.execute('ALTER TABLE webinars ADD COLUMN room text')")
    with session(postgres_url, "LOCK TABLE webinars IN ACCESS SHARE MODE"):
        migrating = start(shop, "db", "migrate")
        assert migrating.stderr is not None
        while "tried again" not in migrating.stderr.readline():
            pass
    result = end(migrating)
    assert result.code == 0, result.stderr
    assert "Applied 1 migration" in result.stderr


def test_a_statement_that_takes_too_long_is_ended(shop: Path, postgres_url: str, run: Run) -> None:
    write_revision(shop, ONE, FIRST, "op.execute('SELECT pg_sleep(300)')")
    result = run("db", "migrate", "--statement-timeout", "0.3", cwd=shop)
    assert result.code == 1
    assert "A statement took longer than the database" in result.stderr
    assert f"Nothing was changed: the database is still at revision {FIRST}" in result.stderr
    assert "Traceback" not in result.stderr


def test_a_lost_connection_is_told_and_the_next_migrate_goes_through(shop: Path, postgres_url: str, run: Run) -> None:
    slow = write_revision(
        shop, ONE, FIRST, "op.execute('CREATE TABLE extra (id integer)')\n    op.execute('SELECT pg_sleep(300)')"
    )
    migrating = start(shop, "db", "migrate")
    until(lambda: bool(execute(postgres_url, SLEEPING)), "the revision sleeps on the server")
    ((pid,),) = execute(postgres_url, SLEEPING)
    execute(postgres_url, f"SELECT pg_terminate_backend({pid})")
    result = end(migrating)
    assert result.code == 1
    assert f"Revision {ONE}  test was interrupted. The connection to " in result.stderr
    assert f"Nothing was changed: the database is still at revision {FIRST}" in result.stderr
    assert "Traceback" not in result.stderr
    slow.write_text(slow.read_text().replace("pg_sleep(300)", "1"))
    assert run("db", "migrate", cwd=shop).code == 0


def test_a_full_disk_is_told_and_what_was_done_before_stays(shop: Path, postgres_url: str, run: Run) -> None:
    write_revision(shop, ONE, FIRST, "op.execute('CREATE TABLE extra (id integer)')")
    full = (
        "DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '53100', "
        "MESSAGE = 'could not extend file \"base/1/2\": No space left on device'; END $$"
    )
    write_revision(shop, TWO, ONE, f"op.execute('CREATE TABLE more (id integer)')\n    op.execute({full!r})")
    result = run("db", "migrate", "--no-backup", cwd=shop)
    assert result.code == 1
    assert "The disk of the database" in result.stderr
    assert f"those before it were not: the database is at revision {ONE}" in result.stderr
    assert "Traceback" not in result.stderr
    assert execute(postgres_url, "SELECT to_regclass('extra'), to_regclass('more')") == [("extra", None)]


def test_a_batch_change_keeps_the_children(shop: Path, postgres_url: str, run: Run) -> None:
    batch = (
        "import sqlalchemy as sa\n    with op.batch_alter_table('webinars') as batch:\n"
        "        batch.alter_column('title', type_=sa.String(300), existing_type=sa.String(150))"
    )
    write_revision(shop, ONE, FIRST, batch)
    done = run("db", "migrate", cwd=shop)
    assert done.code == 0, done.stderr
    assert not (shop / "backups").exists()
    assert execute(postgres_url, "SELECT count(*) FROM registrations") == [(50,)]


def test_a_database_newer_than_the_code_is_left_alone(shop: Path, postgres_url: str, run: Run) -> None:
    execute(postgres_url, "UPDATE alembic_version SET version_num = 'ffff99998888'")
    for command in (["db", "migrate"], ["db", "redo", "--yes"], ["db", "status"], ["info"]):
        result = run(*command, cwd=shop)
        assert result.code == 1, command
        assert "revision ffff99998888, which this project does not have" in result.stderr, command


@contextmanager
def session(url: str, statement: str) -> Iterator[int]:
    """Another application that has run a statement in a transaction, and keeps that open; its process id."""
    ready, over, pid = threading.Event(), threading.Event(), list[int]()

    async def hold() -> None:
        import asyncpg

        connection = await asyncpg.connect(url, server_settings={"application_name": "report"})
        transaction = connection.transaction()
        await transaction.start()
        await connection.execute(statement)
        pid.append(connection.get_server_pid())
        ready.set()
        await asyncio.to_thread(over.wait)
        await transaction.rollback()
        await connection.close()

    thread = threading.Thread(target=lambda: asyncio.run(hold()))
    thread.start()
    try:
        assert ready.wait(60)
        yield pid[0]
    finally:
        over.set()
        thread.join()
