"""What goes wrong while PostgreSQL is backed up or restored: the old or the new one is there, and it is told."""

import asyncio
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import asyncpg
import pytest

import backups
from command_line import Run
from migrating import end, start, until
from postgres import execute
from revision_files import FIRST, write_revision

pytestmark = pytest.mark.xdist_group("postgres")

FORMS = pytest.mark.parametrize("form", ["native", "portable"])
ONE = "1" * 12
ROWS = 20_000
FILL = (
    "INSERT INTO filling SELECT i, 'old', (SELECT string_agg(md5(i || ':' || g), '') FROM generate_series(1, 30) g)"
    f" FROM generate_series(1, {ROWS}) i"
)


@pytest.fixture
def shop(project: Path, postgres_url: str, run: Run) -> Path:
    """A project on PostgreSQL with 20 MB of rows, and an uploaded file."""
    (project / ".env").write_text(f"DATABASE_URL={postgres_url}\n")
    write_revision(
        project, ONE, FIRST, "op.execute('CREATE TABLE filling (id int PRIMARY KEY, state text, noise text)')"
    )
    assert run("db", "migrate", cwd=project).code == 0
    execute(postgres_url, FILL)
    (project / "uploads").mkdir()
    (project / "uploads" / "a.txt").write_text("old")
    return project


def states(url: str) -> list[tuple[str, int]]:
    return [tuple(row) for row in execute(url, "SELECT state, count(*) FROM filling GROUP BY state")]


def server(url: str) -> str:
    """The address of another database of the server, from which that of the test can be looked at."""
    return url.replace(f"/{name_of(url)}", "/postgres")


def name_of(url: str) -> str:
    return url.partition("?")[0].rpartition("/")[2]


def others(url: str) -> list[str]:
    """The databases that a restore or a proof made of that of the test, or left of it."""
    rows = execute(server(url), f"SELECT datname FROM pg_database WHERE datname LIKE '{name_of(url)}\\_%' ORDER BY 1")
    return [row[0] for row in rows]


def connected(url: str, condition: str) -> str:
    return f"SELECT pid FROM pg_stat_activity WHERE datname LIKE '{name_of(url)}%' AND {condition}"


def cut(url: str, condition: str) -> Callable[[], bool]:
    """Ends the sessions that the condition holds for; whether there were any."""
    statement = connected(url, condition).replace("SELECT pid", "SELECT pg_terminate_backend(pid)")
    return lambda: bool(execute(server(url), statement))


@FORMS
def test_a_backup_that_is_killed_is_none(shop: Path, postgres_url: str, run: Run, form: str) -> None:
    folder = shop / "backups"

    def kill_when(true: Callable[[], bool], what: str) -> None:
        process = start(shop, "db", "backup", "--format", form)
        until(true, what)
        process.kill()
        assert end(process).code == -9
        assert [path for path in folder.iterdir() if path.suffix != ".partial"] == []
        assert run("db", "restore", "--yes", cwd=shop).code == 2
        # A server that works for nobody notices with its next word.
        until(lambda: not execute(server(postgres_url), connected(postgres_url, "true")), "the server has noticed")

    kill_when(lambda: any(path.stat().st_size > 100_000 for path in folder.glob("*.partial/archive")), "it is written")
    kill_when(lambda: bool(others(postgres_url)), "it is proved")
    (left,) = others(postgres_url)
    assert "_scratch_" in left
    done = run("db", "backup", "--format", form, cwd=shop)
    assert done.code == 0, done.stderr
    assert others(postgres_url) == []
    assert states(postgres_url) == [("old", ROWS)]


@FORMS
def test_a_restore_that_is_killed_leaves_the_old_or_the_new(shop: Path, postgres_url: str, run: Run, form: str) -> None:
    assert run("db", "backup", "--format", form, cwd=shop).code == 0
    backup = backups.only(shop / "backups")
    filled = postgres_url.replace(f"/{name_of(postgres_url)}", "/{}")

    def kill_when(true: Callable[[], bool], what: str) -> str:
        execute(postgres_url, "UPDATE filling SET state = 'new'")
        (shop / "uploads" / "a.txt").write_text("new")
        process = start(shop, "db", "restore", backup.stem, "--yes", "--no-backup")
        until(lambda: true() or process.poll() is not None, what)
        process.kill()
        end(process)
        ((state, count),) = states(postgres_url)
        assert count == ROWS
        assert state == "old" or (shop / "uploads" / "a.txt").read_text() == "new"
        return state

    assert kill_when(lambda: bool(others(postgres_url)), "there is a new database") == "new"

    def has_rows() -> bool:
        try:
            return any(execute(filled.format(name), "SELECT 1 FROM filling LIMIT 1") for name in others(postgres_url))
        except asyncpg.PostgresError:  # not yet
            return False

    kill_when(has_rows, "the new database has rows")  # from here on it may be done before it is killed
    kill_when(lambda: any("_before_" in name for name in others(postgres_url)), "it has taken the place of the old one")

    execute(postgres_url, "UPDATE filling SET state = 'new'")
    done = run("db", "restore", backup.stem, "--yes", "--no-backup", cwd=shop)
    assert done.code == 0, done.stderr
    assert states(postgres_url) == [("old", ROWS)]
    assert (shop / "uploads" / "a.txt").read_text() == "old"
    until(lambda: others(postgres_url) == [], "what was left is gone")


