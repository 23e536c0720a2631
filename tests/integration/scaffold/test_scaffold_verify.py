"""`oppman scaffold ... --verify`: what was written is tried, and taken back whole if it does not hold."""

import shutil
from pathlib import Path

import pytest

from command_line import ROOT, Run
from oppman.scaffold import journal
from oppman.scaffold.record import State
from oppman.scaffold.render import STUBS
from tree import everything

SERVICE = "webapp/services/NAME_service.py.jinja"
MODELS = "webapp/models.py.jinja"
TAG = ("scaffold", "resource", "Tag", "label:str:unique", "--api-only", "--verify")


@pytest.fixture
def tested(project: Path) -> Path:
    """A project whose tests can run."""
    (project / "tests").mkdir()
    shutil.copyfile(ROOT / "tests/webapp/conftest.py", project / "tests/conftest.py")
    with (project / "pyproject.toml").open("a") as file:
        file.write('\n[tool.pytest.ini_options]\nasyncio_mode = "auto"\naddopts = "--import-mode=importlib"\n')
    return project


def break_stub(project: Path, stub: str, old: str, new: str) -> None:
    text = (STUBS / "resource" / stub).read_text()
    assert old in text
    own = project / "stubs/resource" / stub
    own.parent.mkdir(parents=True)
    own.write_text(text.replace(old, new))


def test_what_holds_stays_and_each_check_is_told(run: Run, tested: Path) -> None:
    result = run(*TAG, cwd=tested)

    assert (result.code, result.stdout) == (0, "")
    told = [line.split(None, 1)[1] for line in result.stderr.splitlines() if line.strip().startswith("verify")]
    assert told == ["lint of 8 files", "migration up, down and up", "tests in 2 files"]
    assert "✓ Run 1 is done" in result.stderr
    assert (tested / "webapp/services/tag_service.py").is_file()
    assert not (tested / "app.db").exists()


@pytest.mark.parametrize(
    ("stub", "old", "new", "failed", "evidence"),
    [
        (SERVICE, "raise _not_found(<<name>>_id)", "pass", "tests in 2 files", "DID NOT RAISE"),
        (SERVICE, "    await session.delete(", "    gone = await session.delete(", "lint of 8 files", "F841"),
        (
            MODELS, "    id: int | None =", "    extra: int = 0\n    id: int | None =",
            "migration up, down and up", "add column tags.extra",
        ),
    ],
    ids=["tests", "lint", "migration"],
)  # fmt: skip
def test_what_does_not_hold_is_taken_back_with_the_evidence(
    run: Run, tested: Path, stub: str, old: str, new: str, failed: str, evidence: str
) -> None:
    break_stub(tested, stub, old, new)
    before = everything(tested)

    result = run(*TAG, cwd=tested)

    assert (result.code, result.stdout) == (1, "")
    assert evidence in result.stderr
    assert f"Error: The {failed} failed, so run 1 was taken back: the project is as it was." in result.stderr
    assert "Hint: `oppman scaffold redo 1`" in result.stderr
    assert "is done" not in result.stderr
    assert {path for path, content in everything(tested).items() if before.get(path, 0) != content} == set()
    assert everything(tested).keys() == before.keys()
    assert [run.state for run in journal.history(tested)] == [State.UNDONE]


def test_a_piece_can_be_verified_and_a_project_can_always_want_it(run: Run, tested: Path) -> None:
    with (tested / "pyproject.toml").open("a") as file:
        file.write("\n[tool.oppman.scaffold]\nverify = true\n")

    model = run("scaffold", "model", "Tag", "label:str", cwd=tested)
    assert (model.code, "verify  migration up, down and up" in model.stderr) == (0, True), model.stderr
    service = run("scaffold", "service", "tag", cwd=tested)
    assert (service.code, "verify  tests in 1 file" in service.stderr) == (0, True), service.stderr
    assert "+++ b/webapp/routes/api/tag.py" in run("scaffold", "route", "tag", "--dry-run", cwd=tested).stdout
