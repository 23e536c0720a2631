"""Which backups stay, by the times when they were made."""

from datetime import UTC, datetime, timedelta

import pytest

from oppman.database.backup.tiers import Tiers, reasons
from oppman.errors import BadConfiguration

NONE = Tiers(last=0, daily=0, weekly=0, monthly=0)


def kept(tiers: Tiers, *times: str) -> list[str]:
    """Those of the times that stay."""
    made = {time: datetime.fromisoformat(time).replace(tzinfo=UTC) for time in times}
    return [time for time, why in reasons(made, tiers).items() if why]


def test_the_newest_of_each_of_the_last_days_stays() -> None:
    days = Tiers(last=0, daily=2, weekly=0, monthly=0)
    times = ("2030-01-01 23:59:59", "2030-01-02 00:00:00", "2030-01-02 09:00", "2030-01-03 01:00", "2030-01-03 00:30")
    assert kept(days, *times) == ["2030-01-03 01:00", "2030-01-02 09:00"]


def test_a_day_without_a_backup_does_not_count() -> None:
    days = Tiers(last=0, daily=3, weekly=0, monthly=0)
    assert kept(days, "2029-02-28", "2029-11-05", "2030-03-01", "2030-03-02") == [
        "2030-03-02", "2030-03-01", "2029-11-05",
    ]  # fmt: skip


def test_a_week_is_an_iso_week_also_where_the_year_turns() -> None:
    weeks = Tiers(last=0, daily=0, weekly=2, monthly=0)
    # Monday the 30th of December 2024 to Sunday the 5th of January 2025 is the first week of 2025.
    assert kept(weeks, "2024-12-29 23:00", "2024-12-30 00:00", "2025-01-05 23:00", "2025-01-06 00:00") == [
        "2025-01-06 00:00", "2025-01-05 23:00",
    ]  # fmt: skip


def test_a_month_has_its_newest_whatever_its_length() -> None:
    months = Tiers(last=0, daily=0, weekly=0, monthly=3)
    assert kept(months, "2028-01-31", "2028-02-01", "2028-02-29", "2028-03-01", "2027-12-31") == [
        "2028-03-01", "2028-02-29", "2028-01-31",
    ]  # fmt: skip


def test_each_backup_says_every_reason_for_which_it_stays() -> None:
    made = {"a": datetime(2030, 1, 31, 12, tzinfo=UTC), "b": datetime(2030, 1, 31, 13, tzinfo=UTC)}
    assert reasons(made, Tiers(last=1, daily=1, weekly=1, monthly=1)) == {
        "b": (
            "among the last 1", "newest of day 2030-01-31", "newest of week 2030-W05", "newest of month 2030-01",
        ),
        "a": (),
    }  # fmt: skip


def test_years_of_daily_backups_come_down_to_the_tiers() -> None:
    first = datetime(2030, 1, 1, 3, tzinfo=UTC)
    made = {str(day): first + timedelta(days=day) for day in range(800)}
    stay = [int(name) for name, why in reasons(made, Tiers()).items() if why]
    assert stay[:7] == list(range(799, 792, -1))
    assert 7 < len(stay) <= 3 + 7 + 4 + 12
    assert max(stay) - min(stay) > 300
    # What stays today, stays if the same is asked again: pruning twice is pruning once.
    left = {str(day): made[str(day)] for day in stay}
    assert all(reasons(left, Tiers()).values())


def test_pruning_each_day_leaves_what_pruning_once_would() -> None:
    made: dict[str, datetime] = {}
    everything: dict[str, datetime] = {}
    for day in range(500):
        made[str(day)] = everything[str(day)] = datetime(2030, 1, 1, 3, tzinfo=UTC) + timedelta(days=day)
        made = {name: made[name] for name, why in reasons(made, Tiers()).items() if why}
    at_once = {name for name, why in reasons(everything, Tiers()).items() if why}
    months = {f"{at:%Y-%m}" for at in made.values()}
    assert len(months) == 12
    assert at_once - set(made) == set()


def test_a_backup_of_a_clock_that_was_wrong_costs_one_place() -> None:
    assert kept(Tiers(last=2, daily=0, weekly=0, monthly=0), "2099-01-01", "2030-01-01", "2030-01-02") == [
        "2099-01-01", "2030-01-02",
    ]  # fmt: skip


def test_without_tiers_nothing_stays_and_nothing_breaks() -> None:
    assert kept(NONE, "2030-01-01") == []
    assert reasons({}, Tiers()) == {}


def test_an_option_comes_before_the_project_and_the_project_before_the_default() -> None:
    config = {"backup": {"keep-daily": 30, "keep-weekly": 0}}
    assert Tiers.of(config, daily=1, weekly=None) == Tiers(last=3, daily=1, weekly=0, monthly=12)
    assert Tiers.of({}) == Tiers()


@pytest.mark.parametrize("value", ["7", -1, 1.5, True, None])
def test_a_tier_that_is_no_number_is_told(value: object) -> None:
    if value is None:
        assert Tiers.of({"backup": {"keep-daily": value}}) == Tiers()
        return
    with pytest.raises(BadConfiguration, match=r"tool.oppman.backup.keep-daily in pyproject.toml is"):
        Tiers.of({"backup": {"keep-daily": value}})
