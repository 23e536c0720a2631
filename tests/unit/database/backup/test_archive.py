"""The file of a backup: whatever happens to its bytes is noticed."""

import hashlib
import random
import struct
import zipfile
from pathlib import Path

import pytest

from backups import write
from oppman.database.backup.archive import Archive, Writer, compresses
from oppman.errors import DamagedBackup

PARTS = {"one": b"tea and more tea " * 500, "uploads/a b/ü.png": random.Random(1).randbytes(3000), "empty": b""}


def read(archive: Archive, name: str) -> bytes:
    return b"".join(archive.read(name))


def read_all(path: Path) -> None:
    archive = Archive(path)
    for name in archive.manifest.members:
        read(archive, name)
    archive.check()


def test_parts_come_back_and_any_unzip_reads_them(tmp_path: Path) -> None:
    path = write(tmp_path / "x.backup", PARTS)
    archive = Archive(path)
    archive.check()
    assert {name: read(archive, name) for name in archive.manifest.members} == PARTS
    with zipfile.ZipFile(path) as plain:
        assert plain.testzip() is None
        assert plain.namelist()[-1] == "manifest.json"
    assert path.stat().st_size < 6000
    assert path.stat().st_mode & 0o077 == 0  # it holds what only the owner may read
    archive.unpack("one", tmp_path / "one")
    assert (tmp_path / "one").read_bytes() == PARTS["one"]


def test_its_checksum_is_that_of_the_archive_without_it(tmp_path: Path) -> None:
    data = write(tmp_path / "x.backup", PARTS).read_bytes()
    assert data[-64:].decode() == hashlib.sha256(data[:-66] + b"\0\0").hexdigest()


def test_each_byte_counts(tmp_path: Path) -> None:
    good, bad = write(tmp_path / "x.backup", PARTS).read_bytes(), tmp_path / "bad.backup"
    for place in range(0, len(good), 7):
        for mask in (1, 0xFF):
            flipped = bytearray(good)
            flipped[place] ^= mask
            bad.write_bytes(flipped)
            with pytest.raises(DamagedBackup):  # and nothing else, wherever it is found
                read_all(bad)


def test_a_file_cut_short_or_longer_is_noticed(tmp_path: Path) -> None:
    good, bad = write(tmp_path / "x.backup", PARTS).read_bytes(), tmp_path / "bad.backup"
    for data in (b"", good[:1], good[: len(good) // 2], good[:-1], good[:-66], good[1:], good + b"\0", good + good):
        bad.write_bytes(data)
        with pytest.raises(DamagedBackup):
            Archive(bad).check()


def test_a_part_that_was_exchanged_is_noticed_though_the_file_is_whole(tmp_path: Path) -> None:
    path = write(tmp_path / "x.backup", {"one": b"tea"})
    with zipfile.ZipFile(path) as file:
        told = file.read("manifest.json")
    with Writer(tmp_path / "y.backup") as writer:
        with writer.part("one") as part:
            part.write(b"tee")
        writer._zip.writestr("manifest.json", told)
        writer._zip.close()
        writer._file.seek(-2, 2)
        writer._file.write(struct.pack("<H", 64) + writer._hashed.digest.hexdigest().encode())
    archive = Archive(tmp_path / "y.backup")
    archive.check()
    with pytest.raises(DamagedBackup, match="The checksum of one is wrong"):
        read(archive, "one")
    with pytest.raises(DamagedBackup, match="has no two"):
        read(archive, "two")


def test_a_zip_that_is_not_ours_says_so(tmp_path: Path) -> None:
    for name, text in (("readme.txt", "hi"), ("manifest.json", "{}"), ("manifest.json", '{"name": "an extension"}')):
        path = tmp_path / "x.backup"
        with zipfile.ZipFile(path, "w") as file:
            file.writestr(name, text)
        with pytest.raises(DamagedBackup, match=r"no backup"):
            Archive(path)


def test_what_was_not_finished_is_no_backup(tmp_path: Path) -> None:
    with Writer(tmp_path / "x.backup") as writer, writer.part("one") as part:
        part.write(b"tea")
    with pytest.raises(DamagedBackup):
        Archive(tmp_path / "x.backup")


def test_pictures_are_not_compressed_again() -> None:
    assert compresses(b"tea " * 100)
    assert not compresses(random.Random(1).randbytes(1000))
    assert not compresses(b"")
