"""What was generated, brought up to date in a file that its owner has edited."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oppman.scaffold.insert import CannotInsert, Regenerate, from_json
from oppman.scaffold.insert.regenerate import is_like

OLD = '''"""Books."""

from webapp.models import Book

SORTS = ("id", "title")


def names() -> list[str]:
    """Of all books."""
    title = "title"
    return [title]


def count() -> int:
    return len(SORTS)
'''
NEW = OLD.replace('"title")', '"title", "stock")').replace(
    "    return [title]", '    stock = "stock"\n    return [title, stock]'
)
OWN = "\n\ndef sale(price: float) -> float:\n    return price / 2\n"


def test_a_file_as_it_was_generated_becomes_the_new_one_and_the_old_one_again() -> None:
    edit = Regenerate(OLD, NEW)
    assert edit.apply(OLD) == NEW
    assert edit.apply(NEW) == NEW
    assert edit.take_back(NEW) == OLD
    assert edit.recorded(OLD, NEW) == edit
    assert from_json(edit.to_json()) == edit


EDITED = {
    "a function behind it": (OLD + OWN, NEW + OWN),
    "a comment above": ("# Ours.\n" + OLD, "# Ours.\n" + NEW),
    "another body far from it": (OLD.replace("len(SORTS)", "3"), NEW.replace("len(SORTS)", "3")),
}


@pytest.mark.parametrize("case", EDITED)
def test_what_the_owner_has_edited_elsewhere_stays(case: str) -> None:
    source, expected = EDITED[case]
    edit = Regenerate(OLD, NEW)
    assert edit.apply(source) == expected
    assert edit.apply(expected) == expected
    assert edit.take_back(expected) == source


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (OLD.replace('"title")', '"title", "price")'), "Its owner has changed the rows that would change."),
        (OLD.replace("    return [title]", "    return [title, title]"), "Its owner has changed the rows"),
        (OLD.replace('    title = "title"', '    title = "name"'), "Its owner has changed the rows"),  # right beside
        (OWN, "It is not what would be generated, or not any more."),
        ("", "It is not what would be generated, or not any more."),
    ],
)
def test_a_file_without_room_is_refused_with_the_rows_that_differ(source: str, message: str) -> None:
    with pytest.raises(CannotInsert) as refused:
        Regenerate(OLD, NEW).apply(source)
    assert refused.value.message.startswith(message)
    assert "at these places:" in refused.value.detail
    assert '    +    stock = "stock"\n' in refused.value.detail
    assert '    -SORTS = ("id", "title")\n' in refused.value.detail


def test_what_was_edited_afterwards_at_that_place_is_not_taken_back() -> None:
    source = NEW.replace('stock = "stock"', 'stock = "count"')
    assert Regenerate(OLD, NEW).take_back(source) == source


SCOPE_OLD, SCOPE_NEW = (
    "def names() -> int:\n    a = 1\n    return a",
    "def names() -> int:\n    a = 1\n    b = 2\n    return a",
)


def test_a_definition_alone_is_brought_up_to_date_whatever_is_around_it() -> None:
    edit = Regenerate(SCOPE_OLD, SCOPE_NEW, "names")
    around = "MINE = 1\n\n\n{}\n\n\nclass Other:\n    a = 1\n    return_ = a\n"
    assert edit.apply(around.format(SCOPE_OLD)) == around.format(SCOPE_NEW)
    assert edit.apply(around.format(SCOPE_NEW)) == around.format(SCOPE_NEW)
    assert edit.take_back(around.format(SCOPE_NEW)) == around.format(SCOPE_OLD)


@pytest.mark.parametrize("method", ["apply", "take_back"])
def test_a_definition_that_is_gone_is_told_by_its_name(method: str) -> None:
    edit = Regenerate(SCOPE_OLD, SCOPE_NEW, "names")
    with pytest.raises(CannotInsert, match="There is no names at the top level") as refused:
        getattr(edit, method)("MINE = 1\n")
    assert refused.value.detail.startswith("in names:\n")


ROWS = [f"a{number} = {number}" for number in range(20)]


def test_a_merge_that_would_be_no_python_is_refused() -> None:
    edit = Regenerate("\n".join(ROWS), "\n".join(['"""', *ROWS, '"""']))
    harmless, harmful = ("\n".join([*ROWS[:9], row, *ROWS[9:]]) for row in ("x = 1", 'x = """y"""'))
    assert edit.take_back(edit.apply(harmless)) == harmless
    with pytest.raises(CannotInsert, match="Its owner has changed the rows that would change"):
        edit.apply(harmful)


@st.composite
def changed(draw: st.DrawFn, name: str) -> str:
    """The rows with other ones in the place of at most two of them."""
    start = draw(st.integers(0, len(ROWS)))
    stop = min(start + draw(st.integers(0, 2)), len(ROWS))
    new = [f"{name}{number} = 0" for number in range(draw(st.integers(0, 3)))]
    return "\n".join([*ROWS[:start], *new, *ROWS[stop:]])


@given(new=changed("new"), source=changed("own"))
def test_what_is_brought_in_beside_an_edit_is_there_then_and_comes_out_again(new: str, source: str) -> None:
    edit = Regenerate("\n".join(ROWS), new)
    try:
        result = edit.apply(source)
    except CannotInsert:
        return
    assert edit.apply(result) == result
    if result != source:
        assert edit.take_back(result) == source
    assert {row for row in source.split("\n") if row.startswith("own")} <= {*result.split("\n")}
    assert {row for row in new.split("\n") if row.startswith("new")} <= {*result.split("\n")}


@pytest.mark.parametrize(("kept", "expected"), [(20, True), (17, True), (16, False), (0, False)])
def test_a_file_is_like_the_generated_one_if_most_of_that_is_there(kept: int, expected: bool) -> None:
    generated = [f"row {number}" for number in range(20)]
    source = [f"own {number}" for number in range(40)] + generated[:kept]
    assert is_like("\n".join(source), "\n".join(generated)) is expected
