"""The process that imports the project's app and serves it: `python -m oppman.server.worker PIPE`.

The supervisor tells it what to do through a pipe, in tuples:

    ("warm", [module, ...])   import these packages of others ahead of time
    ("load", Plan, listener)  import the app; answers ("settings", {...}) and, if that fails, ("failed", OppmanError)
    ("run",)                  serve it; answers ("ready", {...}, modules) once it accepts connections, and ("stopped",)
    ("stop",)                 finish the requests in flight and exit; at once if nothing is served yet

A pipe that ends means that the supervisor is gone, however it died, and counts as "stop". Signals are the
supervisor's: Ctrl-C reaches every process of a terminal, and only one of them should decide what it means.
"""

import asyncio
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from copy import deepcopy
from multiprocessing.connection import Connection
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any

from oppman.contract import Contract
from oppman.errors import OppmanError, Refused
from oppman.project import Project
from oppman.server.plan import Plan

if TYPE_CHECKING:
    import uvicorn

STARTUP_FAILED = 3  # what uvicorn exits with when the app's lifespan raised; it has logged the traceback by then


def main() -> None:
    """Do what the pipe says until it ends."""
    signal.signal(signal.SIGINT, lambda *_: None)  # not SIG_IGN, which programs that the app starts would inherit
    Worker(_pipe(int(sys.argv[1]))).run()


class Worker:
    """The worker's side of the pipe: one thread reads it while the main thread imports and serves."""

    def __init__(self, pipe: "Connection[Any, Any]") -> None:
        self._pipe = pipe
        self._orders: SimpleQueue[tuple[Any, ...]] = SimpleQueue()
        self._server: Any = None
        self._grace = 0
        signal.signal(signal.SIGTERM, lambda *_: self._stop())

    def run(self) -> None:
        """Carry out the orders in turn. Does not return before the server has stopped."""
        threading.Thread(target=self._listen, daemon=True).start()
        while True:
            match self._orders.get():
                case ("warm", modules):
                    warm(modules)
                case ("load", plan, listener):
                    self._grace = plan.grace
                    app = self._load(plan)
                    self._wait_for("run")
                    code = self._serve(app, plan, _socket(listener))
                    self._say("stopped")  # before the interpreter is taken down, which takes its time
                    raise SystemExit(code)

    def _load(self, plan: Plan) -> Any:
        os.chdir(plan.root)
        try:
            return _app(plan, self._say)
        except OppmanError as problem:
            self._say("failed", problem, _modules(plan.root))
            if not plan.patient:
                raise SystemExit(1) from None
            return None

    def _serve(self, app: Any, plan: Plan, listener: socket.socket) -> int:
        def ready() -> None:
            if app is not None:
                self._say("ready", _facts(app), _modules(plan.root))

        try:
            _run(self._adopt, app if app is not None else _unavailable, plan, listener, ready, lifespan=app is not None)
        except SystemExit as problem:
            if problem.code != STARTUP_FAILED:
                raise
            raised = Refused("The app did not start: its lifespan raised.", "Its traceback stands above.")
            self._say("failed", raised, _modules(plan.root))
            if not plan.patient:
                return 1
            _run(self._adopt, _unavailable, plan, listener, lambda: None, lifespan=False)
        return 0

    def _adopt(self, server: Any) -> None:
        self._server = server

    def _listen(self) -> None:
        while True:
            try:
                order = self._pipe.recv()
            except (EOFError, OSError):
                self._stop()
                self._leave_in_the_end()
                return
            if order[0] == "stop":
                self._stop()
            else:
                self._orders.put(order)

    def _stop(self) -> None:
        if self._server is None:
            os._exit(0)  # still importing: nothing was served, and nothing but an exit ends an import
        self._server.stop()

    def _leave_in_the_end(self) -> None:
        """An orphan has nobody to kill it if it does not stop by itself."""
        timer = threading.Timer(self._grace + 5, os._exit, (1,))
        timer.daemon = True
        timer.start()

    def _wait_for(self, verb: str) -> None:
        while self._orders.get()[0] != verb:
            pass

    def _say(self, *message: Any) -> None:
        with suppress(OSError):  # the supervisor is gone, and we are about to be
            self._pipe.send(message)


def warm(modules: list[str]) -> None:
    """Import what the worker before us had imported, so that what remains is the project's own code."""
    from importlib import import_module

    for name in modules:
        with suppress(Exception):
            import_module(name)


