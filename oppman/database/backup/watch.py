"""What is shown of a step of a backup that takes longer than a second."""

from types import TracebackType
from typing import Self

from oppman import console

MEGABYTE = 1_000_000


class Watch:
    """A bar of megabytes, such as `MB copied`; without a total, the time that it takes. Use it in a `with`."""

    def __init__(self, label: str, total: int = 0) -> None:
        self._done, self._bar = 0, console.Progress(label, _megabytes(total))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _kind: type | None, _problem: BaseException | None, _traceback: TracebackType | None) -> None:
        self._bar.close()

    def of(self, total: int) -> None:
        """Say how many bytes there are, where that is known only now."""
        if self._bar.total != _megabytes(total):
            self._bar.expect(_megabytes(total))

    def to(self, done: int) -> None:
        """Say that so many bytes are done by now."""
        self._done = done
        self._bar.advance(done // MEGABYTE - self._bar.done)

    def add(self, count: int = 0) -> None:
        """Say that so many more bytes are done."""
        self.to(self._done + count)


def _megabytes(count: int) -> int:
    return -(-count // MEGABYTE)
