"""The supervisor's side of a worker: start it, tell it what to do, hear what it says, end it."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import Pipe
from queue import Empty, SimpleQueue
from typing import Any


@dataclass(frozen=True)
class Event:
    """Something that happened: `source` is a Process, "files" or "signal"; `message` what it says."""

    source: Any
    message: tuple[Any, ...]


class Events:
    """What the supervisor waits for: one queue for workers, files and signals."""

    def __init__(self) -> None:
        self._queue: SimpleQueue[Event] = SimpleQueue()

    def put(self, source: Any, *message: Any) -> None:
        """Add an event; may be called from any thread and from a signal handler."""
        self._queue.put(Event(source, message))

    def get(self, timeout: float) -> Event | None:
        """The next event, or None after `timeout` seconds. Never blocks for good: Windows would not see Ctrl-C."""
        try:
            return self._queue.get(timeout=timeout)
        except Empty:
            return None

    def catch_signals(self) -> None:
        """Turn the signals that end a program into events."""
        for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK"):
            if hasattr(signal, name):
                signal.signal(getattr(signal, name), lambda number, _frame: self.put("signal", number))


class Process:
    """A worker. Its messages, and at last ("exited", code), arrive in `events`."""

    def __init__(self, listener: socket.socket, events: Events) -> None:
        self.started = time.monotonic()
        self.deadline = float("inf")
        self.ready = False
        self.stopped = False
        self._pipe, theirs = Pipe()
        self._child = _spawn(theirs.fileno(), listener)
        theirs.close()
        self._listener = _shared(listener, self._child.pid)
        threading.Thread(target=self._listen, args=(events,), daemon=True).start()

    @property
    def pid(self) -> int:
        """The worker's process id."""
        return self._child.pid

    @property
    def alive(self) -> bool:
        """Whether it has not exited yet."""
        return self._child.poll() is None

    def tell(self, *order: Any) -> None:
        """Send an order; nothing happens if the worker is gone."""
        with suppress(OSError):
            self._pipe.send(order)

    def load(self, plan: Any) -> None:
        """Let it import the app."""
        self.tell("load", plan, self._listener)

    def stop(self, grace: float) -> None:
        """Let it finish its requests; `kill_if_late` ends it if it has not after `grace` seconds."""
        self.deadline = min(self.deadline, time.monotonic() + grace)
        self.tell("stop")

    def kill_if_late(self) -> None:
        """Kill it if the time that `stop` gave is over."""
        if time.monotonic() > self.deadline and self.alive:
            self._child.kill()

    def kill(self) -> None:
        """End it at once and wait for its end."""
        self._child.kill()
        self._child.wait()

    def _listen(self, events: Events) -> None:
        with suppress(EOFError, OSError):
            while True:
                events.put(self, *self._pipe.recv())
        events.put(self, "exited", self._child.wait())


def how_it_ended(code: int) -> str:
    """An exit code in words."""
    if code < 0:
        with suppress(ValueError):
            return f"was ended by {signal.Signals(-code).name}"
    return f"exited with {code}"


def end(processes: list[Process], events: Events, grace: float) -> None:
    """Stop all of them and return when none is left. A second signal, or `grace` seconds, kills the rest."""
    for process in processes:
        process.stop(grace)
    while any(process.alive for process in processes):
        event = events.get(0.05)
        for process in processes:
            process.kill_if_late()
            if event is not None and event.source == "signal":
                process.kill()


def _spawn(pipe: int, listener: socket.socket) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "oppman.server.worker", str(pipe)]
    if sys.platform == "win32":
        os.set_handle_inheritable(pipe, True)
        startup = subprocess.STARTUPINFO(lpAttributeList={"handle_list": [pipe]})
        return subprocess.Popen(command, startupinfo=startup)
    return subprocess.Popen(command, pass_fds=(pipe, listener.fileno()))


def _shared(listener: socket.socket, pid: int) -> int | bytes:
    if sys.platform == "win32":
        return listener.share(pid)
    return listener.fileno()
