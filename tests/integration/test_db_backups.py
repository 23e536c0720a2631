"""`oppman db backups`: those that are there, whether they are good, and which may go."""

import json
import sqlite3
import sys
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import backups
from command_line import Run
from terminal import talk


@pytest.fixture
def shop(project: Path) -> Path:
    """A project with the backups of 40 days, of which the last is not verified, and one that is torn."""
    folder = project / "backups"
    folder.mkdir()
    database = folder / "made.sqlite"
    with closing(sqlite3.connect(database)) as rows, rows:
        rows.executescript("CREATE TABLE teas (id INTEGER); INSERT INTO teas VALUES (1), (2)")
    parts = {"database.sqlite": database.read_bytes()}
    database.unlink()
    for day in range(40):
        at = datetime.now(UTC) - timedelta(days=39 - day)
        backups.write(
            folder / f"app-{at:%Y%m%d-%H%M%S}.backup", parts, made_at=at, rows={"teas": 2}, verified=day < 39,
            note="the first" if not day else "", uploads=None if day else 7,
        )  # fmt: skip
    newest = max(folder.iterdir())
    (folder / "torn.backup").write_bytes(newest.read_bytes()[:100])
    (folder / "app-20200101-000000.partial").mkdir()
    return project


def names(folder: Path) -> list[str]:
    """The backups by name, the newest first."""
    return sorted((path.name for path in folder.glob("app-*.backup")), reverse=True)


def test_the_list_tells_what_is_there(shop: Path, run: Run) -> None:
    table = run("db", "backups", "list", cwd=shop)
    assert (table.code, table.stderr) == (0, "")
    head, *lines = table.stdout.splitlines()
    assert head.split() == ["name", "age", "size", "rows", "uploads", "verified", "why"]
    assert [line.split()[0] for line in lines] == [*(name[:-7] for name in names(shop / "backups")), "torn"]
    assert lines[0].split()[1:] == ["now", *lines[0].split()[2:4], "2", "no", "manual"]
    assert "39 days" in lines[39]
    assert lines[39].endswith("2     7        yes       manual: the first")
    assert lines[40].endswith("damaged, or no backup")
    told = json.loads(run("db", "backups", "list", "--json", cwd=shop).stdout)
    assert len(told) == 41
    assert (told[0]["rows"], told[0]["kind"], told[0]["problem"]) == ({"teas": 2}, "sqlite", None)
    assert "is cut short, or no backup at all" in told[-1]["problem"]
    assert set(told[-1]) == {"file", "bytes", "problem"}
    drawn = talk([sys.executable, "-m", "oppman", "db", "backups", "list"], shop).output
    assert all(name[:-7] in drawn for name in names(shop / "backups"))  # whole, to be copied
    empty = run("db", "backups", "list", "--folder", str(shop / "nothing"), cwd=shop)
    assert (empty.code, empty.stdout) == (0, "")
    assert "There are no backups yet. `oppman db backup` makes one." in empty.stderr


def test_verify_restores_each_and_fails_if_one_is_not_good(shop: Path, run: Run) -> None:
    folder = shop / "backups"
    latest, second, third, *rest = names(folder)
    for name in rest:
        (folder / name).unlink()
    one = run("db", "backups", "verify", cwd=shop)
    assert (one.code, one.stdout) == (0, f"{latest}: good, restored and compared\n")
    flipped = bytearray((folder / second).read_bytes())
    flipped[50] ^= 4
    (folder / second).write_bytes(flipped)
    every = run("db", "backups", "verify", "all", cwd=shop)
    assert every.code == 1
    assert f"{third}: good, restored and compared" in every.stdout
    assert f"{second}: {second} is damaged." in every.stdout
    assert "torn.backup: torn.backup is damaged." in every.stdout
    assert "2 of 4 backups are not good." in every.stderr
    told = json.loads(run("db", "backups", "verify", "all", "--json", cwd=shop).stdout)
    assert [(item["good"], item["restored"]) for item in told] == [
        (True, True), (False, False), (True, True), (False, False),
    ]  # fmt: skip
    assert run("db", "backups", "verify", "nothing", cwd=shop).code == 2
    assert {path.name for path in folder.iterdir()} == {
        latest, second, third, "torn.backup", "app-20200101-000000.partial",
    }  # fmt: skip


def test_prune_leaves_the_tiers_and_whatever_is_no_backup(shop: Path, run: Run) -> None:
    folder = shop / "backups"
    before = names(folder)
    dry = run("db", "backups", "prune", "--dry-run", cwd=shop)
    assert dry.code == 0
    assert "Nothing was deleted." in dry.stderr
    assert f"{before[0][:-7]}  stays  among the last 3; newest of day" in dry.stdout
    asked = run("db", "backups", "prune", cwd=shop)
    assert asked.code == 2
    assert "give --yes" in asked.stderr
    no = talk([sys.executable, "-m", "oppman", "db", "backups", "prune"], shop, ("Delete ", "n"))
    assert no.code == 1
    assert "Nothing was deleted." in no.output
    assert names(folder) == before

    told = json.loads(run("db", "backups", "prune", "--json", "--yes", cwd=shop).stdout)
    kept = [item["name"] for item in told["kept"]]
    assert names(folder) == kept
    assert kept[:7] == before[:7]
    assert sorted([*kept, *told["going"]], reverse=True) == before
    assert 9 < len(kept) < 15
    assert (folder / "torn.backup").exists()
    again = run("db", "backups", "prune", "--yes", cwd=shop)
    assert again.code == 0
    assert "Nothing is old enough to go." in again.stderr

    with (shop / "pyproject.toml").open("a") as config:
        config.write("\n[tool.oppman.backup]\nkeep-last = 1\nkeep-daily = 0\nkeep-weekly = 0\nkeep-monthly = 0\n")
    fewer = run("db", "backups", "prune", "--keep-daily", "0", "--yes", cwd=shop)
    assert fewer.code == 0, fewer.stderr
    assert f"Deleted {len(kept) - 2} backups" in fewer.stderr
    assert names(folder) == before[:2]  # the newest, and the newest that is verified
    assert "the last one that is verified" in fewer.stdout
    none = run("db", "backups", "prune", "--keep-last", "0", "--yes", cwd=shop)
    assert none.code == 0
    assert names(folder) == before[:2]