@FORMS
def test_a_lost_connection_is_told_and_leaves_all_as_it_was(shop: Path, postgres_url: str, run: Run, form: str) -> None:
    def lose(command: tuple[str, ...], when: str) -> str:
        process = start(shop, "db", *command)
        until(lambda: cut(postgres_url, when)() or process.poll() is not None, "there is a connection to cut")
        result = end(process)
        assert result.code == 1, result.stdout + result.stderr
        assert "Traceback" not in result.stderr
        assert "Error: " in result.stderr
        assert others(postgres_url) == []
        assert states(postgres_url) == [("new", ROWS)]
        assert list((shop / "backups").glob("*.partial")) == []
        return result.stderr

    assert run("db", "backup", "--format", form, cwd=shop).code == 0
    backup = backups.only(shop / "backups")
    execute(postgres_url, "UPDATE filling SET state = 'new'")
    writing = "application_name = 'pg_dump' AND query LIKE 'COPY%'" if form == "native" else "query LIKE 'COPY%'"
    said = lose(("backup", "--format", form), writing)
    assert "pg_dump failed" in said if form == "native" else "The connection to" in said
    assert backups.only(shop / "backups") == backup
    filling = "datname LIKE '%\\_restore\\_%' AND query LIKE 'COPY%'"
    said = lose(("restore", backup.stem, "--yes", "--no-backup"), filling)
    assert "pg_restore failed" in said if form == "native" else "was lost" in said
    assert run("db", "restore", backup.stem, "--yes", cwd=shop).code == 0
    assert states(postgres_url) == [("old", ROWS)]


def test_a_connection_that_is_lost_while_the_server_is_waited_for(shop: Path, postgres_url: str, run: Run) -> None:
    async def hold_and_cut() -> None:
        connection = await asyncpg.connect(postgres_url)
        async with connection.transaction():
            await connection.execute("LOCK TABLE filling")
            process = start(shop, "db", "backup")
            await asyncio.to_thread(until, cut(postgres_url, "wait_event_type = 'Lock'"), "it waits")
            result = await asyncio.to_thread(end, process)
        await connection.close()
        assert result.code == 1
        assert "The connection to" in result.stderr
        assert "was lost" in result.stderr
        assert "Traceback" not in result.stderr

    asyncio.run(hold_and_cut())
    assert list((shop / "backups").iterdir()) == []


@FORMS
def test_control_c_stops_a_backup_and_a_restore_and_leaves_nothing(
    shop: Path, postgres_url: str, run: Run, form: str
) -> None:
    assert run("db", "backup", "--format", form, cwd=shop).code == 0
    backup = backups.only(shop / "backups")
    execute(postgres_url, "UPDATE filling SET state = 'new'")
    for command, sign in (
        (("backup", "--format", form), "query LIKE 'COPY%'"),
        (("restore", "--yes", "--no-backup"), "datname LIKE '%\\_restore\\_%' AND query LIKE 'COPY%'"),
    ):
        process = start(shop, "db", *command)
        until(lambda sign=sign: bool(execute(server(postgres_url), connected(postgres_url, sign))), "it copies rows")  # type: ignore[misc]
        process.send_signal(signal.SIGINT)
        stopped = end(process)
        assert stopped.code == 130, stopped.stderr
        assert "Traceback" not in stopped.stderr
        assert command[0] == "backup" or "Interrupted. The database is as it was." in stopped.stderr
        assert backups.only(shop / "backups") == backup
        assert others(postgres_url) == []
        assert states(postgres_url) == [("new", ROWS)]


def test_an_old_database_that_cannot_be_dropped_stays_and_goes_later(shop: Path, postgres_url: str, run: Run) -> None:
    assert run("db", "backup", "--format", "portable", cwd=shop).code == 0
    mine = f"{name_of(postgres_url)}_before_20300101_000000"
    execute(postgres_url, f"CREATE DATABASE {mine}")  # as a person might call one
    execute(
        postgres_url,
        "CREATE SUBSCRIPTION holding CONNECTION 'dbname=none' PUBLICATION none"
        " WITH (connect = false, slot_name = NONE)",
    )
    try:
        done = run("db", "restore", "--yes", "--no-backup", cwd=shop)
        assert done.code == 0, done.stderr
        assert "The old database could not be dropped" in done.stderr
        left, kept = others(postgres_url)
        assert kept == mine
        assert left in done.stderr
        assert states(postgres_url) == [("old", ROWS)]
        execute(postgres_url.replace(f"/{name_of(postgres_url)}", f"/{left}"), "DROP SUBSCRIPTION holding")
        assert run("db", "backup", "--format", "portable", cwd=shop).code == 0
        assert others(postgres_url) == [mine]
    finally:
        for name in others(postgres_url):
            execute(server(postgres_url), f"DROP DATABASE {name} WITH (FORCE)")


def test_a_full_disk_stops_a_backup_and_nothing_is_left_of_it(
    shop: Path, postgres_url: str, run: Run, tmp_path: Path
) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=3m", "none", disk], capture_output=True).returncode:
        pytest.skip("no file system can be mounted here")
    try:
        for form in ("native", "portable"):
            full = run("db", "backup", "--to", str(disk), "--format", form, cwd=shop)
            assert full.code == 1
            assert "There is no room: No space left on device" in full.stderr
            assert "`oppman db backup --to FOLDER`" in full.stderr
            assert "Traceback" not in full.stderr
            assert list(disk.iterdir()) == []
            assert others(postgres_url) == []
    finally:
        subprocess.run(["umount", "--lazy", disk], check=True)
