"""What may go from a folder of backups."""

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from backups import write
from oppman.database.backup.prune import LAST_VERIFIED, NEWEST, pruning
from oppman.database.backup.tiers import Tiers

NONE = Tiers(last=0, daily=0, weekly=0, monthly=0)


def made(folder: Path, name: str, day: int, **said: Any) -> None:
    """A backup of a day in January."""
    write(folder / f"{name}.backup", made_at=datetime(2030, 1, day, tzinfo=UTC), **said)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_the_newest_stays_and_the_newest_that_is_verified(tmp_path: Path) -> None:
    made(tmp_path, "newest", 9, verified=False)
    made(tmp_path, "unproved", 8, verified=False)
    made(tmp_path, "proved", 7)
    made(tmp_path, "older", 6)
    wanted = pruning(tmp_path, NONE)
    assert {item.path.stem: why for item, why in wanted.kept} == {"newest": (NEWEST,), "proved": (LAST_VERIFIED,)}
    wanted.carry_out()
    assert names(tmp_path) == ["newest.backup", "proved.backup"]


def test_a_backup_that_nobody_could_prove_is_not_the_price_of_tiers_of_nought(tmp_path: Path) -> None:
    made(tmp_path, "a", 1, verified=False)
    made(tmp_path, "b", 2, verified=False)
    pruning(tmp_path, NONE).carry_out()
    assert names(tmp_path) == ["b.backup"]


def test_each_database_is_judged_by_itself(tmp_path: Path) -> None:
    made(tmp_path, "busy-1", 20)
    made(tmp_path, "busy-2", 21)
    made(tmp_path, "quiet", 1, database="other")
    made(tmp_path, "server", 2, kind="postgresql")
    pruning(tmp_path, Tiers(last=1, daily=0, weekly=0, monthly=0)).carry_out()
    assert names(tmp_path) == ["busy-2.backup", "quiet.backup", "server.backup"]


def test_what_is_no_backup_is_left_alone(tmp_path: Path) -> None:
    made(tmp_path, "a", 1)
    made(tmp_path, "b", 2)
    (tmp_path / "torn.backup").write_bytes((tmp_path / "a.backup").read_bytes()[:-70])
    (tmp_path / "notes.txt").write_text("mine")
    (tmp_path / "folder.backup").mkdir()
    (tmp_path / "app-20300101-000000.partial").mkdir()
    pruning(tmp_path, NONE).carry_out()
    assert names(tmp_path) == [
        "app-20300101-000000.partial", "b.backup", "folder.backup", "notes.txt", "torn.backup",
    ]  # fmt: skip


def test_times_of_other_offsets_are_days_in_utc(tmp_path: Path) -> None:
    east = timezone(timedelta(hours=14))
    write(tmp_path / "east.backup", made_at=datetime(2030, 1, 3, 1, tzinfo=east))  # the 2nd, 11:00 in UTC
    made(tmp_path, "west", 2)
    wanted = pruning(tmp_path, Tiers(last=0, daily=5, weekly=0, monthly=0))
    assert [(item.path.stem, why) for item, why in wanted.kept] == [("east", ("newest of day 2030-01-02",))]
    assert [item.path.stem for item in wanted.going] == ["west"]
