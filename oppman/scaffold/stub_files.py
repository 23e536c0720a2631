"""oppman's stubs as steps of a plan, so that a project can have its own: an edited one wins over oppman's."""

from collections.abc import Iterator
from pathlib import PurePosixPath

from oppman.scaffold.plan import Create
from oppman.scaffold.render import STUBS

KINDS = ("command", "piece", "resource")


def stub_steps(folder: str) -> Iterator[Create]:
    """A step for each stub, with its place in the project's `folder`."""
    for path in sorted(path for kind in KINDS for path in (STUBS / kind).rglob("*.jinja")):
        yield Create((PurePosixPath(folder) / path.relative_to(STUBS).as_posix()).as_posix(), path.read_text("utf-8"))