def _app(plan: Plan, say: Callable[..., None]) -> Any:
    project = Project.find(plan.root)
    assert project is not None  # noqa: S101 - the supervisor found it there
    contract = Contract(project)
    if contract.offers("settings"):
        settings = contract.settings()
        if plan.production:
            _refuse_debug(bool(getattr(settings, "debug", False)), "DEBUG=true in .env or the environment")
        say(
            "settings",
            {name: str(getattr(settings, name, "")) for name in ("app_name", "environment", "database_url")},
        )
    app = contract.app()
    if not callable(app):
        raise Refused(
            f"{contract.target('app')} is not an application: it is of the type {type(app).__name__}.",
            'Name the FastAPI object in pyproject.toml: [tool.oppman] app = "module:attribute".',
        )
    if plan.production:
        _refuse_debug(bool(getattr(app, "debug", False)), "debug=True")
    return app


def _refuse_debug(debug: bool, where: str) -> None:
    if debug:
        raise Refused(
            f"Debugging is on ({where}), which shows source code to strangers.",
            "Turn it off, or serve for development with `oppman runserver`.",
        )


def _run(
    adopt: Callable[[Any], None], app: Any, plan: Plan, listener: socket.socket, ready: Callable[[], None], *,
    lifespan: bool,
) -> None:  # fmt: skip
    import uvicorn

    config = uvicorn.Config(
        app, log_config=_logging(), access_log=plan.access_log, timeout_graceful_shutdown=plan.grace,
        lifespan="auto" if lifespan else "off", **plan.options,
    )  # fmt: skip
    server = _server(config, ready)
    adopt(server)
    server.run(sockets=[listener])


def _server(config: "uvicorn.Config", ready: Callable[[], None]) -> "uvicorn.Server":
    import uvicorn

    class Server(uvicorn.Server):
        """A server that says when it accepts connections, and stops when it is told to instead of by signals."""

        loop: asyncio.AbstractEventLoop | None = None

        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            self.loop = asyncio.get_running_loop()
            await super().startup(sockets)
            ready()

        def stop(self) -> None:
            self.should_exit = True
            if self.loop is not None:
                with suppress(RuntimeError):  # the loop is closed already
                    self.loop.call_soon_threadsafe(self._refuse_connections)

        def _refuse_connections(self) -> None:
            # At once, not at uvicorn's next tick: whoever connects from now on is for the worker after us.
            for server in getattr(self, "servers", []):
                server.close()

        @contextmanager
        def capture_signals(self) -> Iterator[None]:
            yield

    return Server(config)


async def _unavailable(scope: Any, receive: Any, send: Any) -> None:
    """Answers while the app cannot be imported. The browser asks again by itself until it can."""
    if scope["type"] != "http":
        return
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"refresh", b"1"), (b"cache-control", b"no-store")]
    body = b"The app could not be started. The traceback stands in the terminal of `oppman runserver`.\n"
    await send({"type": "http.response.start", "status": 503, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _facts(app: Any) -> dict[str, str]:
    """The addresses that a person would look for, "" where there is none."""
    from oppman.inspect.routes import flat

    paths = {getattr(route, "path", "") for route in flat(getattr(app, "routes", ()))}
    docs = getattr(app, "docs_url", None) or ("/docs" if "/docs" in paths else "")
    return {"docs": docs, "admin": "/admin" if "/admin" in paths else ""}


def _modules(root: Path) -> list[str]:
    """The names of the modules that are not the project's, in the order of their import."""
    prefix = Path(sys.prefix)
    return [
        name
        for name, module in list(sys.modules.items())
        if (file := getattr(module, "__file__", None))
        and (Path(file).is_relative_to(prefix) or not Path(file).is_relative_to(root))
    ]


def _logging() -> dict[str, Any]:
    from uvicorn.config import LOGGING_CONFIG

    config = deepcopy(LOGGING_CONFIG)
    # Starting and stopping is told by the supervisor. A crash and the access log are the worker's own.
    config["loggers"]["uvicorn"]["level"] = "WARNING"
    config["loggers"]["uvicorn.error"]["level"] = "WARNING"
    return config


def _pipe(handle: int) -> Any:
    if sys.platform == "win32":
        from multiprocessing.connection import PipeConnection

        return PipeConnection(handle)
    return Connection(handle)


def _socket(listener: int | bytes) -> socket.socket:
    if sys.platform == "win32":
        assert isinstance(listener, bytes)  # noqa: S101
        return socket.fromshare(listener)
    assert isinstance(listener, int)  # noqa: S101
    return socket.socket(fileno=listener)


if __name__ == "__main__":
    main()
