"""The file of a backup: a zip archive that any unzip reads, with a checksum of all of it at its very end.

A zip is written as a stream, each part is compressed or stored as suits it, and what the manifest says is found
without reading the rest. The manifest comes last, since it holds the checksums of the other parts. Then the archive's
comment: the SHA-256, in hexadecimal, of the archive as it was before it had one. So a byte that changes anywhere in
the file is seen, also one that no part needs.
"""

import errno
import hashlib
import lzma
import os
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import IO, BinaryIO, Self, cast

from oppman.database.backup import manifest
from oppman.database.backup.manifest import Manifest, Member
from oppman.database.backup.watch import Watch
from oppman.errors import DamagedBackup

MANIFEST = "manifest.json"
CHUNK = 1024 * 1024
SAMPLE = 64 * 1024
_LEVEL = 1
"""Of deflate, 1 to 9: the highest takes four times as long and makes a database an eighth smaller."""
_DIGITS = 64
_NO_COMMENT, _COMMENT = struct.pack("<H", 0), struct.pack("<H", _DIGITS)
"""The last two bytes of an archive, which say how long its comment is."""

_UNREADABLE = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, EOFError, KeyError, ValueError, OverflowError,
    NotImplementedError, RuntimeError,
)  # fmt: skip
"""What `zipfile` raises for bytes that it did not expect; the last ones for an unknown method and for a password."""


class Writer:
    """Writes a new archive, readable by its owner alone. Use it in a `with`, and `finish` it there."""

    def __init__(self, path: Path) -> None:
        self.members: dict[str, Member] = {}
        self._file = os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
        self._hashed = _Hashed(self._file)
        self._zip = zipfile.ZipFile(cast("IO[bytes]", self._hashed), "w", zipfile.ZIP_DEFLATED, compresslevel=_LEVEL)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _kind: type | None, _problem: BaseException | None, _traceback: TracebackType | None) -> None:
        self._zip.fp = None  # what was not finished is not closed either: that would write to it
        self._file.close()

    @contextmanager
    def part(self, name: str, *, stored: bool = False) -> Iterator["Part"]:
        """A new part to write to; `stored` if it is compressed already."""
        info = zipfile.ZipInfo(name) if stored else name
        with self._zip.open(info, "w", force_zip64=True) as file:
            part = Part(file)
            yield part
        self.members[name] = Member(part.size, part.digest.hexdigest())

    def finish(self, facts: Manifest) -> Manifest:
        """Write the manifest, with all parts in it, and the checksum; the file is on the disk when this returns."""
        whole = replace(facts, members=self.members)
        self._zip.writestr(MANIFEST, whole.to_json())
        self._zip.close()
        self._file.seek(-len(_NO_COMMENT), os.SEEK_END)
        self._file.write(_COMMENT + self._hashed.digest.hexdigest().encode())
        self._file.flush()
        os.fsync(self._file.fileno())
        return whole


class Part:
    """Where the bytes of one part go."""

    def __init__(self, file: IO[bytes]) -> None:
        self.size, self.digest, self._file = 0, hashlib.sha256(), file

    def write(self, data: bytes) -> int:
        self.size += len(data)
        self.digest.update(data)
        return self._file.write(data)


class Archive:
    """An archive to read. Raises DamagedBackup if the file is none, and wherever it holds not what was written."""

    def __init__(self, path: Path) -> None:
        self.path = path
        with self._understood("It is cut short, or no backup at all."), zipfile.ZipFile(path) as file:
            text = file.read(MANIFEST)
        try:
            self.manifest = manifest.read(text)
        except DamagedBackup as problem:
            raise DamagedBackup(f"{path.name}: {problem.message}", problem.hint) from None

    def check(self) -> None:
        """Compare the whole file with its checksum. Raises DamagedBackup if a single byte is not what it was."""
        digest, left = hashlib.sha256(), self.path.stat().st_size - _DIGITS - len(_COMMENT)
        with self.path.open("rb") as file, Watch("MB checked", left) as watch:
            while left > 0 and (chunk := file.read(min(CHUNK, left))):
                digest.update(chunk)
                left -= len(chunk)
                watch.add(len(chunk))
            digest.update(_NO_COMMENT)
            if file.read() != _COMMENT + digest.hexdigest().encode():
                raise self._damaged("Its checksum is wrong: bytes in it are not what was written.")

    def read(self, name: str) -> Iterator[bytes]:
        """The bytes of a part in chunks; after the last one it is known that all were right, else DamagedBackup."""
        expected, digest, size = self.manifest.members.get(name), hashlib.sha256(), 0
        if expected is None:
            raise self._damaged(f"It has no {name}.")
        with (
            self._understood(f"{name} cannot be read."),
            zipfile.ZipFile(self.path) as file,
            file.open(name) as part,
            Watch("MB unpacked", expected.bytes) as watch,
        ):
            while chunk := part.read(CHUNK):
                digest.update(chunk)
                size += len(chunk)
                yield chunk
                watch.add(len(chunk))
        if Member(size, digest.hexdigest()) != expected:
            raise self._damaged(f"The checksum of {name} is wrong.")

    def unpack(self, name: str, target: Path) -> None:
        """Write a part to a new file, which is on the disk when this returns."""
        with target.open("xb") as file:
            for chunk in self.read(name):
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())

    @contextmanager
    def _understood(self, why: str) -> Iterator[None]:
        """Take what cannot be read for damage. A place in the file that cannot be is an EINVAL of the system's."""
        try:
            yield
        except _UNREADABLE:
            raise self._damaged(why) from None
        except OSError as problem:
            if problem.errno != errno.EINVAL:
                raise
            raise self._damaged(why) from None

    def _damaged(self, why: str) -> DamagedBackup:
        return DamagedBackup(
            f"{self.path.name} is damaged. {why} Nothing was changed.",
            "Use another one: `oppman db backups list` shows them, `oppman db backups verify all` tries them.",
        )


def compresses(sample: bytes) -> bool:
    """Whether deflate makes what begins like this a tenth smaller: pictures are compressed already."""
    return len(zlib.compress(sample, _LEVEL)) < 0.9 * len(sample)


class _Hashed:
    """A file that is only written to, from its start to its end, so that what was written can be summed on the way."""

    def __init__(self, file: BinaryIO) -> None:
        self._file, self.digest = file, hashlib.sha256()

    def write(self, data: bytes) -> int:
        self.digest.update(data)
        return self._file.write(data)

    def flush(self) -> None:
        self._file.flush()
