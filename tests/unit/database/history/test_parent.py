"""Another parent in a revision's file: nothing else changes."""

from pathlib import Path

import pytest

from oppman.database.history.parent import with_parent
from oppman.database.revisions import Revision
from oppman.errors import Refused

REVISION = Revision("bbb", ("aaa",), "", Path("bbb.py"))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b'down_revision = "aaa"\n', b'down_revision = "new"\n'),
        (b"down_revision: str | None = 'aaa'  # aaa\r\n", b"down_revision: str | None = 'new'  # aaa\r\n"),
        (b"down_revision = None\n", b'down_revision = "new"\n'),
        (b'x = "\xc3\xa4"; down_revision = "aaa"', b'x = "\xc3\xa4"; down_revision = "new"'),
        (b'\xef\xbb\xbfdown_revision = "aaa"\n', b'\xef\xbb\xbfdown_revision = "new"\n'),
        (b'"""m\n\nRevises: aaa\n"""\ndown_revision = "aaa"', b'"""m\n\nRevises: new\n"""\ndown_revision = "new"'),
        (b'"""m\n\nRevises: \n"""\ndown_revision = None', b'"""m\n\nRevises: new\n"""\ndown_revision = "new"'),
        (
            b'"""aaa\n\nRevision bbb, after aaa, written 2026"""\ndown_revision = "aaa"',
            b'"""aaa\n\nRevision bbb, after new, written 2026"""\ndown_revision = "new"',
        ),
        (
            b'"""m\n\nRevision bbb, after nothing, written"""\ndown_revision = None',
            b'"""m\n\nRevision bbb, after new, written"""\ndown_revision = "new"',
        ),
        (b'"""Revises: aaa-more"""\ndown_revision = "aaa"', b'"""Revises: aaa-more"""\ndown_revision = "new"'),
    ],
)
def test_only_the_parent_changes(before: bytes, after: bytes) -> None:
    assert with_parent(REVISION, before, "new") == after


def test_several_parents_are_left_to_a_person() -> None:
    with pytest.raises(Refused, match=r"bbb\.py follows several revisions"):
        with_parent(REVISION, b'down_revision = ("aaa", "ccc")\n', "new")
