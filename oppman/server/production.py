"""`oppman serve`: several workers on one socket. One that dies is replaced, a stop drains the requests in flight."""

import os
import socket
import sys
import time

from oppman import console
from oppman.contract import Contract
from oppman.database import address as database
from oppman.database.faults import masked
from oppman.errors import NoMigrations, OppmanError, PendingMigrations, Refused, UsageError
from oppman.project import Project
from oppman.server import address
from oppman.server.plan import Plan
from oppman.server.process import Event, Events, Process, end, how_it_ended

KILL_AFTER = 5  # seconds beyond the grace after which a worker that hangs is killed
LONGEST_WAIT = 30.0  # seconds between two attempts to replace a worker that cannot start


def serve(project: Project, host: str, port: int, plan: Plan, *, workers: int, allow_pending: bool) -> None:
    """Serve `project` with ENVIRONMENT=production until a signal comes. Leaves no process behind.

    Raises PendingMigrations unless they are allowed, Refused if the address cannot be had or debugging is on,
    BadConfiguration if the settings refuse production, and what else a worker raises before the first is ready.
    """
    if sys.platform == "win32" and workers > 1:
        raise UsageError("Several workers cannot share a port on Windows.", "Start one, with --workers 1.")
    os.environ["ENVIRONMENT"] = "production"
    if not allow_pending:
        _refuse_pending(project)
    events = Events()
    events.catch_signals()
    with address.listen(host, port, "oppman serve") as listener:
        Production(plan, listener, events, workers).run()


class Production:
    """The supervisor of the workers. It holds the socket and imports nothing of the project."""

    def __init__(self, plan: Plan, listener: socket.socket, events: Events, workers: int) -> None:
        self._plan, self._listener, self._events, self._wanted = plan, listener, events, workers
        self._url = address.url(listener)
        self._workers: list[Process] = []
        self._settings: dict[str, str] = {}
        self._up = False
        self._failures = 0
        self._start_at = 0.0

    def run(self) -> None:
        """Handle what happens until a signal comes."""
        try:
            while True:
                if time.monotonic() >= self._start_at:
                    self._start_missing()
                event = self._events.get(0.5)
                if event is not None and event.source == "signal":
                    console.note(f"Stopping: requests in flight get {self._plan.grace} s.")
                    return
                if event is not None:
                    self._handle(event)
        finally:
            self._listener.close()  # first: whoever connects from now on is for another server
            end(self._workers, self._events, self._plan.grace + KILL_AFTER)

    def _start_missing(self) -> None:
        while len(self._workers) < self._wanted:
            worker = Process(self._listener, self._events)
            worker.load(self._plan)
            worker.tell("run")
            self._workers.append(worker)

    def _handle(self, event: Event) -> None:
        worker = event.source
        match event.message:
            case ("settings", settings):
                self._settings = settings
            case ("ready", *_):
                worker.ready = True
                self._failures = 0
                self._tell_when_up()
            case ("failed", problem, _):
                if not self._up:
                    raise problem
                console.error(problem)
            case ("exited", code):
                self._replace(worker, code)

    def _tell_when_up(self) -> None:
        if self._up or not all(worker.ready for worker in self._workers):
            return
        self._up = True
        name = self._settings.get("app_name") or self._plan.root.name
        count = "one worker" if self._wanted == 1 else f"{self._wanted} workers"
        console.note(f"{name} answers at {self._url} with {count}, in production.")
        if self._settings.get("database_url"):
            console.note(f"Database: {masked(self._settings['database_url'])}")

    def _replace(self, worker: Process, code: int) -> None:
        self._workers.remove(worker)
        how = f"Worker {worker.pid} {how_it_ended(code)}"
        if worker.ready:
            console.warn(f"{how}; another takes its place.")
            return
        if not self._up:
            raise Refused(f"{how} before it could serve.", "What it said before that stands above.")
        wait = min(LONGEST_WAIT, 2.0**self._failures)
        self._failures += 1
        self._start_at = time.monotonic() + wait
        console.warn(f"{how} before it could serve; the next attempt comes in {wait:.0f} s.")


def _refuse_pending(project: Project) -> None:
    from oppman.database.status import migration_status

    if not (Contract(project).offers("settings") or database.VARIABLE in os.environ):
        return  # a project of another making, whose database is its own affair
    try:
        status = migration_status(project)
    except NoMigrations:
        return
    except OppmanError as problem:
        problem.hint += " To serve all the same, give --allow-pending."
        raise
    status.refuse_unknown()
    if status.pending:
        count = len(status.pending)
        raise PendingMigrations(
            f"{count} {'migration is' if count == 1 else 'migrations are'} pending.",
            "Apply them with `oppman db migrate`. To serve all the same, give --allow-pending.",
        )
