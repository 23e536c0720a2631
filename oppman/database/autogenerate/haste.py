"""Work of a process that ends soon, done without the collector of cycles, which walks all classes again and again."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def uncollected() -> Iterator[None]:
    """Collect no cycles within the block. A fifth of what importing two hundred models costs is looking for some."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.freeze()  # or the first thing that the collector does is what was put off
            gc.enable()
