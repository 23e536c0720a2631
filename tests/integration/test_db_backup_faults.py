"""What goes wrong while a SQLite database is backed up or restored: the old one or the new one is there, and whole."""

import os
import signal
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

import backups
from command_line import Run
from migrating import end, start, until

MB = 1024 * 1024
FILL = (
    "CREATE TABLE filling AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {rows})"
    " SELECT i, 'old' AS state, randomblob(4000) AS b FROM n"
)


def fill(file: Path, rows: int) -> None:
    """Fill a table with rows of a page each."""
    with closing(sqlite3.connect(file)) as database:
        database.execute("PRAGMA journal_mode = WAL")
        database.execute(FILL.format(rows=rows))
        database.commit()
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def states(file: Path) -> list[tuple[str, int]]:
    """The states of the rows and how many have each, in a database that has to be whole."""
    with closing(sqlite3.connect(file)) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        return database.execute("SELECT state, count(*) FROM filling GROUP BY state").fetchall()


def become(file: Path, state: str) -> None:
    with closing(sqlite3.connect(file)) as database, database:
        database.execute("UPDATE filling SET state = ?", (state,))


def age(folder: Path, hours: float = 1) -> None:
    """Make what killed processes left in a folder look old."""
    then = time.time() - hours * 3600
    for left in folder.glob("*.partial"):
        for path in (*left.iterdir(), left):
            os.utime(path, (then, then))


@pytest.fixture
def shop(project: Path, run: Run) -> Path:
    """A project whose database has 40 MB that do not compress, and 300 uploads that the rows could name."""
    assert run("db", "migrate", cwd=project).code == 0
    fill(project / "app.db", 10_000)
    (project / "uploads").mkdir()
    for number in range(300):
        (project / "uploads" / f"{number}.txt").write_text("old")
    return project


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Callable[[int], Path]]:
    """Mounts a file system of so many MB and returns where; skips where that is not allowed."""
    mounted = []

    def mount(size: int) -> Path:
        place = tmp_path / f"disk-{size}"
        place.mkdir()
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}m", "none", place], capture_output=True)
        if done.returncode:
            pytest.skip("no file system can be mounted here")
        mounted.append(place)
        return place

    yield mount
    for place in mounted:
        subprocess.run(["umount", "--lazy", place], check=True)


def test_a_backup_that_is_killed_is_none_and_what_it_left_goes_with_the_next(shop: Path, run: Run) -> None:
    folder = shop / "backups"
    for sign in ("database.sqlite", "archive", "restored-database.sqlite"):  # the copy, the writing, the proof
        process = start(shop, "db", "backup")
        until(lambda sign=sign: any(folder.glob(f"*.partial/{sign}")), f"{sign} is there")  # type: ignore[misc]
        process.kill()
        assert end(process).code == -9
        assert [path for path in folder.iterdir() if path.suffix != ".partial"] == []
        assert "There are no backups yet" in run("db", "backups", "list", cwd=shop).stderr
        assert run("db", "restore", "--yes", cwd=shop).code == 2
    age(folder)
    done = run("db", "backup", cwd=shop)
    assert done.code == 0, done.stderr
    backups.only(folder)
    assert states(shop / "app.db") == [("old", 10_000)]


