"""Reading a project's migrations from their files."""

from pathlib import Path

import pytest

from oppman.database.revisions import BASE, History, version_folders
from oppman.errors import NoMigrations, SeveralHeads, UsageError
from oppman.project import Project


@pytest.fixture
def project(tmp_path: Path) -> Project:
    (tmp_path / "pyproject.toml").write_text("[tool.oppman]\n")
    (tmp_path / "migrations/versions").mkdir(parents=True)
    (tmp_path / "migrations/env.py").write_text("raise RuntimeError('run')\n")
    return Project(tmp_path)


def add(project: Project, name: str, after: str, message: str = "", file: str = "") -> None:
    text = (
        f'"""{message}\n\nRevises: x\n"""\n\nrevision = "{name}"\ndown_revision = {after}\nraise RuntimeError("run")\n'
    )
    (project.root / "migrations/versions" / (file or f"{name}.py")).write_text(text)


def chain(project: Project) -> History:
    add(project, "aaa1", "None", "first")
    add(project, "bbb2", '"aaa1"', "second", "0_comes_before_its_parent.py")
    add(project, "ccc3", '"bbb2"', "third")
    return History.read(project)


def test_files_are_read_in_the_order_of_their_parents_and_not_run(project: Project) -> None:
    history = chain(project)
    assert [str(revision) for revision in history.revisions.values()] == ["aaa1  first", "bbb2  second", "ccc3  third"]
    assert history.heads == ("ccc3",)


@pytest.mark.parametrize(
    "text",
    [
        "revision: str = 'bbb2'\ndown_revision: Union[str, None] = 'aaa1'  # why\n",
        'revision = "bbb2"\ndown_revision = (\n    "aaa1",\n)\n',
        'revision = "bbb2"\ndown_revision = None\ndepends_on = ["aaa1"]\n',
    ],
)
def test_every_way_in_which_alembic_writes_parents_is_understood(project: Project, text: str) -> None:
    add(project, "aaa1", "None")
    (project.root / "migrations/versions/b.py").write_text(f"# coding\n'''second'''\n{text}")
    revision = History.read(project).revisions["bbb2"]
    assert (revision.parents, revision.message) == (("aaa1",), "second")


def test_a_file_that_is_no_revision_is_passed_over(project: Project) -> None:
    (project.root / "migrations/versions/__init__.py").write_text("")
    assert History.read(project).head() == BASE


def test_what_is_missing_and_what_to_undo(project: Project) -> None:
    history = chain(project)
    assert [item.id for item in history.missing(["aaa1"], ["ccc3"])] == ["bbb2", "ccc3"]
    assert [item.id for item in history.after("aaa1", ["ccc3"])] == ["ccc3", "bbb2"]
    assert [item.id for item in history.after(BASE, ["bbb2"])] == ["bbb2", "aaa1"]


@pytest.mark.parametrize(
    ("target", "found"),
    [("head", "ccc3"), ("base", BASE), ("cc", "ccc3"), ("+1", "ccc3"), ("+9", "ccc3"), ("-1", "aaa1"), ("-9", BASE)],
)
def test_targets_from_the_second_revision(project: Project, target: str, found: str) -> None:
    assert chain(project).find(target, ("bbb2",)) == found


def test_a_target_that_means_nothing_or_too_much_is_refused(project: Project) -> None:
    history = chain(project)
    add(project, "ccc4", '"ccc3"')
    with pytest.raises(UsageError) as unknown:
        history.find("ccd3")
    assert "ccc3  third" in unknown.value.hint
    with pytest.raises(UsageError, match="ccc3, ccc4"):
        History.read(project).find("ccc")


def test_two_heads_are_refused_where_one_is_needed(project: Project) -> None:
    chain(project)
    add(project, "ddd4", '"bbb2"', "other")
    history = History.read(project)
    assert set(history.heads) == {"ccc3", "ddd4"}
    with pytest.raises(SeveralHeads, match="2 heads"):
        history.find("head")


def test_a_merge_joins_them(project: Project) -> None:
    chain(project)
    add(project, "ddd4", '"bbb2"')
    add(project, "eee5", '("ccc3", "ddd4")')
    history = History.read(project)
    assert history.head() == "eee5"
    assert {item.id for item in history.missing(["ccc3"], ["eee5"])} == {"ddd4", "eee5"}


@pytest.mark.parametrize(
    ("name", "after", "words"),
    [
        ("xxx1", '"gone"', "follows revision gone, which is not there"),
        ("xxx1", '"xxx1"', "in a circle"),
        ("aaa1", "None", "call themselves aaa1"),
        ("xxx1", "compute()", "computes its `down_revision`"),
    ],
)
def test_a_history_that_makes_no_sense_is_told_by_file(project: Project, name: str, after: str, words: str) -> None:
    add(project, "aaa1", "None")
    add(project, name, after, file="odd.py")
    with pytest.raises(NoMigrations) as problem:
        History.read(project)
    assert words in problem.value.message
    assert problem.value.hint


def test_folders_are_found_as_alembic_finds_them(project: Project) -> None:
    assert version_folders(project) == [project.root / "migrations/versions"]
    (project.root / "migrations").rename(project.root / "schema")
    with pytest.raises(NoMigrations):
        version_folders(project)
    (project.root / "pyproject.toml").write_text('[tool.alembic]\nscript_location = "%(here)s/schema"\n')
    assert version_folders(project) == [project.root / "schema/versions"]
    (project.root / "pyproject.toml").write_text("")
    (project.root / "alembic.ini").write_text("[alembic]\nscript_location = %(here)s/schema\nversion_locations = a b\n")
    assert version_folders(project) == [project.root / "a", project.root / "b"]
