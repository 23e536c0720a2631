"""A Python that has imported what the tool needs of other people's packages, and becomes the tool for each command.

Most of what a command costs is that import, and the tests call some thousand commands. So a process imports it once
and forks for each: the child gets the command's folder, environment, arguments and streams, runs `oppman` from its own
source and ends as every process does. Nothing of oppman's or of a project's is imported before. A command whose
environment says anything that a package reads when it is imported gets a new Python, as do those on Windows.
"""

import array
import atexit
import compileall
import gc
import importlib
import json
import os
import runpy
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import IO

PACKAGES = (
    "aiosqlite", "alembic.autogenerate", "alembic.command", "alembic.operations", "alembic.runtime.environment",
    "alembic.script", "asyncio", "asyncpg", "click", "email_validator", "greenlet", "jwt", "pwdlib", "pydantic",
    "pydantic_settings", "sqlalchemy.dialects.sqlite.aiosqlite", "sqlalchemy.ext.asyncio", "sqlite3", "sqlmodel",
    "typer", "yaml",
)  # fmt: skip
HARMLESS = {
    "DATABASE_URL", "EMBEDDER", "ENVIRONMENT", "DEBUG", "OPPMAN_PASSWORD", "PATH", "SECRET_KEY", "UPLOAD_DIR",
}  # fmt: skip
"""Variables that the tool and its projects alone read."""

STREAMS = 3
LONGEST = 60_000
"""Bytes of a request, and of an input: what a socket and a pipe take at once."""


class Warm:
    """The process, started when it is first wanted; it ends with the one that wanted it."""

    def __init__(self) -> None:
        self._busy = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._environment: dict[str, str] = {}
        self._socket: socket.socket

    def run(
        self, args: tuple[str, ...], cwd: Path, input: bytes, environment: Mapping[str, str], timeout: float
    ) -> tuple[int, bytes, bytes] | None:
        """Run `oppman *args`: its exit code and what it wrote to both streams. None if it takes a new Python.

        Raises subprocess.TimeoutExpired after so many seconds, and has ended the command then.
        """
        request = json.dumps([args, str(cwd), dict(environment)]).encode()
        if sys.platform == "win32" or len(request) > LONGEST or len(input) > LONGEST:
            return None
        if not self._busy.acquire(blocking=False):  # two at once, from two threads
            return None
        try:
            self._start(environment)
            differing = {name for name, value in environment.items() if self._environment.get(name) != value}
            if (differing | (self._environment.keys() - environment.keys())) - HARMLESS:
                return None
            return self._run(args, request, input, timeout)
        finally:
            self._busy.release()

    def _start(self, environment: Mapping[str, str]) -> None:
        if self._process is not None:
            return
        self._environment = {name: value for name, value in environment.items() if name not in HARMLESS - {"PATH"}}
        self._socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._process = subprocess.Popen(
            [sys.executable, __file__, str(theirs.fileno())], env=self._environment, pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
        )  # fmt: skip
        theirs.close()
        atexit.register(self._stop)

    def _stop(self) -> None:
        self._socket.close()
        if self._process is not None:
            self._process.wait()

    def _run(self, args: tuple[str, ...], request: bytes, input: bytes, timeout: float) -> tuple[int, bytes, bytes]:
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as said:
            end, begin = os.pipe()
            socket.send_fds(self._socket, [request], [end, out.fileno(), said.fileno()])
            os.close(end)
            os.write(begin, input)
            os.close(begin)
            pid = self._answer()
            self._socket.settimeout(timeout)
            try:
                code = self._answer()
            except TimeoutError:
                os.kill(pid, signal.SIGKILL)
                self._socket.settimeout(None)
                self._answer()
                raise subprocess.TimeoutExpired(["oppman", *args], timeout, _content(out), _content(said)) from None
            finally:
                self._socket.settimeout(None)
            return code, _content(out), _content(said)

    def _answer(self) -> int:
        answer = self._socket.recv(8)
        assert answer, "the warm Python has ended"
        return array.array("q", answer)[0]


def serve(handle: int) -> None:
    """Become each command that is asked for, until nobody is left to ask. In the child this returns from `oppman`."""
    compileall.compile_dir(Path(__file__).parents[2] / "oppman", quiet=1)
    for package in PACKAGES:
        importlib.import_module(package)
    gc.freeze()
    # A file that is changed within a second, to one of the same length, would be taken for the one that was compiled.
    sys.dont_write_bytecode = True
    asked = socket.socket(fileno=handle)
    while True:
        request, streams, _flags, _address = socket.recv_fds(asked, LONGEST, STREAMS)
        if not request:
            return
        pid = os.fork()
        if not pid:
            asked.close()
            args, cwd, environment = json.loads(request)
            _become(args, cwd, environment, streams)
            return
        for stream in streams:
            os.close(stream)
        asked.send(array.array("q", [pid]))
        code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        asked.send(array.array("q", [code]))


def _become(args: list[str], cwd: str, environment: dict[str, str], streams: list[int]) -> None:
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(cwd)
    sys.path[0] = str(Path.cwd())  # as `python -m` has it
    sys.argv = ["oppman", *args]
    runpy.run_module("oppman", run_name="__main__", alter_sys=True)


def _content(file: IO[bytes]) -> bytes:
    file.seek(0)
    return file.read()


if __name__ == "__main__":
    serve(int(sys.argv[1]))
