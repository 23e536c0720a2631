"""What a backup says of itself, read with suspicion."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from oppman.database.backup.manifest import VERSION, Manifest, Member, leads_inside, read
from oppman.errors import DamagedBackup

WHOLE = Manifest(
    made_at=datetime(2030, 1, 2, 3, 4, 5, 6, tzinfo=UTC), why="manual", note="Zoë's", oppman="1.2", database="shop",
    kind="postgresql", form="portable", server="18.0", revision=("a", "b"), rows={"teas": 3, "Ö": 0}, orphans=1,
    columns={"teas": ("id", "na,me")}, sequences={"teas_id_seq": 7, "new": None}, uploads=2, vanished=("x",),
    verified=True, members={"uploads/a b/ü.png": Member(1, "aa"), "tables/teas.copy": Member(0, "bb")},
)  # fmt: skip


def changed(**values: Any) -> bytes:
    """The manifest with other values; None takes one away."""
    told = json.loads(WHOLE.to_json()) | values
    return json.dumps({name: value for name, value in told.items() if value is not None}).encode()


def test_a_manifest_reads_back_as_it_was() -> None:
    assert read(WHOLE.to_json()) == WHOLE
    assert read(replace(WHOLE, uploads=None).to_json()).uploads is None


def test_a_later_oppman_may_say_more() -> None:
    assert read(changed(mood="good")) == WHOLE


def test_a_later_format_names_who_wrote_it() -> None:
    with pytest.raises(DamagedBackup, match=f"format {VERSION + 1}; this oppman reads") as told:
        read(changed(format=VERSION + 1, oppman="9.9"))
    assert "oppman 9.9" in str(told.value.hint)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"[]", "makes no sense"), (b"{", "makes no sense"), (b"\xff", "makes no sense"), (b"7", "makes no sense"),
        (b"{}", "lacks 'format'"), (changed(made_at=None), "lacks 'made_at'"), (changed(members=[]), "makes no sense"),
        (changed(made_at="2030-01-02T03:04:05"), "without an offset"), (changed(made_at="soon"), "makes no sense"),
        (changed(rows=None), "makes no sense"), (b'{"a":' * 100_000, "makes no sense"),
    ],
)  # fmt: skip
def test_what_is_no_manifest_is_damage(text: bytes, said: str) -> None:
    with pytest.raises(DamagedBackup, match=said):
        read(text)


@pytest.mark.parametrize(
    "name",
    ["../x", "uploads/../../x", "/etc/passwd", "uploads//etc/passwd", "uploads/./x", "uploads/", ".", "", "a\0b", "..",
     "//x", "./x"],
)  # fmt: skip
def test_a_name_that_leads_elsewhere_is_refused(name: str) -> None:
    assert not leads_inside(name)
    with pytest.raises(DamagedBackup, match="is no name of a part"):
        read(changed(members={name: {"bytes": 1, "sha256": "aa"}}))


def test_what_separates_on_windows_is_refused_there_alone() -> None:
    for name in ("uploads/..\\..\\x", "uploads/C:x", "C:/x", "uploads/a:stream", "\\\\server\\x", "uploads/nul"):
        assert not leads_inside(name, windows=True)
    assert leads_inside("uploads/12:30.png", windows=False)
    assert leads_inside("uploads/a b/..c/Zoë.png", windows=True)
