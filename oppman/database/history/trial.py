"""Files of a project that are changed only if what follows goes well."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from importlib.util import cache_from_source
from pathlib import Path


@contextmanager
def tried(files: Mapping[Path, bytes | None]) -> Iterator[None]:
    """Give the files these contents, None for none, for the block; if it raises, they are what they were before."""
    before = {path: path.read_bytes() if path.exists() else None for path in files}
    try:
        for path, content in files.items():
            _put(path, content)
        yield
    except BaseException:  # someone who presses Ctrl-C does not want half of it either
        for path, content in before.items():
            _put(path, content)
        raise


def _put(path: Path, content: bytes | None) -> None:
    """Write the file in one go, or remove it: who reads the folder meanwhile finds no half of a file."""
    _forget_compiled(path)
    if content is None:
        path.unlink(missing_ok=True)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f"{path.name}.new")
    try:
        new.write_bytes(content)
        if path.exists():
            new.chmod(path.stat().st_mode & 0o777)
        new.replace(path)
    finally:
        new.unlink(missing_ok=True)


def _forget_compiled(path: Path) -> None:
    """Python takes a file for the one that it has compiled if its length and the second of its change are the same."""
    with suppress(NotImplementedError):  # a Python that keeps no compiled files
        Path(cache_from_source(path)).unlink(missing_ok=True)
