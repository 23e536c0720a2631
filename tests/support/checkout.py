"""A copy of this checkout as somebody else would clone it."""

import shutil
import subprocess
from pathlib import Path

from command_line import ROOT


def files() -> list[str]:
    """What git tracks or would track, so that a new file counts before it is committed."""
    done = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [name for name in done.stdout.splitlines() if (ROOT / name).is_file()]


def copy_to(folder: Path) -> None:
    """Copy those files to `folder`: no environment, no database and no cache comes along."""
    for name in files():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, folder / name)
