"""Where the boxes and lines of a diagram of tables go, in pixels. Parents stand to the left of their children.

A line runs horizontally at its rows and through the layers, and vertically only in the lanes between two layers. So no
line crosses a box and no box touches another.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, permutations

from oppman.docs.layering import Piece, Row, Stop, assign, order, split
from oppman.docs.models import Table

ROW, HEAD, PADDING = 24.0, 38.0, 6.0
CHARACTER = 7.6
MARGIN, GAP_Y, GAP_X, LANE, LOOP = 14.0, 32.0, 72.0, 14.0, 18.0
SHELF = 860.0
SWEEPS = 17  # an odd number: the last one goes from parents to children and makes their lines straight
LONGEST_NAME, LONGEST_TYPE = 34, 24

Point = tuple[float, float]


@dataclass(frozen=True)
class Box:
    """A table, its upper left corner and its size."""

    table: Table
    x: float
    y: float
    width: float
    height: float

    def row(self, column: str) -> float:
        """The y of the middle of a column's row."""
        return self.y + row(self.table, column)


@dataclass(frozen=True)
class Line:
    """A foreign key, from the child's row to the parent's, in horizontal and vertical pieces."""

    child: Row
    parent: Row
    points: tuple[Point, ...]


@dataclass(frozen=True)
class Diagram:
    """Everything that is to be drawn, within `width` and `height`."""

    width: float
    height: float
    boxes: tuple[Box, ...]
    lines: tuple[Line, ...]


def lay_out(tables: Sequence[Table]) -> Diagram:
    """Place every table: those with relations in layers, the others on shelves below."""
    by_name = {table.name: table for table in sorted(tables, key=lambda table: table.name)}
    keys = list(_keys(by_name))
    parents = {name: {p.table for c, p in keys if c.table == name != p.table} for name in by_name}
    related = {name: above for name, above in parents.items() if above or any(name in p for p in parents.values())}
    layers = assign(related)
    lines = {
        (child, parent): (parent, child) if layers[parent.table] < layers[child.table] else (child, parent)
        for child, parent in keys if child.table != parent.table
    }  # fmt: skip
    pieces = split(lines.values(), layers)
    places = order(layers, pieces)
    tops = _tops(places, pieces, by_name)
    boxes, lanes = _columns(places, pieces, tops, by_name)
    boxes |= _shelves([table for name, table in by_name.items() if name not in related], boxes)
    drawn = [
        Line(child, parent, _path(left, right, boxes, lanes, tops)[:: 1 if left == child else -1])
        for (child, parent), (left, right) in lines.items()
    ]
    drawn += _loops([(child, parent) for child, parent in keys if child.table == parent.table], boxes)
    points = [point for line in drawn for point in line.points]
    points += [(box.x + box.width, box.y + box.height) for box in boxes.values()]
    return Diagram(
        width=max((x for x, _ in points), default=0.0) + MARGIN,
        height=max((y for _, y in points), default=0.0) + MARGIN,
        boxes=tuple(boxes[name] for name in sorted(boxes)),
        lines=tuple(sorted(drawn, key=lambda line: (line.child, line.parent))),
    )


def row(table: Table, column: str) -> float:
    """How far below the upper edge of its table the middle of a column's row is; the head's if it has no such row."""
    names = [candidate.name for candidate in table.columns]
    return HEAD + PADDING + ROW * (names.index(column) + 0.5) if column in names else HEAD / 2


def shorten(text: str, longest: int) -> str:
    """`text`, with its end left out if it is longer than `longest` characters."""
    return text if len(text) <= longest else text[: longest - 1] + "…"


def _keys(tables: Mapping[str, Table]) -> Iterator[tuple[Row, Row]]:
    for table in tables.values():
        for column in table.columns:
            if column.reference and column.reference.table in tables:
                yield Row(table.name, column.name), Row(column.reference.table, column.reference.column)


def _size(table: Table) -> tuple[float, float]:
    texts = [len(shorten(table.name, LONGEST_NAME)) + len(shorten(table.model, LONGEST_TYPE)) + 2]
    texts += [min(len(c.name), LONGEST_NAME) + min(len(c.type), LONGEST_TYPE) + 7 for c in table.columns]
    return round(max(texts) * CHARACTER + 24), HEAD + 2 * PADDING + ROW * len(table.columns)


def _tops(places: Sequence[Sequence[Stop]], pieces: Sequence[Piece], tables: Mapping[str, Table]) -> dict[Stop, float]:
    """The upper edge of everything in the layers: near its neighbours, in order, without overlap."""
    height = {stop: 0.0 if stop.via else _size(tables[stop.table])[1] for layer in places for stop in layer}
    tops: dict[Stop, float] = {}
    for layer in places:
        y = 0.0
        for stop in layer:
            tops[stop], y = y, y + height[stop] + GAP_Y

    def wish(stop: Stop) -> float:
        pulls = [_height(p.left, p.left_row, tops, tables) - _within(stop, p.right_row, tables)
                 for p in pieces if p.right == stop]  # fmt: skip
        pulls += [_height(p.right, p.right_row, tops, tables) - _within(stop, p.left_row, tables)
                  for p in pieces if p.left == stop]  # fmt: skip
        return sum(pulls) / len(pulls) if pulls else tops[stop]

    for sweep in range(SWEEPS):
        for layer in places if sweep % 2 == 0 else places[::-1]:
            placed = _spread([wish(stop) for stop in layer], [height[stop] for stop in layer])
            tops |= zip(layer, placed, strict=True)
    highest = min(tops.values(), default=0.0)
    return {stop: round(y - highest) + MARGIN for stop, y in tops.items()}


