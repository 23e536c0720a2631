"""`oppman runserver`: one worker, replaced by the next when a file changes.

A spare worker waits with the imported packages of others, so that after an edit only the project's own code is
imported. It is started after the one before it has answered, in order not to slow that down.
"""

import socket
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from oppman import console
from oppman.errors import OppmanError, Refused
from oppman.project import Project
from oppman.server import address
from oppman.server.banner import Banner
from oppman.server.plan import Plan
from oppman.server.process import Event, Events, Process, end, how_it_ended
from oppman.server.watch import Watcher

GRACE = 2  # seconds that a request in flight gets before it is cancelled for the next worker
KILL_AFTER = GRACE + 3  # seconds after which a worker that does not stop is killed
SPARE_AFTER = 0.5  # seconds from an answer to the start of the next spare

# Packages that read nothing of the environment while they are imported: to import them before the project's own code
# has set it up changes nothing.
WARM = frozenset(
    (
        "aiosqlite", "alembic", "annotated_types", "anyio", "argon2", "asyncpg", "click", "cryptography", "dns",
        "dotenv", "email_validator", "fastapi", "greenlet", "h11", "httptools", "idna", "itsdangerous", "jinja2", "jwt",
        "markupsafe", "multipart", "oppman", "pgvector", "PIL", "pwdlib", "pydantic", "pydantic_core",
        "pydantic_settings", "python_multipart", "sqladmin", "sqlalchemy", "sqlmodel", "starlette", "typing_extensions",
        "typing_inspection", "uvicorn", "uvloop", "websockets", "wtforms",
    )
)  # fmt: skip


def serve(
    project: Project,
    host: str,
    port: int,
    *,
    reload: bool,
    command: str = "oppman runserver",
    prepare: Callable[[str], None] | None = None,
) -> None:
    """Serve `project` until a signal comes. Leaves no process behind.

    `prepare(url)` is called when the address is ours and before anything is served: a port that is taken is told before
    a long preparation, not after it.

    Without `reload`, an app that cannot be imported is an error; with it, the next edit is awaited. Raises Refused if
    the address cannot be had, and what the worker raised.
    """
    with address.listen(host, port, command) as listener:
        if prepare:
            prepare(address.url(listener))
        events = Events()
        events.catch_signals()
        Development(project, listener, events, reload=reload).run()


class Development:
    """The supervisor of the one worker, of its spare and of those that are about to end."""

    def __init__(self, project: Project, listener: socket.socket, events: Events, *, reload: bool) -> None:
        self._project, self._listener, self._events, self._reload = project, listener, events, reload
        self._plan = Plan(project.root, GRACE, patient=reload)
        self._ending: list[Process] = []
        self._spare: Process | None = None
        self._spare_at = float("inf")
        self._modules: list[str] = []
        self._banner = Banner(project, address.url(listener), events, reload=reload)
        self._asked = time.monotonic()
        self._current = Process(listener, events)
        self._current.load(self._plan)
        self._current.tell("run")

    def run(self) -> None:
        """Handle what happens until a signal comes."""
        watcher = Watcher(self._project.root, lambda paths: self._events.put("files", paths))
        try:
            if self._reload:
                watcher.start()
            while True:
                event = self._events.get(0.2)
                if event is not None and event.source == "signal":
                    return
                if event is not None:
                    self._handle(event)
                self._housekeep()
        finally:
            watcher.stop()
            self._listener.close()  # first: whoever connects from now on is for another server
            workers = [self._current, *self._ending, *([self._spare] if self._spare else [])]
            end(workers, self._events, KILL_AFTER)

    def _handle(self, event: Event) -> None:
        match event.source, event.message:
            case "files", (paths,):
                self._replace(paths)
            case self._current, ("settings", settings):
                self._banner.settings_known(settings)
            case "database", (text,):
                self._banner.migrations_known(text)
            case self._current, ("ready", facts, modules):
                self._ready(facts, modules)
            case self._current, ("failed", problem, modules):
                self._failed(problem, modules)
            case self._current, ("exited", code):
                self._died(code)
            case self._spare, ("exited", _):
                self._spare = None
            case process, ("stopped",):
                process.stopped = True
                self._run_if_alone()
            case process, ("exited", _) if process in self._ending:
                self._ending.remove(process)
                self._run_if_alone()

    def _ready(self, facts: dict[str, str], modules: list[str]) -> None:
        self._modules = _warmable(modules)
        self._current.ready = True
        self._banner.show(facts, time.monotonic() - self._asked)
        self._spare_at = time.monotonic() + SPARE_AFTER

    def _failed(self, problem: OppmanError, modules: list[str]) -> None:
        if not self._reload:
            raise problem
        self._modules = _warmable(modules)
        console.error(problem)
        console.note("Waiting for the next edit.")
        self._spare_at = time.monotonic() + SPARE_AFTER

    def _died(self, code: int) -> None:
        if not self._reload:
            raise Refused(f"The server's process {how_it_ended(code)}.", "What it said before that stands above.")
        console.warn(f"The server's process {how_it_ended(code)}.")
        if self._current.ready:
            self._start()
        else:
            console.note("Waiting for the next edit.")

    def _replace(self, paths: Iterable[Path]) -> None:
        names = sorted(path.relative_to(self._project.root).as_posix() for path in paths)
        console.note(f"{', '.join(names[:3])}{', ...' if len(names) > 3 else ''} changed: starting anew.")
        self._banner.ask_again_after(names)
        self._asked = time.monotonic()
        self._current.stop(KILL_AFTER)
        if self._current.alive:
            self._ending.append(self._current)
        self._start()

    def _start(self) -> None:
        """Let the spare, or else a new worker, be the next one; it serves when those before it have ended."""
        self._current, self._spare = self._spare or Process(self._listener, self._events), None
        self._current.load(self._plan)
        self._run_if_alone()

    def _run_if_alone(self) -> None:
        """Two workers never serve at once: what one lifespan holds (a lock, a port), the next may want."""
        if all(process.stopped for process in self._ending):
            self._current.tell("run")

    def _housekeep(self) -> None:
        for process in self._ending:
            process.kill_if_late()
        if self._reload and self._spare is None and time.monotonic() > self._spare_at:
            self._spare_at = float("inf")
            self._spare = Process(self._listener, self._events)
            self._spare.tell("warm", self._modules)


def _warmable(modules: Iterable[str]) -> list[str]:
    return [name for name in modules if (top := name.partition(".")[0]) in WARM or top in sys.stdlib_module_names]
