"""A person's terminal: a program that asks is answered, and shows its colours."""

import os
import pty
import select
import subprocess
from dataclasses import dataclass
from pathlib import Path

from command_line import clean_environment

PATIENCE = 60
"""Seconds without a sign after which a program is taken for one that waits for something else."""


@dataclass(frozen=True)
class Talk:
    """How a program ended, and all that the terminal showed, escapes and all."""

    code: int
    output: str


def talk(command: list[str], cwd: Path, *answers: tuple[str, str]) -> Talk:
    """Run `command` on a terminal. Each answer is what has to appear first, after the one before, and what is typed."""
    ours, theirs = pty.openpty()
    environment = {name: value for name, value in clean_environment().items() if name != "NO_COLOR"}
    child = subprocess.Popen(
        command, cwd=cwd, stdin=theirs, stdout=theirs, stderr=theirs, env=environment | {"TERM": "xterm-256color"}
    )
    os.close(theirs)
    seen, start, waiting = "", 0, list(answers)
    try:
        while select.select([ours], [], [], PATIENCE)[0] and (part := os.read(ours, 65536)):
            seen += part.decode(errors="replace")
            if b"\x1b[6n" in part:  # it asks where the cursor is
                os.write(ours, b"\x1b[1;1R")
            if waiting and (found := seen.find(waiting[0][0], start)) >= 0:
                start = found + len(waiting[0][0])
                os.write(ours, waiting.pop(0)[1].encode())
    except OSError:  # the other end is closed, and all is read
        pass
    os.close(ours)
    if child.poll() is None and waiting:
        child.kill()
    return Talk(child.wait(60), seen.replace("\r\n", "\n"))
