"""Names in the folder of backups, and the folders in which they are made."""

import os
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from backups import write
from oppman.database.backup.folder import backups, find, new_backup
from oppman.database.backup.workspace import workspace
from oppman.errors import UsageError
from oppman.project import Project

URL = "sqlite:///app.db"
AN_HOUR_AGO = time.time() - 3600


def test_a_backup_is_named_by_its_database_and_the_time_in_utc(tmp_path: Path) -> None:
    before = f"{datetime.now(UTC):%Y%m%d-%H%M%S}"
    with new_backup(tmp_path / "new" / "backups", "my shop/ü.db") as (work, target):
        assert work.stat().st_mode & 0o777 == 0o700
        stem, _, rest = target.name.partition("-")
        assert stem == "my_shop_ü.db"
        assert before <= rest.removesuffix(".backup") <= f"{datetime.now(UTC):%Y%m%d-%H%M%S}"
    assert not work.exists()


def test_two_in_one_second_have_two_names(tmp_path: Path) -> None:
    targets = []
    for _ in range(3):
        with new_backup(tmp_path, "app") as (_work, target):
            with new_backup(tmp_path, "app") as (_other, second):
                assert second != target
                second.touch()
            target.touch()
            targets += [target, second]
    assert len(set(targets)) == 6
    assert sorted(tmp_path.iterdir()) == sorted(targets)


def test_a_failure_leaves_nothing(tmp_path: Path) -> None:
    def stopped() -> None:
        with new_backup(tmp_path, "app") as (work, _target):
            (work / "archive").touch()
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stopped()
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_process_left_goes_with_the_next_and_nothing_else(tmp_path: Path) -> None:
    script = (
        "import os, sys; from pathlib import Path; from oppman.database.backup.workspace import workspace\n"
        "with workspace(Path(sys.argv[1]), 'app') as work:\n"
        "    (work / 'archive').write_bytes(b'half'); os.kill(os.getpid(), 9)"
    )
    assert subprocess.run([sys.executable, "-c", script, str(tmp_path)]).returncode == -9
    (left,) = tmp_path.iterdir()
    own = tmp_path / "mine.partial"
    own.mkdir()
    for path in (left / "archive", left, own):
        os.utime(path, (AN_HOUR_AGO, AN_HOUR_AGO))
    with workspace(tmp_path, "app") as work:
        assert sorted(tmp_path.iterdir()) == sorted([work, own])


def test_what_another_process_works_in_stays_however_long_it_takes(tmp_path: Path) -> None:
    with workspace(tmp_path, "app") as slow:
        os.utime(slow, (AN_HOUR_AGO, AN_HOUR_AGO))
        with workspace(tmp_path, "app"):
            assert slow.is_dir()


def test_latest_is_of_this_database_and_was_not_made_by_a_restore(tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    project = Project(tmp_path, {})
    at = [datetime(2030, 1, day, tzinfo=UTC) for day in range(1, 6)]
    write(folder / "a.backup", made_at=at[0])
    write(folder / "b.backup", made_at=at[1])
    write(folder / "c.backup", made_at=at[2], why="before a restore")
    write(folder / "d.backup", made_at=at[3], database="test")
    write(folder / "e.backup", made_at=at[4], kind="postgresql")
    (folder / "f.backup").write_bytes(b"torn")
    assert [item.path.stem for item in backups(folder)] == ["e", "d", "c", "b", "a", "f"]
    assert find(project, "latest", URL) == folder / "b.backup"
    assert find(project, "latest", "postgresql://me@/app?host=/run") == folder / "e.backup"
    assert find(project, "a", URL) == find(project, "a.backup", URL) == find(project, str(folder / "a.backup"), URL)
    with pytest.raises(UsageError, match="There is no backup of the sqlite database other"):
        find(project, "latest", "sqlite:///other.db")
    with pytest.raises(UsageError, match="There is no backup 'nothing'"):
        find(project, "nothing", URL)


def test_no_folder_is_no_backups(tmp_path: Path) -> None:
    assert backups(tmp_path / "none") == []
