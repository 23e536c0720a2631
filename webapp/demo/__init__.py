"""Demo data: realistic rows, the same ones for the same seed, and all of them removable again.

A resource has one module here, found by itself, with two or three names:

    model = Product                          # the table that the rows go to

    def row(draw: Draw) -> dict[str, Any]:   # the columns of row `draw.number`, chosen by `draw` alone
        return {"name": draw.pick(NAMES), "price": draw.decimal("4.90", "249.00")}

    def count(rows: int) -> int:             # how many rows for `--rows N`; without it, N
        return rows // 100

Tables are filled in the order of their foreign keys, so `draw.some(Author)` has keys to choose from. A many-to-many
relation is given as a list: `"tags": draw.several(Tag)`. Row n depends on the seed, on n and on the day alone, never
on the batches in which rows are written; `draw` is the only source of chance, and dates start at `draw.day`.
"""

from webapp.demo.loading import load
from webapp.demo.report import Count, Loaded, Login, Unloaded
from webapp.demo.status import status
from webapp.demo.unloading import unload

__all__ = ["Count", "Loaded", "Login", "Unloaded", "load", "status", "unload"]
