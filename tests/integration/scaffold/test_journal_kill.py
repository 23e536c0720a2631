"""A scaffold that is killed at any of its writes leaves a project that `recover` brings to one of its two ends.

A child process forks itself for each n and each fork kills itself, with SIGKILL, before its n-th change of the file
system, as the interpreter's own audit events tell it. So nothing of the journal is replaced, and no change is missed.
"""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from command_line import ROOT
from oppman.errors import Refused
from oppman.scaffold import journal
from oppman.scaffold.plan import Create, plan
from oppman.scaffold.record import State
from tree import everything

CHILD = '''
import os, shutil, signal, sys
from dataclasses import dataclass
from pathlib import Path

from oppman.scaffold import journal
from oppman.scaffold.plan import Change, Create, Remove, plan


@dataclass(frozen=True)
class Append:
    line: str

    def apply(self, source):
        return source if self.line in source else source + self.line

    def take_back(self, source):
        return source.replace(self.line, "")

    def recorded(self, before, after):
        return self

    def to_json(self):
        return {"line": self.line}


def load(value):
    return Append(**value)


STEPS = [
    *(Create(f"webapp/{folder}/book{n}.py", f"{n}\\n") for folder in ("services", "routes/api") for n in range(4)),
    Change("app.py", (Append("book\\n"),)),
    Change("admin.py", (Append("book\\n"),)),
    Remove("old/one.py"),
    Remove("old/two.py"),
]
INTERRUPTED = 130
CHANGES = {"os.rename", "os.remove", "os.mkdir", "os.rmdir", "shutil.rmtree"}


def apply(root):
    journal.apply(root, plan(root, STEPS), ["scaffold"])


def undo(root):
    journal.undo(root, load)


def redo(root):
    journal.redo(root, load)


def recover(root):
    journal.recover(root)


def killed(work, root, n):
    """Whether `work` was stopped before its n-th change of the file system."""
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) in (-signal.SIGKILL, INTERRUPTED)
    left = n

    def hook(event, args):
        nonlocal left
        if event in CHANGES or (event == "open" and isinstance(args[2], int) and args[2] & os.O_CREAT):
            left -= 1
            if left == 0 and how == "interrupt":
                raise KeyboardInterrupt
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)
    try:
        work(root)
    except KeyboardInterrupt:
        os._exit(INTERRUPTED)
    finally:
        os._exit(0)


how, prepared, results, *works = sys.argv[1:]
*ready, first, second = [globals()[name] if name != "-" else None for name in works]
for work in ready:
    work(Path(prepared))
n = 1
while True:
    root = Path(results, str(n))
    shutil.copytree(prepared, root)
    if not killed(first, root, n):
        break
    m = 1
    while second:
        again = Path(results, f"{n}-{m}")
        shutil.copytree(root, again)
        if not killed(second, again, m):
            break
        m += 1
    n += 9 if second else 1
'''


def trees_of_the_killed(folder: Path, *works: str, how: str = "kill") -> list[Path]:
    """A project for each moment at which a work could be killed: the last but one of `works`, after those before it.

    The last of them is a second work, to be killed in what the first one left, or `-` for none.
    """
    prepared = folder / "prepared"
    (prepared / "old").mkdir(parents=True)
    for name in ("app.py", "admin.py", "old/one.py", "old/two.py"):
        (prepared / name).write_text(f"{name}\n")
    (folder / "killed").mkdir()
    child = [sys.executable, "-c", CHILD, how, str(prepared), str(folder / "killed"), *works]
    subprocess.run(child, cwd=ROOT, check=True, timeout=120)
    return sorted((folder / "killed").iterdir())


@pytest.mark.parametrize(
    ("works", "back", "forth"),
    [
        (("apply",), None, State.DONE),
        (("apply", "undo"), State.DONE, State.UNDONE),
        (("apply", "undo", "redo"), State.UNDONE, State.DONE),
    ],
    ids=["apply", "undo", "redo"],
)
def test_a_killed_run_is_rolled_back_or_completed(
    tmp_path: Path, works: tuple[str, ...], back: State | None, forth: State
) -> None:
    roots = trees_of_the_killed(tmp_path, *works, "-")
    whole = max(roots, key=lambda root: int(root.name))  # the one that lived
    before, after = everything(tmp_path / "prepared"), everything(whole)
    ends: set[State | None] = set()

    for root in roots:
        journal.recover(root)

        states: list[State | None] = [*(run.state for run in journal.history(root))] or [None]
        assert (everything(root), states) in [(before, [back]), (after, [forth])], f"killed at change {root.name}"
        assert back or states != [None] or not (root / ".oppman").exists()
        assert not [path for path in root.rglob("*") if path.name.endswith(".oppman-tmp")]
        assert journal.recover(root) is None
        ends.add(states[0])

    assert len(roots) > 24  # a draft and a rename for each of twelve files
    assert ends == {back, forth}


@pytest.mark.parametrize("works", [("apply",), ("apply", "undo")], ids=["apply", "undo"])
def test_a_recovery_that_is_killed_is_recovered(tmp_path: Path, works: tuple[str, ...]) -> None:
    roots = trees_of_the_killed(tmp_path, *works, "recover")
    before = everything(tmp_path / "prepared")
    after = everything(max((root for root in roots if "-" not in root.name), key=lambda root: int(root.name)))

    for root in roots:
        journal.recover(root)

        assert everything(root) in [before, after], f"killed at changes {root.name}"
        assert journal.recover(root) is None

    assert len(roots) > 60


@pytest.mark.parametrize("works", [("apply",), ("apply", "undo")], ids=["apply", "undo"])
def test_an_interrupted_run_rolls_itself_back(tmp_path: Path, works: tuple[str, ...]) -> None:
    roots = trees_of_the_killed(tmp_path, *works, "-", how="interrupt")
    roots.remove(max(roots, key=lambda root: int(root.name)))  # the one that was never interrupted
    states = [] if works == ("apply",) else [State.DONE]

    for root in roots:
        assert everything(root) == everything(tmp_path / "prepared"), f"interrupted at change {root.name}"
        assert [run.state for run in journal.history(root)] == states
        assert not [path for path in root.rglob("*") if path.name.endswith(".oppman-tmp")]

    assert len(roots) > 24


def test_an_edit_made_after_the_kill_is_kept_and_reported(tmp_path: Path) -> None:
    roots = trees_of_the_killed(tmp_path, "apply", "-")
    before = everything(tmp_path / "prepared")
    torn = next(root for root in roots if (root / "webapp/routes/api").is_dir())
    edited = torn / "webapp/services/book1.py"
    edited.write_text("mine\n")

    recovered = journal.recover(torn)

    assert recovered is not None
    assert not recovered.completed
    assert [(line.outcome, line.path) for line in recovered.lines] == [("keep", "webapp/services/book1.py")]
    assert edited.read_text() == "mine\n"
    edited.unlink()
    shutil.rmtree(torn / "webapp")
    assert everything(torn) == before


def test_nothing_is_applied_over_a_torn_run(tmp_path: Path) -> None:
    roots = trees_of_the_killed(tmp_path, "apply", "-")
    torn = next(root for root in roots if (root / "webapp").is_dir())
    before = everything(torn)

    with pytest.raises(Refused, match="Run 1 was interrupted"):
        journal.apply(torn, plan(torn, [Create("new.py", "")]), ["scaffold"])

    assert everything(torn) == before