def _within(stop: Stop, column: str, tables: Mapping[str, Table]) -> float:
    return 0.0 if stop.via else row(tables[stop.table], column)


def _height(stop: Stop, column: str, tops: Mapping[Stop, float], tables: Mapping[str, Table]) -> float:
    return tops[stop] + _within(stop, column, tables)


def _spread(wanted: Sequence[float], heights: Sequence[float]) -> list[float]:
    """Places in the given order with room between them: the mean of pushing down and of pushing up."""
    down, up = list(wanted), list(wanted)
    for i in range(1, len(down)):
        down[i] = max(down[i], down[i - 1] + heights[i - 1] + GAP_Y)
    for i in range(len(up) - 2, -1, -1):
        up[i] = min(up[i], up[i + 1] - heights[i] - GAP_Y)
    return [(a + b) / 2 for a, b in zip(down, up, strict=True)]


def _columns(
    places: Sequence[Sequence[Stop]], pieces: Sequence[Piece], tops: Mapping[Stop, float], tables: Mapping[str, Table]
) -> tuple[dict[str, Box], dict[tuple[int, Row], float]]:
    """The boxes of the layers, and the x of the lane of every trunk in the gap to the right of its layer."""
    boxes: dict[str, Box] = {}
    lanes: dict[tuple[int, Row], float] = {}
    x = MARGIN
    for number, layer in enumerate(places):
        members = [stop for stop in layer if not stop.via]
        width = max((_size(tables[stop.table])[0] for stop in members), default=0.0)
        for stop in members:
            boxes[stop.table] = Box(tables[stop.table], x, tops[stop], width, _size(tables[stop.table])[1])
        here = sorted((piece for piece in pieces if piece.left.layer == number), key=lambda piece: piece.trunk)
        trunks = {
            trunk: [
                (_height(p.left, p.left_row, tops, tables), _height(p.right, p.right_row, tops, tables)) for p in own
            ]
            for trunk, own in groupby(here, key=lambda piece: piece.trunk)
        }
        in_order = _lane_order(trunks)
        lanes |= {(number, trunk): x + width + GAP_X / 2 + LANE * lane for lane, trunk in enumerate(in_order)}
        x += width + GAP_X + LANE * max(0, len(in_order) - 1)
    return boxes, lanes


def _lane_order(trunks: Mapping[Row, list[tuple[float, float]]]) -> tuple[Row, ...]:
    """The trunks from left to right so that they cross each other least; all orders are tried while they are few."""
    rows = tuple(sorted(trunks, key=lambda trunk: trunks[trunk][0][0]))
    if len(rows) <= 6:
        return min(permutations(rows), key=lambda lanes: _conflicts(lanes, trunks))
    improved = True
    while improved:
        improved = False
        for i in range(len(rows) - 1):
            swapped = (*rows[:i], rows[i + 1], rows[i], *rows[i + 2 :])
            if _conflicts(swapped, trunks) < _conflicts(rows, trunks):
                rows, improved = swapped, True
    return rows


def _conflicts(lanes: Sequence[Row], trunks: Mapping[Row, list[tuple[float, float]]]) -> int:
    """Crossings, and much worse, two lines on top of each other."""
    cost = 0
    for i, first in enumerate(lanes):
        spans = trunks[first]
        heights = [y for pair in spans for y in pair]
        for second in lanes[i + 1 :]:
            others = trunks[second]
            other_heights = [y for pair in others for y in pair]
            cost += min(heights) <= others[0][0] <= max(heights)  # the second comes from the left across the first
            cost += sum(min(other_heights) <= y <= max(other_heights) for y in {right for _, right in spans})
            cost += 50 * sum(abs(right - others[0][0]) < 4 for _, right in spans)
    return cost


def _path(
    left: Row, right: Row, boxes: Mapping[str, Box], lanes: Mapping[tuple[int, Row], float], tops: Mapping[Stop, float]
) -> tuple[Point, ...]:
    first = next(stop.layer for stop in tops if stop.table == left.table and not stop.via)
    last = next(stop.layer for stop in tops if stop.table == right.table and not stop.via)
    start, end = boxes[left.table], boxes[right.table]
    y = start.row(left.column)
    points: list[Point] = [(start.x + start.width, y)]
    for layer in range(first, last):
        below = end.row(right.column) if layer + 1 == last else tops[Stop(layer + 1, left.table, left.column)]
        points += [(lanes[layer, left], y), (lanes[layer, left], below)]
        y = below
    return (*points, (end.x, y))


def _shelves(tables: Sequence[Table], above: Mapping[str, Box]) -> dict[str, Box]:
    """Boxes side by side below those `above`, row by row."""
    right = max([SHELF, *(box.x + box.width for box in above.values())])
    x, y = MARGIN, max((box.y + box.height + GAP_Y for box in above.values()), default=MARGIN)
    boxes: dict[str, Box] = {}
    deepest = y
    for table in tables:
        width, height = _size(table)
        if x > MARGIN and x + width > right:
            x, y = MARGIN, deepest + GAP_Y
        boxes[table.name] = Box(table, x, y, width, height)
        x, deepest = x + width + GAP_X / 2, max(deepest, y + height)
    return boxes


def _loops(keys: Sequence[tuple[Row, Row]], boxes: Mapping[str, Box]) -> list[Line]:
    """Lines of tables that refer to themselves, at their right side."""
    lines = []
    for child, parent in keys:
        box = boxes[child.table]
        edge, out = box.x + box.width, box.x + box.width + LOOP
        start, end = box.row(child.column), box.row(parent.column)
        lines.append(Line(child, parent, ((edge, start), (out, start), (out, end), (edge, end))))
    return lines
