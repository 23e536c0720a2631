"""A server as a person starts it: a command in a process group of its own, asked over HTTP and ended by signals."""

import http.client
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from command_line import clean_environment

PATIENCE = 60.0
"""Seconds after which something that should happen counts as not happening; generous, for a busy machine."""

OPPMAN = (sys.executable, "-m", "oppman")

Answer = tuple[int, str]


class Server:
    """`oppman *args` in `cwd`, on a free port. Leaving the block kills whatever is left of its process group."""

    def __init__(
        self, *args: str, cwd: Path, env: dict[str, str] | None = None, oppman: Sequence[str] = OPPMAN
    ) -> None:
        self._log = cwd / "server.log"
        self._log.write_text("")
        with self._log.open("w") as output:
            self.process = subprocess.Popen(
                [*oppman, *args, *([] if "--port" in args else ["--port", "0"])],
                cwd=cwd, env=clean_environment() | (env or {}), stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                start_new_session=True,
            )  # fmt: skip

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _kind: type | None, _problem: BaseException | None, _traceback: TracebackType | None) -> None:
        if self.members():
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    @property
    def output(self) -> str:
        """What it has said so far, on both streams."""
        return self._log.read_text()

    @property
    def port(self) -> int:
        """The port that it says it answers on; waits until it says so."""
        self.says("http://127.0.0.1:")
        return int(self.output.partition("http://127.0.0.1:")[2].split()[0].rstrip("/"))

    def says(self, text: str, times: int = 1) -> None:
        """Wait until `text` stands in the output that many times."""
        self.until(lambda: self.output.count(text) >= times, f"it says {text!r}")

    def answers(self, text: str, path: str = "/") -> None:
        """Wait until the answer to GET `path` holds `text`."""
        self.until(lambda: text in self.get(path)[1], f"{path} answers {text!r}")

    def get(self, path: str = "/", headers: dict[str, str] | None = None) -> Answer:
        """Status and body; (0, "") if there is no answer."""
        return ask(self.port, "GET", path, headers=headers)

    def until(self, true: Callable[[], bool], what: str) -> None:
        """Wait until `true()`. Fails, with the output, after PATIENCE."""
        end = time.monotonic() + PATIENCE
        while not true():
            assert time.monotonic() < end, f"waited in vain until {what}; the server said:\n{self.output}"
            time.sleep(0.01)

    def send(self, number: int) -> None:
        """Send a signal to the command alone."""
        self.process.send_signal(number)

    def interrupt(self) -> None:
        """Ctrl-C on a terminal: every process of the group gets it."""
        os.killpg(self.process.pid, signal.SIGINT)

    def wait(self) -> int:
        """The exit code of the command."""
        return self.process.wait(PATIENCE)

    def members(self) -> list[int]:
        """The process ids of its group that still run."""
        return members(self.process.pid)

    def workers(self) -> list[int]:
        """The process ids of its group but for the command's own."""
        return [pid for pid in self.members() if pid != self.process.pid]

    def is_gone(self) -> None:
        """Wait until no process of the group is left."""
        self.until(lambda: not self.members(), "no process is left")


def members(group: int) -> list[int]:
    """The process ids of a process group that still run."""
    listing = subprocess.run(["ps", "-A", "-o", "pid=,pgid=,stat="], capture_output=True, text=True, check=True)
    rows = [line.split() for line in listing.stdout.splitlines()]
    return [int(pid) for pid, its_group, state in rows if int(its_group) == group and not state.startswith("Z")]


def ask(
    port: int,
    method: str,
    path: str,
    body: str | None = None,
    headers: dict[str, str] | None = None,
    timeout: float = PATIENCE,
) -> Answer:
    """Status and body of one request on a connection of its own; (0, "") if there is no answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
    try:
        connection.request(method, path, body, headers or {})
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    except (OSError, http.client.HTTPException):
        return 0, ""
    finally:
        connection.close()


def write_project(root: Path, main: str, config: str = 'app = "main:app"') -> Path:
    """A project that oppman did not make: one module and a table in its pyproject.toml."""
    root.mkdir(exist_ok=True)
    (root / "pyproject.toml").write_text(f'[project]\nname = "tiny"\n\n[tool.oppman]\n{config}\n')
    (root / "main.py").write_text(main)
    return root
