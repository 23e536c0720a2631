"""What git knows about files of a project: asked, never changed."""

import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path


def is_kept(root: Path) -> bool:
    """Whether the folder lies in a git repository, and git is there to be asked."""
    return _ask(root, "rev-parse", "--is-inside-work-tree") == "true"


def uncommitted(root: Path, paths: Sequence[Path]) -> list[Path]:
    """Those of the files that git has not as they are now: new, changed or ignored ones."""
    names = [path.relative_to(root).as_posix() for path in paths]
    tracked = (_ask(root, "ls-files", "-z", "--", *names) or "").split("\0")
    changed = (_ask(root, "diff", "HEAD", "--relative", "--name-only", "-z", "--", *names) or "").split("\0")
    return [path for path, name in zip(paths, names, strict=True) if name not in tracked or name in changed]


def added_at(root: Path, path: Path) -> int:
    """When the file was committed for the first time, in seconds since 1970; 0 if that is not known."""
    times = _ask(root, "log", "--diff-filter=A", "--format=%ct", "--", path.relative_to(root).as_posix())
    return int(times.splitlines()[-1]) if times else 0


def _ask(root: Path, *question: str) -> str | None:
    """What git says, or None if it is not there or refuses."""
    program = shutil.which("git")
    if program is None:
        return None
    done = subprocess.run(
        [program, "-c", "core.quotePath=false", *question],
        cwd=root, capture_output=True, text=True, encoding="utf-8", errors="replace",
    )  # fmt: skip
    return done.stdout.strip("\n") if done.returncode == 0 else None
