from itertools import combinations, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oppman.docs.diagram import Box, Diagram, lay_out
from oppman.docs.models import Column, Reference, Table


def table(name: str, *references: str, columns: int = 1) -> Table:
    """A table with a key `id`, `columns` more, and a foreign key to the `id` of each of `references`."""
    names: list[tuple[str, str | None]] = [("id", None), *((f"column_{n}", None) for n in range(columns))]
    names += [(f"{other}_{n}", other) for n, other in enumerate(references)]
    keys = [Reference(other, "id", "") if other else None for _, other in names]
    rows = tuple(
        Column(column, "integer", column == "id", True, False, "", (), key, "")
        for (column, _), key in zip(names, keys, strict=True)
    )
    return Table(name, "", "", rows, (), ())


@st.composite
def schemas(draw: st.DrawFn) -> list[Table]:
    names = [f"t{number}" for number in range(draw(st.integers(0, 9)))]
    return [
        table(name, *draw(st.lists(st.sampled_from(names), max_size=3)), columns=draw(st.integers(0, 6)))
        for name in names
    ]


def overlap(one: Box, other: Box) -> bool:
    return (
        one.x < other.x + other.width and other.x < one.x + one.width
        and one.y < other.y + other.height and other.y < one.y + one.height
    )  # fmt: skip


def crosses(box: Box, start: tuple[float, float], end: tuple[float, float]) -> bool:
    """Whether the piece from `start` to `end` runs through the inside of `box`; touching its edge is fine."""
    (left, right), (top, bottom) = sorted((start[0], end[0])), sorted((start[1], end[1]))
    beside = right <= box.x or left >= box.x + box.width
    above_or_below = bottom <= box.y or top >= box.y + box.height
    return not beside and not above_or_below


@settings(deadline=None, max_examples=60)
@given(schemas())
def test_no_box_overlaps_another_and_no_line_crosses_a_box(tables: list[Table]) -> None:
    drawing = lay_out(tables)

    assert sorted(box.table.name for box in drawing.boxes) == sorted(t.name for t in tables)
    assert [(a.table.name, b.table.name) for a, b in combinations(drawing.boxes, 2) if overlap(a, b)] == []
    for line in drawing.lines:
        for start, end in pairwise(line.points):
            assert start[0] == end[0] or start[1] == end[1]
            assert [box.table.name for box in drawing.boxes if crosses(box, start, end)] == []


@settings(deadline=None, max_examples=30)
@given(schemas())
def test_every_foreign_key_is_a_line_from_its_row_to_the_row_it_refers_to(tables: list[Table]) -> None:
    drawing = lay_out(tables)
    boxes = {box.table.name: box for box in drawing.boxes}

    keys = [(t.name, c.name, c.reference.table) for t in tables for c in t.columns if c.reference]
    assert sorted((one.child.table, one.child.column, one.parent.table) for one in drawing.lines) == sorted(keys)
    for line in drawing.lines:
        for row, (x, y) in ((line.child, line.points[0]), (line.parent, line.points[-1])):
            box = boxes[row.table]
            assert y == box.row(row.column)
            assert x in (box.x, box.x + box.width)


@settings(deadline=None, max_examples=20)
@given(schemas())
def test_everything_lies_within_the_drawing(tables: list[Table]) -> None:
    drawing = lay_out(tables)

    points = [point for line in drawing.lines for point in line.points]
    points += [point for box in drawing.boxes for point in ((box.x, box.y), (box.x + box.width, box.y + box.height))]
    assert all(0 < x < drawing.width and 0 < y < drawing.height for x, y in points)


@settings(deadline=None, max_examples=20)
@given(schemas(), st.randoms())
def test_the_order_in_which_tables_are_given_does_not_matter(tables: list[Table], random: object) -> None:
    shuffled = list(tables)
    random.shuffle(shuffled)  # type: ignore[attr-defined]

    assert lay_out(shuffled) == lay_out(tables)


def test_a_parent_stands_left_of_its_children() -> None:
    boxes = by_name(lay_out([table("a_child", "parent"), table("grandchild", "a_child"), table("parent")]))

    assert boxes["parent"].x < boxes["a_child"].x < boxes["grandchild"].x


def test_tables_without_relations_stand_below_the_others() -> None:
    boxes = by_name(lay_out([table("alone"), table("child", "parent"), table("parent")]))

    assert boxes["alone"].y >= max(boxes[name].y + boxes[name].height for name in ("child", "parent"))


def test_a_reference_to_a_table_that_is_not_there_draws_no_line() -> None:
    assert lay_out([table("child", "missing")]).lines == ()


@pytest.mark.parametrize(
    "tables", [[table("a", "b"), table("b", "a")], [table("a", "b"), table("b", "c"), table("c", "a")]]
)
def test_a_cycle_is_drawn_like_any_other_relation(tables: list[Table]) -> None:
    assert len(lay_out(tables).lines) == len(tables)


def test_two_children_of_one_parent_share_the_way_out_of_it() -> None:
    lines = lay_out([table("one", "parent"), table("other", "parent"), table("parent")]).lines

    assert lines[0].points[-1] == lines[1].points[-1]
    assert lines[0].points[-2][0] == lines[1].points[-2][0]


def by_name(drawing: Diagram) -> dict[str, Box]:
    return {box.table.name: box for box in drawing.boxes}
