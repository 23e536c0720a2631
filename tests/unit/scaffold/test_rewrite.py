"""A file before and after: exact where nothing else has changed, row by row where something has."""

import pytest

from oppman.scaffold.insert import CannotInsert, Rewrite, from_json

BEFORE = "a = 1\nb = 2\nc = 3\n\nd = 4\n"
AFTER = "a = 1\nc = 3\n\nd = 4\n"
EDIT = Rewrite(BEFORE, AFTER)


def test_it_goes_there_and_back() -> None:
    assert EDIT.apply(BEFORE) == AFTER == EDIT.apply(AFTER)
    assert EDIT.take_back(AFTER) == BEFORE == EDIT.take_back(BEFORE)
    assert from_json(EDIT.to_json()) == EDIT


def test_what_came_since_stays() -> None:
    assert EDIT.take_back(AFTER + "e = 5\n") == BEFORE + "e = 5\n"
    assert EDIT.apply("# mine\n" + BEFORE) == "# mine\n" + AFTER


def test_rows_that_were_edited_are_left_alone() -> None:
    with pytest.raises(CannotInsert, match="edited since") as problem:
        EDIT.apply(BEFORE.replace("b = 2", "b = 20"))
    assert "- b = 2" in problem.value.detail
