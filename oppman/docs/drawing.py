"""The diagram of tables as SVG: in a page it takes the page's colours, alone it brings its own, light and dark."""

from collections.abc import Sequence
from html import escape
from itertools import pairwise

from oppman.docs.diagram import HEAD, LONGEST_NAME, LONGEST_TYPE, PADDING, ROW, Box, Diagram, Line, Point, shorten
from oppman.docs.layering import Row
from oppman.docs.models import Column

RADIUS = 7.0
FOOT = 9.0

ALONE = """<style>
.box { fill: #fff; stroke: #d5dcd9; } .head { fill: #eef4f1; } .name { fill: #17211d; font-weight: 600; }
.model, .type { fill: #5c6b65; } .column { fill: #26332e; } .key { fill: #12684c; font-weight: 600; }
.rule { stroke: #d5dcd9; } .line { stroke: #5e8576; }
@media (prefers-color-scheme: dark) {
.box { fill: #18211d; stroke: #3a4842; } .head { fill: #212d28; } .name { fill: #eaf1ee; }
.model, .type { fill: #9fb0a9; } .column { fill: #d3ddd9; } .key { fill: #79d3b1; }
.rule { stroke: #3a4842; } .line { stroke: #7fa898; }
}
</style>"""


def svg(diagram: Diagram, *, alone: bool = False) -> str:
    """The drawing. In a page each table links to `#table-NAME`; with `alone` it is a picture with its own colours."""
    width, height = round(diagram.width), round(diagram.height)
    role = 'role="img"' if alone else 'role="group"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="diagram" viewBox="0 0 {width} {height}" width="{width}" '
        f'height="{height}" {role} aria-labelledby="diagram-title diagram-text" fill="none" '
        'font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, DejaVu Sans Mono, monospace" font-size="12">',
        '<title id="diagram-title">The tables and their relations</title>',
        f'<desc id="diagram-text">{escape(describe(diagram))}</desc>',
        *([ALONE] if alone else []),
        *(_line(line, _column(line.child, diagram.boxes)) for line in diagram.lines),
    ]
    for box in diagram.boxes:
        drawn = _box(box)
        label = escape(f"Table {box.table.name}, {len(box.table.columns)} columns", quote=True)
        link = f'<a href="#table-{escape(box.table.name, quote=True)}" aria-label="{label}">{drawn}</a>'
        parts.append(f"<g>{drawn}</g>" if alone else link)
    return "\n".join([*parts, "</svg>\n"])


def describe(diagram: Diagram) -> str:
    """The diagram in words: how many tables, and each foreign key in a sentence."""
    names = ", ".join(box.table.name for box in diagram.boxes)
    sentences = [f"{len(diagram.boxes)} tables: {names}."] if diagram.boxes else ["No tables."]
    sentences += [
        f"{line.child.table}.{line.child.column} refers to {line.parent.table}.{line.parent.column}."
        for line in diagram.lines
    ]
    return " ".join(sentences)


def _box(box: Box) -> str:
    x, y, right = box.x, box.y, box.x + box.width
    middle = y + HEAD / 2 + 4
    shape = f'x="{x:g}" y="{y:g}" width="{box.width:g}" rx="8"'
    parts = [
        f'<rect class="box" {shape} height="{box.height:g}"/>',
        f'<path class="head" d="M{x + 0.5:g} {y + HEAD:g}v-{HEAD - 8.5:g}a8 8 0 0 1 8-8h{box.width - 17:g}'
        f'a8 8 0 0 1 8 8v{HEAD - 8.5:g}z"/>',
        f'<path class="rule" d="M{x:g} {y + HEAD:g}H{right:g}"/>',
        f'<text class="name" x="{x + 12:g}" y="{middle:g}">{escape(shorten(box.table.name, LONGEST_NAME))}</text>',
        _right("model", right - 12, middle, shorten(box.table.model, LONGEST_TYPE)),
    ]
    for number, column in enumerate(box.table.columns):
        base = y + HEAD + PADDING + ROW * (number + 0.5) + 4
        key = "PK" if column.primary_key else "FK" if column.reference else ""
        if key:
            parts.append(f'<text class="key" x="{x + 12:g}" y="{base:g}" font-size="9.5">{key}</text>')
        name = escape(shorten(column.name, LONGEST_NAME))
        parts.append(f'<text class="column" x="{x + 34:g}" y="{base:g}">{name}</text>')
        kind = shorten(column.type, LONGEST_TYPE) + ("" if column.required else "?")
        parts.append(_right("type", right - 12, base, kind))
    return "".join(parts)


def _right(name: str, x: float, y: float, text: str) -> str:
    return f'<text class="{name}" x="{x:g}" y="{y:g}" text-anchor="end">{escape(text)}</text>' if text else ""


def _line(line: Line, column: Column) -> str:
    """The line, with a crow's foot at a child that can be one of many, else a bar, and a bar at the parent."""
    (cx, cy), (px, py) = line.points[0], line.points[-1]
    away = 1 if line.points[1][0] > cx else -1  # the side on which the line leaves the child
    parent = 1 if line.points[-2][0] > px else -1
    title = f"{line.child.table}.{line.child.column} → {line.parent.table}.{line.parent.column}"
    foot = f"M{cx:g} {cy - 5:g}L{cx + away * FOOT:g} {cy:g}L{cx:g} {cy + 5:g}"
    if column.unique:
        foot = f"M{cx + away * FOOT:g} {cy - 5:g}v10"
    end = f'<path class="line" d="M{px + parent * FOOT:g} {py - 5:g}v10"/>'
    return (
        f'<g class="relation"><title>{escape(title)}</title>'
        f'<path class="line" d="{_rounded(line.points)}"/><path class="line" d="{foot}"/>{end}</g>'
    )


def _rounded(points: Sequence[Point]) -> str:
    """A path through `points` whose corners are rounded as far as its pieces are long enough."""
    kept = [point for point, following in pairwise([*points, (-1.0, -1.0)]) if point != following]
    path = [f"M{kept[0][0]:g} {kept[0][1]:g}"]
    for before, corner, after in zip(kept, kept[1:], kept[2:], strict=False):
        radius = min(RADIUS, _length(before, corner) / 2, _length(corner, after) / 2)
        (ax, ay), (bx, by) = _towards(corner, before, radius), _towards(corner, after, radius)
        path.append(f"L{ax:g} {ay:g}Q{corner[0]:g} {corner[1]:g} {bx:g} {by:g}")
    return "".join([*path, f"L{kept[-1][0]:g} {kept[-1][1]:g}"])


def _length(a: Point, b: Point) -> float:
    return abs(a[0] - b[0]) + abs(a[1] - b[1])  # one of the two is zero


def _towards(start: Point, end: Point, distance: float) -> Point:
    length = _length(start, end) or 1.0
    return (
        start[0] + (end[0] - start[0]) / length * distance,
        start[1] + (end[1] - start[1]) / length * distance,
    )


def _column(row: Row, boxes: Sequence[Box]) -> Column:
    table = next(box.table for box in boxes if box.table.name == row.table)
    return next(column for column in table.columns if column.name == row.column)