def test_a_restore_that_is_killed_leaves_the_old_or_the_new_and_can_be_run_again(shop: Path, run: Run) -> None:
    database, uploads = shop / "app.db", shop / "uploads"
    assert run("db", "backup", cwd=shop).code == 0
    (backup,) = (shop / "backups").iterdir()
    seen: set[str] = set()

    def change() -> None:
        become(database, "new")
        for number in range(300):
            (uploads / f"{number}.txt").write_text("new")
        (uploads / "extra.txt").write_text("new")

    def kill_when(true: Callable[[], bool], what: str, pause: float = 0) -> None:
        change()
        process = start(shop, "db", "restore", backup.stem, "--yes", "--no-backup")
        until(lambda: true() or process.poll() is not None, what)
        time.sleep(pause)
        process.kill()
        end(process)
        ((state, count),) = states(database)  # all rows are of one kind, and none is missing
        assert count == 10_000
        seen.add(state)
        contents = {path.read_text() for path in uploads.glob("*.txt")}
        assert len(list(uploads.glob("*.txt"))) in {300, 301}
        assert state == "old" or contents == {"new"}  # before the database, no file that is there changes

    kill_when(lambda: any(uploads.glob(".restoring-*")), "uploads are unpacked")
    kill_when(lambda: any(shop.glob(".app-*.partial/restored-*")), "the database is unpacked")
    wal = database.with_name("app.db-wal")
    for size in (1, 20 * MB, 38 * MB):
        kill_when(lambda size=size: wal.exists() and wal.stat().st_size > size, "it is put in place")  # type: ignore[misc]
    kill_when(lambda: wal.exists() and wal.stat().st_size > 39 * MB, "all pages are written", 0.05)
    kill_when(lambda: (uploads / "0.txt").read_text() == "old", "uploads are replaced")
    assert seen == {"old", "new"}

    change()
    age(shop)
    again = run("db", "restore", backup.stem, "--yes", "--no-backup", cwd=shop)
    assert again.code == 0, again.stderr
    assert states(database) == [("old", 10_000)]
    assert {path.read_text() for path in uploads.iterdir()} == {"old"}
    assert len(list(uploads.iterdir())) == 300
    assert list(shop.glob(".app-*")) == []


def test_control_c_leaves_nothing_behind_and_says_where_the_database_stands(shop: Path, run: Run) -> None:
    process = start(shop, "db", "backup")
    until(lambda: any((shop / "backups").glob("*.partial/archive")), "the archive is written")
    process.send_signal(signal.SIGINT)
    stopped = end(process)
    assert stopped.code == 130
    assert "Traceback" not in stopped.stderr
    assert list((shop / "backups").iterdir()) == []

    assert run("db", "backup", cwd=shop).code == 0
    become(shop / "app.db", "new")
    wal = shop / "app.db-wal"
    size = wal.stat().st_size if wal.exists() else 0
    process = start(shop, "db", "restore", "--yes", "--no-backup")
    until(lambda: wal.exists() and wal.stat().st_size > size + MB, "it is put in place")
    process.send_signal(signal.SIGINT)
    stopped = end(process)
    assert stopped.code == 130
    assert "Interrupted. The database is as it was." in stopped.stderr
    assert "Traceback" not in stopped.stderr
    assert states(shop / "app.db") == [("new", 10_000)]
    assert list(shop.glob(".app-*")) + list((shop / "uploads").glob(".*")) == []


def test_a_full_disk_stops_a_backup_and_a_restore_and_nothing_is_left_of_them(
    project: Path, run: Run, small_disk: Callable[[int], Path]
) -> None:
    disk = small_disk(16)
    database = disk / "app.db"
    env = {"DATABASE_URL": f"sqlite:///{database}"}
    assert run("db", "migrate", cwd=project, env=env).code == 0
    fill(database, 1000)  # 4 MB
    assert run("db", "backup", cwd=project, env=env).code == 0
    (backup,) = (project / "backups").iterdir()

    def refused(*command: str) -> None:
        before = sorted(disk.iterdir())
        result = run("db", *command, cwd=project, env=env)
        assert result.code == 1, result.stdout
        assert "There is no room: " in result.stderr, result.stderr
        assert "The database is as it was, and nothing is left of the try." in result.stderr
        assert "Hint: Make room and try again" in result.stderr
        assert "Traceback" not in result.stderr
        assert states(database) == [("old", 1000)]
        assert sorted(disk.iterdir()) == before

    def leave(free: int) -> None:
        (disk / "other").unlink(missing_ok=True)
        left = os.statvfs(disk)
        with (disk / "other").open("wb") as other:
            other.write(bytes(left.f_bavail * left.f_frsize - free))

    (disk / "backups").mkdir()
    for free in (2 * MB, 6 * MB, 7 * MB):  # for the copy, the archive beside it, the restored one beside that
        leave(free)
        refused("backup", "--to", str(disk / "backups"))
        assert list((disk / "backups").iterdir()) == []
    for free in (2 * MB, 6 * MB):  # for the new database, and for the journal that it is put in place with
        leave(free)
        refused("restore", backup.stem, "--yes", "--no-backup")
    (disk / "other").unlink()
    done = run("db", "restore", backup.stem, "--yes", cwd=project, env=env)
    assert done.code == 0, done.stderr
    assert states(database) == [("old", 1000)]
