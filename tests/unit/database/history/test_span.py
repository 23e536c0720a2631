"""Which pieces of a history can become one revision."""

from pathlib import Path

import pytest

from oppman.database.history.span import span
from oppman.database.revisions import History
from oppman.errors import Refused, UsageError
from oppman.project import Project


def history(folder: Path, parents: dict[str, str], more: str = "") -> History:
    (folder / "pyproject.toml").write_text("[tool.oppman]\n")
    (folder / "migrations/versions").mkdir(parents=True)
    (folder / "migrations/env.py").touch()
    for name, after in parents.items():
        text = f'revision = "{name}"\ndown_revision = {tuple(after.split()) or None}\n{more}'
        (folder / f"migrations/versions/{name}.py").write_text(text)
    return History.read(Project(folder))


CHAIN = {"a1": "", "b2": "a1", "c3": "b2", "d4": "c3"}


@pytest.mark.parametrize(
    ("first", "last", "names", "parents"),
    [
        ("", "", ["a1", "b2", "c3", "d4"], ()),
        ("", "b2", ["a1", "b2"], ()),
        ("b2", "c3", ["b2", "c3"], ("a1",)),
        ("c3", "", ["c3", "d4"], ("b2",)),
    ],
)
def test_a_piece_of_a_chain(tmp_path: Path, first: str, last: str, names: list[str], parents: tuple[str, ...]) -> None:
    found = span(history(tmp_path, CHAIN), first, last)
    assert [revision.id for revision in found.revisions] == names
    assert found.parents == parents
    assert found.inner == set(names[:-1])


def test_branches_that_join_again_are_a_piece(tmp_path: Path) -> None:
    found = span(history(tmp_path, {"a1": "", "b2": "a1", "c3": "a1", "d4": "b2 c3", "e5": "d4"}), "a1", "d4")
    assert {revision.id for revision in found.revisions} == {"a1", "b2", "c3", "d4"}


@pytest.mark.parametrize(
    ("parents", "first", "last", "words"),
    [
        ({**CHAIN, "e5": "b2"}, "a1", "d4", "e5 follows b2, which would be no more"),
        ({"a1": "", "b2": "a1", "c3": "a1", "d4": "b2 c3"}, "b2", "d4", "d4 also follows a revision that comes before"),
    ],
)
def test_what_is_no_piece_is_refused(
    tmp_path: Path, parents: dict[str, str], first: str, last: str, words: str
) -> None:
    with pytest.raises(Refused, match=words):
        span(history(tmp_path, parents), first, last)


@pytest.mark.parametrize(("first", "last"), [("d4", "b2"), ("b2", "b2"), ("nope", ""), ("", "a1")])
def test_what_names_no_piece_is_wrong(tmp_path: Path, first: str, last: str) -> None:
    with pytest.raises(UsageError):
        span(history(tmp_path, CHAIN), first, last)


def test_a_branch_label_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="branch label"):
        span(history(tmp_path, CHAIN, 'branch_labels = ("shop",)\n'), "", "")
