"""Two changes of one text brought together: nothing of either is lost, and what both changed is nobody's to decide."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oppman.scaffold.insert.three_way import three_way

ROWS = st.lists(st.sampled_from("abcde"), max_size=8)


@given(base=ROWS, ours=ROWS)
def test_who_alone_has_changed_something_is_right(base: list[str], ours: list[str]) -> None:
    assert three_way(base, ours, base) == ours
    assert three_way(base, base, ours) == ours


@given(base=ROWS, ours=ROWS)
def test_the_same_change_on_both_sides_is_made_once(base: list[str], ours: list[str]) -> None:
    assert three_way(base, ours, ours) == ours
    assert three_way(base, ours, ours, apart=True) == ours


@given(base=ROWS, ours=ROWS, theirs=ROWS, apart=st.booleans())
def test_it_does_not_matter_whose_change_is_whose(
    base: list[str], ours: list[str], theirs: list[str], apart: bool
) -> None:
    assert three_way(base, ours, theirs, apart=apart) == three_way(base, theirs, ours, apart=apart)


@given(base=ROWS, ours=ROWS, theirs=ROWS)
def test_apart_refuses_more_and_gives_nothing_else(base: list[str], ours: list[str], theirs: list[str]) -> None:
    careful = three_way(base, ours, theirs, apart=True)
    assert careful is None or careful == three_way(base, ours, theirs)


@st.composite
def changes(draw: st.DrawFn) -> tuple[list[str], list[tuple[int, int, list[str]]]]:
    """Rows that differ from each other, and places in them, at least a row apart, each with what comes there."""
    base = [f"row {number}" for number in range(draw(st.integers(1, 14)))]
    places: list[tuple[int, int, list[str]]] = []
    start = 0
    while start <= len(base) and draw(st.booleans()):
        first = draw(st.integers(start, len(base)))
        last = draw(st.integers(first, min(first + 2, len(base))))
        new = [f"new {first} {number}" for number in range(draw(st.integers(first == last, 2)))]
        places.append((first, last, new))
        start = last + 1
    return base, places


@given(made=changes(), data=st.data())
def test_changes_of_different_rows_are_all_kept(
    made: tuple[list[str], list[tuple[int, int, list[str]]]], data: st.DataObject
) -> None:
    base, places = made
    sides = [data.draw(st.sampled_from(["ours", "theirs", "both"])) for _ in places]

    def changed(*wanted: str) -> list[str]:
        rows = list(base)
        for (first, last, new), side in reversed(list(zip(places, sides, strict=True))):
            if side in wanted:
                rows[first:last] = new
        return rows

    ours, theirs = changed("ours", "both"), changed("theirs", "both")
    assert three_way(base, ours, theirs, apart=True) == changed("ours", "theirs", "both")


@pytest.mark.parametrize(
    ("base", "ours", "theirs"),
    [("abc", "axc", "ayc"), ("abc", "ac", "axc"), ("abcd", "axxd", "abxd"), ("ab", "axb", "ayb"), ("", "x", "y")],
)
def test_what_both_changed_in_different_ways_is_refused(base: str, ours: str, theirs: str) -> None:
    assert three_way(list(base), list(ours), list(theirs)) is None


def test_rows_beside_each_other_are_taken_unless_they_have_to_be_apart() -> None:
    base, ours, theirs = list("abcd"), list("axcd"), list("abyd")
    assert three_way(base, ours, theirs) == list("axyd")
    assert three_way(base, ours, theirs, apart=True) is None


def test_a_new_row_beside_a_changed_one_is_kept_unless_they_have_to_be_apart() -> None:
    base, ours, theirs = list("abc"), list("axc"), list("abyc")
    assert three_way(base, ours, theirs) == list("axyc")
    assert three_way(base, ours, theirs, apart=True) is None
