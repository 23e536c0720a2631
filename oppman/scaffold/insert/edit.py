"""What every insertion can do, and the error of one that could not be made."""

from abc import ABC, abstractmethod
from dataclasses import asdict
from typing import Any, Self

from oppman.errors import OppmanError


class CannotInsert(OppmanError):
    """A file lacks what an insertion holds on to; nothing was changed.

    `lines` is what a person can do by hand instead: a line that says where, then the code to paste.
    """

    def __init__(self, message: str, where: str, code: str) -> None:
        self.lines = (f"{where}:", *(f"    {line}".rstrip() for line in code.strip("\n").split("\n")))
        super().__init__(message, "Add it by hand, then run this again.", "\n".join(self.lines))


class Edit(ABC):
    """An insertion into one file, and its reverse. Sources have `\\n` as their line end and keep every other byte.

    Edits of a file are taken back in the opposite order: an import goes when nothing uses it any more.
    """

    @abstractmethod
    def apply(self, source: str) -> str:
        """The source with the insertion; the same text where it stands already. Raises `CannotInsert`."""

    @abstractmethod
    def take_back(self, source: str) -> str:
        """The source without the insertion, wherever it has moved to.

        The same text where it is gone, or where its owner has changed it. Raises `CannotInsert` for a source that
        cannot be read.
        """

    def recorded(self, before: str, after: str) -> Self:
        """This edit as a journal should keep it: only what it added, and how the place looked before.

        `after`, another text than `before`, is `apply(before)`. What is recorded takes the one back to the other, byte
        for byte.
        """
        return self

    def to_json(self) -> dict[str, Any]:
        """The edit in values of JSON; `from_json` reads it."""
        fields = asdict(self)  # type: ignore[call-overload]  # every edit is a dataclass
        return {"edit": type(self).__name__} | {
            name: list(value) if isinstance(value, tuple) else value for name, value in fields.items()
        }
