"""The order of a layered drawing: which layer a table stands in, and who stands above whom.

The steps are those of Sugiyama, Tagawa and Toda (1981): break cycles, assign layers, put a waypoint into every layer
that a line passes, and order each layer by the mean place of its neighbours.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

SWEEPS = 12


@dataclass(frozen=True, order=True)
class Row:
    """A column of a table, where a line begins or ends."""

    table: str
    column: str


@dataclass(frozen=True, order=True)
class Stop:
    """What takes a place in a layer: a table, or with `via` the waypoint of the lines that leave that column of it."""

    layer: int
    table: str
    via: str = ""


@dataclass(frozen=True, order=True)
class Piece:
    """The part of a line between two neighbouring layers. A row is "" at a waypoint."""

    left: Stop
    left_row: str
    right: Stop
    right_row: str

    @property
    def trunk(self) -> Row:
        """The row that the line left; lines from one row run together as long as they can."""
        return Row(self.left.table, self.left_row or self.left.via)


def assign(parents: Mapping[str, set[str]]) -> dict[str, int]:
    """The layer of every table: right of all its parents, except where a cycle leaves no such place.

    Two tables of which one is a parent of the other never share a layer.
    """
    layers: dict[str, int] = {}
    kept: dict[str, set[str]] = {name: set() for name in parents}
    visiting: list[str] = []

    def visit(name: str) -> None:
        visiting.append(name)
        for parent in sorted(parents[name] - {name}):
            if parent in visiting:
                continue  # it closes a cycle: this one line will run the other way
            if parent not in layers:
                visit(parent)
            kept[name].add(parent)
        layers[name] = 1 + max((layers[parent] for parent in kept[name]), default=-1)
        visiting.pop()

    for name in sorted(parents):
        if name not in layers:
            visit(name)
    children: dict[str, list[int]] = defaultdict(list)
    for name, ancestors in kept.items():
        for parent in ancestors:
            children[parent].append(layers[name])
    return {  # a table without parents moves next to its children
        name: layer if kept[name] or not children[name] else min(children[name]) - 1 for name, layer in layers.items()
    }


def split(lines: Iterable[tuple[Row, Row]], layers: Mapping[str, int]) -> list[Piece]:
    """The pieces of `lines`, each given from the row in the lower layer to the row in the higher one."""
    pieces = set()
    for left, right in lines:
        first, last = layers[left.table], layers[right.table]
        stops = [
            (Stop(first, left.table), left.column),
            *((Stop(layer, left.table, left.column), "") for layer in range(first + 1, last)),
            (Stop(last, right.table), right.column),
        ]
        pieces |= {Piece(*start, *end) for start, end in pairwise(stops)}
    return sorted(pieces)


def order(tables: Mapping[str, int], pieces: Sequence[Piece]) -> list[list[Stop]]:
    """The layers from left to right, each from top to bottom, with the fewest crossings that a few sweeps find."""
    stops = {Stop(layer, name) for name, layer in tables.items()}
    stops |= {piece.left for piece in pieces} | {piece.right for piece in pieces}
    count = 1 + max((stop.layer for stop in stops), default=-1)
    layers = [sorted(stop for stop in stops if stop.layer == number) for number in range(count)]
    best, fewest = list(layers), crossings(layers, pieces)
    for sweep in range(SWEEPS):
        step = 1 if sweep % 2 == 0 else -1
        for number in range(count)[::step][1:]:
            layers[number] = _sorted(layers[number], layers[number - step], pieces)
        if (found := crossings(layers, pieces)) < fewest:
            best, fewest = list(layers), found
    return best


def crossings(layers: Sequence[Sequence[Stop]], pieces: Sequence[Piece]) -> int:
    """How many pairs of pieces cross each other in this order."""
    place = {stop: index for layer in layers for index, stop in enumerate(layer)}
    found = 0
    for number in range(len(layers)):
        ends = [(place[piece.left], place[piece.right]) for piece in pieces if piece.left.layer == number]
        found += sum((a - c) * (b - d) < 0 for i, (a, b) in enumerate(ends) for c, d in ends[i + 1 :])
    return found


def _sorted(layer: Sequence[Stop], beside: Sequence[Stop], pieces: Sequence[Piece]) -> list[Stop]:
    place = {stop: index for index, stop in enumerate(beside)}
    own = {stop: index for index, stop in enumerate(layer)}
    neighbours: dict[Stop, list[int]] = defaultdict(list)
    for piece in pieces:
        if piece.right in own and piece.left in place:
            neighbours[piece.right].append(place[piece.left])
        if piece.left in own and piece.right in place:
            neighbours[piece.left].append(place[piece.right])

    def mean(stop: Stop) -> tuple[float, int]:
        known = neighbours[stop]
        return (sum(known) / len(known) if known else own[stop], own[stop])

    return sorted(layer, key=mean)
