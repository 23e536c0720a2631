"""The chance in a demo row."""

import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from sqlalchemy import Column, Integer, MetaData, Table, Uuid

from webapp.demo.draw import Draw, fit
from webapp.demo.keys import Keys, key_of
from webapp.models import Role, User

DAY = datetime(2030, 3, 15, tzinfo=UTC)


def draw(number: int = 0, seed: int = 1, keys: dict[str, Keys] | None = None) -> Draw:
    return Draw(seed, "users", DAY, keys or {}).begin(number)


def test_a_row_is_drawn_the_same_whatever_was_drawn_before() -> None:
    one = draw(5)
    first = [one.below(1000) for _ in range(200)]
    one.begin(6).below(10)
    one.begin(5)
    assert [one.below(1000) for _ in range(200)] == first


def test_rows_seeds_and_tables_differ() -> None:
    def numbers(one: Draw) -> tuple[int, ...]:
        return tuple(one.below(1000) for _ in range(5))

    others = [draw(1), draw(0, seed=2), Draw(1, "roles", DAY, {})]
    assert len({numbers(one) for one in [draw(), *others]}) == 4


def test_what_is_drawn_is_spread_evenly() -> None:
    one = draw()
    counts = Counter(one.begin(number).below(10) for number in range(10_000))
    assert set(counts) == set(range(10))
    assert all(850 < count < 1150 for count in counts.values())
    assert 2_300 < sum(one.begin(number).chance(25) for number in range(10_000)) < 2_700


def test_amounts_have_the_places_that_they_are_written_with() -> None:
    amounts = [draw(number).decimal("4.90", "5") for number in range(500)]
    assert (min(amounts), max(amounts)) == (Decimal("4.90"), Decimal("5.00"))
    assert {amount.as_tuple().exponent for amount in amounts} == {-2}


def test_moments_lie_on_their_side_of_the_day() -> None:
    assert all(DAY - timedelta(days=3) <= draw(number).past(3) < DAY for number in range(200))
    assert all(DAY <= draw(number).future(3) < DAY + timedelta(days=3) for number in range(200))
    moments = [draw(number).in_order(700) for number in range(0, 100_000, 500)]
    assert moments == sorted(moments)
    assert moments[0] == DAY - timedelta(days=700)
    assert moments[-1] < DAY


def test_addresses_of_people_are_plain_and_each_once() -> None:
    people = [draw(number).person() for number in range(2_000)]
    assert len({email for _, email in people}) == 2_000
    assert all(email.isascii() and email == email.lower() for _, email in people)
    assert any(not name.isascii() for name, _ in people)


def test_keys_are_found_by_number_across_ranges_and_not_for_rows_that_are_gone() -> None:
    keys = Keys(User.__table__, [(10, 12), (13, 14), (20, 21)], missing=[13])  # type: ignore[attr-defined]
    assert keys.ranges == [(10, 14), (20, 21)]
    assert [keys.key(number) for number in range(8)] == [10, 11, 12, None, 14, 20, 21, None]
    one = Draw(1, "roles", DAY, {"users": keys})
    assert {one.begin(number).some(User) for number in range(100)} == {10, 11, 12, None, 14, 20, 21}
    assert all(len(found) == len(set(found)) for found in (one.begin(n).several(User) for n in range(50)))


def test_a_table_refers_to_its_own_earlier_rows_alone() -> None:
    keys = Keys(User.__table__, [(10, 19)])  # type: ignore[attr-defined]
    assert draw(0, keys={"users": keys}).some(User) is None
    assert {draw(3, seed, {"users": keys}).some(User) for seed in range(100)} == {10, 11, 12}


def test_a_uuid_key_is_the_demos_own_and_sorts_by_its_number() -> None:
    metadata = MetaData()
    tables = [Table(name, metadata, Column("id", Uuid, primary_key=True)) for name in ("tags", "notes")]
    keys = [key_of(tables[0], serial) for serial in (1, 2, 300, 2**31)]
    assert keys == sorted(keys, key=str)
    assert {key.version for key in keys if not isinstance(key, int)} == {8}
    assert key_of(tables[1], 1) not in keys
    assert key_of(Table("rows", metadata, Column("id", Integer, primary_key=True)), 7) == 7


def test_a_serial_fills_its_mask_and_comes_once() -> None:
    found = [draw(number).serial("A%A-a#*") for number in range(20_000)]
    assert len(set(found)) == 20_000
    assert all(re.fullmatch("[A-Z]A-[a-z][0-9][A-Z0-9]", text) for text in found)
    assert len({draw(number).serial("##") for number in range(100)}) == 100


def test_options_come_in_their_turn_and_then_with_a_number() -> None:
    assert [draw(number).once(("oak", "ash")) for number in range(5)] == ["oak", "ash", "oak 2", "ash 2", "oak 3"]


def test_a_text_is_cut_after_a_word_or_said_again() -> None:
    assert fit("The quiet lantern", 0, 12) == "The quiet"
    assert fit("Lantern", 0, 4) == "Lant"
    assert fit("Lantern", 10, 20) == "Lantern Lantern"
    assert all(low <= len(fit("The oak, the ash - x", low, 30)) <= 30 for low in range(31))


def test_a_thing_stands_in_its_category_at_a_price_that_fits() -> None:
    lamps = [one for one in (draw(number).thing() for number in range(2_000)) if "Desk Lamp" in one.name]
    assert lamps
    assert {lamp.category for lamp in lamps} == {"Lighting"}
    assert all(59 <= lamp.price < 190 for lamp in lamps)


def test_a_table_without_demo_rows_has_no_keys() -> None:
    assert draw().some(Role) is None
    assert draw().key(Role, 0) is None
    assert draw().several(Role) == []


def test_a_vector_has_length_one() -> None:
    vector = draw().vector(64)
    assert len(vector) == 64
    assert abs(sum(number * number for number in vector) - 1) < 1e-9
